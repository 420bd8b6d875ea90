"""A signal that comes while Ray starts is heard, though Python forgets it or Ray takes it over."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from textsynth.production.engines.ray_connection import _signals_kept

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no signals")


@pytest.fixture
def ours() -> Iterator[None]:
    """Has SIGTERM end as Ctrl-C does, as the command line does, and Ctrl-C too, whatever started this process."""

    def stop(number: int, _: object) -> None:
        raise KeyboardInterrupt(number)

    handlers = {signal.SIGTERM: stop, signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    yield
    assert {number: signal.getsignal(number) for number in handlers} == handlers
    for number, handler in before.items():
        signal.signal(number, handler)


def start_ray(number: int | None, *, forgotten: bool = False) -> None:
    """Takes SIGTERM over, as `ray.init` does, and gets a signal, which Python forgets perhaps."""
    with _signals_kept():
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(number))
        with contextlib.suppress(KeyboardInterrupt if forgotten else ()):
            if number is not None:
                os.kill(os.getpid(), number)


@pytest.mark.usefixtures("ours")
def test_ctrl_c_that_is_forgotten_is_heard_at_the_end():
    with pytest.raises(KeyboardInterrupt):
        start_ray(signal.SIGINT, forgotten=True)


@pytest.mark.usefixtures("ours")
def test_sigterm_means_what_it_did():
    with pytest.raises(KeyboardInterrupt, match="15"):
        start_ray(signal.SIGTERM)


@pytest.mark.usefixtures("ours")
def test_without_a_signal_nothing_is_heard():
    start_ray(None)
