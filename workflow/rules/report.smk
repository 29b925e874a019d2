"""The paper's numbers beside this run's."""

# Tables NUMBERS that analyses give to the scorecard: their rules files add to this list.
SCORECARD_NUMBERS = []


rule build_scorecard:
    input:
        release=(
            [] if OWN_GENOMES else "results/{run}/metagenomes/release/manifest.parquet"
        ),
        protein_model="results/{run}/protein_model",
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
        code=code(
            "build_scorecard",
            "report/scorecard",
            "report/measured",
            "report/run_files",
            "report/paper",
        ),
        paper="workflow/scripts/glm/report/paper_values.yaml",
    output:
        scorecard="results/{run}/report/scorecard.parquet",
        markdown="results/{run}/report/scorecard.md",
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
        results=lambda wildcards, output: str(Path(output.scorecard).parents[1]),
        gpus=setting("training", "gpus") * setting("training", "nodes"),
    shell:
        "python workflow/scripts/build_scorecard.py --results {params.results} "
        "--gpus {params.gpus} --inputs {input.subcontigs} {input.representatives} {input.flags} "
        "{input.models} {input.accuracies} --numbers {input.numbers} "
        "--scorecard {output.scorecard} --markdown {output.markdown} --log {log}"
