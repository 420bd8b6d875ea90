"""`textsynth push`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from textsynth.commands.argument import AsJson, Quiet
from textsynth.commands.terminal import begin, print_report


def push(
    directory: Annotated[Path, typer.Argument(help="The directory of a finished run.")],
    repo_id: Annotated[str, typer.Argument(help="OWNER/NAME of the dataset on the hub.")],
    private: Annotated[bool, typer.Option("--private", help="Only its owners can see it.")] = False,
    stage: Annotated[Path | None, typer.Option(help="Write here what would be uploaded, and upload nothing.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Puts the dataset of a run on the Hugging Face hub."""
    from textsynth.delivery import hub

    progress = begin(quiet or as_json)
    report: dict[str, Any] = {"repository": repo_id, "uploaded": stage is None, "private": private}
    if stage is not None:
        report["directory"] = str(hub.stage(directory, stage))
        print_report(report, as_json, quiet, f"{stage}: what would be uploaded to {repo_id}")
        return
    with progress.stage(f"upload to {repo_id}"):
        report["address"] = hub.push(directory, repo_id, private=private)
    print_report(report, as_json, quiet, f"{report['address']}: uploaded")
