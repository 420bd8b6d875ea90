from __future__ import annotations

import pytest
from edit_rules import changes
from edited import results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.generators.edits.white_space import WhiteSpace


def test_by_hand():
    """There is one single space outside of the mention, and none at the ends counts."""
    text = " in [New York](CITY)  or\n"
    made = {" in  [New York](CITY)  or\n", " in[New York](CITY)  or\n", " in\t[New York](CITY)  or\n"}
    assert results(WhiteSpace(), text) == made | {" in\u00a0[New York](CITY)  or\n"}


def test_kinds():
    assert results(WhiteSpace(kinds=["drop"], rate=1), "a b, c") == {"ab,c"}
    with pytest.raises(OptionError, match="must name at least one kind"):
        WhiteSpace(kinds=[])


def test_inside_a_mention_where_the_policy_is_to_edit_it():
    operation = WhiteSpace(kinds=["double"], policy={"CITY": "edit"})
    assert results(operation, "[New York](CITY)") == {"[New  York](CITY)"}


def test_between_two_mentions():
    assert results(WhiteSpace(kinds=["double"]), "[Ann](P) [Bo](P)") == {"[Ann](P)  [Bo](P)"}


def test_protected_phrases_stay():
    assert results(WhiteSpace(kinds=["drop"], protect=["as well"], rate=1), "he as well") == {"heas well"}


def test_a_mark_on_a_space_stays_on_it():
    assert results(WhiteSpace(), "a \u0301b") == {"a \u0301b"}


@given(corpora())
def test_only_single_spaces_change(source: Corpus):
    for change in changes(WhiteSpace(rate=0.5), source):
        assert change.old == " "
        assert change.new in ("", "  ", "\t", "\u00a0")
        assert 0 < change.start < len(change.text) - 1
        assert not change.text[change.start - 1].isspace()
        assert not change.text[change.end].isspace()
