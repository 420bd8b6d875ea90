"""Reads and writes whole corpora: files, and what a Python program holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textsynth.components.format import Part
from textsynth.conversion.files import (
    declare_several,
    find_for_writing,
    keep_carried,
    warn_of_fields,
    write_batches,
)
from textsynth.conversion.python_objects import to_batches
from textsynth.corpus import Corpus
from textsynth.reading.records import Faults, OnError


def read(  # noqa: PLR0913
    source: Any,
    format: str | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    keep: str | Sequence[str] = (),
    on_error: OnError = "stop",
    rejects: str | Path | None = None,
    tokenizer: str | None = None,
) -> Corpus:
    """Reads files of any format, or what a Python program holds, into a corpus.

    Args:
        source: one of

            * a path, as a string or a Path: a file, gzipped or not, or a directory; a URL such as
              `"s3://bucket/train.jsonl"`; a pattern such as `"data/*.jsonl"`, for all files it fits; `"-"`, for
              standard input; with `format="datasets"` also an id on the hub;
            * a list, or any other iterable, of paths, or of items that may be mixed: a text; `(text, spans)`,
              `(text, label)` or `(text, spans, label)`; an Example; a dict, which is read as a line of a JSON Lines
              file is;
            * spaCy Docs, in a list or a DocBin;
            * a pandas DataFrame, an Arrow table, or a dict of columns;
            * a `datasets.Dataset`, an IterableDataset, or a DatasetDict, whose split the option `split` names;
            * a Corpus, which is returned as it is.

            A span is `(start, end, label)`, a dict, a Span, or a Span of spaCy; offsets are characters. A label of None
            is none. Items count from 0 in messages. Strings in a list are files if all of them look like names of
            files, such as `"train.jsonl"`; a list with both is refused.
        format: the name of the format; found out from name and content if None. For paths and dicts.
        options: the options of the format; for tables those of `datasets`, for docs those of `spacy`.
        keep: fields or columns that travel with each example, to what is made of it and to what is written; `"*"` for
            all that nothing reads. Examples then have them as `fields`.
        on_error: `"stop"` raises at the first bad record, `"skip"` leaves bad ones out.
        rejects: with `"skip"`, the JSON Lines file that takes their lines and reasons.
        tokenizer: how the texts fall into tokens, as `Corpus.with_tokenizer` has it; as the format says if None.

    Raises:
        FormatError: for bad content, with file and line, or with the position of the item or row.
        InputError: if the path cannot be read, or the source is nothing that could be.
        OptionError: for an option that is unknown or wrong.
        UnknownField: for a field to keep that no record has; it is a FormatError.
        UnknownName: if no format of that name exists, or none recognises the path.

    >>> import textsynth as ts
    >>> corpus = ts.read([("Ada flew to Rome", [(0, 3, "PERSON"), (12, 16, "CITY")], "travel"), ("stop", "halt")])
    >>> corpus
    Corpus(2 examples, labels ['CITY', 'PERSON'], classes ['halt', 'travel'])
    >>> ts.read({"text": ["Ada flew", "stop"], "label": ["travel", "halt"]}).classes
    ('halt', 'travel')
    >>> ts.read([{"text": "Ada flew", "id": 7, "by": "Zoë"}], keep=["id"])[0].fields
    {'id': 7}
    >>> ts.read([{"text": "Ada flew", "spans": [{"start": 0, "end": 3, "label": "PERSON"}]}, ("Ada", [(0, 4, "PER")])])
    Traceback (most recent call last):
    textsynth.errors.FormatError: item 1: span 0-4 'PER' reaches outside the text of 3 characters
    """
    faults = Faults(on_error)
    corpus = Corpus.concat(to_batches(source, format, options, faults, keep))
    if rejects is not None:
        faults.write(Path(rejects))
    return corpus if tokenizer is None else corpus.with_tokenizer(tokenizer)


def write(
    corpus: Any,
    path: str | Path,
    format: str | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    drop: Sequence[Part] = (),
) -> None:
    """Writes a corpus to a file or directory of any format.

    Args:
        corpus: what to write: a corpus, or whatever `read` takes; a stream is written with bounded memory.
        path: where to write; the file is gzipped if its name ends in `.gz`.
        format: the name of the format; found out from the name of the path if None.
        options: the options of the format.
        drop: parts to leave out if the format cannot carry them.

    Raises:
        CarryError: if the format cannot carry a part that the corpus has and `drop` does not name.
        OutputError: if the path cannot be written.
        TextsynthError: as `read`, if it is no corpus yet.
    """
    to = find_for_writing(Path(path), format, options)
    left_out: Counter[Part] = Counter()

    def tell(part: Part, examples: int) -> None:
        left_out[part] += examples

    batches = (batch for whole in to_batches(corpus) for batch in declare_several(whole).in_batches())
    write_batches((keep_carried(batch, to, drop, tell) for batch in batches), Path(path), to)
    warn_of_fields(to, str(path), left_out["fields"])
