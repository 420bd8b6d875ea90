"""What knows nothing of corpora: files that are written whole, random streams, progress, pipelines of spaCy's."""
