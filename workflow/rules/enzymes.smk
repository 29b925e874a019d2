"""Enzyme classes from embeddings with and without context (Figure 3C, Extended Data 3-4)."""

ENZYMES = "results/{run}/enzymes"


rule assign_enzymes:
    input:
        representatives="results/{run}/metagenomes/representatives.parquet",
        reference=local("enzymes/reference") or [],
    output:
        enzymes=f"{ENZYMES}/enzymes.parquet",
    threads: 32
    resources:
        mem_mb=memory(32000, 2),
        runtime=minutes(60, 120),
    params:
        **settings("enzymes", "sensitivity", "e_value", "identity", "coverage"),
    script:
        "../scripts/assign_enzymes.py"


rule select_enzymes:
    input:
        enzymes=f"{ENZYMES}/enzymes.parquet",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        splits="results/{run}/decontamination/splits.parquet",
        representatives="results/{run}/metagenomes/representatives.parquet",
    output:
        examples=f"{ENZYMES}/examples.parquet",
    threads: 8
    resources:
        mem_mb=memory(8000, 0.3),
        runtime=minutes(30, 10),
    params:
        **settings("enzymes", "minimum_proteins", "homologue_identity"),
        sampled=setting("enzymes", "subcontigs"),
        protocol=setting("enzymes", "perceptron", "protocol"),
        seed=setting("seed"),
    script:
        "../scripts/select_enzymes.py"


rule embed_enzymes:
    input:
        **MODEL,
        examples=f"{ENZYMES}/examples.parquet",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        store="results/{run}/metagenomes/embedding_store.npy",
    output:
        features=f"{ENZYMES}/features.parquet",
    threads: 8
    resources:
        **ON_A_GPU,
        mem_mb=memory(24000),
        runtime=minutes(120),
    params:
        **settings("contextualisation", "subcontigs_per_batch", "precision", "layer"),
        seeds=setting("enzymes", "seeds"),
        seed=setting("seed"),
    script:
        "../scripts/embed_enzymes.py"


rule classify_enzymes:
    input:
        examples=f"{ENZYMES}/examples.parquet",
        features=f"{ENZYMES}/features.parquet",
        representatives="results/{run}/metagenomes/representatives.parquet",
    output:
        results=f"{ENZYMES}/results.parquet",
        classes=f"{ENZYMES}/classes.parquet",
        numbers=f"{ENZYMES}/numbers.parquet",
        figures=drawn(
            f"{ENZYMES}/figures", "enzyme_network", "enzyme_results", "enzyme_classes"
        ),
    threads: 8
    resources:
        **ON_A_GPU,
        mem_mb=memory(32000),
        runtime=minutes(720),
    params:
        **settings(
            "enzymes",
            "perceptron",
            "seeds",
            "bootstrap_rounds",
            "minimum_test",
            "reference",
        ),
        seed=setting("seed"),
    script:
        "../scripts/classify_enzymes.py"
