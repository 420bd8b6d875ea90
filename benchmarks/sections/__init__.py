"""The sections of the benchmark: one file, one section, with a `TITLE` and `rows(effort)`."""

from __future__ import annotations

from types import ModuleType

from sections import corpus, edits, mention, models, template

SECTIONS: dict[str, ModuleType] = {
    "template": template,
    "mention": mention,
    "edits": edits,
    "corpus": corpus,
    "models": models,
}
