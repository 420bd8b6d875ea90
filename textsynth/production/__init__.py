"""Makes exact numbers of examples: rounds, shards, quotas and counts, on any engine. It knows no generator by name."""
