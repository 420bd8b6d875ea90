"""Masked models: hidden words, what may take their place, and what does."""
