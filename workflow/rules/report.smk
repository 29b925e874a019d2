"""What each analysis gives, and the paper's numbers and figures beside this run's."""

from glm.rule_defaults import gpus_by_rule


include: "operons.smk"
include: "paralogs.smk"
include: "annotation.smk"
include: "semantics.smk"
include: "enzymes.smk"
include: "taxonomy.smk"
include: "benchmarks.smk"


NO_REFERENCE = None if HAS_REFERENCE else "needs a reference genome (reference)"
NO_CORPUS = None if HAS_CORPUS else "needs the corpus (release.source)"
NOT_TRAINED = "was not trained here (glm.pretrained)" if PRETRAINED else None
# The figures of an analysis, the table of its numbers, and what it lacks in this configuration:
# `all`, the report and the scorecard read this, and each is a target of its name. `ids` begin the
# numbers' ids, where that is another name.
ANALYSES = {
    "operons": dict(
        figures=rules.classify_operons.output.figures
        + rules.predict_operons.output.figures,
        numbers=rules.classify_operons.output.numbers,
        lacks=NO_REFERENCE,
    ),
    "paralogs": dict(
        figures=rules.predict_paralogs.output.figures,
        numbers=rules.predict_paralogs.output.numbers,
        lacks=(
            None
            if PARALOG_SOURCE == "genomes" or PARALOG_PAIRS
            else "needs a list of pairs (paralogs.pairs)"
        ),
    ),
    "annotate": dict(
        figures=[],
        numbers="results/{run}/metagenomes/annotation_numbers.parquet",
        ids="annotation",
        lacks=NO_CORPUS,
    ),
    "semantics": dict(
        figures=expand(
            rules.analyse_semantics.output.figures,
            entry=list(ENTRIES) if HAS_CORPUS else GENOME_ENTRIES,
            allow_missing=True,
        )
        + of_corpus(rules.measure_annotation_transfer.output.figures)
        + of_corpus(rules.measure_context_variance.output.figures),
        numbers=of_corpus(
            [
                rules.measure_annotation_transfer.output.numbers,
                rules.measure_context_variance.output.numbers,
            ]
        ),
        ids="context_*",
    ),
    "enzymes": dict(
        figures=rules.classify_enzymes.output.figures,
        numbers=rules.classify_enzymes.output.numbers,
        ids="enzyme_classes",
        lacks=(
            NO_CORPUS
            if setting("enzymes", "reference")
            else "needs enzymes (enzymes.reference)"
        ),
    ),
    "taxonomy": dict(
        figures=rules.classify_taxonomy.output.figures,
        numbers=rules.classify_taxonomy.output.numbers,
        lacks=(
            NO_CORPUS
            if TAXONOMY_SOURCE == "corpus"
            else None if TAXONOMY_SOURCE else "needs genomes (taxonomy.source)"
        ),
    ),
    "benchmarks": dict(
        figures=[],
        numbers=rules.evaluate_benchmarks.output.numbers,
        lacks=NO_REFERENCE if BENCHMARK_DATA else "needs their data (benchmarks.data)",
    ),
}
KNOWN = ["bilstm", *ANALYSES]
if unknown := ", ".join(
    name for name in setting("analyses") or [] if name not in KNOWN
):
    raise WorkflowError(f"analyses: {unknown}: known are {', '.join(KNOWN)}")
ASKED = [
    analysis
    for name, analysis in ANALYSES.items()
    if is_asked(config, name) and not analysis.get("lacks")
]
DRAWN = [] if PRETRAINED else [rules.plot_training.output]
DRAWN += [analysis["figures"] for analysis in ASKED]
PICTURES = [path for paths in DRAWN for path in paths if path.endswith(".png")]
# Why this configuration has no number, by a pattern of ids.
LACKS = {
    f"{analysis.get('ids', name)}.*": analysis.get("lacks")
    or "was not asked for (analyses)"
    for name, analysis in ANALYSES.items()
    if analysis not in ASKED
}
for ids, reason in (
    ("glm.*", NOT_TRAINED),
    (
        "bilstm.* baseline.bilstm*",
        NOT_TRAINED or (None if BASELINE else "was not asked for (analyses)"),
    ),
    ("*.reference_* *_absolute*", NO_REFERENCE),
    (
        "annotation.without_pfam",
        None if setting("annotation", "protenn") else "needs annotation.protenn",
    ),
    (
        "semantics.genes_each_side",
        None if GENOME_ENTRIES else "no entry reads genomes of its own",
    ),
    (
        "corpus.* decontamination.* context_* glm_inputs_replaced.* memory.* *heldout* "
        "*nearest_context*",
        NO_CORPUS,
    ),
):
    LACKS |= {pattern: reason for pattern in ids.split() if reason}


rule build_report:
    input:
        [
            f"results/{{run}}/{corpus}/release/manifest.parquet"
            for corpus in RELEASES
            if corpus == "metagenomes"
        ],
        "results/{run}/protein_model/identity.json",
        "results/{run}/embedding/label_components.parquet",
        of_corpus("results/{run}/decontamination/leakage.parquet"),
        sorted({str(caption_of(each)) for each in PICTURES}),
        inputs=[
            *of_corpus(
                [
                    "results/{run}/metagenomes/subcontigs.parquet",
                    "results/{run}/metagenomes/representatives.parquet",
                    "results/{run}/decontamination/removed_by_assembly.parquet",
                ]
            ),
            *(
                ["results/{run}/glm/model.safetensors"]
                if PRETRAINED
                else [
                    f"results/{{run}}/{model}/{file}"
                    for model in ["glm", *["bilstm"] * BASELINE]
                    for file in ["model.safetensors", "metrics.parquet"]
                ]
            ),
            *expand(
                "results/{{run}}/evaluation/{measure}{table}.parquet",
                measure=[f"{measure}_accuracy" for measure in MEASURES],
                table=["", "_margins"],
            ),
        ],
        numbers=[
            *expand(
                rules.evaluate_accuracy.output.numbers,
                measure=MEASURES,
                allow_missing=True,
            ),
            *(analysis["numbers"] for analysis in ASKED),
        ],
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
        lacks=LACKS,
        run_seed=setting("seed"),
    script:
        "../scripts/build_report.py"
