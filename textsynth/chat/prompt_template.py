"""Prompt templates: Jinja in a sandbox; a variable that does not exist is an error."""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from textsynth.chat.request import Message
from textsynth.errors import OptionError

if TYPE_CHECKING:
    import jinja2

DEFAULT = "sentences.jinja"
_BLOCKS = ("system", "user")


class PromptTemplate:
    """A template that becomes the messages of a request.

    Its block `user` is what is asked, and its block `system`, if it has one, what goes before; a template without
    blocks is all asked. `{% extends "sentences.jinja" %}` takes over the template that comes with textsynth, block by
    block. No other file can be read, and no attribute that begins with an underscore; time and memory are bounded.

    Args:
        content: the template.
        name: what it is called in errors.

    Raises:
        OptionError: for what is no template, with its line.
    """

    def __init__(self, content: str, name: str) -> None:
        import jinja2

        from textsynth.chat.bounded_template import BoundedEnvironment

        self._environment = BoundedEnvironment({DEFAULT: default_template(), name: content})
        try:
            self._template = self._environment.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise OptionError(_complaint(error.name or name, error.lineno, error)) from error
        except RecursionError as error:
            raise OptionError(_complaint(name, 1, error)) from error
        self._name = name

    def messages(self, variables: Mapping[str, Any]) -> tuple[Message, ...]:
        """Renders the template.

        Raises:
            OptionError: for what goes wrong in it, with its line.
        """
        self._environment.begin()
        try:
            return self._render(self._template.new_context(dict(variables)))
        except Exception as error:
            name, line = _locate(error.__traceback__, self._name)
            raise OptionError(_complaint(name, line, error)) from error

    def _render(self, context: jinja2.runtime.Context) -> tuple[Message, ...]:
        whole = "".join(self._template.root_render_func(context)).strip()
        if not context.blocks:
            return (Message("user", whole),)
        if "user" not in context.blocks:
            raise LookupError("a template with blocks must have one that is named user")
        named = [name for name in _BLOCKS if name in context.blocks]
        written = [Message(name, "".join(context.blocks[name][0](context)).strip()) for name in named]
        return tuple(each for each in written if each.content)


def default_template() -> str:
    """Returns the template that comes with textsynth."""
    return importlib.resources.files("textsynth.chat").joinpath("templates", DEFAULT).read_text(encoding="utf-8")


def _locate(traceback: TracebackType | None, name: str) -> tuple[str, int]:
    """Returns the innermost template that an error went through, and its line."""
    line = 1
    while traceback is not None:
        template = traceback.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            name, line = template.name, template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return name, line


def _complaint(name: str, line: int, error: Exception) -> str:
    return f"option 'template': {name}:{line}: {' '.join(str(error).split())}"
