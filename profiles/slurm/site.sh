# Describes a cluster to the pipeline. Copy it, fill it in, and read it before each run:
#   cp profiles/slurm/site.sh ~/.glm-site.sh && $EDITOR ~/.glm-site.sh && . ~/.glm-site.sh
export GLM_ACCOUNT=           # account to charge: sshare -U; empty where the cluster has none
export GLM_CPU_PARTITION=     # partition for jobs without GPUs: sinfo -s
export GLM_GPU_PARTITION=     # partition for jobs with GPUs: sinfo -o '%P %G %f'
export GLM_GPU_TYPE=a100      # as in that list's gpu:<type>:<number>
export GLM_CONSTRAINT=        # feature of the nodes with 80 GB, such as a100_80gb; empty for any
