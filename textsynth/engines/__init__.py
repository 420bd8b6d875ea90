"""Engines: they place shards, and know nothing of what is in them."""
