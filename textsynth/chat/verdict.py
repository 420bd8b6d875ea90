"""Verdicts: the examples that an answer gives, and why the others are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from textsynth.chat.prompt_spec import PromptSpec
from textsynth.chat.reply import WrittenSentence, read_reply
from textsynth.chat.request import Answer
from textsynth.chat.sentence_spec import SentenceSpec
from textsynth.corpus.example import Example, Span
from textsynth.extract import Template
from textsynth.wording.mention_search import Mention, Unclear, find_places, fold, locate, plain

EXTRA = "extra mention"
UNLISTED = "mentions not listed"
UNKNOWN = "label unknown"
UNREADABLE = "sentence not readable"
EMPTY = "sentence empty"
COPY = "copy of an example"
ABSENT = "sentence not in the answer"
CUT = "answer cut off"
MALFORMED = "answer malformed"
NO_ANSWER = "answer without sentences"
REFUSED = "answer refused"


@dataclass(frozen=True)
class Verdict:
    """An example, and why it is rejected, or None where it is good."""

    example: Example
    reason: str | None = None


class _Rejected(Exception):
    """Why a sentence is no example."""


class Judge:
    """Judges answers.

    Args:
        task: what sentences are asked for.
    """

    def __init__(self, task: PromptSpec) -> None:
        self._task = task
        self._labels = {name.casefold(): name for name in task.labels}
        self._known = [(plain(each), each) for each in task.known]
        self._free = frozenset(task.labels) - frozenset(task.seeded)

    def judge(
        self, answer: Answer, label: str | None, specs: Sequence[SentenceSpec], shots: Sequence[str]
    ) -> list[Verdict]:
        """Returns one verdict for each spec, the good ones first.

        Each sentence belongs to the spec at its place, or where that does not fit it to another whose mentions it has.
        What an answer has beyond what was asked for is left out.

        Args:
            answer: what the model said.
            label: the class it was asked for.
            specs: what each sentence was asked to be.
            shots: the texts that the request showed.
        """
        reply = read_reply(answer.text, lines=not self._free, ended=answer.finish == "stop")
        left = dict(enumerate(specs))
        good: list[Verdict] = []
        bad: list[Verdict] = []
        for place, sentence in enumerate(reply.sentences):
            verdict = self._best(sentence, label, left, place, {fold(shot) for shot in shots})
            (good if verdict.reason is None else bad).append(verdict)
        missing = Verdict(Example("", (), label), _why_missing(answer, bool(reply.sentences), reply.whole))
        return [*good, *bad, *[missing] * len(specs)][: len(specs)]

    def _best(
        self,
        sentence: WrittenSentence | None,
        label: str | None,
        left: dict[int, SentenceSpec],
        place: int,
        shots: set[str],
    ) -> Verdict:
        """Judges a sentence by its own spec, then by the others that are left; takes the spec that fits it away."""
        if sentence is None:
            return Verdict(Example("", (), label), UNREADABLE)
        first: str | None = None
        for number in sorted(left, key=lambda each: (each != place, each)):
            try:
                example = self._example(sentence, label, left[number], shots)
            except _Rejected as rejected:
                first = first or str(rejected)
            else:
                del left[number]
                return Verdict(example)
        return Verdict(Example(_encodable(sentence.text), (), label), first or ABSENT)

    def _example(self, sentence: WrittenSentence, label: str | None, spec: SentenceSpec, shots: set[str]) -> Example:
        text = sentence.text.strip()
        if not text or _encodable(text) != text:
            raise _Rejected(UNREADABLE if text else EMPTY)
        if fold(text) in shots:
            raise _Rejected(COPY)
        listed = list(self._list_mentions(sentence))
        wanted = [*spec.mentions, *(each for each in listed if each.label in self._free)]
        try:
            spans = locate(text, wanted)
        except Unclear as unclear:
            raise _Rejected(str(unclear)) from None
        found = [*wanted, *(Mention(text[span.start : span.end], span.label) for span in spans)]
        if not {_key(each) for each in listed} <= {_key(each) for each in found} or self._has_unasked(text, spans):
            raise _Rejected(EXTRA)
        example = Example(text, spans, label)
        return replace(example, parent=Template.of(example).fingerprint())

    def _list_mentions(self, sentence: WrittenSentence) -> Iterator[Mention]:
        """Yields the mentions that the model lists, with labels as the task has them."""
        if sentence.mentions is None and self._free:
            raise _Rejected(UNLISTED)
        for each in sentence.mentions or ():
            label = each.label if each.label in self._task.labels else self._labels.get(each.label.casefold())
            if label is None or not each.text.strip():
                raise _Rejected(UNKNOWN if label is None else UNREADABLE)
            yield Mention(each.text.strip(), label)

    def _has_unasked(self, text: str, spans: Sequence[Span]) -> bool:
        """Says whether a mention that is known stands where no span is."""
        said = plain(text)
        there = [known for written, known in self._known if written in said]
        return any(_is_outside(place, spans) for known in there for place in find_places(text, known, exactly=True))


def _key(mention: Mention) -> tuple[str, str]:
    return fold(mention.text), mention.label


def _is_outside(place: tuple[int, int], spans: Sequence[Span]) -> bool:
    return not any(span.start < place[1] and place[0] < span.end for span in spans)


def _why_missing(answer: Answer, found: bool, whole: bool) -> str:
    if answer.finish == "filter":
        return REFUSED
    if answer.finish == "length":
        return CUT
    if not found:
        return NO_ANSWER
    return ABSENT if whole else MALFORMED


def _encodable(text: str) -> str:
    """Returns a text without the halves of characters that some JSON has, and which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
