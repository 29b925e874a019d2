"""How good the models are, beside what needs no learning (Methods, Performance metric)."""

from glm.cluster import gpu_resources

EVALUATION_INPUTS = dict(
    subcontigs="results/{run}/metagenomes/subcontigs.parquet",
    splits="results/{run}/decontamination/splits.parquet",
    store="results/{run}/metagenomes/embedding_store.npy",
    reference_subcontigs="results/{run}/reference/subcontigs.parquet",
    reference_store="results/{run}/reference/embedding_store.npy",
    standardisation="results/{run}/embedding/standardisation.parquet",
    label_components="results/{run}/embedding/label_components.parquet",
    glm="results/{run}/glm/model.safetensors",
    bilstm="results/{run}/bilstm/model.safetensors",
)
EVALUATION_GPUS = min(setting("training", "gpus"), 1)


rule evaluate_pseudo_accuracy:
    input:
        **EVALUATION_INPUTS,
    output:
        accuracy="results/{run}/evaluation/pseudo_accuracy.parquet",
        margins="results/{run}/evaluation/pseudo_accuracy_margins.parquet",
    log:
        "logs/{run}/evaluation/evaluate_pseudo_accuracy.log",
    benchmark:
        "results/{run}/benchmarks/evaluation/evaluate_pseudo_accuracy.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 2
    resources:
        **gpu_resources(EVALUATION_GPUS),
        # of the stores, which are most of the input, little is read at a time
        mem_mb=memory(4000, 0.15),
        runtime=minutes(60, 1),
    params:
        code=code("evaluate_pseudo_accuracy"),
        glm=lambda wildcards, input: str(Path(input.glm).parent),
        bilstm=lambda wildcards, input: str(Path(input.bilstm).parent),
        mask_rate=setting("training", "mask_rate"),
        masks_per_gene=setting("evaluation", "masks_per_gene"),
        subcontigs_per_batch=setting("training", "subcontigs_per_device"),
        seed=setting("seed"),
        gpus=EVALUATION_GPUS,
    shell:
        f"python {SCRIPTS}/evaluate_pseudo_accuracy.py --subcontigs {{input.subcontigs}} "
        "--splits {input.splits} --store {input.store} "
        "--reference-subcontigs {input.reference_subcontigs} "
        "--reference-store {input.reference_store} "
        "--standardisation {input.standardisation} --label-components {input.label_components} "
        "--glm {params.glm} --bilstm {params.bilstm} "
        "--mask-rate {params.mask_rate} --masks-per-gene {params.masks_per_gene} "
        "--subcontigs-per-batch {params.subcontigs_per_batch} --seed {params.seed} "
        "--gpus {params.gpus} --threads {threads} --output {output.accuracy} "
        "--margins {output.margins} --log {log}"


rule evaluate_absolute_accuracy:
    input:
        **EVALUATION_INPUTS,
    output:
        accuracy="results/{run}/evaluation/absolute_accuracy.parquet",
        margins="results/{run}/evaluation/absolute_accuracy_margins.parquet",
    log:
        "logs/{run}/evaluation/evaluate_absolute_accuracy.log",
    benchmark:
        "results/{run}/benchmarks/evaluation/evaluate_absolute_accuracy.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 2
    resources:
        **gpu_resources(EVALUATION_GPUS),
        # of the stores, which are most of the input, little is read at a time
        mem_mb=memory(4000, 0.15),
        runtime=minutes(60, 1),
    params:
        code=code("evaluate_absolute_accuracy"),
        glm=lambda wildcards, input: str(Path(input.glm).parent),
        bilstm=lambda wildcards, input: str(Path(input.bilstm).parent),
        subcontigs_per_batch=setting("training", "subcontigs_per_device"),
        seed=setting("seed"),
        gpus=EVALUATION_GPUS,
    shell:
        f"python {SCRIPTS}/evaluate_absolute_accuracy.py --subcontigs {{input.subcontigs}} "
        "--splits {input.splits} --store {input.store} "
        "--reference-subcontigs {input.reference_subcontigs} "
        "--reference-store {input.reference_store} "
        "--standardisation {input.standardisation} --label-components {input.label_components} "
        "--glm {params.glm} --bilstm {params.bilstm} "
        "--subcontigs-per-batch {params.subcontigs_per_batch} --seed {params.seed} "
        "--gpus {params.gpus} --threads {threads} --output {output.accuracy} "
        "--margins {output.margins} --log {log}"


rule plot_training:
    input:
        glm="results/{run}/glm/metrics.parquet",
        bilstm="results/{run}/bilstm/metrics.parquet",
        accuracy=rules.evaluate_pseudo_accuracy.output.accuracy,
    output:
        curves="results/{run}/evaluation/training_curves.parquet",
        figures=drawn("results/{run}/evaluation", "training_curves"),
    log:
        "logs/{run}/evaluation/plot_training.log",
    benchmark:
        "results/{run}/benchmarks/evaluation/plot_training.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        code=code("plot_training"),
    shell:
        f"python {SCRIPTS}/plot_training.py --glm {{input.glm}} --bilstm {{input.bilstm}} "
        "--accuracy {input.accuracy} --curves {output.curves} "
        "--figures {output.figures} --log {log}"
