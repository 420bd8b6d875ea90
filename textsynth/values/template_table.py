"""Templates as columns, with what the source has in their slots; a `Template` is made of those that are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.corpus import Corpus
from textsynth.corpus.ragged import find_first
from textsynth.corpus.table import one_chunk
from textsynth.extract import Template
from textsynth.extract.gazetteer import list_mentions
from textsynth.extract.template_columns import TemplateColumns, number_fingerprints, number_labels
from textsynth.foundation.disk import whole_file
from textsynth.foundation.seeding import fingerprint
from textsynth.values.compiler import Templates

_FILE = "templates.parquet"


@dataclass(frozen=True)
class TemplateTable:
    """Templates as columns.

    Args:
        table: `template` as it is written, `label`, `count`, and `mentions`, null if it is not of the source.
    """

    table: pa.Table

    @classmethod
    def of(cls, templates: TemplateColumns, source: Corpus) -> Self:
        """Takes templates, each with the mentions of the first example of a source that it is the template of.

        Args:
            templates: of any kind.
            source: its parents are the fingerprints of its wordings.
        """
        return cls(templates.table.append_column("mentions", _find_mentions(templates, source)))

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Reads what `write` wrote."""
        return cls(pq.read_table(directory / _FILE))

    def write(self, directory: Path) -> None:
        """Writes the columns."""
        with whole_file(directory / _FILE) as partial:
            pq.write_table(self.table, partial)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def labels(self) -> pa.StringArray:
        """The class of each."""
        return one_chunk(self.table.column("label"))

    @property
    def counts(self) -> np.ndarray:
        """How often the source has each, `(templates,)`."""
        return self.table.column("count").to_numpy().astype(float)

    def take(self, rows: np.ndarray) -> Templates:
        """Reads the templates at some positions, and gives the mentions of each."""
        some = self.table.take(pa.array(rows, pa.int64())).to_pydict()
        columns = (some[name] for name in ("template", "label", "count"))
        return [Template.parse(*each) for each in zip(*columns, strict=True)], some["mentions"]


def _find_mentions(templates: TemplateColumns, source: Corpus) -> pa.ListArray:
    """Returns the mentions of the first example of a source that each template is the template of."""
    codes = np.fromiter((int(fingerprint(each), 16) for each in templates.written()), np.uint64, len(templates))
    labels = pa.chunked_array(source.table.column("label").chunks + templates.table.column("label").chunks, pa.string())
    first = find_first(np.concatenate([number_fingerprints(source), codes]), number_labels(labels))[len(source) :]
    mentions = pa.ListArray.from_arrays(pa.array(source.spans.rows, pa.int32()), one_chunk(list_mentions(source)))
    return mentions.take(pa.array(first, pa.int64(), mask=first >= len(source)))
