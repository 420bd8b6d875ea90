from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import texts

from textsynth.extract.escape import escape, is_comment, unescape


@given(texts())
@example("\\")
@example("\\n")
@example("\\\n")
@example("a\u2028b\x85c\x0bd")
@example("\x00")
def test_what_is_escaped_reads_back_equal(text: str):
    assert unescape(escape(text)) == text


@given(st.text())
def test_escaped_text_has_no_line_break_and_no_tab(text: str):
    assert not set(escape(text)) & set("\n\r\t")


def test_only_what_must_be_is_escaped():
    assert escape("a\tb\nc\rd\\e {f} \u2028 'g'") == "a\\tb\\nc\\rd\\\\e {f} \u2028 'g'"


@pytest.mark.parametrize(
    ("written", "text"), [("\\{", "{"), ("\\q", "q"), ("a\\", "a\\"), ("\\\\n", "\\n"), ("\\ ", " "), ("\\😀", "😀")]
)
def test_a_backslash_stands_for_what_comes_after_it(written: str, text: str):
    assert unescape(written) == text


@pytest.mark.parametrize(
    ("line", "answer"), [("# a", True), ("# ", True), ("#", False), ("#1", False), (" # a", False), ("", False)]
)
def test_a_comment_begins_with_a_hash_and_a_space(line: str, answer: bool):
    assert is_comment(line) is answer
