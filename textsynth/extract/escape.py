"""Text on one line of a file that people edit: line breaks, tabs and backslashes are escaped, all else is as it is."""

from __future__ import annotations

import re

_WRITTEN = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_SPECIAL = re.compile(r"[\\\n\r\t]")
_READ = {"n": "\n", "r": "\r", "t": "\t"}


def escape(text: str) -> str:
    r"""Returns the text on one line.

    >>> escape("a\nb")
    'a\\nb'
    """
    return text.translate(_WRITTEN) if _SPECIAL.search(text) else text  # Most texts have nothing of the kind.


def is_comment(line: str) -> bool:
    """Says whether a line of such a file is a comment.

    >>> is_comment("# people"), is_comment("#1 hit")
    (True, False)
    """
    return line.startswith("# ")


def unescape(text: str) -> str:
    r"""Undoes `escape`; a backslash before any other character stands for that character.

    >>> unescape("a\\nb\\{")
    'a\nb{'
    """
    return re.sub(r"\\(.)", lambda match: _READ.get(match[1], match[1]), text)
