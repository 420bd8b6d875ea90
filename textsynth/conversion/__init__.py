"""From a path to a corpus and back: which format it has, and reading, writing, converting by it. No format by name."""
