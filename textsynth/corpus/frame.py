"""A corpus as a data frame of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textsynth.corpus.classes import split_classes
from textsynth.corpus.fields import read_fields

if TYPE_CHECKING:
    import pandas

    from textsynth.corpus.table import Corpus


def to_pandas(corpus: Corpus) -> pandas.DataFrame:
    """Returns a row an example; columns that nothing is in, but for text and spans, are left out."""
    import pandas

    columns: dict[str, list[Any]] = {
        "text": corpus.texts.to_pylist(),
        "spans": corpus.table.column("spans").to_pylist(),
    }
    labels, origins = corpus.table.column("label").to_pylist(), corpus.table.column("origin").to_pylist()
    if corpus.several:
        columns["label"] = [None if each is None else list(split_classes(each)) for each in labels]
    elif corpus.classes:
        columns["label"] = labels
    if any(origins):
        columns["origin"] = origins
    fields = [read_fields(each) for each in corpus.fields.to_pylist()]
    for name in dict.fromkeys(name for each in fields for name in each):
        columns.setdefault(name, [each.get(name) for each in fields])
    return pandas.DataFrame(columns)
