"""What may come next: marks that fit, mentions as they were asked for, and nothing that means nothing."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import tiny_models  # noqa: E402

from textsynth.pretrained.causal.constraint import ConstraintMaker, MentionConstraint, find_forbidden  # noqa: E402
from textsynth.pretrained.causal.options import Mode  # noqa: E402
from textsynth.pretrained.causal.sentence_codec import SentenceCodec  # noqa: E402
from textsynth.pretrained.loading import PretrainedOptions, load  # noqa: E402
from textsynth.wording.vocabulary import Part  # noqa: E402

LABELS = ("CITY", "PERSON")
ADA, ROME = Part("Ada", "PERSON"), Part("Rome", "CITY")


@pytest.fixture(scope="module")
def tokenizer():
    return load("causal", PretrainedOptions(model=tiny_models.model("gpt"))).tokenizer


class Play:
    """One sentence, symbol by symbol."""

    def __init__(
        self, tokenizer, mode: Mode, asked: list[Part], strict: bool = True, spare: list[Part] | None = None
    ) -> None:
        self.codec = SentenceCodec(tokenizer, len(tokenizer), LABELS, mode)
        self.forbidden = find_forbidden(self.codec, line_breaks=False)
        self.constraint: MentionConstraint = ConstraintMaker(
            self.codec, [(asked, spare or [])], strict, self.forbidden
        )(np.array([0]))

    def allowed(self) -> set[int]:
        logits = torch.zeros(1, self.codec.first + self.codec.size + 3)
        return set(torch.nonzero(torch.isfinite(self.constraint.mask_logits(logits)[0]))[:, 0].tolist())

    def take(self, *symbols: int) -> None:
        for symbol in symbols:
            assert symbol in self.allowed()
            self.constraint.advance(torch.tensor([symbol]))

    def marks(self) -> set[str]:
        """Names of what may come, but for text."""
        made = self.codec
        names = {made.close: "close", made.end: "end", made.begin: "begin"}
        names |= {made.opening(label, spaced): label for label in LABELS for spaced in (False, True)}
        return {names.get(symbol, "?") for symbol in self.allowed() if symbol >= made.first or symbol == made.end}


def test_slots_until_all_are_there_and_then_the_end(tokenizer):
    play = Play(tokenizer, "delexicalised", [Part("", "PERSON"), Part("", "PERSON"), Part("", "CITY")])
    assert play.marks() == {"PERSON", "CITY"}
    play.take(
        play.codec.opening("PERSON", False), *play.codec.encode_text(" flew to"), play.codec.opening("CITY", True)
    )
    assert play.marks() == {"PERSON"}
    play.take(play.codec.opening("PERSON", True))
    assert play.marks() == {"end"}


def test_the_text_of_a_mention_that_was_asked_for_is_forced(tokenizer):
    play = Play(tokenizer, "entity_seeded", [ADA, ROME])
    made = play.codec
    play.take(*made.encode_text("we saw"), made.opening("CITY", True))
    for symbol in [*made.encode_text(" Rome"), made.close]:
        assert play.allowed() == {symbol}
        play.take(symbol)
    assert play.marks() == {"PERSON"}
    play.take(made.opening("PERSON", False), *made.encode_text("Ada"), made.close)
    assert play.marks() == {"end"}


def test_what_is_spare_may_come_and_need_not(tokenizer):
    play = Play(tokenizer, "delexicalised", [Part("", "PERSON")], spare=[Part("", "CITY")])
    city, person = (play.codec.opening(label, False) for label in LABELS)
    assert play.marks() == {"PERSON", "CITY"}
    play.take(city, city)
    assert play.marks() == {"PERSON", "CITY"}, (
        "slots may come as often as the model likes, the end only when all is there"
    )
    play.take(person)
    assert play.marks() == {"CITY", "end"}


def test_spare_mentions_come_once_and_letter_by_letter(tokenizer):
    play = Play(tokenizer, "entity_seeded", [ADA], spare=[ROME])
    made = play.codec
    play.take(made.opening("CITY", False))
    for symbol in [*made.encode_text("Rome"), made.close]:
        assert play.allowed() == {symbol}
        play.take(symbol)
    assert play.marks() == {"PERSON"}
    play.take(made.opening("PERSON", False), *made.encode_text("Ada"), made.close)
    assert play.marks() == {"end"}


def test_linearised_marks_only_have_to_match(tokenizer):
    play = Play(tokenizer, "linearised", [])
    assert play.marks() == {"PERSON", "CITY", "end"}
    play.take(play.codec.opening("CITY", False))
    assert play.marks() == {"close"}
    play.take(*play.codec.encode_text("Rome"), play.codec.close)
    assert play.marks() == {"PERSON", "CITY", "end"}


def test_without_constraint_all_marks_may_come_but_the_one_that_begins(tokenizer):
    play = Play(tokenizer, "entity_seeded", [ADA], strict=False)
    assert play.marks() == {"PERSON", "CITY", "close", "end"}
    play.take(play.codec.opening("PERSON", False))
    assert len(play.allowed()) > 100, "its text is left to the model"


def test_what_means_nothing_in_a_sentence_never_comes(tokenizer):
    play = Play(tokenizer, "linearised", [])
    special = set(tokenizer.all_special_ids) - {play.codec.end}
    breaks = {symbol for symbol in range(len(tokenizer)) if "\n" in tokenizer.decode([symbol])}
    assert breaks
    assert not play.allowed() & (special | breaks | {play.codec.begin})
    assert max(play.allowed()) < play.codec.first + play.codec.size
    with_breaks = set(find_forbidden(play.codec, line_breaks=True).tolist())
    assert not with_breaks & breaks


def test_rows_that_are_selected_keep_their_state(tokenizer):
    codec = SentenceCodec(tokenizer, len(tokenizer), LABELS, "delexicalised")
    maker = ConstraintMaker(
        codec, [([ADA], []), ([ROME], []), ([ADA], [])], True, find_forbidden(codec, line_breaks=False)
    )
    constraint = maker(np.array([0, 1, 2]))
    person, city = codec.opening("PERSON", False), codec.opening("CITY", False)
    constraint.advance(torch.tensor([person, city, *codec.encode_text("we")[:1]]))
    logits = constraint.select(torch.tensor([1, 2])).mask_logits(torch.zeros(2, codec.first + codec.size))
    assert torch.isfinite(logits[:, codec.end]).tolist() == [True, False]
    assert torch.isfinite(logits[:, person]).tolist() == [False, True]
