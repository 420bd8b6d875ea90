"""Values from Faker: pools of one provider, and records of one locale each."""

from __future__ import annotations

import ast
import contextlib
import datetime
import functools
import inspect
import random
import re
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from textsynth.errors import MissingDependency, OptionError, nearest
from textsynth.extract.resources import DEFAULT_TODAY
from textsynth.foundation.distribution import say_how_to_install
from textsynth.foundation.hush import hush
from textsynth.values.clock import stop_clock
from textsynth.values.identity import FIELDS, Identity
from textsynth.values.role import assign_roles

_TITLED = re.compile(r"^\{\{prefix|\{\{suffix")
"""Patterns of Faker's names that begin with a title or have a degree."""

_NO_TEXT = ("binary", "zip", "tar", "image", "json_bytes", "bulk_create_datetimes")
"""Methods that give bytes of files, or as much as they like."""

_SIZE = re.compile(
    r"length|size|count|quantity|entropy|depth|deep|repeat|rows|elements|digits|chars|words|^nb|_nb|^num|_num|^[nmk]$"
)
"""Names of arguments that say how much of something there is."""

_MOST = 10_000
"""The largest argument that says how much of something there is; and characters of a value, ten times of it."""

_LISTS_OF_SETS = (("faker.providers.address.it_IT", "cities"),)
"""Modules of Faker that make a list of a set, and what they call it."""


def faker_values(
    call: str, size: int, locales: Sequence[str], rng: np.random.Generator, today: datetime.date
) -> list[str]:
    """Draws values from a Faker provider, from each locale in turn; names without titles and degrees.

    Args:
        call: the provider, with keyword arguments if wanted: `"color_name"`, `"pyint(max_value=9)"`. With the argument
            `titles=True`, some of its names have a title or a degree, as Faker writes them: `"name(titles=True)"`.
        size: values to draw.
        locales: such as `"de_DE"`.
        rng: gives the seed.
        today: what the provider counts from.

    Raises:
        OptionError: for an unknown locale, an unknown provider (with the nearest guess) or wrong arguments.
    """
    name, arguments = parse_call(call)
    check_arguments(f"faker:{call}", name, arguments)
    titles = arguments.pop("titles", False)
    if not isinstance(titles, bool):
        raise OptionError(f"faker:{call}: 'titles' must be True or False, was: {titles!r}")
    known = [each.methods for each in _fakers(locales, rng, titles=titles)]
    methods = [each[name] for each in known if name in each]
    if not methods:
        raise OptionError(f"Faker has no provider {name!r} in {', '.join(locales)}{_guess(name, known[0])}")
    given = [_dates_of(method, today) | arguments for method in methods]
    return draw_values(
        f"faker:{call}", lambda index: methods[index % len(methods)](**given[index % len(methods)]), size, rng, today
    )


def draw_values(
    what: str, draw: Callable[[int], Any], size: int, rng: np.random.Generator, today: datetime.date
) -> list[str]:
    """Draws values, as strings; a provider that gives None gives an empty one.

    Args:
        what: names the provider, for messages.
        draw: makes the value of a number.
        size: how many.
        rng: seeds the providers that draw from Python's global generator.
        today: what the provider counts from.

    Raises:
        OptionError: if the provider fails, mostly for wrong arguments.
    """
    try:
        with _contain_faker(rng), stop_clock(today):
            return [_check_length(_write(draw(index))) for index in range(size)]
    except Exception as error:  # a provider is anyone's code, and raises whatever it likes
        raise OptionError(f"{what} cannot be drawn: {str(error) or type(error).__name__}") from error


def record_columns(
    fields: Mapping[str, str], size: int, locales: Sequence[str], rng: np.random.Generator, today: datetime.date
) -> dict[str, pa.StringArray]:
    """Draws records, from each locale in turn, and returns the wanted fields as columns.

    A record has a person of its own, and another for each role that labels name, such as DOCTOR and PATIENT.

    Args:
        fields: for each label, the field of the record that fills it.
        size: records to draw.
        locales: such as `"de_DE"`.
        rng: gives the seed.
        today: what ages and dates count from.

    Raises:
        OptionError: for an unknown locale or field.
    """
    for field in fields.values():
        if field not in FIELDS:
            raise OptionError(f"option 'values': a record has no field {field!r}; {nearest(field, FIELDS)}")
    fakers = [each.faker for each in _fakers(locales, rng)]
    roles = assign_roles(fields)
    columns: dict[str, list[str]] = {label: [] for label in fields}
    with _contain_faker(rng), stop_clock(today):
        for index in range(size):
            faker, locale = fakers[index % len(fakers)], locales[index % len(locales)]
            persons = {role: Identity(faker, locale, today) for role in dict.fromkeys(roles.values())}
            for label, field in fields.items():
                columns[label].append(getattr(persons[roles[label]], field))
    return {label: pa.array(column, pa.string()) for label, column in columns.items()}


def name_lists(locale: str, size: int, rng: np.random.Generator) -> dict[str, list[str]]:
    """Returns given and family names of women and of men: all that the locale lists, and what else it makes of them.

    If Faker does not tell the gender of a locale's names, those of women are those of men.

    Args:
        locale: such as `"de_DE"`.
        size: draws of each kind, for what no list holds.
        rng: gives the seed.

    Returns:
        The distinct names of one word, sorted, under `first_female`, `first_male`, `last_female` and `last_male`.

    Raises:
        OptionError: for an unknown locale.
    """
    [faker] = [each.faker for each in _fakers([locale], rng, weighted=False)]
    provider = faker.provider("faker.providers.person")
    kinds = [f"{kind}_{gender}" for kind in ("first", "last") for gender in ("female", "male")]
    names = {}
    for kind in kinds:
        values = draw_values(
            f"faker:{kind}", _numberless(getattr(faker, kind.replace("_", "_name_"))), size, rng, DEFAULT_TODAY
        )
        listed = getattr(provider, kind.replace("_", "_names_"), None) or ()
        names[kind] = sorted({value for value in (*values, *listed) if re.fullmatch(r"[^\s.\d{}]+", value)})
    return names


def check_arguments(what: str, name: str, arguments: Mapping[str, Any]) -> None:
    """Checks that a provider is asked for text, and for no more of it than anybody needs.

    Raises:
        OptionError: for a provider of files, and an argument that says how much and is too large.
    """
    if name in _NO_TEXT:
        raise OptionError(f"{what} must give text, gives files or lists without end")
    for argument, value in arguments.items():
        sizes = value if isinstance(value, list | tuple) else [value]
        if _SIZE.search(argument) and any(isinstance(each, int | float) and abs(each) > _MOST for each in sizes):
            raise OptionError(f"{what}: {argument!r} must be at most {_MOST:,}, was: {value!r}")


def parse_call(call: str) -> tuple[str, dict[str, Any]]:
    """Reads `name` or `name(key=literal, …)`.

    Raises:
        OptionError: for anything else.

    >>> parse_call("pyint(max_value=9)")
    ('pyint', {'max_value': 9})
    """
    try:
        node = ast.parse(call, mode="eval").body
        if isinstance(node, ast.Name):
            return node.id, {}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args:
            arguments = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg}
            if len(arguments) == len(node.keywords):
                return node.func.id, arguments
    except (SyntaxError, ValueError):
        pass
    raise OptionError(f"a provider must be written name or name(key=value), was: {call!r}")


def _write(value: Any) -> str:
    """Returns a value as text: nothing for None, and sets in the order of their elements' text.

    >>> _write({"b", "a"}), _write({"k": [{2, 1}]}), _write(None)
    ("{'a', 'b'}", "{'k': [{1, 2}]}", '')
    """
    if value is None:
        return ""
    if isinstance(value, bytes):
        raise TypeError("it gives bytes, which are no text")
    if isinstance(value, Iterator):
        value = list(value)
    return _show(value) if isinstance(value, set | frozenset | dict | list | tuple) else str(value)


def _check_length(value: str) -> str:
    if len(value) > 10 * _MOST:
        raise ValueError(f"a value must have at most {10 * _MOST:,} characters, has {len(value):,}")
    return value


def _show(value: Any) -> str:
    """Returns the `repr` of a value; that of a set would change with Python's hash seed."""
    if type(value) is dict:
        return "{" + ", ".join(f"{_show(key)}: {_show(inner)}" for key, inner in value.items()) + "}"
    if type(value) is list:
        return "[" + ", ".join(map(_show, value)) + "]"
    if type(value) is tuple:
        return "(" + ", ".join(map(_show, value)) + (",)" if len(value) == 1 else ")")
    return "{" + ", ".join(sorted(map(_show, value))) + "}" if type(value) is set and value else repr(value)


def _numberless(method: Callable[[], str]) -> Callable[[int], str]:
    return lambda _: method()


def _fakers(
    locales: Sequence[str], rng: np.random.Generator, *, weighted: bool = True, titles: bool = False
) -> list[_Faker]:
    try:
        import faker.config
    except ImportError as error:
        raise MissingDependency(f"Faker is not installed; {say_how_to_install('values')} ({error})") from error
    fakers, known = [], faker.config.AVAILABLE_LOCALES
    for place, locale in enumerate(locales):
        if locale not in known:
            raise OptionError(f"Faker has no locale {locale!r}{_guess(locale, known)}")
        with _contain_faker(rng):
            each = _build(locale, place, threading.get_ident(), weighted=weighted, titles=titles)
        each.faker.seed_instance(int(rng.integers(2**63)))
        fakers.append(each)
    return fakers


@dataclass(frozen=True)
class _Faker:
    """A Faker of one locale."""

    faker: Any

    @functools.cached_property
    def methods(self) -> Mapping[str, Callable[..., Any]]:
        """What it can draw, by name; not that by which it is set up."""
        names = {name for provider in self.faker.factories[0].get_providers() for name in dir(provider)}
        methods = {name: getattr(self.faker, name, None) for name in names if name[0] != "_"}
        return {name: method for name, method in methods.items() if callable(method)}


@functools.lru_cache(maxsize=64)
def _build(locale: str, place: int, thread: int, *, weighted: bool, titles: bool) -> _Faker:
    """Builds the Faker of a locale; whoever draws seeds it first.

    A search for new mentions draws from the same locales again and again. What is drawn from side by side, in other
    places of a list or in other threads, is never one and the same.
    """
    import faker

    built = faker.Faker(locale, use_weighting=weighted)
    _sort_lists(built)
    if not titles:
        _leave_out_titles(built.provider("faker.providers.person"))
    return _Faker(built)


def _dates_of(method: Callable[..., Any], today: datetime.date) -> dict[str, Any]:
    """Returns today for the parameters that are a date unless told otherwise: as it comes, the day of the import."""
    defaults = {each.name: each.default for each in inspect.signature(method).parameters.values()}
    return {name: today for name, default in defaults.items() if isinstance(default, datetime.date)}


def _sort_lists(faker: Any) -> None:
    """Sorts the lists that Faker makes of sets; their order, and with it what is drawn, changes with the hash seed."""
    for provider in faker.factories[0].get_providers():
        for module, name in _LISTS_OF_SETS:
            if any(base.__module__ == module for base in type(provider).__mro__):
                setattr(provider, name, sorted(getattr(provider, name)))


def _leave_out_titles(persons: Any) -> None:
    """Takes the patterns of names that have a title before them or a degree behind out of a provider of names.

    A prefix inside a name, such as the Spanish de, stays; so do all patterns if there are no others.
    """
    for name in filter(lambda each: each.startswith("formats"), dir(persons)):
        patterns = getattr(persons, name)
        plain = [each for each in patterns if not _TITLED.search(each)]
        if plain:
            weighted = isinstance(patterns, dict)
            setattr(persons, name, OrderedDict((each, patterns[each]) for each in plain) if weighted else tuple(plain))


@contextlib.contextmanager
def _contain_faker(rng: np.random.Generator) -> Iterator[None]:
    """Keeps to itself what Faker does to the process: some providers draw from Python's global generator, some warn."""
    state = random.getstate()
    random.seed(int(rng.integers(2**63)))
    try:
        with hush("faker"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        random.setstate(state)


def _guess(name: str, known: Iterable[str]) -> str:
    """The nearest guess alone, if there is one: Faker knows some hundred names, too many for a message."""
    guess = nearest(name, known).partition(" there is")[0]
    return f"; {guess}" if guess.startswith("did you mean") else ""
