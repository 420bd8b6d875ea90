"""Finds what fits regular expressions, or the token patterns of spaCy."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

import pydantic

from textsynth.components.labeler import Finder, Finding, Findings, Labeler
from textsynth.corpus import Corpus
from textsynth.corpus.example import trim_edges
from textsynth.errors import FormatError, OptionError
from textsynth.foundation.expression import compile_expression, say_too_slow
from textsynth.foundation.pipeline import new_pipeline
from textsynth.labelling.choice import choose_longest
from textsynth.reading.records import Faults, read_lines

_BATCH = 256
"""Texts that spaCy is given at a time."""


@dataclass(frozen=True, kw_only=True)
class Pattern(Labeler):
    r"""Finds what fits regular expressions, or token patterns as spaCy and Prodigy write them.

    Of places that overlap the longest counts, of equally long ones the first; expressions go before token patterns.

    Args:
        expressions: regular expressions by label, such as { MONEY = ["[$€] ?\\\\d+"] }. If one has a group called
            "mention", that is the mention, and the rest must stand around it.
        path: a patterns.jsonl: a line each with "label" and "pattern", which is a phrase, or a list of tokens as
            spaCy's Matcher takes them.
        timeout: seconds that one expression may take in one text, or in one token if it stands in a token pattern.
    """

    example_options = {"expressions": {"DATE": (r"\d{4}-\d{2}-\d{2}",)}}

    expressions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    path: Path | None = None
    timeout: Annotated[float, pydantic.Field(gt=0)] = 1.0

    def libraries(self) -> frozenset[str]:
        """Names what looks for expressions, and what matches tokens if there are patterns of them."""
        return frozenset({"regex", *(["spacy"] if self.path else [])})

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the patterns from a folder."""
        return dataclasses.replace(self, path=folder / self.path if self.path else None)

    def load(self, language: str, workers: int = 1) -> Finder:
        """Compiles the expressions, and reads the patterns into a matcher of spaCy's.

        Raises:
            FormatError: `file:line` for a line that is no pattern.
            MissingDependency: if there are token patterns and spaCy is not installed.
            OptionError: if an expression is none, or there is nothing to look for.
        """
        compiled = [
            (label, compile_expression(each, "expressions"))
            for label, some in self.expressions.items()
            for each in some
        ]
        matchers = [_TokenPatterns(self.path, language, self.timeout)] if self.path else []
        if not compiled and not matchers:
            raise OptionError("option 'expressions' or 'path' must give something to look for, neither does")

        def find(corpus: Corpus) -> Findings:
            texts = corpus.texts.to_pylist()
            found = [list(self._match(text, compiled)) for text in texts]
            for matcher in matchers:
                for own, more in zip(found, matcher.find(texts), strict=True):
                    own += more
            return Findings.of_lists([choose_longest(own) for own in found])

        return Finder(find, frozenset({*self.expressions, *(label for each in matchers for label in each.labels)}))

    def _match(self, text: str, compiled: list[tuple[str, Any]]) -> Iterator[Finding]:
        for label, pattern in compiled:
            group = "mention" if "mention" in pattern.groupindex else 0
            try:
                for match in pattern.finditer(text, timeout=self.timeout):
                    begin, end = match.span(group)
                    yield from _trim(text, begin, end, label)
            except TimeoutError as error:
                raise say_too_slow(pattern, "expressions", self.timeout, text) from error


class _TokenPatterns:
    """The token patterns of a file, in a matcher of spaCy's.

    Args:
        path: the file.
        language: whose tokenizer cuts texts and phrases.
        timeout: seconds that an expression in a pattern may take with one token.
    """

    def __init__(self, path: Path, language: str, timeout: float) -> None:
        patterns = list(_read_patterns(path))
        self.labels = frozenset(each["label"] for _, each in patterns)
        self._pipeline = new_pipeline(language)
        ruler = self._pipeline.add_pipe("entity_ruler", config={"validate": True})
        for number, each in patterns:
            try:
                ruler.add_patterns([each])
            except Exception as error:  # spaCy's own has no common class, and the matcher raises what it likes.
                raise FormatError(f"{path}:{number}: must be a pattern of spaCy's: {_on_one_line(error)}") from error
        for predicate in ruler.matcher._extra_predicates:
            _bound(predicate, timeout, path)

    def find(self, texts: list[str]) -> Iterator[list[Finding]]:
        """Yields what fits in each text."""
        for doc in self._pipeline.pipe(texts, batch_size=_BATCH):
            yield [each for ent in doc.ents for each in _trim(doc.text, ent.start_char, ent.end_char, ent.label_)]


class _Expression:
    """An expression in a token pattern, which spaCy searches without a limit of time, and this with one."""

    def __init__(self, pattern: str, timeout: float) -> None:
        self._compiled, self._timeout = compile_expression(pattern, "path"), timeout

    def search(self, text: str) -> Any:
        try:
            return self._compiled.search(text, timeout=self._timeout)
        except TimeoutError as error:
            raise say_too_slow(self._compiled, "path", self._timeout, text) from error


def _bound(predicate: Any, timeout: float, path: Path) -> None:
    """Bounds what a part of a token pattern does with an expression."""
    if isinstance(getattr(predicate, "value", None), re.Pattern):
        predicate.value = _Expression(predicate.value.pattern, timeout)
    elif getattr(predicate, "regex", False):
        raise FormatError(f'{path}: must have one expression for each REGEX, such as "a|b", has a list of them')


def _read_patterns(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in read_lines(path, "utf-8", Faults()):
        if not line.strip():
            continue
        try:
            pattern = json.loads(line)
        except ValueError:
            pattern = None
        whole = isinstance(pattern, dict) and isinstance(pattern.get("label"), str) and pattern["label"].strip()
        if not whole or not isinstance(pattern.get("pattern"), str | list) or not pattern["pattern"]:
            raise FormatError(
                f'{path}:{number}: must be {{"label": "ORG", "pattern": "Acme"}} or have a list of tokens as pattern, '
                f"was: {line[:60]!r}"
            )
        yield number, {"label": pattern["label"], "pattern": pattern["pattern"]}


def _trim(text: str, begin: int, end: int, label: str) -> Iterator[Finding]:
    """Yields a place without white space around, if anything is left of it."""
    begin, end = trim_edges(text, begin, end)
    if begin < end:
        yield begin, end, label, 1.0


def _on_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
