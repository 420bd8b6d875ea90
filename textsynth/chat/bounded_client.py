"""An HTTP client whose replies are bounded: in bytes, in time, and never compressed."""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Iterator

import httpx2

LARGEST = 1 << 24
"""Bytes of a reply, at most; an answer of a hundred thousand tokens has less than a megabyte."""


def bounded_client(seconds: float) -> httpx2.Client:
    """Returns a client that gives up a reply which is too large, comes too slowly or is compressed.

    Args:
        seconds: that a reply may take, from its first byte to its last, and each step before.
    """

    def bound(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            response.close()
            raise httpx2.ReadError("a reply that is compressed, though none was asked for")
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = _Stream(response.stream, seconds)

    return httpx2.Client(
        timeout=seconds,
        follow_redirects=True,
        headers={"accept-encoding": "identity"},
        verify=_trusted(),
        event_hooks={"response": [bound]},
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Returns the certificates that are trusted; to read them takes longer than a request."""
    return httpx2.create_ssl_context()


class _Stream(httpx2.SyncByteStream):
    def __init__(self, inner: httpx2.SyncByteStream, seconds: float) -> None:
        self._inner, self._seconds = inner, seconds

    def __iter__(self) -> Iterator[bytes]:
        read, until = 0, time.monotonic() + self._seconds
        for chunk in self._inner:
            read += len(chunk)
            if read > LARGEST:
                raise httpx2.ReadError(f"a reply of more than {LARGEST:,} bytes")
            if time.monotonic() > until:
                raise httpx2.ReadTimeout("a reply that does not end")
            yield chunk

    def close(self) -> None:
        self._inner.close()
