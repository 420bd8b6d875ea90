"""The archive: every answer as one small file, so that none is paid twice; and what all of them took."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from textsynth.chat.request import Answer
from textsynth.errors import InputError, OutputError
from textsynth.foundation.disk import PARTIAL
from textsynth.foundation.seeding import fingerprint

ANSWER = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}\.json")
"""Where an answer lies in the directory of an archive; it has a checksum in it."""

_SUFFIX = ".json"


@dataclass(frozen=True)
class Usage:
    """What answers took.

    Args:
        requests: how many were answered.
        prompt_tokens: tokens of the requests.
        new_tokens: tokens of the answers.
        estimated: answers whose tokens are estimated, as the server did not count them.
    """

    requests: int = 0
    prompt_tokens: int = 0
    new_tokens: int = 0
    estimated: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(one + two for one, two in zip(asdict(self).values(), asdict(other).values(), strict=True)))

    @property
    def tokens(self) -> int:
        """Tokens of requests and answers."""
        return self.prompt_tokens + self.new_tokens


class Archive:
    """Keeps answers under the keys of their requests; any number of threads and processes may share one.

    Args:
        directory: of one step of a run; each answer in it was paid by the step, or taken from the shared directory.
        shared: another directory, where several runs look answers up and leave theirs; None for none.
    """

    def __init__(self, directory: Path, shared: Path | None = None) -> None:
        self._directory = directory
        self._shared = shared
        self._counted: set[str] = set()
        self._scanned: dict[str, int] = {}
        self._usage = Usage()
        self._lock = threading.Lock()

    def find(self, key: str) -> Answer | None:
        """Returns the answer to a request, or None if it was never answered.

        Raises:
            InputError: if the file that should hold it cannot be read.
        """
        answer = _read(_path_of(self._directory, key))
        if answer is None and self._shared is not None:
            answer = _read(_path_of(self._shared, key))
            if answer is not None:
                _write(_path_of(self._directory, key), answer, paid=False)
        return answer

    def keep(self, key: str, answer: Answer) -> None:
        """Writes an answer that was just given.

        Raises:
            OutputError: if it cannot be written.
        """
        with self._lock:
            _write(_path_of(self._directory, key), answer, paid=True)
            if key not in self._counted:
                self._counted.add(key)
                self._usage += _usage_of(answer)
        if self._shared is not None:
            _write(_path_of(self._shared, key), answer, paid=True)

    def compute_usage(self) -> Usage:
        """Returns what all answers in the directory took, those of other processes and of earlier starts included."""
        with self._lock:
            # A folder changes its time when a file is added, so only folders with new answers are read again.
            for folder in sorted(self._directory.glob("??/")):
                changed = folder.stat().st_mtime_ns
                if self._scanned.get(folder.name) != changed:
                    self._scan(folder)
                    self._scanned[folder.name] = changed
            return self._usage

    def _scan(self, folder: Path) -> None:
        """Adds the answers of a folder that were not counted yet; those from the shared directory cost nothing."""
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            if path.stem not in self._counted:
                self._counted.add(path.stem)
                content = _content(path)
                if content is not None and content["paid"]:
                    self._usage += _usage_of(_answer(content))


def _usage_of(answer: Answer) -> Usage:
    return Usage(1, answer.prompt_tokens, answer.new_tokens, int(not answer.counted))


def _path_of(directory: Path, key: str) -> Path:
    return directory / key[:2] / f"{key}{_SUFFIX}"


def _read(path: Path) -> Answer | None:
    content = _content(path)
    return None if content is None else _answer(content)


def _content(path: Path) -> dict[str, object] | None:
    """Returns the fields of an answer and whether it was paid here; None if there is no such file."""
    try:
        content = dict(json.loads(path.read_text(encoding="utf-8")))
        written = content.pop("sum")
        if written != _sum(content):
            raise ValueError("the checksum is another")
        _answer(content).text.strip()
        content["paid"] = bool(content["paid"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: must be an answer of a model, cannot be read; remove it to ask again") from error
    return content


def _sum(content: Mapping[str, object]) -> str:
    """Returns the checksum of an answer, which stands in its file."""
    return fingerprint(json.dumps(content, sort_keys=True))


def _answer(content: dict[str, object]) -> Answer:
    fields = {name: value for name, value in content.items() if name != "paid"}
    return Answer(**fields)  # type: ignore[arg-type]


def _write(path: Path, answer: Answer, *, paid: bool) -> None:
    """Writes whole or not at all, under a temporary name that no other thread or process has."""
    partial = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}{PARTIAL}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            content = asdict(answer) | {"paid": paid}
            json.dump(content | {"sum": _sum(content)}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
