from __future__ import annotations

from pathlib import Path

from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.filters.memorisation import Memorisation
from textsynth.foundation.seeding import child_rng

SOURCE = Corpus.from_columns(
    text=["Ada asked why the lamp hums", "Bo asked for a new lamp", "Cy asked for a new lamp", "Ada hums"],
    spans=[[(0, 3, "P")], [(0, 2, "P")], [(0, 2, "P")], [(0, 3, "P")]],
)
MADE = Corpus.from_columns(
    text=[
        "She asked why the lamp left",
        "Di asked for a new lamp",
        "Di hums",
        "Di asked why",
        "ADA asked Why The bulb",
    ],
    spans=[[], [(0, 2, "P")], [(0, 2, "P")], [(0, 2, "P")], [(0, 3, "P")]],
)


def judge(folder: Path, memorisation: Memorisation) -> list[str | None]:
    memorisation.fit(Resources.of(SOURCE), folder, child_rng(1))
    return list(memorisation.judge(folder)(MADE))


def test_by_wording(tmp_path: Path):
    """The second is the wording of two records, so it tells of neither."""
    dropped = "wording of single source records"
    assert judge(tmp_path, Memorisation(keep=0)) == [dropped, None, dropped, None, dropped]


def test_by_text(tmp_path: Path):
    dropped = "text of single source records"
    assert judge(tmp_path, Memorisation(compare="text", keep=0)) == [dropped, None, None, None, dropped]


def test_a_longer_run(tmp_path: Path):
    dropped = "wording of single source records"
    assert judge(tmp_path, Memorisation(run=5, keep=0)) == [None, None, dropped, None, None]


def test_it_knows_the_source():
    assert Memorisation().knows_source()
