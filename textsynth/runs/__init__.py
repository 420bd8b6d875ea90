"""The life of a run: its directory, its source, and the stages in their order. What a stage does lies elsewhere."""
