"""`textsynth interpolate` on a VAE that was fitted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from workbench import Outcome, call

from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng

pytest.importorskip("torch")

FIRST, SECOND = "Ada met Bo in Rome .", "Cy flew to Oslo ."
NAMES, CITIES = ("Ada", "Bo", "Cy", "Di", "Ed"), ("Rome", "Oslo", "Lima", "Bern")


def source() -> Corpus:
    """Forty short sentences: five names twice over in four cities."""
    texts, spans = [], []
    for number, name in enumerate(NAMES):
        other = NAMES[number - 1]
        for city in CITIES:
            for pieces in ((name, " met ", other, " in ", city, " ."), (name, " flew to ", city, " .")):
                ends = [len("".join(pieces[: place + 1])) for place in range(len(pieces))]
                marked = [(end, piece) for end, piece in zip(ends, pieces, strict=True) if piece in (*NAMES, *CITIES)]
                texts.append("".join(pieces))
                spans.append([(e - len(p), e, "CITY" if p in CITIES else "PERSON") for e, p in marked])
    return Corpus.from_columns(text=texts, spans=spans)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory as far as it matters here: a VAE that was fitted for two epochs, and another generator."""
    out = tmp_path_factory.mktemp("out")
    for step, options in (("vae", {"training": {"epochs": 2}}), ("mention_replacement", {})):
        directory = out / "steps" / step / "fitted"
        directory.mkdir(parents=True)
        generator = registry.look_up("generator", step)(**options)
        generator.fit(Resources.of(source()), directory, child_rng(1, step))  # type: ignore[attr-defined]
    return out


def interpolated(*arguments: str | Path) -> Outcome:
    outcome = call("interpolate", *arguments)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome


def test_goes_from_one_sentence_to_the_other(out: Path):
    lines = interpolated(out, FIRST, SECOND, "-n", "5").out.splitlines()
    assert [line[:5] for line in lines] == ["  0% ", " 25% ", " 50% ", " 75% ", "100% "]
    assert interpolated(out / "steps" / "vae" / "fitted", FIRST, SECOND, "-n", "5").out.splitlines() == lines
    assert interpolated(out, FIRST, SECOND, "--number", "5", "--step", "vae").out.splitlines() == lines


def test_tells_programs_the_same(out: Path):
    rows = [json.loads(line) for line in interpolated(out, FIRST, SECOND, "--json").out.splitlines()]
    assert [row["share"] for row in rows] == [0.0, 0.1667, 0.3333, 0.5, 0.6667, 0.8333, 1.0]
    for row in rows:
        assert all(row["text"][span["start"] : span["end"]].strip() for span in row["spans"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--step", "va"], "there is no fitted step 'va'; did you mean 'vae'? there is: mention_replacement, vae"),
        (["-n", "1"], "--number must be at least 2, was: 1"),
    ],
)
def test_what_makes_no_sense_is_one_line(out: Path, arguments: list[str], says: str):
    outcome = call("interpolate", out, FIRST, SECOND, *arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert says in outcome.err


def test_without_torch_one_line_says_what_to_install(out: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "textsynth.networks.interpolation", None)
    outcome = call("interpolate", out, FIRST, SECOND)
    assert (outcome.code, outcome.err) == (
        2,
        "textsynth: networks need torch; pip install 'textsynth-corpora[torch]'\n",
    )


def test_a_step_without_a_vae_is_refused(out: Path):
    for arguments in ([out, "--step", "mention_replacement"], [out / "steps" / "mention_replacement" / "fitted"]):
        outcome = call("interpolate", arguments[0], FIRST, SECOND, *arguments[1:])
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
        assert "vae" in outcome.err.lower()
