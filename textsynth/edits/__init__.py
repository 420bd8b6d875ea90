"""Edits: what all operations on words, characters and mentions of source examples share."""
