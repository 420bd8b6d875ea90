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
    format: Format = None,
    read_option: ReadOption = None,
    as_json: AsJson = False,
) -> None:
    """Shows examples with their entities highlighted."""
    from textsynth.commands.display import highlight
    from textsynth.conversion.corpora import read
    from textsynth.delivery.export import sample_delivered

    check_positive("--number", number)
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


def _sample(corpus: Corpus, number: int, seed: int) -> Corpus:
    from textsynth.foundation.seeding import child_rng

    order = child_rng(seed, "show").permutation(len(corpus))[:number]
    return corpus.take(order)
