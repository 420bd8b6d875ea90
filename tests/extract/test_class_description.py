"""What is said of classes."""

from __future__ import annotations

import pytest

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract.class_name import describe_all_classes, describe_as_corpus, spell_class


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("Refund_not_showing_up", "refund not showing up"),
        ("AddToPlaylist", "add to playlist"),
        ("top-up.failed", "top up failed"),
        ("getting spare card", "getting spare card"),
        ("ABBR", "ABBR"),
        ("VERIFY_MY_IDENTITY", "verify my identity"),
        ("réservation_d'hôtel", "réservation d hôtel"),
        ("订单状态", "订单状态"),
        ("label_3", "label 3"),
        ("3", ""),
        ("C", ""),
        ("__", ""),
    ],
)
def test_names_of_classes_as_words(name: str, spelt: str):
    assert spell_class(name) == spelt


def test_several_classes_are_told_together_or_not_at_all():
    source = Corpus.from_columns(text=["a", "b", "c", "d"], label=[("joy", "love"), ("joy", "3"), (), None])
    assert describe_all_classes(source, {"joy": "is glad", "love": "likes somebody"}) == {
        "3\ufdd0joy": [],
        "joy\ufdd0love": ["joy, love", "is glad, likes somebody"],
        "\ufdd0": [],
    }
    assert [example.label for example in describe_as_corpus({"joy\ufdd0love": ["joy, love"]})] == [("joy", "love")]


def test_a_description_of_no_class_is_an_error():
    source = Corpus.from_columns(text=["a"], label=["greet"])
    with pytest.raises(OptionError, match="option 'classes': the source has no class 'great'; did you mean 'greet'"):
        describe_all_classes(source, {"great": "says hello"})
