"""Drops texts that fit regular expressions, or that do not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pydantic

from textsynth.components.filter import Filter, Judge
from textsynth.errors import OptionError
from textsynth.foundation.expression import compile_expression, say_too_slow


@dataclass(frozen=True, kw_only=True)
class Pattern(Filter):
    r"""Drops texts in which one of some expressions is found, or in which one is missing.

    Args:
        drop: regular expressions, such as ["https?://"]; a text in which one is found is dropped.
        require: regular expressions; a text in which one is not found is dropped.
        timeout: seconds that one expression may take in one text.
    """

    example_options = {"drop": (r"\d{2}",), "require": (r"\p{L}",)}

    drop: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    timeout: Annotated[float, pydantic.Field(gt=0)] = 1.0

    def libraries(self) -> frozenset[str]:
        """Names what looks for expressions."""
        return frozenset({"regex"})

    def judge(self, directory: Path) -> Judge:
        """Compiles the expressions; nothing was learnt.

        Raises:
            OptionError: if an expression is none, or there is nothing to look for.
        """
        if not self.drop and not self.require:
            raise OptionError("option 'drop' or 'require' must give something to look for, neither does")
        unwanted = [compile_expression(each, "drop") for each in self.drop]
        wanted = [compile_expression(each, "require") for each in self.require]

        def explain(text: str) -> str | None:
            for each in unwanted:
                if self._is_in(text, each, "drop"):
                    return f"fits {each.pattern!r}"
            missing = (each for each in wanted if not self._is_in(text, each, "require"))
            return next((f"does not fit {each.pattern!r}" for each in missing), None)

        return lambda corpus: list(map(explain, corpus.texts.to_pylist()))

    def _is_in(self, text: str, pattern: Any, option: str) -> bool:
        try:
            return pattern.search(text, timeout=self.timeout) is not None
        except TimeoutError as error:
            raise say_too_slow(pattern, option, self.timeout, text) from error
