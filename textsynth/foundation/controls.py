"""Characters that steer a terminal or turn the direction of text: names of others may have them, messages may not."""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]")


def escape_controls(text: str, keep: str = "") -> str:
    r"""Returns text with control characters, ANSI sequences and marks of direction written out.

    Args:
        text: what would be shown.
        keep: characters that stay, such as a line break.

    >>> print(escape_controls("a\x1b[31mb\u202e.txt"))
    a\x1b[31mb\u202e.txt
    """
    return _CONTROLS.sub(lambda match: match[0] if match[0] in keep else _write(match[0]), text)


def _write(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"
