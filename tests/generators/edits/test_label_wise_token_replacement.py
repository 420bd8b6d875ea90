from __future__ import annotations

from collections import Counter

import pytest
from edited import corpus_of, drawn, edited, long_corpus, marked, pairs, pieces, results
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.corpus.script import are_unspaced
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.edits.edit import Policy
from textsynth.generators.edits.label_wise_token_replacement import LabelWiseTokenReplacement

SOURCE = corpus_of("[Ada Bo Lee](P), go", "hi  [Cy](P) in [Rome](C)!")


def test_by_hand():
    made = {marked(each) for each in edited(LabelWiseTokenReplacement(rate=0.01), SOURCE, 300)}
    assert made == {
        "[Cy Bo Lee](P), go",
        "[Ada Lee Lee](P), go",
        "[Ada Bo Bo](P), go",
        "[Ada Bo Lee](P), hi",
        "[Ada Bo Lee](P), in",
        "go  [Cy](P) in [Rome](C)!",
        "in  [Cy](P) in [Rome](C)!",
        "hi  [Ada](P) in [Rome](C)!",
        "hi  [Cy](P) hi [Rome](C)!",
        "hi  [Cy](P) go [Rome](C)!",
    }


def test_the_policy_of_a_label():
    operation = LabelWiseTokenReplacement(rate=1.0, policy={"P": "keep"})
    assert {marked(each) for each in edited(operation, SOURCE, 100)} == {
        *(f"[Ada Bo Lee](P), {word}" for word in ("hi", "in")),
        *(f"{one}  [Cy](P) {two} [Rome](C)!" for one in ("go", "in") for two in ("go", "hi")),
    }
    operation = LabelWiseTokenReplacement(rate=1.0, policy={"*": "keep", "P": "edit"}, protect=("hi", "in", "go"))
    assert {marked(each)[:5] for each in edited(operation, SOURCE, 100)} == {"[Cy L", "hi  ["}


def test_words_are_drawn_by_count_and_never_the_same():
    source = corpus_of("a a a a b b c", "[a](X)", "[b](X)")
    made = list(edited(LabelWiseTokenReplacement(rate=0.01, policy={"*": "keep"}), source, 30_000))[:30_000]
    counts = Counter(
        (old, new) for each in made for old, new in zip("aaaabbc", each.text.split(), strict=True) if old != new
    )
    for old, rest in {"a": {"b": 2, "c": 1}, "b": {"a": 4, "c": 1}, "c": {"a": 4, "b": 2}}.items():
        total = sum(count for (word, _), count in counts.items() if word == old)
        for new, count in rest.items():
            assert counts[old, new] / total == pytest.approx(count / sum(rest.values()), abs=0.02)


def test_a_word_that_has_no_other_stays():
    assert results(LabelWiseTokenReplacement(rate=1.0), "go [Ada](P), go") == {"go [Ada](P), go"}


def test_placeholders_are_neither_replaced_nor_drawn():
    assert {each.text for each in edited(LabelWiseTokenReplacement(rate=1.0), corpus_of("a [id]", "b {x}"), 50)} == {
        "b [id]",
        "a {x}",
    }


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0])
def test_the_rate(rate: float):
    source = long_corpus()
    touched = words = 0
    for before, after in pairs(LabelWiseTokenReplacement(rate=rate), source, 4):
        words += len(before.text.split())
        touched += sum(a != b for a, b in zip(before.text.split(), after.text.split(), strict=True))
    assert touched / words == pytest.approx(rate, rel=0.1)


@given(corpora(), st.sampled_from([0.1, 1.0]), st.sampled_from(["keep", "edit"]))
def test_hostile_text(source: Corpus, rate: float, policy: Policy):
    operation = LabelWiseTokenReplacement(rate=rate, policy={"*": policy})
    editor, _, _ = drawn(operation, source)
    # Between spaces a text that has none is cut into its characters: which tokens there are depends on their place.
    assume(source.tokenizer == "words" or not are_unspaced(editor.tokenised.points.points).any())
    editable = operation.find_editable(editor.tokenised)
    names = list_tags(source.labels)
    tags = encode_tags(editor.tokenised.tokens, source, "iob2", names)
    strings = editor.tokenised.tokens.strings.to_pylist()
    known = set(zip(tags.tolist(), strings, strict=True))
    made = edited(operation, source)
    table = tokenize(made)
    assert table.rows.tolist() == editor.tokenised.tokens.rows.tolist()
    assert encode_tags(table, made, "iob2", names).tolist() == tags.tolist()
    columns = zip(tags.tolist(), strings, table.strings.to_pylist(), editable, strict=True)
    for tag, old, new, may in columns:
        assert (tag, new) in known
        assert may or old == new
    for before, after in pairs(operation, source):
        assert pieces(before, source.tokenizer)[1] == pieces(after, source.tokenizer)[1]
