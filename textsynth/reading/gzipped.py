"""Files that are gzipped, read as if they were not, and written so that the same content gives the same bytes."""

from __future__ import annotations

import gzip
import io
import shutil
import zlib
from pathlib import Path
from typing import IO, Any

from textsynth.errors import FormatError

GZIP = b"\x1f\x8b"
"""The bytes that such a file begins with."""

SUFFIX = ".gz"


def without_gz(path: Path) -> Path:
    """Returns the path that a file would have if it were not gzipped.

    >>> without_gz(Path("train.jsonl.gz")), without_gz(Path("train.jsonl"))
    (PosixPath('train.jsonl'), PosixPath('train.jsonl'))
    """
    return path.with_suffix("") if path.suffix.lower() == SUFFIX else path


def unzip(file: IO[bytes], path: Path) -> IO[bytes]:
    """Returns what a gzipped file holds as a file of its own, which closes the other when it is closed."""
    return io.BufferedReader(_Unzipped(file, path), 1 << 16)


def zip_file(plain: Path, target: Path) -> None:
    """Writes a gzipped copy of a file, without its name and date, so that equal content gives equal bytes."""
    with (
        plain.open("rb") as read,
        target.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as written,
    ):
        shutil.copyfileobj(read, written, 1 << 20)


class _Unzipped(io.RawIOBase):
    """What a gzipped file holds; what is wrong with it is told as an error of ours, with the name of the file."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        super().__init__()
        self._file, self._path = file, path
        self._inner = gzip.GzipFile(fileobj=file)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            read = self._inner.read(len(view))
        except (EOFError, OSError, zlib.error) as error:
            raise FormatError(f"{self._path}: must be a whole gzip file: {error}") from error
        view[: len(read)] = read
        return len(read)

    def close(self) -> None:
        self._inner.close()
        self._file.close()
        super().close()
