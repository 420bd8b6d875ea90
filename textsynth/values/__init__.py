"""Values: what goes into slots, drawn once as pools and put together with the text around them."""

from textsynth.values.blueprint import Blueprints
from textsynth.values.pool import Pools
from textsynth.values.source import ValueSpec, draw_pools, resolve_value_paths

__all__ = ["Blueprints", "Pools", "ValueSpec", "draw_pools", "resolve_value_paths"]
