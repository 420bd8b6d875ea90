"""Causal models: sentences with their mentions as symbols, which may come next, and chats."""
