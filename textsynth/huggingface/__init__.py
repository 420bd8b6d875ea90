"""Between a corpus and a Hugging Face dataset, in memory and on disk."""
