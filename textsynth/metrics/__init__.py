"""Metrics: components that score a corpus. One file, one metric."""
