"""Pretrained transformers: where they are, how they are loaded, fine-tuned and sampled."""
