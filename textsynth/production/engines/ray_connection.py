"""The way to Ray: one that this process starts on this machine, or the cluster that the variable RAY_ADDRESS names."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textsynth.errors import OptionError, TextsynthError
from textsynth.foundation.hush import drop_stderr, hush

VARIABLE = "RAY_ADDRESS"
logger = logging.getLogger(__name__)

MOST_KILLS = 3
"""How often a process or machine may be lost at one task."""

_HERE = ("", "local")
_FOUND = "auto"
"""What has Ray look itself for a cluster that was started on this machine."""
_TO_CONNECT, _TO_JOIN = 5.0, 30.0
"""Seconds in which a cluster must take a connection, and a process; on a busy machine Ray takes ten for that."""
_LONGEST = 28
"""Characters of a folder for Ray's sockets; they add 76, and a system allows 104 of a path."""


def check_address() -> None:
    """Checks that the cluster can be reached that RAY_ADDRESS names, if it names one.

    Another process tries it first: Ray waits for minutes for what is no cluster, and tells of it as it pleases.

    Raises:
        OptionError: if it cannot, or is no address of the kind that a run takes.
    """
    address = os.environ.get(VARIABLE, "")
    if address in _HERE:
        return
    if address != _FOUND:
        _check_port(address)
    command = [sys.executable, "-c", "import ray; ray.init(log_to_driver=False)"]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=_TO_JOIN, check=False)
    except subprocess.TimeoutExpired as error:
        raise _unreachable(address, f"it does not answer in {_TO_JOIN:.0f} s") from error
    if tried.returncode:
        raise _unreachable(address, (tried.stderr.strip().splitlines() or ["it ends"])[-1][:300])


def _check_port(address: str) -> None:
    host, colon, port = address.rpartition(":")
    if "://" in address or not colon or not port.isdecimal():
        raise OptionError(
            f"{VARIABLE}: must be HOST:PORT of a cluster's head, 'auto' or 'local', was: {address!r}; a run is started "
            "on a machine of the cluster"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_TO_CONNECT).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(address, getattr(error, "strerror", None) or str(error)) from error


def _unreachable(address: str, reason: str) -> OptionError:
    return OptionError(f"{VARIABLE}: must be the address of a cluster of Ray, {address} cannot be reached: {reason}")


@dataclass(frozen=True)
class Connection:
    """What is known of the Ray that this process is connected to.

    Args:
        has_others: whether there may be other machines.
        stays: whether it was there before, and stays; if not, Ray ends all tasks of ours when it ends.
    """

    has_others: bool
    stays: bool


@contextlib.contextmanager
def connect(workers: int | None) -> Iterator[Connection]:
    """Connects this process to Ray while the block runs.

    What this process has connected before, in Python, is used and left as it is.

    Args:
        workers: for a Ray of our own, how many cores it takes; None for all.

    Raises:
        TextsynthError: if there is no cluster, or it takes no connection.
    """
    # Where memory is short Ray would try a task for ever. It reads this when it is imported first.
    os.environ.setdefault("RAY_task_oom_retries", str(MOST_KILLS - 1))
    import ray

    if ray.is_initialized():
        yield Connection(has_others=True, stays=True)
        return
    address = os.environ.get(VARIABLE, "")
    own = tempfile.TemporaryDirectory(prefix="ray-", dir=_choose_folder(), ignore_cleanup_errors=True)
    with own as folder, contextlib.redirect_stdout(_WithoutRay(sys.stdout)):
        try:
            # What Ray says of itself is not for those who did not start it.
            with hush("ray"), _signals_kept():
                if address in _HERE:
                    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # Ray would leave one in the home.
                    _init(address="local", num_cpus=workers, include_dashboard=False, _temp_dir=folder)
                else:
                    _init(address=address)
            yield Connection(has_others=address not in _HERE, stays=False)
        finally:
            # Now it prints what it has kept to itself until then, and what it lost by our end.
            with contextlib.redirect_stdout(io.StringIO()), drop_stderr():
                ray.shutdown()


class _WithoutRay:
    """Standard output without what Ray prints there of processes and machines that it lost: that is logged.

    Args:
        stdout: where all else goes.
    """

    def __init__(self, stdout: Any) -> None:
        self._stdout = stdout

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdout, name)

    def write(self, text: str) -> int:
        """Writes text, or logs it if a thread of Ray's writes it."""
        if not threading.current_thread().name.startswith("ray_"):
            return int(self._stdout.write(text))
        for line in filter(str.strip, text.splitlines()):
            logger.info("Ray: %s", line)
        return len(text)


def _init(address: str, **options: Any) -> None:
    import ray

    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, **options)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        first = str(error).strip().splitlines()[0][:300]
        raise TextsynthError(f"Ray, {address}: must take this process, does not: {first}") from error


def _choose_folder() -> str | None:
    """Returns a folder with a name that is short enough for sockets, None for the usual one."""
    return "/tmp" if len(tempfile.gettempdir()) > _LONGEST and Path("/tmp").is_dir() else None


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Has Ctrl-C and SIGTERM mean after the block what they meant before, and be heard if they came while it ran.

    Ray takes SIGTERM over for good. And it starts processes: Python forgets a Ctrl-C that comes while it forks.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heard: list[int] = []

    def note(number: int, _: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, note)
        yield
    except SystemExit:  # Ray's own, at SIGTERM.
        heard.append(signal.SIGTERM)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for each in heard:
        os.kill(os.getpid(), each)
