"""A clock that stands still, for Faker and mimesis alone.

Neither has a setting for the day it is, and both ask in dozens of places: `date.today()` in identity numbers,
`datetime.now().astimezone()` for the time zone, `time.time()` in tokens. While values are drawn, the modules of these
two libraries see a `datetime` and a `time` that always tell the same noon, in UTC. Nothing else in the process does:
libraries that shift the clock (time-machine, freezegun) shift it for all threads, their logs and time-outs too, and
cannot set the time zone on every system.

The names are put back afterwards, and a lock lets one thread draw at a time.
"""

from __future__ import annotations

import contextlib
import datetime
import sys
import threading
import time
from collections.abc import Hashable, Iterable, Iterator
from types import ModuleType
from typing import Any, Self

_LIBRARIES = ("faker", "mimesis")
_NOON = datetime.time(12)
"""At midnight "today, before now" would be no time at all."""

_lock = threading.RLock()


@contextlib.contextmanager
def stop_clock(today: datetime.date) -> Iterator[None]:
    """Within this, whatever Faker and mimesis count from now, they count from noon of a day, in UTC.

    Args:
        today: the day.
    """
    with _lock:
        replaced = _replace_names(_stand_ins(datetime.datetime.combine(today, _NOON, datetime.UTC)))
        sets = _order_sets()
        try:
            yield
        finally:
            for namespace, name, real in replaced:
                namespace[name] = real
            for namespace in sets:
                del namespace["set"]


class _OrderedSet(dict[Hashable, None]):
    """A set in the order in which it was filled: that of a set changes with Python's hash seed."""

    def __init__(self, values: Iterable[Hashable] = ()) -> None:
        super().__init__(dict.fromkeys(values))

    def add(self, value: Hashable) -> None:
        """Puts a value in."""
        self[value] = None


def _replace_names(stand_ins: dict[int, Any]) -> list[tuple[dict[str, Any], str, Any]]:
    """Replaces what the libraries' modules know of the clock; returns where, under which name, and what it was."""
    replaced: list[tuple[dict[str, Any], str, Any]] = []
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] in _LIBRARIES:
            namespace = vars(module)
            replaced += [(namespace, name, value) for name, value in namespace.items() if id(value) in stand_ins]
    for namespace, name, real in replaced:
        namespace[name] = stand_ins[id(real)]
    return replaced


def _order_sets() -> list[dict[str, Any]]:
    """Gives mimesis, which draws from sets, sets that have an order; returns the namespaces that have got one."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("mimesis.providers.")]
    namespaces = [vars(module) for module in modules if "set" not in vars(module)]
    for namespace in namespaces:
        namespace["set"] = _OrderedSet
    return namespaces


def _stand_ins(now: datetime.datetime) -> dict[int, Any]:
    """Returns what stands for the clock, by the identity of the real thing; `now` is in UTC."""
    day, moment = _make_date(now), _make_datetime(now)
    return {
        id(datetime): _copy_module(datetime, date=day, datetime=moment),
        id(datetime.date): day,
        id(datetime.datetime): moment,
        id(time): _copy_module(
            time,
            time=now.timestamp,
            time_ns=lambda: int(now.timestamp()) * 10**9,
            gmtime=lambda seconds=None: time.gmtime(now.timestamp() if seconds is None else seconds),
            localtime=lambda seconds=None: time.gmtime(now.timestamp() if seconds is None else seconds),
        ),
        id(time.time): now.timestamp,
    }


def _copy_module(module: ModuleType, **changed: Any) -> ModuleType:
    copy = ModuleType(module.__name__)
    vars(copy).update(vars(module) | changed)
    return copy


class _Alike(type):
    """Makes the real class' instances those of its stand-in too, as checks in the libraries expect."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.__mro__[1])


def _make_date(now: datetime.datetime) -> type:
    class Date(datetime.date, metaclass=_Alike):
        @classmethod
        def today(cls) -> Self:
            return cls(now.year, now.month, now.day)

        @classmethod
        def fromtimestamp(cls, timestamp: float, /) -> Self:
            return cls.fromordinal(datetime.datetime.fromtimestamp(timestamp, datetime.UTC).toordinal())

        def __repr__(self) -> str:
            return repr(datetime.date(self.year, self.month, self.day))

    return Date


def _make_datetime(now: datetime.datetime) -> type:
    class DateTime(datetime.datetime, metaclass=_Alike):
        """Tells one time; what has no time zone is in UTC, whatever that of the system is."""

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Self:
            return cls.fromtimestamp(now.timestamp(), tz)

        @classmethod
        def today(cls) -> Self:
            return cls.now()

        @classmethod
        def utcnow(cls) -> Self:
            return cls.now()

        @classmethod
        def fromtimestamp(cls, timestamp: float, tz: datetime.tzinfo | None = None) -> Self:
            aware = super().fromtimestamp(timestamp, tz or datetime.UTC)
            return aware if tz else aware.replace(tzinfo=None)

        def timestamp(self) -> float:
            return datetime.datetime.timestamp(self if self.tzinfo else self.replace(tzinfo=datetime.UTC))

        def astimezone(self, tz: datetime.tzinfo | None = None) -> Self:
            aware = self if self.tzinfo else self.replace(tzinfo=datetime.UTC)
            return super(DateTime, aware).astimezone(tz or datetime.UTC)

        def __repr__(self) -> str:
            return repr(datetime.datetime.combine(self.date(), self.timetz()))

    return DateTime
