"""How long to wait before a request is tried again, and until when a server wants no request at all."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

Result = TypeVar("Result")

_OFTEN = 0.2
"""Seconds after which a thread that waits for a reply looks whether the run has been stopped."""

_LAST = 1.5
"""Seconds that requests under way have to end when a run is to stop."""

_FIRST, _LONGEST = 0.5, 60.0
"""Seconds to wait after the first failed try, and at most."""


class Halt(threading.Event):
    """Is set when another request has failed for good, or the run is to stop.

    Args:
        leave_at: when requests that are under way are left too, by the monotonic clock; what is answered until then is
            paid, and is kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self.leave_at = math.inf

    def stop(self) -> None:
        """Leaves a moment for what is under way, since somebody waits at the keyboard."""
        self.leave_at = time.monotonic() + _LAST
        self.set()


class Stopped(Exception):
    """Another request has failed for good, so that this one is not tried again."""


class RateLimit:
    """Holds all requests back while a server asks for a rest; shared by the threads that ask it."""

    def __init__(self) -> None:
        self._until = 0.0

    def hold(self, seconds: float) -> None:
        """Makes all threads wait `seconds` from now, or longer if they must already."""
        self._until = max(self._until, time.monotonic() + seconds)

    def wait_for_turn(self, failed: threading.Event) -> None:
        """Waits until a request may be sent.

        Raises:
            Stopped: if another request has failed for good, before or meanwhile.
        """
        rest(0, failed)
        while (left := self._until - time.monotonic()) > 0:
            rest(left, failed)


def rest(seconds: float, failed: threading.Event) -> None:
    """Waits.

    Args:
        seconds: how long.
        failed: is set when another request has failed for good.

    Raises:
        Stopped: if it is set, before or meanwhile.
    """
    if failed.wait(seconds):
        raise Stopped


def wait_for(work: Callable[[], Result], seconds: float, failed: threading.Event) -> Result:
    """Does work that may hang in a thread of its own, and waits for it.

    Args:
        work: what to do; if it outlasts the wait, nobody looks at what becomes of it.
        seconds: how long to wait, whatever the other side does meanwhile.
        failed: says whether the run is to stop at once.

    Raises:
        TimeoutError: if it takes longer.
        Stopped: if the run is to stop at once.
    """
    done: Future[Result] = Future()

    def do() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=do, name="textsynth-chat-request", daemon=True).start()
    until = time.monotonic() + seconds
    while not done.done() and time.monotonic() < until:
        if isinstance(failed, Halt) and time.monotonic() > failed.leave_at:
            raise Stopped
        wait([done], min(_OFTEN, max(0.0, until - time.monotonic())))
    return done.result(0)


def back_off(attempt: int) -> float:
    """Returns seconds to wait after a failed try: twice as long each time, up to a minute, and half of it by chance.

    The chance is the operating system's, not a seed's, so that many processes do not come back at the same time.

    Args:
        attempt: 0 for the first that failed.
    """
    longest = min(_LONGEST, _FIRST * 2**attempt)
    return longest * random.SystemRandom().uniform(0.5, 1)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Returns the seconds a server asks to wait by `Retry-After`, a number or a date; None if it does not ask.

    Args:
        headers: of its reply; names in lower case.
        now: the time; if None, that of the clock.

    >>> retry_after({"retry-after": "7"}), retry_after({"retry-after": "soon"})
    (7.0, None)
    >>> retry_after({"retry-after": "Fri, 01 Jan 2027 00:00:30 GMT"}, datetime(2027, 1, 1, tzinfo=UTC))
    30.0
    """
    written = headers.get("retry-after", "").strip()
    try:
        seconds = float(written)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(written) - (now or datetime.now(UTC))).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if seconds < float("inf") else None
