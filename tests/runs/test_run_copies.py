"""Copies: a number of variants of every source example, all different, or the reasons why there are fewer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workbench import call, tree

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.recipes import recipe as recipes
from textsynth.runs.run import run

TEXTS = [
    "Ada Lovelace wrote the first programme for a machine that nobody had built",
    "In Paris the trains ran late again and nobody knew the reason why",
    "She asked [id] whether the second parcel had come with the first one",
    "Nobody at the office could say when the lift would work again",
    "The old bridge over the river will be closed until the end of May",
]
SPANS = [[(0, 12, "PERSON")], [(3, 8, "GPE")], [], [], [(62, 65, "DATE")]]


def write_recipe(folder: Path, texts: list[str], copies: int, generator: str = "word_deletion") -> Path:
    spans = [SPANS[TEXTS.index(text)] if text in TEXTS else [] for text in texts]
    formats.write(Corpus.from_columns(text=texts, spans=spans), folder / "source.jsonl")
    path = folder / "recipe.toml"
    path.write_text(
        f'copies = {copies}\nsource = "source.jsonl"\n[[generator]]\nuse = "{generator}"\n'
        '[export]\nformats = ["jsonl"]\n'
    )
    return path


def delivered(folder: Path) -> list[dict[str, object]]:
    """The copies, without what they are copies of."""
    rows = [json.loads(line) for line in (folder / "exports" / "train.jsonl").read_text().splitlines()]
    return [row for row in rows if row["origin"] != "source"]


@pytest.mark.parametrize("workers", [1, 2])
def test_five_in_are_exactly_five_times_the_copies(tmp_path: Path, workers: int):
    summary = run(recipes.load(write_recipe(tmp_path, TEXTS, 6)), tmp_path / "out", workers=workers)
    assert (summary.state, summary.asked, summary.delivered) == ("complete", 30, 30)
    rows = delivered(tmp_path / "out")
    assert len({row["text"] for row in rows} | set(TEXTS)) == 35
    assert [row["parent"] for row in rows] == [
        parent for parent in dict.fromkeys(r["parent"] for r in rows) for _ in range(6)
    ]
    assert sum("[id]" in str(row["text"]) for row in rows) == 6


def test_what_cannot_be_varied_is_counted_as_unchanged(tmp_path: Path):
    summary = run(recipes.load(write_recipe(tmp_path, [*TEXTS, "!!!"], 3)), tmp_path / "out")
    assert (summary.state, summary.asked, summary.delivered) == ("short", 18, 15)
    assert summary.dropped == {"unchanged": 3}
    assert summary.steps["word_deletion"].ended == "no other copies differ"


def test_the_command_line_says_why_there_are_fewer(tmp_path: Path):
    outcome = call("run", write_recipe(tmp_path, [*TEXTS, "!!!"], 3), "--out", tmp_path / "out")
    assert outcome.code == 1
    told = outcome.out + outcome.err
    assert all(part in told for part in ("15", "18", "unchanged", "no other copies differ"))
    assert "Traceback" not in told
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "again", "--allow-fewer").code == 0


def test_the_same_bytes_for_any_number_of_workers_and_any_shards(tmp_path: Path):
    recipe = write_recipe(tmp_path, [*TEXTS, *(f"{text} and so on" for text in TEXTS)], 4, "word_swap")
    recipe.write_text("shard_size = 8\n" + recipe.read_text())
    runs = []
    for workers in (1, 2):
        run(recipes.load(recipe), tmp_path / f"out-{workers}", workers=workers)
        runs.append(tree(tmp_path / f"out-{workers}"))
    assert len([name for name in runs[0] if name.startswith("steps/word_swap/shard-") and name.endswith(".arrow")]) == 5
    assert runs[0] == runs[1]


def test_each_generator_makes_as_many_copies(tmp_path: Path):
    recipe = write_recipe(tmp_path, TEXTS, 3)
    recipe.write_text(recipe.read_text().replace("[export]", '[[generator]]\nuse = "word_swap"\nweight = 5\n[export]'))
    summary = run(recipes.load(recipe), tmp_path / "out")
    assert summary.delivered == 30
    origins = [row["origin"] for row in delivered(tmp_path / "out")]
    assert origins.count("word_deletion") == origins.count("word_swap") == 15


def test_a_text_with_few_variants_gives_those_it_has(tmp_path: Path):
    summary = run(recipes.load(write_recipe(tmp_path, ["Call me."], 5)), tmp_path / "out")
    texts = sorted(str(row["text"]) for row in delivered(tmp_path / "out"))
    assert texts == ["Call.", "me."]
    assert summary.dropped == {"no further variant": 3}


def test_mentions_are_replaced_in_copies_too(tmp_path: Path):
    texts = ["Ada met Grace", "Grace met Omar", "Omar left Ada"]
    formats.write(
        Corpus.from_columns(
            text=texts,
            spans=[[(0, 3, "P"), (8, 13, "P")], [(0, 5, "P"), (10, 14, "P")], [(0, 4, "P"), (10, 13, "P")]],
        ),
        tmp_path / "source.jsonl",
    )
    (tmp_path / "recipe.toml").write_text(
        'copies = 2\nsource = "source.jsonl"\n[[generator]]\nuse = "mention_replacement"\n'
    )
    summary = run(recipes.load(tmp_path / "recipe.toml"), tmp_path / "out")
    assert summary.delivered == 6


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (
            'copies = 2\ncount = 5\nsource = "source.jsonl"',
            "option 'copies' must stand alone, without count or balance",
        ),
        ('copies = 2\nbalance = true\nsource = "source.jsonl"', "option 'copies' must stand alone"),
        ("copies = 2", "option 'copies' must have a source whose examples it can copy, has none"),
        ('copies = 0\nsource = "source.jsonl"', "option 'copies' must be at least 1, was: 0"),
    ],
)
def test_copies_that_make_no_sense_are_refused(tmp_path: Path, head: str, message: str):
    path = tmp_path / "recipe.toml"
    path.write_text(f'{head}\n[[generator]]\nuse = "word_deletion"\n')
    with pytest.raises(OptionError) as caught:
        recipes.load(path)
    assert message in str(caught.value)


@pytest.mark.parametrize("shard_size", [3, 1000])
def test_a_generator_that_starts_from_no_example_makes_as_many(tmp_path: Path, shard_size: int):
    texts = ["Ada met Grace", "Grace saw Omar", "Omar left Ada"]
    spans = [[(0, 3, "P"), (8, 13, "P")], [(0, 5, "P"), (10, 14, "P")], [(0, 4, "P"), (10, 13, "P")]]
    formats.write(Corpus.from_columns(text=texts, spans=spans), tmp_path / "source.jsonl")
    (tmp_path / "recipe.toml").write_text(
        f'copies = 2\nshard_size = {shard_size}\nsource = "source.jsonl"\n[[generator]]\nuse = "template_fill"\n'
        'values = { P = ["Bo", "Cy", "Di", "Ed", "Flo"] }\n[[generator]]\nuse = "mention_replacement"\n'
        'values = { P = ["Gil", "Hal", "Ida", "Joe"] }\n[[filter]]\nuse = "duplicate"\n'
    )
    summary = run(recipes.load(tmp_path / "recipe.toml"), tmp_path / "out")
    # What it makes a second time is dropped, and others are made instead.
    assert {name: step.kept for name, step in summary.steps.items()} == {"template_fill": 6, "mention_replacement": 6}


def test_a_generator_that_can_make_no_more_than_its_copies_hands_nothing_over(tmp_path: Path):
    spans = [[(0, 3, "P")], [(0, 2, "P")]]
    formats.write(Corpus.from_columns(text=["Ada left", "Bo left"], spans=spans), tmp_path / "source.jsonl")
    (tmp_path / "recipe.toml").write_text(
        'copies = 3\nallow_fewer = true\nsource = "source.jsonl"\n[[generator]]\nuse = "template_fill"\n'
        'values = { P = ["Cy", "Di"] }\n[[generator]]\nuse = "mention_replacement"\nvalues = { P = ["Ed", "Flo"] }\n'
        '[[filter]]\nuse = "duplicate"\n'
    )
    summary = run(recipes.load(tmp_path / "recipe.toml"), tmp_path / "out")
    assert {name: step.kept for name, step in summary.steps.items()} == {"template_fill": 2, "mention_replacement": 2}
