"""What genes mean in their context: groups of a gene, unannotated proteins, context variance."""
