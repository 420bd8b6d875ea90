"""Extraction: from a source to what generators start from, a gazetteer and templates; and what is held out of it."""

from textsynth.extract.gazetteer import Gazetteer
from textsynth.extract.resources import Resources
from textsynth.extract.template import Slot, Template

__all__ = ["Gazetteer", "Resources", "Slot", "Template"]
