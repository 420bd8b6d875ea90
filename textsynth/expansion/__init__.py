"""Where new mentions of a source's labels come from, and the gate that each source passes."""
