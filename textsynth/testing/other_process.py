"""Another Python process that builds samplers out of their directories, and digests what they make.

What a sampler knows must lie in its directory. A process that never saw the `fit` shows it. It starts when it is first
asked, and serves as many samplers as one likes, since most of its time goes into importing.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from textsynth.components import component
from textsynth.components.component import options_of
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng, fingerprint
from textsynth.testing.expectation import expect

_TIMEOUT = 120.0
"""Seconds that the other process may take for one sampler."""


def draw(generator: Generator, directory: Path, count: int) -> Corpus:
    """Returns all that the sampler in a directory makes from a fixed seed, rejected examples included."""
    made = generator.sampler(directory)(count, child_rng(3))
    return made if isinstance(made, Corpus) else made.corpus


def digest(corpus: Corpus) -> str:
    """Returns a few digits that stand for a corpus with its spans, classes, origins and parents."""
    return fingerprint(*(f"{each!r} {each.origin} {each.parent}" for each in corpus))


class OtherProcess:
    """A process that builds samplers; a context manager, at whose end it is stopped."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.communicate(timeout=_TIMEOUT)

    def digest(self, generator: Generator, directory: Path, count: int) -> str:
        """Returns the digest of what the sampler in a directory makes there.

        Raises:
            AssertionError: if it cannot be built there; the message is that process' own.
        """
        cls = type(generator)
        asked = {
            "module": cls.__module__,
            "class": cls.__qualname__,
            "options": options_of(generator),
            "directory": str(directory),
            "count": count,
        }
        answer = self._ask(json.dumps(asked))
        expect("digest" in answer, f"another process must be able to build the sampler of {cls.__name__}", answer)
        return str(answer["digest"])

    def _ask(self, line: str) -> dict[str, Any]:
        process = self._process = self._process or _start()
        assert process.stdin is not None
        assert process.stdout is not None
        alarm = threading.Timer(_TIMEOUT, process.kill)
        alarm.start()
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        finally:
            alarm.cancel()
        return dict(json.loads(answer)) if answer else {"error": f"it took {_TIMEOUT:g} seconds, or died"}


def _start() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", __name__]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", env=environment)


def _answer(asked: dict[str, Any]) -> dict[str, str]:
    """Builds a sampler and digests what it makes; an error is told by its type and message."""
    try:
        found: Any = importlib.import_module(asked["module"])
        for name in asked["class"].split("."):
            found = getattr(found, name)
        generator = component.build(found, asked["options"], "options")
        return {"digest": digest(draw(generator, Path(asked["directory"]), asked["count"]))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answers each line of the standard input with one of the standard output, to which nothing else may write."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
