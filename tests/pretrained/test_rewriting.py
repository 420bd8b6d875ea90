from __future__ import annotations

import copy
from typing import Any

import pytest
import tiny_language

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from textsynth.foundation.seeding import child_rng  # noqa: E402
from textsynth.pretrained.rewriting.rewriter import Rewriter  # noqa: E402
from textsynth.pretrained.rewriting.spacing import separate_marks, separate_parts  # noqa: E402
from textsynth.wording.vocabulary import Part  # noqa: E402

KINDS = ("t5", "bart", pytest.param("forth", marks=pytest.mark.slow))


def rewriter(loaded: Any, kind: Any) -> Rewriter:
    pretrained = loaded(kind)
    return Rewriter(pretrained.model, pretrained.tokenizer)


def inputs(rewriter: Rewriter, kind: str, count: int = 12) -> list[list[int]]:
    texts = [text for text, _ in tiny_language.pairs(kind, child_rng(99), count)]
    return rewriter.tokenizer(texts)["input_ids"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_likeliest_symbols_are_those_that_transformers_finds_one_by_one(loaded: Any, kind: Any):
    ours = rewriter(loaded, kind)
    read = inputs(ours, kind)
    for symbols, written in zip(read, ours.write(read, 0.0, 1.0, child_rng(1)), strict=True):
        alone = ours.model.generate(torch.tensor([symbols]), max_new_tokens=len(written), do_sample=False)[0]
        assert alone.tolist()[1:] == written


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_the_same_and_another_gives_others(loaded: Any, kind: Any):
    ours = rewriter(loaded, kind)
    read = inputs(ours, kind) * 4
    before = torch.get_rng_state()
    first, again, other = (ours.write(read, 1.5, 1.0, child_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert torch.equal(before, torch.get_rng_state())


def test_what_is_read_again_is_written_anew(loaded: Any):
    ours = rewriter(loaded, "t5")
    [symbols] = ours.tokenizer(["we saw <extra_id_0> today ."])["input_ids"]
    written = {tuple(each) for each in ours.write([symbols] * 60, 1.0, 1.0, child_rng(1))}
    names = {ours.text(each) for each in written}
    assert len(names & {*tiny_language.PEOPLE, *tiny_language.CITIES}) > 3


def test_what_is_longer_than_the_model_reads_is_not_read(loaded: Any):
    ours = rewriter(loaded, "bart")
    short, long = ours.read(["we saw Ada today .", "we saw Ada today . " * 20])
    assert len(long) > ours.limit == 64
    written = ours.write([long, short], 0.0, 1.0, child_rng(1))
    assert written[0] == []
    assert len(written[1]) > 0
    assert ours.write([], 1.0, 1.0, child_rng(1)) == []


def test_texts_grow_no_longer_than_the_model_can_write(loaded: Any):
    ours = rewriter(loaded, "bart")
    read = [[0, *[5] * (ours.limit - 2), 2]]
    ours = Rewriter(ours.model, copy.deepcopy(ours.tokenizer))
    ours.tokenizer.eos_token = "Z"  # Is never the likeliest, so nothing ends.
    assert len(ours.write(read, 0.0, 1.0, child_rng(1))[0]) == ours.limit


@pytest.mark.parametrize("kind", KINDS)
def test_what_looks_special_in_a_text_is_text(loaded: Any, kind: Any):
    ours = rewriter(loaded, kind)
    [symbols] = ours.read(["</s> <extra_id_0> <mask> <pad>"], framed=False)
    assert not set(symbols) & (set(ours.tokenizer.all_special_ids) - {ours.tokenizer.unk_token_id})
    assert ours.read(["we saw"]) == [ours.tokenizer("we saw")["input_ids"]]
    assert ours.read([]) == []


def test_a_text_that_did_not_end_is_none(loaded: Any):
    ours = rewriter(loaded, "t5")
    symbols = ours.read(["Ada flew to Rome."])[0]
    assert ours.sentence(symbols[:-1]) is None
    assert ours.sentence([]) is None
    assert ours.sentence(symbols) == "Ada flew to Rome."
    assert separate_marks(ours.sentence(symbols) or "") == "Ada flew to Rome ."


@pytest.mark.parametrize("kind", ["byt5", "marian"])
def test_tokenizers_that_are_written_in_python_read_and_write(loaded: Any, kind: Any):
    if kind == "marian":
        pytest.importorskip("sentencepiece")
    ours = rewriter(loaded, kind)
    assert not ours.tokenizer.is_fast
    texts = ["we saw XX1 today .", "XX2 sailed to XX1 ."]
    read = ours.read(texts)
    assert read == ours.tokenizer(texts)["input_ids"]
    assert [ours.sentence(each) for each in read] == texts
    never = [ours.tokenizer.pad_token_id, ours.tokenizer.unk_token_id]
    for symbols, written in zip(read, ours.write(read, 0.0, 1.0, child_rng(1)), strict=True):
        options = {"max_new_tokens": len(written), "do_sample": False, "suppress_tokens": never}
        alone = ours.model.generate(torch.tensor([symbols]), **options)[0]
        assert alone.tolist()[1:] == written


def test_marks_that_close_a_word_stand_apart_between_spaces():
    assert separate_marks("Hi, Ada... 3.5 km; e.g. this?!") == "Hi , Ada ... 3.5 km ; e.g . this ?!"


@pytest.mark.parametrize(
    ("text", "spaced"),
    [
        ('He (Bo) said: "Hi."', 'He ( Bo ) said : " Hi . "'),
        ("[1], {a}; “so” «là»!", "[ 1 ] , { a } ; “ so ” « là » !"),
        ("word(s), f(x). a[0]", "word(s) , f(x) . a[0]"),
        (":) ;-) ( ) ...", ":) ;-) ( ) ..."),
        ("dogs' don't Ada's l'eau 3.5 U.S.A", "dogs' don't Ada's l'eau 3.5 U.S.A"),
        ("", ""),
    ],
)
def test_brackets_and_quotes_stand_apart_where_they_are_no_part_of_a_word(text: str, spaced: str):
    assert separate_marks(text) == spaced


def test_mentions_stay_as_they_are_and_touch_nothing():
    ada, home = Part("Ada (Jr.)", "PERSON"), Part("U.S.", "GPE")
    parts = [ada, Part("'s home, ("), home, Part(")"), home, Part(".")]
    expected = [ada, Part(" 's home , ( "), home, Part(" ) "), home, Part(" .")]
    assert separate_parts(parts) == expected
    assert separate_parts([Part("so."), ada]) == [Part("so . "), ada]
    assert separate_parts([Part("", "PERSON"), Part("", "GPE")]) == [Part("", "PERSON"), Part(" "), Part("", "GPE")]
