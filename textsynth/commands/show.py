"""`textsynth show`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textsynth.commands.argument import AsJson, Format, ReadOption, check_positive, pairs
from textsynth.commands.terminal import console, print_json

if TYPE_CHECKING:
    from textsynth.corpus import Corpus


def show(
    path: Annotated[Path, typer.Argument(help="The directory of a run; a corpus; a pattern; or -.")],
    number: Annotated[int, typer.Option("-n", "--number", help="How many examples.")] = 10,
    seed: Annotated[int, typer.Option(help="Which ones: another seed, others.")] = 0,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Of a run, show what was dropped: for each reason so many.")
    ] = False,
    format: Format = None,
    read_option: ReadOption = None,
    as_json: AsJson = False,
) -> None:
    """Shows examples with their entities highlighted; of a run also those that were dropped, with the reasons."""
    from textsynth.commands.display import highlight
    from textsynth.conversion.corpora import read
    from textsynth.delivery.export import sample_delivered

    check_positive("--number", number)
    if rejected:
        _show_rejected(path, number, seed, as_json)
        return
    if format is None and (path / "recipe.toml").exists():
        corpus = sample_delivered(path, number, seed)
    else:
        corpus = _sample(read(path, format, options=pairs(read_option)), number, seed)
    screen = console()
    for example in corpus:
        if as_json:
            print_json(asdict(example))
        else:
            screen.print(highlight(example, corpus.labels), soft_wrap=True)


def _show_rejected(directory: Path, number: int, seed: int, as_json: bool) -> None:
    """Shows for each reason how many were dropped, and some of them."""
    from textsynth.commands.display import describe_rejected, highlight
    from textsynth.production.rejects import sample_rejected

    screen = console()
    for group in sample_rejected(directory, number, seed):
        about = {"step": group.step, "filter": group.filter, "reason": group.reason, "count": group.count}
        if not as_json:
            screen.print(describe_rejected(group), soft_wrap=True)
        for example in group.examples:
            if as_json:
                print_json({**about, **asdict(example)})
            else:
                screen.print("  ", highlight(example, group.examples.labels), soft_wrap=True, sep="")


def _sample(corpus: Corpus, number: int, seed: int) -> Corpus:
    from textsynth.foundation.seeding import child_rng

    order = child_rng(seed, "show").permutation(len(corpus))[:number]
    return corpus.take(order)
