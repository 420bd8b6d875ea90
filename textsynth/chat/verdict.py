"""Verdicts: the examples that an answer gives, and why the other sentences are rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textsynth.chat.prompt_spec import PromptSpec
from textsynth.chat.reply import WrittenSentence, read_reply
from textsynth.chat.request import Answer
from textsynth.chat.sentence_spec import SentenceSpec
from textsynth.corpus.example import Example, Span
from textsynth.extract import Template
from textsynth.wording.mention_search import Mention, Unclear, find_places, fold, locate, plain
from textsynth.wording.rejection import Rejection

EXTRA = Rejection("extra mention")
UNLISTED = Rejection("mentions not listed")
UNKNOWN = Rejection("label unknown")
UNREADABLE = Rejection("sentence not readable")
EMPTY = Rejection("sentence empty")
COPY = Rejection("copy of an example")
ABSENT = Rejection("sentence not in the answer")
CUT = Rejection("answer cut off")
MALFORMED = Rejection("answer malformed")
NO_ANSWER = Rejection("answer without sentences")
REFUSED = Rejection("answer refused")


@dataclass(frozen=True)
class Verdict:
    """An example, or what is left of one that is rejected.

    Args:
        example: with its spans, if it is good.
        rejection: why it is rejected; None if it is good.
    """

    example: Example
    rejection: Rejection | None = None

    @property
    def reason(self) -> str | None:
        """Why it is rejected, in words; None if it is good."""
        return None if self.rejection is None else self.rejection.reason


class Judge:
    """Judges answers.

    Args:
        spec: what sentences are asked for.
    """

    def __init__(self, spec: PromptSpec) -> None:
        self._spec = spec
        self._labels = {name.casefold(): name for name in spec.labels}
        self._known = [(plain(each), each) for each in spec.known]
        self._made_up = frozenset(spec.labels) - frozenset(spec.seeded)

    def judge(
        self, answer: Answer, label: str | None, specs: Sequence[SentenceSpec], shots: Sequence[str]
    ) -> list[Verdict]:
        """Returns one verdict for each spec, the good ones first.

        Each sentence belongs to the spec at its position, or if it does not fit that one, to another whose mentions it
        has. What an answer has beyond what was asked for is left out.

        Args:
            answer: what the model said.
            label: the class it was asked for.
            specs: what each sentence must be.
            shots: the texts that the request showed.
        """
        reply = read_reply(answer.text, lines=not self._made_up, ended=answer.finish == "stop")
        left = dict(enumerate(specs))
        good: list[Verdict] = []
        bad: list[Verdict] = []
        for position, sentence in enumerate(reply.sentences):
            verdict = self._judge_sentence(sentence, label, left, position, {fold(shot) for shot in shots})
            (good if verdict.rejection is None else bad).append(verdict)
        missing = Verdict(Example("", (), label), _why_missing(answer, bool(reply.sentences), reply.whole))
        return [*good, *bad, *[missing] * len(specs)][: len(specs)]

    def _judge_sentence(
        self,
        sentence: WrittenSentence | None,
        label: str | None,
        left: dict[int, SentenceSpec],
        position: int,
        shots: set[str],
    ) -> Verdict:
        """Judges a sentence by its own spec, then by the others that are left; takes away the spec that it fits."""
        if sentence is None:
            return Verdict(Example("", (), label), UNREADABLE)
        first: Rejection | None = None
        for number in sorted(left, key=lambda each: (each != position, each)):
            found = self._find_example(sentence, label, left[number], shots)
            if isinstance(found, Example):
                del left[number]
                return Verdict(found)
            first = first or found
        return Verdict(Example(_encodable(sentence.text), (), label), first or ABSENT)

    def _find_example(
        self, sentence: WrittenSentence, label: str | None, spec: SentenceSpec, shots: set[str]
    ) -> Example | Rejection:
        """Returns a sentence with its spans, or why it does not fit a spec."""
        text = sentence.text.strip()
        if not text or _encodable(text) != text:
            return UNREADABLE if text else EMPTY
        if fold(text) in shots:
            return COPY
        listed = self._list_mentions(sentence)
        if isinstance(listed, Rejection):
            return listed
        wanted = [*spec.mentions, *(each for each in listed if each.label in self._made_up)]
        try:
            spans = locate(text, wanted)
        except Unclear as unclear:
            return Rejection(str(unclear))
        if self._has_extra(text, spans, listed, wanted):
            return EXTRA
        example = Example(text, spans, label)
        return replace(example, parent=Template.of(example).fingerprint())

    def _list_mentions(self, sentence: WrittenSentence) -> list[Mention] | Rejection:
        """Returns the mentions that the model lists, with labels as the spec spells them."""
        if sentence.mentions is None and self._made_up:
            return UNLISTED
        listed = []
        for each in sentence.mentions or ():
            label = each.label if each.label in self._spec.labels else self._labels.get(each.label.casefold())
            if label is None:
                return UNKNOWN
            if not each.text.strip():
                return UNREADABLE
            listed.append(Mention(each.text.strip(), label))
        return listed

    def _has_extra(
        self, text: str, spans: Sequence[Span], listed: Sequence[Mention], wanted: Sequence[Mention]
    ) -> bool:
        """Says whether a mention is listed that nobody wanted, or a known one stands outside of all spans."""
        # A mention that stands there inflected may be listed in either form, so the words of the spans count too.
        found = [*wanted, *(Mention(text[span.start : span.end], span.label) for span in spans)]
        if not {_key(each) for each in listed} <= {_key(each) for each in found}:
            return True
        said = plain(text)
        there = [known for written, known in self._known if written in said]
        return any(_is_outside(place, spans) for known in there for place in find_places(text, known, exactly=True))


def _key(mention: Mention) -> tuple[str, str]:
    return fold(mention.text), mention.label


def _is_outside(place: tuple[int, int], spans: Sequence[Span]) -> bool:
    return not any(span.start < place[1] and place[0] < span.end for span in spans)


def _why_missing(answer: Answer, has_sentences: bool, is_whole: bool) -> Rejection:
    if answer.finish == "filter":
        return REFUSED
    if answer.finish == "length":
        return CUT
    if not has_sentences:
        return NO_ANSWER
    return ABSENT if is_whole else MALFORMED


def _encodable(text: str) -> str:
    """Returns a text with a mark instead of each half of a character, which some JSON has and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
