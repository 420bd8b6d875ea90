"""What every generator must do, parametrised over the registry: a new one is tested without any change here."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng, fingerprint
from textsynth.generators import Draft, Generator

NAMES = registry.names("generator")

every_generator = pytest.mark.parametrize("name", NAMES)


def prompt() -> dict[str, Any]:
    from tiny_chat import TEMPLATE, tiny_chat

    template = Path(tiny_chat()) / "spec.jinja"
    template.write_text(TEMPLATE, encoding="utf-8")
    request = {"template": template, "sentences": 1, "longest": 60}
    return {"model": tiny_chat(), "device": "cpu", "mentions": (1, 1), "request": request}


def causal_lm() -> dict[str, Any]:
    import tiny_models

    return {"model": tiny_models.model("gpt"), "device": "cpu"}


def masked_lm() -> dict[str, Any]:
    import tiny_models

    return {"model": tiny_models.model("bert"), "device": "cpu", "epochs": 2, "min_p": 0.0}


def seq2seq() -> dict[str, Any]:
    import tiny_models

    return {"model": tiny_models.model("t5"), "device": "cpu", "epochs": 1}


def network() -> dict[str, Any]:
    return {"hidden": 32, "embedding": 32, "epochs": 12}


TINY: dict[str, Callable[[], dict[str, Any]]] = {
    "causal_lm": causal_lm,
    "gan": lambda: network() | {"steps": 100},
    "language_model": network,
    "masked_lm": masked_lm,
    "prompt": prompt,
    "seq2seq": seq2seq,
    "vae": network,
}
"""The options of generators whose defaults want a pretrained model, or train for long: a tiny one, a small network."""


def build(name: str) -> Generator:
    options = TINY[name]() if name in TINY else {}
    return cast("Generator", registry.look_up("generator", name)(**options))


def source() -> Corpus:
    """Twelve sentences with three labels and two classes, some without; every operation finds a place in them."""
    people = ["Ada", "Zoë", "Bo Li", "Grace", "Omar", "Иван"]
    cities = ["Paris", "Rome", "São Paulo", "Oslo", "Cairo", "Łódź"]
    days = ["Monday", "14 March 2024", "May 5", "2024-02-29", "Tue", "Friday"]
    rows = []
    for row, (person, city, day) in enumerate(zip(people, cities, days, strict=True)):
        moved = [(person, "PERSON"), (" moved to ", ""), (city, "CITY"), (" on ", ""), (day, "DATE")]
        call = [("It is the 3rd fiancé: call ", ""), (person, "PERSON"), (" before ", ""), (day, "DATE"), ("!", "")]
        rows.append((*marked(*moved, (", but didn't like its 12 cafés 😀.", "")), ["move", None][row % 2]))
        rows.append((*marked(*call), "call"))
    texts, spans, labels = zip(*rows, strict=True)
    return Corpus.from_columns(text=texts, spans=spans, label=labels)


def marked(*parts: tuple[str, str]) -> tuple[str, list[tuple[int, int, str]]]:
    """Joins parts of a text to the text and its spans; a part without a label is no span."""
    ends = list(itertools.accumulate(len(part) for part, _ in parts))
    text = "".join(part for part, _ in parts)
    return text, [(end - len(part), end, label) for (part, label), end in zip(parts, ends, strict=True) if label]


def fitted(name: str, directory: Path, corpus: Corpus | None = None) -> Path:
    directory.mkdir(exist_ok=True)
    build(name).fit(Resources.of(source() if corpus is None else corpus), directory, child_rng(7, name, "fit"))
    return directory


@pytest.fixture(scope="module", params=NAMES)
def learned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Each generator's name with a directory it was fitted in."""
    return request.param, fitted(request.param, tmp_path_factory.mktemp("fitted"))


@pytest.fixture
def sampler(learned: tuple[str, Path]) -> Callable[..., Corpus]:
    return sampler_of(*learned)


def sampler_of(name: str, directory: Path) -> Callable[..., Corpus]:
    """Returns the sampler; of a draft, all that was made."""
    sample = build(name).sampler(directory)

    def corpus_of(*asked: Any) -> Corpus:
        made = sample(*asked)
        if isinstance(made, Draft):
            assert len(made.reasons) == len(made.corpus)
            return made.corpus
        return made

    return corpus_of


def digest(corpus: Corpus) -> str:
    return fingerprint(*(f"{each!r} {each.origin} {each.parent}" for each in corpus))


def test_the_same_seed_gives_the_same_examples(sampler: Callable[..., Corpus]):
    first, second = (sampler(50, child_rng(3, "shard", 0)) for _ in range(2))
    assert len(first) > 0
    assert digest(first) == digest(second)


def test_another_seed_gives_others(sampler: Callable[..., Corpus]):
    assert digest(sampler(50, child_rng(3, "shard", 0))) != digest(sampler(50, child_rng(4, "shard", 0)))


def test_shards_do_not_depend_on_the_order_they_are_made_in(sampler: Callable[..., Corpus]):
    forwards = {shard: digest(sampler(20, child_rng(3, "shard", shard))) for shard in (0, 1, 2, 3)}
    backwards = {shard: digest(sampler(20, child_rng(3, "shard", shard))) for shard in (3, 2, 1, 0)}
    assert forwards == backwards
    assert len(set(forwards.values())) == 4


def test_all_state_lies_in_the_directory(learned: tuple[str, Path], tmp_path: Path, sampler: Callable[..., Corpus]):
    name, directory = learned
    moved = shutil.copytree(directory, tmp_path / "moved")
    assert digest(sampler_of(name, moved)(30, child_rng(3))) == digest(sampler(30, child_rng(3)))


ELSEWHERE = """
import sys
from pathlib import Path
from test_generators import child_rng, digest, sampler_of
print(digest(sampler_of(sys.argv[1], Path(sys.argv[2]))(30, child_rng(3))))
"""


def test_another_process_builds_the_same_sampler(learned: tuple[str, Path], sampler: Callable[..., Corpus]):
    name, directory = learned
    command = [sys.executable, "-c", ELSEWHERE, name, str(directory)]
    there = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=there)
    assert done.stdout.strip() == digest(sampler(30, child_rng(3)))


@every_generator
def test_the_same_seed_learns_the_same_bytes(name: str, tmp_path: Path):
    first, second = (fitted(name, tmp_path / each) for each in ("first", "second"))
    written = {path.relative_to(first): path.read_bytes() for path in first.rglob("*") if path.is_file()}
    assert written
    assert written == {path.relative_to(second): path.read_bytes() for path in second.rglob("*") if path.is_file()}


def test_fitting_where_a_fit_was_cut_off_learns_the_same_bytes(learned: tuple[str, Path], tmp_path: Path):
    name, directory = learned
    again = fitted(name, Path(shutil.copytree(directory, tmp_path / "again")))
    written = {path.relative_to(directory): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    assert written == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}


@every_generator
def test_the_global_generators_are_untouched(name: str, tmp_path: Path):
    torch = pytest.importorskip("torch")
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    sampler_of(name, fitted(name, tmp_path))(20, child_rng(3))
    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before


@every_generator
def test_the_global_generators_have_no_say(name: str, tmp_path: Path):
    digests = set()
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        digests.add(digest(sampler_of(name, fitted(name, tmp_path / str(seed)))(20, child_rng(3))))
    assert len(digests) == 1


def test_labels_and_classes_are_the_sources(sampler: Callable[..., Corpus]):
    made = sampler(200, child_rng(3))
    assert set(made.labels) <= set(source().labels)
    assert set(made.classes) <= {"move", "call"}


def test_every_example_keeps_the_invariants(sampler: Callable[..., Corpus]):
    made = sampler(200, child_rng(3))
    assert Corpus(made.table) == made
    assert all(mention == mention.strip() != "" for example in made for mention in example.mentions())


@pytest.mark.parametrize("count", [0, 1, 7])
def test_never_more_than_asked_for(sampler: Callable[..., Corpus], count: int):
    assert len(sampler(count, child_rng(3))) <= count
    assert len(sampler(count, child_rng(3), "call")) <= count


@pytest.mark.parametrize("label", ["move", "call"])
def test_a_class_that_is_asked_for_is_all_there_is(sampler: Callable[..., Corpus], label: str):
    made = sampler(60, child_rng(3), label)
    assert len(made) > 0
    assert set(made.table.column("label").to_pylist()) == {label}


def test_a_class_nobody_has_gives_an_empty_corpus(sampler: Callable[..., Corpus]):
    assert len(sampler(10, child_rng(3), "no such class")) == 0


@every_generator
def test_tokens_fall_as_in_the_source(name: str, tmp_path: Path):
    corpus = Corpus.from_trusted(source().table, "whitespace")
    made = sampler_of(name, fitted(name, tmp_path, corpus))(5, child_rng(3))
    # A chat model writes prose, whose punctuation no space sets off.
    assert made.tokenizer == ("words" if name == "prompt" else "whitespace")


@every_generator
def test_nothing_to_learn_from_is_an_error(name: str, tmp_path: Path):
    with pytest.raises(OptionError, match=r"must have") as caught:
        fitted(name, tmp_path, Corpus.empty())
    assert "source" in str(caught.value)
    assert "\n" not in str(caught.value)


@every_generator
def test_the_resources_stay_as_they_are(name: str, tmp_path: Path):
    resources = Resources.of(source())
    before = resources.source.table, resources.templates, {k: dict(v) for k, v in resources.gazetteer.mentions.items()}
    build(name).fit(resources, tmp_path, child_rng(7))
    after = resources.source.table, resources.templates, {k: dict(v) for k, v in resources.gazetteer.mentions.items()}
    assert before == after
