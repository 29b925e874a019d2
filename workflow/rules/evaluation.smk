"""How good the models are, beside what needs no learning (Methods, Performance metric)."""

# The absolute accuracy is among all genes of the reference genome.
MEASURES = ["pseudo", *of_reference(["absolute"])]


rule evaluate_accuracy:
    input:
        **MODEL,
        bilstm="results/{run}/bilstm/model.safetensors" if BASELINE else [],
        subcontigs=of_corpus("results/{run}/metagenomes/subcontigs.parquet"),
        splits=of_corpus("results/{run}/decontamination/splits.parquet"),
        store=of_corpus("results/{run}/metagenomes/embedding_store.npy"),
        reference_subcontigs=of_reference("results/{run}/reference/subcontigs.parquet"),
        reference_store=of_reference("results/{run}/reference/embedding_store.npy"),
    output:
        accuracy="results/{run}/evaluation/{measure}_accuracy.parquet",
        margins="results/{run}/evaluation/{measure}_accuracy_margins.parquet",
        memory="results/{run}/evaluation/{measure}_accuracy_memory.parquet",
        numbers="results/{run}/evaluation/{measure}_accuracy_numbers.parquet",
    wildcard_constraints:
        measure="pseudo|absolute",
    threads: 2
    resources:
        **ON_A_GPU,
        # of the stores, which are most of the input, little is read at a time
        mem_mb=memory(4000, 0.15),
        runtime=minutes(60, 1),
    params:
        **settings("evaluation", "mask_rate", "masks_per_gene"),
        subcontigs_per_batch=setting("training", "subcontigs_per_device"),
        run_seed=setting("seed"),
    script:
        "../scripts/evaluate_accuracy.py"


rule plot_training:
    input:
        glm="results/{run}/glm/metrics.parquet",
        bilstm="results/{run}/bilstm/metrics.parquet" if BASELINE else [],
        accuracy="results/{run}/evaluation/pseudo_accuracy.parquet",
        memory=expand(
            "results/{{run}}/evaluation/{measure}_accuracy_memory.parquet",
            measure=MEASURES,
        ),
    output:
        curves="results/{run}/evaluation/training_curves.parquet",
        figures=drawn("results/{run}/evaluation", "training_curves", "memory"),
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    script:
        "../scripts/plot_training.py"
