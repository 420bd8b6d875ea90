"""JSON as models write it: in prose or a code fence, cut off, with single quotes or a comma too many.

Nothing is made up. What is cut off or malformed is left out, with all of the element it stands in; what stood whole
before it is kept. That is why no library that repairs JSON is used: those close what was cut off, and half a sentence
then looks like a whole one.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, NoReturn

_DEEPEST = 12
"""Arrays and objects inside each other, at most; a recursion without end would end the process."""
_OPENING = re.compile(r"[\[{]")
_SPACE = re.compile(r"\s*")
_BARE = re.compile(r"[\w.+-]+")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_QUOTES = {'"': '"', "'": "'", "“": "”"}
_WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_NEXT_STRING = re.compile(r"\s*[\"“]")
_ENDS = re.compile(r"\s*(?:[,:\]}]|\Z)")
_CODE_UNITS = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


class Found(NamedTuple):
    """An array or object.

    Args:
        value: with what is malformed left out.
        whole: whether nothing had to be left out.
    """

    value: Any
    whole: bool


def find_json(text: str) -> list[Found]:
    r"""Finds the arrays and objects in a text, the outer ones; nothing is looked for behind one that is malformed.

    >>> find_json('Sure! {"a": ["b", \'c\',]} Anything [else]?')
    [Found(value={'a': ['b', 'c']}, whole=True)]
    >>> find_json('["whole", "cut o')
    [Found(value=['whole'], whole=False)]
    """
    found: list[Found] = []
    place = 0
    while opening := _OPENING.search(text, place):
        container, end, is_earnest = _read_strictly(text, opening.start()) or _read_loosely(text, opening.start())
        if is_earnest and (container.whole or container.value):
            found.append(container)
        if is_earnest and not container.whole:
            break
        place = end if container.whole else opening.end()
    return found


def _read_strictly(text: str, place: int) -> tuple[Found, int, bool] | None:
    """Reads an array or object by the decoder of the standard library, which is thirty times as fast.

    Most answers are JSON, perhaps in a code fence. A tab or line break inside a string is let through, as below.

    Returns:
        What was found, where it ends, and whether it is more than a bracket in prose; None if it is no JSON.
    """
    try:
        value, end = _DECODER.raw_decode(text, place)
    except (ValueError, RecursionError):
        return None
    inner = value if isinstance(value, list) else list(value)
    return Found(value, True), end, any(isinstance(each, str | list | dict) for each in inner)


def _read_loosely(text: str, place: int) -> tuple[Found, int, bool]:
    """Reads an array or object that is no JSON as far as it goes; returns the same as `_read_strictly`."""
    reader = _Reader(text, place)
    container = reader.container(0)
    return container, reader.place, reader.is_earnest


def _refuse_constant(name: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(name)


_DECODER = json.JSONDecoder(strict=False, parse_constant=_refuse_constant)


class _Malformed(Exception):
    """What comes next is no JSON, however loosely read."""


class _Reader:
    """Reads one array or object, from its bracket on.

    Args:
        text: all of it.
        place: where the bracket stands; later, how far it has read.

    It is earnest as soon as it has met a string or an inner array or object; before that, it may be a bracket in prose.
    """

    def __init__(self, text: str, place: int) -> None:
        self._text = text
        self.place = place
        self.is_earnest = False

    def container(self, depth: int) -> Found:
        """Reads an array or object up to its end, or up to what is malformed in it."""
        if depth > _DEEPEST:
            raise _Malformed
        self.is_earnest |= depth > 0
        opening = self._text[self.place]
        self.place += 1
        return self._array(depth) if opening == "[" else self._object(depth)

    def _array(self, depth: int) -> Found:
        elements: list[Any] = []
        sure = 0  # Elements that are certainly over.
        try:
            while not self._takes("]"):
                element = self._value(depth)
                if not element.whole:
                    return Found(elements, False)
                elements.append(element.value)
                sure = len(elements) if self._is_sure(element.value) else sure
                if not self._goes_on(element.value, "]"):
                    break
                self._value_may_begin("]")
                sure = len(elements)
            else:
                return Found(elements, True)
        except _Malformed:
            pass
        return Found(elements[:sure], False)

    def _object(self, depth: int) -> Found:
        members: dict[str, Any] = {}
        doubtful: str | None = None  # The key of a value that may not be over.
        try:
            while not self._takes("}"):
                key = self._key()
                doubtful = None
                member = self._value(depth)
                if member.whole or (isinstance(member.value, list) and member.value):
                    members[key] = member.value
                if not member.whole:
                    return Found(members, False)
                doubtful = None if self._is_sure(member.value) else key
                if not self._goes_on(member.value, "}"):
                    break
            else:
                return Found(members, True)
        except _Malformed:
            pass
        if doubtful is not None:
            members.pop(doubtful)
        return Found(members, False)

    def _is_sure(self, value: Any) -> bool:
        """Says whether a value is certainly over: a string may have been ended by a quotation mark of its own."""
        return isinstance(value, list | dict) or self._at_end()

    def _goes_on(self, value: Any, closing: str) -> bool:
        """Takes the comma behind a value, or says that none is needed: at the end, and between arrays and objects."""
        follows = isinstance(value, list | dict) and self._peek() in ("[", "{")
        return self._takes(",") or follows or self._peek() == closing

    def _value_may_begin(self, closing: str) -> None:
        """Raises _Malformed if behind a comma there is neither a value nor the end."""
        if self._peek() not in (closing, "", "[", "{", *_QUOTES):
            before = self.place
            self._bare_value()
            self.place = before

    def _value(self, depth: int) -> Found:
        first = self._peek()
        if first in ("[", "{"):
            return self.container(depth + 1)
        if first in _QUOTES:
            return Found(self._string(), True)
        return Found(self._bare_value(), True)

    def _bare_value(self) -> Any:
        word = self._bare()
        if word not in _WORDS and not _NUMBER.fullmatch(word):
            raise _Malformed
        return _WORDS[word] if word in _WORDS else float(word)

    def _key(self) -> str:
        key = self._string() if self._peek() in _QUOTES else self._bare()
        if not self._takes(":"):
            raise _Malformed
        return key

    def _bare(self) -> str:
        self._peek()
        found = _BARE.match(self._text, self.place)
        if found is None or not _ENDS.match(self._text, found.end()):
            raise _Malformed
        self.place = found.end()
        return found[0]

    def _string(self) -> str:
        """Reads a string; a quotation mark ends it only at a place where a string can end."""
        self.is_earnest = True
        closing, parts = _QUOTES[self._text[self.place]], []
        self.place += 1
        plain = re.compile(rf"[^\\{closing}]+")
        while not self._at_end():
            if run := plain.match(self._text, self.place):
                parts.append(run[0])
                self.place = run.end()
            elif self._text[self.place] == "\\":
                parts.append(self._read_escape())
            elif _ENDS.match(self._text, self.place + 1):
                self.place += 1
                return "".join(parts)
            elif closing != "'" and _NEXT_STRING.match(self._text, self.place + 1):
                break  # A comma is missing, or a quotation mark was written twice.
            else:
                parts.append(closing)
                self.place += 1
        raise _Malformed

    def _read_escape(self) -> str:
        units = _CODE_UNITS.match(self._text, self.place)
        if units:
            self.place = units.end()
            raw = bytes.fromhex(units[0].replace("\\u", ""))
            return raw.decode("utf-16-be", "surrogatepass")
        letter = self._text[self.place + 1 : self.place + 2]
        self.place += 2
        return _ESCAPES.get(letter, letter)

    def _peek(self) -> str:
        """Goes to the next character that is no white space, and returns it; "" at the end."""
        space = _SPACE.match(self._text, self.place)
        self.place = space.end() if space else self.place
        return self._text[self.place : self.place + 1]

    def _takes(self, character: str) -> bool:
        """Takes the next character if it is the one given; says whether it was."""
        taken = self._peek() == character
        self.place += taken
        return taken

    def _at_end(self) -> bool:
        return self.place >= len(self._text)
