"""Streams of random numbers and fingerprints, keyed by name and never by order: the only place that makes an rng."""

from __future__ import annotations

import hashlib
import json

import numpy as np


def child_rng(seed: int, *names: str | int) -> np.random.Generator:
    """Returns the random stream that belongs to these names under this seed.

    A stream depends on its names alone: what other streams were drawn from, in which order or process, has no
    influence on it.

    >>> child_rng(7, "vae", 0).integers(100, size=3).tolist() == child_rng(7, "vae", 0).integers(100, size=3).tolist()
    True
    """
    return np.random.Generator(np.random.PCG64(child_seed(seed, *names)))


def child_seed(seed: int, *names: str | int) -> int:
    """Returns the 128-bit seed that belongs to these names under this seed, for libraries that take a number."""
    key = json.dumps([seed, *names], ensure_ascii=True).encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=16).digest(), "little")


def fingerprint(*parts: str | bytes) -> str:
    """Returns 16 hexadecimal digits that stand for these parts.

    >>> fingerprint("a", "b") == fingerprint("ab")
    False
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "little") + raw)
    return digest.hexdigest()
