"""Encoder-decoders: what they read, write, and must not lose."""
