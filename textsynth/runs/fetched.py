"""The files that a recipe names by URL: fetched before anything reads them, and named by their URLs in messages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from textsynth.conversion.spool import Alias, rename_path
from textsynth.foundation.fetch import fetch
from textsynth.foundation.progress import Progress
from textsynth.reading.records import Faults
from textsynth.recipes.recipe import Recipe


@contextlib.contextmanager
def fetch_files(recipe: Recipe, progress: Progress) -> Iterator[None]:
    """Fetches what a recipe names by URL, unless it is there and has not changed; errors in the block tell the URLs.

    Args:
        recipe: it may read its files, as `check_permission` says.
        progress: is told what is fetched.

    Raises:
        TextsynthError: if there is nothing at a URL, or it cannot be reached.
    """
    with contextlib.ExitStack() as stack:
        for place, url in recipe.urls.items():
            with progress.stage(f"fetch {url}"):
                fetch(url)
            stack.enter_context(rename_path(Alias(Path(place), url), Faults()))
        yield
