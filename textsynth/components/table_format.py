"""TableFormat: what formats of tables share, which is how a user says what the columns hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textsynth.components.format import Format
from textsynth.corpus.tag_notation import Scheme
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.multi_hot import check_hot_option
from textsynth.reading.table_columns import NamedColumns


@dataclass(frozen=True, kw_only=True)
class TableFormat(Format):
    """A format of tables with named and typed columns.

    Args:
        text: the column of the text; `text`, `sentence` or another usual name if it is not named.
        spans: the column of the spans, objects with start, end and label; `spans`, `entities` or another usual name
            if it is not named.
        label: the column of the class, or of a list of classes; `label`, `intent` or another usual name if it is not
            named.
        classes: columns of 0 and 1, one for each class and called like it; read instead of `label`.
        tags: the column of the tags, one a token; `ner_tags`, `tags` or `labels` if it is not named.
        scheme: the scheme of the tags; `auto` finds it out from all rows.
        keep: columns that travel with an example to all that is made of it, and to what is written, with their types;
            "*" for all that nothing reads. Of a ClassLabel, the names are kept.
        ignore: columns that are passed over, whatever they look like, and not named.
    """

    text: str | None = None
    spans: str | None = None
    label: str | None = None
    classes: tuple[str, ...] = ()
    tags: str | None = None
    scheme: Literal["auto"] | Scheme = "auto"
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_hot_option(self.classes, self.label)

    def name_columns(self, owner: str) -> NamedColumns:
        """Returns the columns that a user names; `owner` begins the message of an error about those to keep."""
        keep = Keep(self.keep, self.ignore, owner)
        return NamedColumns(self.text, self.spans, self.label, self.tags, self.classes, self.ignore, keep)

    def name_scheme(self) -> Scheme | None:
        """Returns the scheme that a user names; None if it is to be found out."""
        return None if self.scheme == "auto" else self.scheme
