"""From an MGnify release, a RefSeq genome or own genomes to subcontigs of representatives."""
