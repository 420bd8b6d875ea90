"""From any format to any format, as a stream, with a count of what was read, left out and set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textsynth.components.format import Format, Part
from textsynth.conversion.files import check_drop, find_for_writing, keep_carried, write_batches
from textsynth.conversion.python_objects import to_batches
from textsynth.corpus import Corpus
from textsynth.corpus.tokenizer_name import check_tokenizer
from textsynth.errors import OutputError, StrangersError
from textsynth.reading.records import Faults, OnError

REJECTS_SUFFIX = ".rejected.jsonl"
"""Added to the target's name, it names the file that takes the bad records."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did.

    Args:
        examples: the number of examples that were written.
        rejected: the number of bad records that were set aside.
        left_out: for each part that was dropped, the number of examples that had it.
        target: the file or directory that was written.
        rejects: the JSON Lines file with the bad records, None if there are none.
    """

    examples: int
    rejected: int
    left_out: Mapping[Part, int]
    target: Path
    rejects: Path | None


def convert(  # noqa: PLR0913
    source: Any,
    target: str | Path,
    *,
    from_format: str | None = None,
    to_format: str | None = None,
    read_options: Mapping[str, Any] | None = None,
    write_options: Mapping[str, Any] | None = None,
    keep: str | Sequence[str] = (),
    drop: Sequence[str] = (),
    on_error: OnError = "stop",
    tokenizer: str | None = None,
    force: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> Conversion:
    """Converts a file or directory of any format to any format.

    Memory is bounded by a batch if both formats allow it. The target is written whole or not at all.

    Args:
        source: what to read: a path, a pattern for the paths of several files, `-` for standard input, or whatever
            else `read` takes.
        target: where to write; the file is gzipped if its name ends in `.gz`.
        from_format: the format of the source; found out from its name and content if None.
        to_format: the format of the target; found out from its name if None.
        read_options: the options of the source's format.
        write_options: the options of the target's format.
        keep: fields that travel with each example to the target, if it can have any; "*" for all that nothing reads.
        drop: the parts to leave out if the target's format cannot carry them: `"spans"`, `"label"`.
        on_error: `"stop"` raises at the first bad record, `"skip"` sets bad ones aside in `TARGET.rejected.jsonl`.
        tokenizer: how the texts fall into tokens, as `Corpus.with_tokenizer` has it; as the format says if None.
        force: whether a format that writes a directory may write into one that has files of others; they stay, unless
            a new file has the name of one.
        advance: is called with the number of examples done, batch by batch.

    Raises:
        CarryError: if the target's format cannot carry a part that the source has and `drop` does not name.
        FormatError: for bad content, with file and line.
        InputError: if the source cannot be read.
        OptionError: for an option that is unknown or wrong, or a part that there is not.
        OutputError: if the target cannot be written, is the source, or is a directory with files of others.
        UnknownName: if there is no format of that name, or none recognises the source or the target.
    """
    writer = find_for_writing(Path(target), to_format, write_options)
    _check_other(source, Path(target))
    faults = Faults(on_error)
    passage = _Passage(writer, check_drop(drop, "drop"), advance)
    batches = to_batches(source, from_format, read_options, faults, keep)
    if tokenizer is not None:
        check_tokenizer(tokenizer)
        batches = (batch.with_tokenizer(tokenizer) for batch in batches)
    try:
        write_batches(passage.let_through(batches), Path(target), writer, force=force)
    except StrangersError as error:
        raise StrangersError(f"{error}; --force writes beside it") from error
    rejects = Path(target).with_name(Path(target).name + REJECTS_SUFFIX)
    faults.write(rejects)
    rejected = len(faults.rejected)
    return Conversion(passage.examples, rejected, passage.left_out, Path(target), rejects if rejected else None)


def _check_other(source: Any, target: Path) -> None:
    """Refuses to write over what is read: whatever the format does not carry would be lost in silence."""
    if isinstance(source, str | Path) and target.exists() and Path(source).exists() and target.samefile(source):
        raise OutputError(f"{target}: must be another file than the source")


class _Passage:
    """Lets batches through to a format without what it cannot carry, and counts.

    The counts are complete when the stream has ended; a generator alone could not return them past the writer.
    """

    def __init__(self, writer: Format, drop: Sequence[Part], advance: Callable[[int], None]) -> None:
        self.examples = 0
        self.left_out: Counter[Part] = Counter()
        self._writer, self._drop, self._advance = writer, drop, advance

    def let_through(self, batches: Iterable[Corpus]) -> Iterator[Corpus]:
        for batch in batches:
            yield keep_carried(batch, self._writer, self._drop, self._count)
            self.examples += len(batch)
            self._advance(len(batch))

    def _count(self, part: Part, examples: int) -> None:
        self.left_out[part] += examples
