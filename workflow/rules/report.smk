"""What each analysis gives, and the paper's numbers and figures beside this run's."""

from glm.rule_defaults import gpus_by_rule


include: "operons.smk"
include: "paralogs.smk"
include: "annotation.smk"
include: "semantics.smk"
include: "enzymes.smk"
include: "taxonomy.smk"


# The figures of an analysis, the table of its numbers, and whether the configuration has what it
# needs: `all`, the report and the scorecard read this, and each is a target of its name.
ANALYSES = {
    "operons": dict(
        figures=rules.classify_operons.output.figures
        + rules.predict_operons.output.figures,
        numbers=rules.classify_operons.output.numbers,
    ),
    "paralogs": dict(
        possible=PARALOG_SOURCE == "genomes" or PARALOG_PAIRS,
        figures=rules.predict_paralogs.output.figures,
        numbers=rules.predict_paralogs.output.numbers,
    ),
    "annotate": dict(
        figures=[],
        numbers="results/{run}/metagenomes/annotation_numbers.parquet",
    ),
    "semantics": dict(
        figures=expand(
            rules.analyse_semantics.output.figures,
            entry=list(ENTRIES),
            allow_missing=True,
        )
        + rules.measure_annotation_transfer.output.figures
        + rules.measure_context_variance.output.figures,
        numbers=rules.measure_context_variance.output.numbers,
    ),
    "enzymes": dict(
        possible=setting("enzymes", "reference") is not None,
        figures=rules.classify_enzymes.output.figures,
        numbers=rules.classify_enzymes.output.numbers,
    ),
    "taxonomy": dict(
        possible=TAXONOMY_SOURCE is not None,
        figures=rules.classify_taxonomy.output.figures,
        numbers=rules.classify_taxonomy.output.numbers,
    ),
}
NAMES = list(ANALYSES) if setting("analyses") is None else setting("analyses")
if unknown := ", ".join(name for name in NAMES if name not in ANALYSES):
    raise WorkflowError(f"analyses: {unknown}: known are {', '.join(ANALYSES)}")
ASKED = [ANALYSES[name] for name in NAMES if ANALYSES[name].get("possible", True)]
DRAWN = [rules.plot_training.output, *(analysis["figures"] for analysis in ASKED)]
PICTURES = [path for paths in DRAWN for path in paths if path.endswith(".png")]


rule build_report:
    input:
        [] if OWN_GENOMES else "results/{run}/metagenomes/release/manifest.parquet",
        "results/{run}/protein_model/identity.json",
        "results/{run}/embedding/label_components.parquet",
        "results/{run}/decontamination/removed_by_assembly.parquet",
        "results/{run}/decontamination/leakage.parquet",
        sorted({str(caption_of(each)) for each in PICTURES}),
        inputs=[
            "results/{run}/metagenomes/subcontigs.parquet",
            "results/{run}/metagenomes/representatives.parquet",
            "results/{run}/decontamination/flags.parquet",
            *expand(
                "results/{{run}}/{model}/{file}",
                model=["glm", "bilstm"],
                file=["model.safetensors", "metrics.parquet"],
            ),
            *expand(
                "results/{{run}}/evaluation/{measure}{table}.parquet",
                measure=["pseudo_accuracy", "absolute_accuracy"],
                table=["", "_margins"],
            ),
        ],
        numbers=[analysis["numbers"] for analysis in ASKED],
        figures=PICTURES,
    output:
        page="results/{run}/report/index.html",
        scorecard="results/{run}/report/scorecard.parquet",
        markdown="results/{run}/report/scorecard.md",
        scorecard_page="results/{run}/report/scorecard.html",
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        results=lambda wildcards, output: str(Path(output.page).parents[1]),
        captions=lambda wildcards: str(ROOT / "workflow" / "report"),
        configuration=config,
        gpus=lambda wildcards: gpus_by_rule(workflow),
        run_seed=setting("seed"),
    script:
        "../scripts/build_report.py"
