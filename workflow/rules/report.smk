"""The paper's numbers and figures beside this run's."""

REPORT = f"{SCRIPTS}/glm/report"


rule build_scorecard:
    input:
        [] if OWN_GENOMES else "results/{run}/metagenomes/release/manifest.parquet",
        "results/{run}/protein_model/identity.json",
        "results/{run}/embedding/label_components.parquet",
        "results/{run}/decontamination/removed_by_assembly.parquet",
        "results/{run}/decontamination/leakage.parquet",
        f"{REPORT}/paper_values.yaml",
        expand(
            f"{REPORT}/templates/{{file}}",
            file=["scorecard.html.j2", "scorecard_table.html.j2", "style.css"],
        ),
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
        numbers=lambda wildcards: [
            path.format(run=wildcards.run) for path in SCORECARD_NUMBERS
        ],
    output:
        scorecard="results/{run}/report/scorecard.parquet",
        markdown="results/{run}/report/scorecard.md",
        page="results/{run}/report/scorecard.html",
    log:
        logs("report", "build_scorecard"),
    benchmark:
        benchmarks("report", "build_scorecard")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(20),
    params:
        results=lambda wildcards, output: str(Path(output.scorecard).parents[1]),
        gpus=setting("training", "gpus") * setting("training", "nodes"),
        run_seed=setting("seed"),
        code=code("build_scorecard"),
    script:
        "../scripts/build_scorecard.py"


rule build_report:
    input:
        "results/{run}/report/scorecard.parquet",
        report_captions,
        expand(
            f"{REPORT}/{{file}}",
            file=[
                "paper_figures.yaml",
                "templates/report.html.j2",
                "templates/report.js",
                "templates/scorecard_table.html.j2",
                "templates/style.css",
            ],
        ),
        figures=report_figures,
    output:
        page="results/{run}/report/index.html",
    log:
        logs("report", "build_report"),
    benchmark:
        benchmarks("report", "build_report")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        results=lambda wildcards, output: str(Path(output.page).parents[1]),
        captions=str(ROOT / "workflow" / "report"),
        configuration=config,
        gpus=lambda wildcards: gpus_by_rule(),
        run_seed=setting("seed"),
        code=code("build_report"),
    script:
        "../scripts/build_report.py"


REPORT_FIGURES.extend(rules.plot_training.output.figures)
