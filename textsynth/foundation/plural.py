"""Numbers of things, as people say them: one example, two examples."""

from __future__ import annotations


def tell_count(number: int, one: str, several: str = "") -> str:
    """Returns a number and what it counts.

    Args:
        number: how many.
        one: the words for one of them.
        several: the words for any other number; if empty, those for one with an s.

    >>> tell_count(1, "example"), tell_count(0, "example"), tell_count(2, "class", "classes")
    ('1 example', '0 examples', '2 classes')
    """
    return f"{number} {one if number == 1 else several or one + 's'}"
