"""The paper's numbers and figures beside this run's."""


rule build_scorecard:
    input:
        release=(
            [] if OWN_GENOMES else "results/{run}/metagenomes/release/manifest.parquet"
        ),
        protein_model="results/{run}/protein_model/identity.json",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        representatives="results/{run}/metagenomes/representatives.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
        flags="results/{run}/decontamination/flags.parquet",
        removed="results/{run}/decontamination/removed_by_assembly.parquet",
        leakage="results/{run}/decontamination/leakage.parquet",
        models=expand(
            "results/{{run}}/{model}/{file}",
            model=["glm", "bilstm"],
            file=["model.safetensors", "metrics.parquet"],
        ),
        accuracies=expand(
            "results/{{run}}/evaluation/{measure}{table}.parquet",
            measure=["pseudo_accuracy", "absolute_accuracy"],
            table=["", "_margins"],
        ),
        numbers=lambda wildcards: [
            path.format(run=wildcards.run) for path in SCORECARD_NUMBERS
        ],
        paper=f"{SCRIPTS}/glm/report/paper_values.yaml",
        templates=expand(
            f"{SCRIPTS}/glm/report/templates/{{file}}",
            file=["scorecard.html.j2", "scorecard_table.html.j2", "style.css"],
        ),
    output:
        scorecard="results/{run}/report/scorecard.parquet",
        markdown="results/{run}/report/scorecard.md",
        page="results/{run}/report/scorecard.html",
    log:
        "logs/{run}/report/build_scorecard.log",
    benchmark:
        "results/{run}/benchmarks/report/build_scorecard.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(20),
    params:
        code=code("build_scorecard"),
        results=lambda wildcards, output: str(Path(output.scorecard).parents[1]),
        gpus=setting("training", "gpus") * setting("training", "nodes"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/build_scorecard.py --results {{params.results}} "
        "--gpus {params.gpus} --seed {params.seed} --inputs {input.subcontigs} {input.representatives} {input.flags} "
        "{input.models} {input.accuracies} --numbers {input.numbers} "
        "--scorecard {output.scorecard} --markdown {output.markdown} --page {output.page} "
        "--log {log}"


rule build_report:
    input:
        scorecard="results/{run}/report/scorecard.parquet",
        figures=report_figures,
        captions=report_captions,
        templates=expand(
            f"{SCRIPTS}/glm/report/{{file}}",
            file=[
                "paper_figures.yaml",
                "templates/report.html.j2",
                "templates/report.js",
                "templates/scorecard_table.html.j2",
                "templates/style.css",
            ],
        ),
    output:
        page="results/{run}/report/index.html",
    log:
        "logs/{run}/report/build_report.log",
    benchmark:
        "results/{run}/benchmarks/report/build_report.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        code=code("build_report"),
        results=lambda wildcards, output: str(Path(output.page).parents[1]),
        captions=str(ROOT / "workflow" / "report"),
        config=json.dumps(config),
        gpus=lambda wildcards: json.dumps(gpus_by_rule()),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/build_report.py --results {{params.results}} "
        "--figures {input.figures} --captions {params.captions} --config {params.config:q} "
        "--gpus {params.gpus:q} --seed {params.seed} --output {output.page} --log {log}"


REPORT_FIGURES.extend(rules.plot_training.output.figures)
