"""Where shards are made: one file, one way to spread them over processes."""
