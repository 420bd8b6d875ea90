"""Which fields of records are kept: they travel with an example, though no reader makes anything of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import pydantic

from textsynth.corpus import SCHEMA, Corpus
from textsynth.errors import FormatError, OptionError, UnknownField, nearest
from textsynth.reading.field_names import describe_annotation
from textsynth.reading.records import Fault

ALL = "*"
"""Stands for all fields that nothing reads."""

OWN_NAMES = (*SCHEMA.names, "tokens", "ner_tags")
"""The columns of what is written, which no field may be called."""


def list_names(value: Any) -> Any:
    """Returns a lone name as a list of one, and a list as a tuple.

    >>> list_names("*"), list_names(["id"])
    (('*',), ('id',))
    """
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def check_names(names: Sequence[str]) -> Sequence[str]:
    """Returns names that fields may be kept by.

    Raises:
        ValueError: for the name of a column of ours.
    """
    for name in names:
        if name in OWN_NAMES:
            raise ValueError(f"must not name {_describe_own(name)}; give the field another name in the source")
    return names


KeptNames = Annotated[tuple[str, ...], pydantic.BeforeValidator(list_names), pydantic.AfterValidator(check_names)]
"""The option `keep` of a format or a source: names of fields, or "*" for all that nothing reads."""


class Keep:
    """Takes the fields that are kept out of records.

    Args:
        names: those that are named; "*" stands for all that nothing reads.
        ignore: those that "*" does not stand for.
        where: the file, to begin the message of an error with.
    """

    def __init__(self, names: Sequence[str], ignore: Iterable[str] = (), where: str = "") -> None:
        self.all = ALL in names
        self._names = tuple(dict.fromkeys(name for name in names if name != ALL))
        self._ignore, self._where = frozenset(ignore), where
        self._there: dict[str, None] = {}

    def __bool__(self) -> bool:
        return self.all or bool(self._names)

    def choose(self, there: Collection[str], spare: Iterable[str]) -> tuple[str, ...]:
        """Returns which fields of a record are kept.

        Args:
            there: the fields that it has.
            spare: those among them that nothing reads.

        Raises:
            OptionError: if "*" stands for one that has the name of a column of ours.
        """
        if not self:
            return ()
        self._there.update(dict.fromkeys(there))
        named = [name for name in self._names if name in there]
        others = [name for name in spare if self.all and name not in self._ignore and name not in named]
        for name in others:
            if name in OWN_NAMES:
                says = f'{self._where}: keep: "*" stands for {_describe_own(name)} too; give the field another name, '
                raise OptionError(says + f'or leave it out with ignore = ["{name}"]')
        return (*named, *others)

    def take(self, row: Mapping[str, Any], kept: Sequence[str]) -> str | None:
        """Returns the fields of a record that are kept, as JSON; None if none are ever kept.

        Raises:
            FormatError: if JSON has no such value, as of bytes.
        """
        if not self:
            return None
        try:
            return json.dumps({name: row[name] for name in kept}, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise FormatError(f"{self._where}: keep: a field has a value that cannot be kept: {error}") from error

    def refuse(self, name: str, value: Any) -> Fault | None:
        """Says what is wrong with keeping a field, or None.

        Spans and tags are true of the text that they were made for, so "*" does not stand for them.
        """
        kind = None if name in self._names else describe_annotation(name, value)
        if kind is None or "class" in kind:
            return None
        return Fault(
            f'the field {name!r} looks like {kind} and would not be read; read it with spans = "{name}", keep it as '
            f'it is with keep = ["{name}"], or leave it out of "*" with ignore = ["{name}"]'
        )

    def check(self) -> None:
        """Checks, when a file has been read, that each field that was named is there.

        Raises:
            UnknownField: if no record has it.
        """
        missing = [name for name in self._names if name not in self._there]
        if missing:
            says = f"no record has the field {missing[0]!r}; {nearest(missing[0], self._there)}"
            raise UnknownField(f"{self._where}: keep: {says}", missing)


def read_each(readers: Iterable[Iterator[Corpus]]) -> Iterator[Corpus]:
    """Reads sources one after the other; a field that is named must be in one of them.

    Raises:
        UnknownField: when all have been read, if a field was in none.
    """
    # None stands for a source that had all of them.
    errors: list[UnknownField | None] = []
    for reader in readers:
        try:
            yield from reader
        except UnknownField as error:
            errors.append(error)
        else:
            errors.append(None)
    missing = [set(error.names) if error else set() for error in errors]
    if missing and set.intersection(*missing):
        raise next(error for error in errors if error)


def _describe_own(name: str) -> str:
    return f"{name!r}, a column of ours ({', '.join(OWN_NAMES)})"
