"""Storage by URL: objects under a prefix of a bucket, which are put, got, listed, deleted, and created if absent."""

from __future__ import annotations

import functools
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from textsynth.errors import MissingDependency, OptionError, OutputError
from textsynth.foundation.distribution import find_missing, say_how_to_install

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_LOCAL = "file://"
_MEMORY = "memory://"
_SERVED = ("s3://", "gs://", "az://", "abfss://", _MEMORY)
_KEEPER = re.compile(r"/latest/(api/token|meta-data)|/metadata/identity|/computeMetadata")
"""Where a machine of a provider has its own credentials; who asks there has found none elsewhere."""
_RETRIES: Any = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}


def is_url(place: str | Path) -> bool:
    r"""Says whether a place is named by a URL; one of `file://` is a path like any other.

    >>> is_url("s3://bucket/run"), is_url("out/run"), is_url(r"C:\run"), is_url("file:///run")
    (True, False, False, False)
    """
    return _URL.match(str(place)) is not None and not str(place).startswith(_LOCAL)


def to_path(place: str | Path) -> Path:
    """Returns the path of a place on this machine.

    >>> to_path("file:///tmp/run").as_posix(), to_path("out").as_posix()
    ('/tmp/run', 'out')
    """
    return Path(str(place).removeprefix(_LOCAL))


class Stored(NamedTuple):
    """What is known of an object: what changes if it does, and its bytes."""

    tag: str
    size: int


class Storage:
    """The objects under a URL; their names are relative to it, with `/` between folders.

    Credentials come from the environment, as the provider's own tools take them, never from the URL.

    Args:
        url: `s3://bucket/folder`, `gs://bucket/folder`, `az://container/folder`, or `memory://name`, which lasts as
            long as this process.

    Raises:
        OptionError: if the URL has credentials or nothing serves it.
        MissingDependency: if what reaches storage is not installed.
    """

    def __init__(self, url: str) -> None:
        if find_missing("storage"):
            raise MissingDependency(f"{url}: must be a path, or be reached; {say_how_to_install('storage')}")
        if "@" in url or "?" in url:
            bare = url.partition("://")[0]
            raise OptionError(f"{bare}://…: must have no credentials and no parameters; they come from the environment")
        self.url = url.rstrip("/")
        self._store = _open(self.url)

    def list(self, folder: str | None = None) -> Mapping[str, str]:
        """Returns the names of all objects, or of those in a folder, each with what changes if it does."""
        import obstore

        with self._errors("be listed"):
            found = [each for batch in obstore.list(self._store, folder) for each in batch]
        return {each["path"]: str(each["e_tag"] or each["last_modified"]) for each in found}

    def find_objects(self, most: int) -> dict[str, Stored]:
        """Returns the object that the URL itself names, as `""`, or those of a folder; at most one more than `most`."""
        import obstore
        from obstore.exceptions import NotFoundError

        with self._errors("be read"):
            try:
                return {"": _describe(obstore.head(self._store, ""))}
            except (NotFoundError, FileNotFoundError):
                listed = (each for batch in obstore.list(self._store) for each in batch)
                return {each["path"]: _describe(each) for each in itertools.islice(listed, most + 1)}

    def read_part(self, name: str, begin: int, end: int, tag: str) -> bytes:
        """Returns some bytes of an object, if it has not changed.

        Raises:
            OutputError: if it has, or cannot be read.
        """
        import obstore
        from obstore.exceptions import PreconditionError

        with self._errors("be read"):
            try:
                found = obstore.get(self._store, name, options={"range": (begin, end), "if_match": tag})
                return bytes(found.bytes())
            except (PreconditionError, FileNotFoundError) as error:
                raise self._tell_change() from error

    def get(self, name: str, path: Path) -> None:
        """Writes an object into a file.

        Raises:
            OutputError: if it is gone, or cannot be read.
        """
        import obstore
        from obstore.exceptions import NotFoundError

        with self._errors("be read"), path.open("wb") as file:
            try:
                for part in obstore.get(self._store, name).stream():
                    file.write(part)
            except (NotFoundError, FileNotFoundError) as error:
                raise self._tell_change() from error

    def read(self, name: str) -> bytes:
        """Returns the bytes of a small object; nothing if there is none."""
        import obstore
        from obstore.exceptions import NotFoundError

        with self._errors("be read"):
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except (NotFoundError, FileNotFoundError):
                return b""

    def put(self, name: str, content: Path | bytes) -> None:
        """Writes an object; it is there whole or not at all."""
        import obstore

        with self._errors("be written"):
            obstore.put(self._store, name, content)

    def create(self, name: str, content: bytes) -> bool:
        """Writes an object if there is none of that name, and says whether it did; of several at once, one does."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with self._errors("be written"):
            try:
                obstore.put(self._store, name, content, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return False
        return True

    def delete(self, name: str) -> None:
        """Deletes an object, if it is there."""
        import obstore
        from obstore.exceptions import NotFoundError

        with self._errors("be written"):
            try:
                obstore.delete(self._store, name)
            except (NotFoundError, FileNotFoundError):
                return

    def _tell_change(self) -> OutputError:
        return OutputError(f"{self.url}: must not change while it is read, has; start again")

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        """Says in one line what storage refuses; what it says of itself may name more than others should read."""
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, PermissionError) as error:
            first = re.sub(r"\?\S*", "?…", str(error).strip().splitlines()[0]).rstrip(": <")
            if _KEEPER.search(first):
                first = "there are no credentials in the environment, and this machine has none of its own"
            raise OutputError(f"{self.url}: must be a place that can {what}, is not: {first[:300]}") from error


@functools.cache
def _open_memory(url: str) -> Any:
    """Returns the objects of a name that this process keeps."""
    from obstore.store import MemoryStore

    return MemoryStore()


def _describe(found: Any) -> Stored:
    return Stored(str(found["e_tag"] or found["last_modified"]), int(found["size"]))


def _open(url: str) -> Any:
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    if url.startswith(_MEMORY):
        return _open_memory(url)
    if not url.startswith(_SERVED):
        raise OptionError(f"{url}: must be a path or begin with one of {', '.join(_SERVED)}")
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")  # The person's own server.
    try:
        return from_url(url, client_options={"allow_http": plain, "timeout": "60s"}, retry_config=_RETRIES)
    except (BaseError, ValueError) as error:
        raise OptionError(f"{url}: must name a place in storage: {str(error).splitlines()[0][:200]}") from error
