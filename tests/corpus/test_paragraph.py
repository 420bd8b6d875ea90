from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus.paragraph import cut_anywhere, find_cut


@given(st.text("a \n\r", max_size=60), st.integers(1, 20))
def test_pieces_are_the_text_and_not_too_long(text: str, longest: int):
    pieces = list(cut_anywhere(text, longest))
    assert "".join(pieces) == text
    assert all(len(piece) <= longest for piece in pieces)
    assert all(pieces) or not text


@given(st.text("a\n\r", max_size=20))
def test_the_best_cut_is_behind_the_last_paragraph_else_behind_the_last_line(text: str):
    cut = find_cut(text)
    assert cut == 0 or text[:cut].endswith("\n")
    rest = text[cut:]
    assert "\n\n" not in rest
    assert "\n" not in rest or "\n\n" in text or "\r\n\r\n" in text
