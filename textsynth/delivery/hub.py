"""Puts the dataset of a run on the Hugging Face hub."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textsynth.delivery.card import card
from textsynth.errors import InputError, OutputError
from textsynth.foundation.disk import whole_directory
from textsynth.foundation.hush import hide_bars, hush
from textsynth.foundation.sums import SUMS
from textsynth.huggingface.columns import Columns
from textsynth.huggingface.dataset_directory import quiet
from textsynth.production.summary import Summary, read_finished
from textsynth.recipes.resolved import ResolvedRecipe

if TYPE_CHECKING:
    import datasets

_SECONDS = 60.0
"""How long the hub may be silent; its own client would wait for ever."""


def stage(directory: Path, target: Path) -> Path:
    """Writes the dataset of a finished run as the hub wants it: a card, and one parquet file a split.

    Args:
        directory: the run.
        target: a directory to make; `datasets.load_dataset` opens it.

    Raises:
        InputError: if the directory is no finished run.
    """
    summary = _read_finished(directory)
    recipe = ResolvedRecipe.read(directory / "recipe.toml")
    with quiet(), whole_directory(target) as partial:
        (partial / "data").mkdir()
        splits = _splits(directory / "dataset")
        for name, split in splits.items():
            split.to_parquet(str(partial / "data" / f"{name}-00000-of-00001.parquet"))
        columns = Columns.of(next(iter(splits.values())).features)
        (partial / "README.md").write_text(card(recipe, summary, columns, hub=True), encoding="utf-8")
    return target


def push(directory: Path, repo_id: str, *, private: bool = False) -> str:
    """Uploads the dataset of a finished run, and returns its address.

    The token is the one that `hf auth login` left, or that of the environment variable HF_TOKEN.

    Args:
        directory: the run.
        repo_id: `"owner/name"` of the dataset; made if it does not exist.
        private: whether a new one can be seen by its owners alone.

    Raises:
        InputError: if the directory is no finished run.
        OutputError: if the hub refuses or cannot be reached.
    """
    import huggingface_hub

    hub = huggingface_hub.HfApi()
    huggingface_hub.get_session().timeout = _SECONDS
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder, hush("huggingface_hub"), _hide_bars():
        staged = stage(directory, Path(folder) / "dataset")
        try:
            address = hub.create_repo(repo_id, repo_type="dataset", private=private, exist_ok=True)
            if private and not hub.repo_info(repo_id, repo_type="dataset").private:
                raise OutputError("it must be private, but is there already for all to see")
            hub.upload_folder(
                repo_id=repo_id,
                repo_type="dataset",
                folder_path=staged,
                commit_message="Add corpus made by textsynth",
                ignore_patterns=[SUMS],
            )
        except Exception as error:  # The hub's own errors have no common root, nor have those of its HTTP client.
            raise OutputError(f"{repo_id}: cannot be pushed: {_tell(error)}") from error
    return str(address)


def _hide_bars() -> contextlib.AbstractContextManager[None]:
    from huggingface_hub import utils

    shown = not utils.are_progress_bars_disabled()
    return hide_bars(shown, utils.disable_progress_bars, utils.enable_progress_bars)


def _tell(error: Exception) -> str:
    """Returns the first line of an error, without the token."""
    from huggingface_hub import get_token

    line = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return line.replace(get_token() or "\n", "[the token]")


def _splits(path: Path) -> datasets.DatasetDict:
    import datasets

    try:
        splits = datasets.load_from_disk(str(path))
    except (FileNotFoundError, ValueError) as error:
        raise InputError(f"{path}: must be the dataset that the run wrote, cannot be opened: {error}") from error
    if not splits:
        raise InputError(f"{path}: must have examples to upload, has none")
    return splits


def _read_finished(directory: Path) -> Summary:
    summary = read_finished(directory)
    if summary is None:
        raise InputError(f"{directory}: must be the directory of a finished run, has no run.json")
    return summary
