"""Benchmarks of others, run from local copies of their data, beside what they published."""
