"""Values from mimesis: pools of one provider."""

from __future__ import annotations

import datetime
import inspect
import types
from collections.abc import Sequence
from typing import Any

import numpy as np

from textsynth.errors import MissingDependency, OptionError, nearest
from textsynth.foundation.distribution import say_how_to_install
from textsynth.values.faker_source import check_arguments, draw_values, parse_call

_NO_VALUES = (
    "Meta", "get_current_locale", "locale", "override_locale", "random", "reseed", "seed", "update_dataset",
    "validate_enum",
)  # fmt: skip
"""What a provider has beside the methods that draw."""


def mimesis_values(
    call: str, size: int, locales: Sequence[str], rng: np.random.Generator, today: datetime.date
) -> list[str]:
    """Draws values from a mimesis provider, from each locale in turn.

    Args:
        call: provider and method, with keyword arguments if wanted: `"food.dish"`, `"person.full_name(reverse=True)"`.
        size: values to draw.
        locales: such as `"de_DE"`; mimesis is asked for that locale or, if it has none, for its language.
        rng: gives the seed.
        today: what the method counts from.

    Raises:
        OptionError: for an unknown locale, provider or method (with the nearest guess), or wrong arguments.
        MissingDependency: if mimesis is not installed.
    """
    provider, dot, method = call.partition(".")
    if not dot:
        raise OptionError(f"a mimesis provider must be written PROVIDER.METHOD, was: {call!r}")
    name, arguments = parse_call(method)
    check_arguments(f"mimesis:{call}", name, arguments)
    methods = [_method(_generic(locale, rng), provider, name, today) for locale in locales]
    return draw_values(f"mimesis:{call}", lambda index: methods[index % len(methods)](**arguments), size, rng, today)


def _generic(locale: str, rng: np.random.Generator) -> Any:
    try:
        import mimesis
    except ImportError as error:
        raise MissingDependency(f"mimesis is not installed; {say_how_to_install('values')} ({error})") from error
    known = {each.value: each for each in mimesis.Locale}
    exact = locale.lower().replace("_", "-")
    name = exact if exact in known else exact.partition("-")[0]
    if name not in known:
        raise OptionError(f"mimesis has no locale {locale!r}; {nearest(exact, known)}")
    return mimesis.Generic(known[name], seed=int(rng.integers(2**31)))


def _method(generic: Any, provider: str, name: str, today: datetime.date) -> Any:
    providers = [each for each in dir(generic) if not each.startswith("_")]
    if provider not in providers:
        raise OptionError(f"mimesis has no provider {provider!r}; {nearest(provider, providers)}")
    drawing = getattr(generic, provider)
    methods = [each for each in dir(drawing) if not each.startswith("_") and each not in _NO_VALUES]
    if name not in methods:
        raise OptionError(f"mimesis:{provider} has no method {name!r}; {nearest(name, methods)}")
    _set_year(drawing, today.year)
    return getattr(drawing, name)


def _set_year(provider: Any, year: int) -> None:
    """Sets the year that its methods end with unless told otherwise: as it comes, that in which mimesis was imported.

    The methods of this one instance are replaced, so that nobody else's are.
    """
    imported = getattr(provider, "_CURRENT_YEAR", None)
    for name, method in inspect.getmembers(provider, inspect.ismethod) if imported else ():
        function = method.__func__
        defaults = function.__defaults__ or ()
        if imported in defaults:
            defaults = tuple(year if each == imported else each for each in defaults)
            own = types.FunctionType(function.__code__, function.__globals__, name, defaults, function.__closure__)
            setattr(provider, name, types.MethodType(own, provider))
