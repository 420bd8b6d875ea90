"""Jinja in a sandbox whose time and memory are bounded: a template may come from anybody."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

import jinja2.nodes
import jinja2.sandbox
from jinja2.exceptions import SecurityError

STEPS = 100_000
"""Turns of loops, calls and values written, at most, in one rendering."""

SIZE = 1 << 22
"""Characters and items of a value, at most."""

_FILTERS = frozenset(
    "abs capitalize count d default dictsort e escape first float groupby int items join last length list lower map "
    "max min reject rejectattr reverse round safe select selectattr sort string striptags title tojson trim truncate "
    "unique upper wordcount".split()
)
"""The filters that there are: none that pads, repeats, draws or formats."""

_METHODS = frozenset(
    "capitalize casefold count endswith find get index isalnum isalpha isdigit islower isspace istitle isupper items "
    "keys lower lstrip partition rpartition rsplit rstrip split splitlines startswith strip swapcase title upper "
    "values".split()
)
"""What may be called of strings, lists and tables."""


class BoundedEnvironment(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """A sandbox that counts what a template does, and refuses what would take too long or too much memory."""

    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._left = STEPS
        super().__init__(
            loader=jinja2.DictLoader(dict(templates)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=self._measured,
        )
        for name in ("lipsum", "cycler", "joiner"):
            del self.globals[name]
        self.filters = {name: self._guard(self.filters[name]) for name in _FILTERS}
        self.filters[_BOUND], self.filters[_COUNT] = self._measured, self._counted

    def begin(self) -> None:
        """Begins to count anew."""
        self._left = STEPS

    def _parse(self, source: str, name: str | None, filename: str | None) -> jinja2.nodes.Template:
        """Parses a template, and has its loops counted and what it puts together measured."""
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(jinja2.nodes.For):
            loop.iter = _filtered(cast("jinja2.nodes.Expr", loop.iter), _COUNT)
        for node in tree.find_all(jinja2.nodes.Concat):
            node.nodes = [_filtered(each, _BOUND) for each in node.nodes]
        return tree

    def call(self, context: jinja2.runtime.Context, obj: Any, *arguments: Any, **named: Any) -> Any:
        """Counts a call, and measures what it is given and gives."""
        self._count()
        for each in (*arguments, *named.values()):
            self._measured(each)
        return self._measured(super().call(context, obj, *arguments, **named))

    def call_binop(self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any) -> Any:
        """Lets numbers of a usual size be multiplied, and measures what is added up."""
        numbers = all(isinstance(each, int | float) and abs(each) < SIZE**2 for each in (left, right))
        if operator != "+" and (not numbers or (operator == "**" and (abs(left) > SIZE or abs(right) > 9))):
            raise SecurityError(f"{operator!r} must have numbers of a usual size beside it")
        return self._measured(super().call_binop(context, operator, left, right))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Says whether something of a value may be used: not what pads, repeats or formats text."""
        if isinstance(obj, str | list | tuple | dict | int | float) and callable(value) and attr not in _METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def _guard(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Returns a filter that measures what it is given and gives."""
        offset = 1 if getattr(function, "jinja_pass_arg", None) else 0

        @functools.wraps(function)
        def guarded(*arguments: Any, **named: Any) -> Any:
            self._count()
            for each in (*arguments[offset:], *named.values()):
                self._measured(each)
            if function is jinja2.filters.FILTERS["join"]:
                self._check_join(*arguments[offset:], **named)
            return self._measured(function(*arguments, **named))

        return guarded

    def _check_join(self, value: Any, d: Any = "", **_: Any) -> None:
        if isinstance(value, list | tuple | dict) and len(value) * len(str(d)) > SIZE:
            raise SecurityError(f"a text must have at most {SIZE:,} characters")

    def _counted(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self._count()
            yield item

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise SecurityError(f"a template must be done in {STEPS:,} steps")

    def _measured(self, value: Any) -> Any:
        """Returns a value, if it is not too large once it is written out.

        The size is counted in full, so that a list of a list of a list that is the same twice is what it comes to.
        """
        if isinstance(value, str | list | tuple | dict) and _count_size(value, SIZE) < 0:
            raise SecurityError(f"a value must have at most {SIZE:,} characters or items")
        if isinstance(value, int) and value.bit_length() > SIZE.bit_length() * 4:
            raise SecurityError("a number must be of a usual size")
        return value


_BOUND, _COUNT = "textsynth bound", "textsynth count"
"""Filters that no template can name."""


def _filtered(node: jinja2.nodes.Expr, name: str) -> jinja2.nodes.Filter:
    return jinja2.nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _count_size(value: Any, left: int) -> int:
    """Returns what is left of a size after a value; as soon as nothing is, a number under 0."""
    if isinstance(value, str):
        return left - len(value)
    if isinstance(value, list | tuple | dict):
        left -= 1
        for each in (*value.keys(), *value.values()) if isinstance(value, dict) else value:
            if left < 0:
                break
            left = _count_size(each, left - 1)
    return left
