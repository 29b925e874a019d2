"""Annotation of proteins against a reference (Methods, Gene annotation)."""
