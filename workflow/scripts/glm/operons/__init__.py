"""Operons: labels, what attention knows of them, and what distance and strand know already."""
