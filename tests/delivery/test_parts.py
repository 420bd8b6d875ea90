"""What is delivered is counted and encoded in parts, by any process: the same bytes as all at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from textsynth.corpus import Corpus
from textsynth.corpus.fields import TypeSearch
from textsynth.delivery import export
from textsynth.delivery.export import Delivery
from textsynth.delivery.parts import Counts, Encoded, encode_part, take_part
from textsynth.delivery.real_text import RealText
from textsynth.huggingface.dataset import EVEN, dataset_columns, encode, is_even, write_encoded
from textsynth.production.piece import InMemory, Kept, cut_pieces
from textsynth.production.produce import Harvest
from textsynth.recipes.recipe import load
from textsynth.runs.run import run

ROOT = Path(__file__).resolve().parents[2]

RECIPE = f"""
seed = 7
count = 70000

[source]
path = "{ROOT / "corpora" / "newsroom.jsonl"}"

[[generator]]
use = "template_fill"
values = {{ PERSON = "faker:name", GPE = "gazetteer" }}

[[filter]]
use = "duplicate"

[export]
validation = 0.2
"""


def number(count: int, first: int = 0) -> Corpus:
    """Returns examples that are told apart by their texts."""
    texts = [f"Ann is number {each}" for each in range(first, first + count)]
    return Corpus.from_columns(text=texts, spans=[[(0, 3, "PERSON")]] * count)


def test_pieces_are_cut_where_a_group_is_full() -> None:
    pieces = [InMemory(number(7)), InMemory(number(0)), InMemory(number(2, 7)), InMemory(number(6, 9))]
    groups = list(cut_pieces(pieces, 4))
    assert [sum(map(len, group)) for group in groups] == [4, 4, 4, 3]
    together = Corpus.concat(piece.read() for group in groups for piece in group)
    assert together == number(15)
    assert list(cut_pieces([], 4)) == []


def test_kept_rows_of_a_shard_are_narrowed() -> None:
    kept = Kept(Path("shard"), np.array([True, False, True, True, False]))
    some = kept.mask(np.array([False, True, True]))
    assert (len(kept), some.rows.tolist()) == (3, [False, False, True, True, False])


def test_parts_are_the_bytes_of_the_whole(tmp_path: Path) -> None:
    whole, columns = number(2 * EVEN + 500), dataset_columns(["PERSON"], [])
    told = write_encoded(encode([whole], columns), tmp_path / "whole.arrow", columns)
    groups = cut_pieces([InMemory(whole[:300]), InMemory(whole[300:])], EVEN)
    parts = [Encoded(group, tmp_path / f"{place}", columns, (), True) for place, group in enumerate(groups)]
    encoded = (each for part in parts for each in take_part(encode_part(part)))
    assert write_encoded(encoded, tmp_path / "parts.arrow", columns) == told
    assert (tmp_path / "parts.arrow").read_bytes() == (tmp_path / "whole.arrow").read_bytes()
    assert (len(parts), sorted(each.name for each in tmp_path.iterdir())) == (3, ["parts.arrow", "whole.arrow"])


@pytest.mark.parametrize(("longest", "parts"), [(13_000, 3), (14_000, 1)])
def test_what_has_long_texts_is_one_part(longest: int, parts: int, tmp_path: Path) -> None:
    assert is_even(longest) == (parts > 1)
    real = RealText(number(3 * EVEN * export._TABLES), {}, "")
    delivery = Delivery(Harvest(), real, {"": "train"}, False, longest)
    planned = list(export._plan_parts(delivery, tmp_path, dataset_columns([], []), (), "train", parent=False))
    assert [len(part) for part in planned] == [len(real.source) // parts] * parts


def test_counts_add_up_in_order() -> None:
    corpora = [number(3).with_origin("a"), number(5, 3), number(0)]
    known = pc.utf8_lower(number(2, 2).texts)
    apart = Counts()
    for each in corpora:
        apart.add(Counts.of([each], known))
    whole = Counts.of(corpora, known)
    assert isinstance(apart.fields, TypeSearch)
    assert replace(apart, fields=whole.fields) == whole
    assert (whole.repeats, whole.longest, whole.labels) == (2, 15, {"PERSON": 8})


@pytest.mark.slow  # It starts processes.
def test_two_workers_write_the_same_dataset(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(RECIPE, "utf-8")
    for workers in (1, 2):
        run(load(tmp_path / "recipe.toml"), tmp_path / f"{workers}", workers=workers)
    files = [path.relative_to(tmp_path / "1") for path in sorted((tmp_path / "1" / "dataset").rglob("*"))]
    assert files == [path.relative_to(tmp_path / "2") for path in sorted((tmp_path / "2" / "dataset").rglob("*"))]
    for file in files:
        if (tmp_path / "1" / file).is_file():
            assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes(), file
