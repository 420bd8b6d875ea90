"""Long texts, cut into pieces that a pipeline takes: between paragraphs, or at the end of a line."""

from __future__ import annotations

from collections.abc import Iterator


def find_cut(window: str) -> int:
    r"""Returns where a text is cut best: behind the last paragraph in it, else behind the last line; 0 if it has none.

    >>> find_cut("one\n\ntwo\nthree"), find_cut("one\ntwo"), find_cut("one")
    (5, 4, 0)
    """
    ends = [window.rfind(gap) + len(gap) for gap in ("\n\n", "\r\n\r\n") if gap in window]
    return max(ends, default=window.rfind("\n") + 1)


def cut_anywhere(text: str, longest: int) -> Iterator[str]:
    r"""Yields pieces of at most so many characters: cut at paragraphs, else at lines, white space, or anywhere.

    >>> list(cut_anywhere("one\ntwo three four", 10)), list(cut_anywhere("abcde", 2))
    (['one\n', 'two three ', 'four'], ['ab', 'cd', 'e'])
    """
    begin = 0
    while len(text) - begin > longest:
        window = text[begin : begin + longest]
        begin += (cut := find_cut(window) or window.rfind(" ") + 1 or longest)
        yield window[:cut]
    yield text[begin:]
