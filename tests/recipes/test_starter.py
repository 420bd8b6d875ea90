from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from workbench import call, write_source

from textsynth.corpus import Corpus
from textsynth.recipes import recipe as recipes
from textsynth.recipes.starter import describe_corpus, describe_few_mentions, starter_recipe

RAW = (
    "Angela Merkel met Barack Obama in Berlin on Tuesday. They talked about Siemens and Volkswagen. "
    "In Paris, Emmanuel Macron spoke to reporters on Monday. Microsoft bought a firm from Seattle last year. "
    "The United Nations sent Kofi Annan to Geneva in March."
)


def run_of(recipe: Path, out: Path) -> dict[str, object]:
    outcome = call("run", recipe, "--out", out, "--json", "--allow-fewer")
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.json


def begin(source: Path, recipe: Path, *options: str) -> dict[str, object]:
    outcome = call("init", source, "--out", recipe, "--json", *options)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.json


def test_a_starter_for_gold_conll_runs(public_or_twin: Path, is_twin: bool, tmp_path: Path):
    part, sentences = ("train", 71) if is_twin else ("dev", 1009)
    path = public_or_twin / "wnut17" / f"{part}.conll"
    count = max(500, 5 * sentences)
    report = begin(path, tmp_path / "my.toml")
    assert report["format"] == "conll"
    assert report["examples"] == sentences
    content = tomllib.loads((tmp_path / "my.toml").read_text())
    assert content["count"] == count
    assert content["export"]["task"] == "token-classification"
    assert "extract" not in content
    assert run_of(tmp_path / "my.toml", tmp_path / "out")["delivered"] == count


def test_a_starter_for_spans_and_classes_runs(tmp_path: Path):
    path = write_source(tmp_path / "data" / "source.jsonl", classes=True)
    begin(path, tmp_path / "recipes" / "my.toml")
    text = (tmp_path / "recipes" / "my.toml").read_text()
    assert text.startswith(
        "# A recipe for source.jsonl: 8 examples, labels GPE, PERSON, classes meet 3, move 3, win 2.\n"
    )
    content = tomllib.loads(text)
    assert content["source"] == {"path": "../data/source.jsonl", "format": "jsonl", "licence": "unknown"}
    assert (content["count"], content["balance"]) == (119, False)
    assert run_of(tmp_path / "recipes" / "my.toml", tmp_path / "out")["classes"].keys() == {"meet", "move", "win"}  # type: ignore[attr-defined]


def test_a_starter_for_raw_text_runs(tmp_path: Path):
    (tmp_path / "raw.txt").write_text(RAW)
    report = begin(tmp_path / "raw.txt", tmp_path / "my.toml")
    text = (tmp_path / "my.toml").read_text()
    content = tomllib.loads(text)
    assert content["labeler"] == [{"use": "spacy", "model": "en_core_web_sm"}]
    assert content["label"] == {"vote": "priority"}
    found = report["found"]
    assert found["GPE"] == "4, such as Berlin, Geneva, Paris"  # type: ignore[index]
    assert all(f"#   {label}: {told}\n" in text for label, told in found.items())  # type: ignore[attr-defined]
    made = run_of(tmp_path / "my.toml", tmp_path / "out")
    assert {"PERSON", "GPE"} <= made["labels"].keys()  # type: ignore[attr-defined]


def test_the_commented_lines_of_a_starter_for_raw_text_are_a_recipe(tmp_path: Path):
    (tmp_path / "raw.txt").write_text("She took aspirin for T-1234. It cost $5 million. He took ibuprofen.\n")
    begin(tmp_path / "raw.txt", tmp_path / "my.toml")
    begun, found, rest = (tmp_path / "my.toml").read_text().partition("# [[labeler]]")
    own, end, rest = (found + rest).partition("\n\n")
    (tmp_path / "my.toml").write_text(begun + own.replace("# ", "").replace("#", "") + end + rest)
    labelers = recipes.load(tmp_path / "my.toml").labelers
    assert [each.name for each in labelers] == ["word_list", "pattern", "pattern-2", "spacy"]


def without_pipelines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textsynth.recipes.first_labels.find_pipeline", lambda language: None)


def test_without_a_pipeline_a_starter_takes_patterns_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    without_pipelines(monkeypatch)
    (tmp_path / "raw.txt").write_text(
        "".join(f"The deal of year {n} cost ${n} million, {n}% of all.\n" for n in range(9))
    )
    outcome = call("init", tmp_path / "raw.txt", "--out", tmp_path / "my.toml")
    assert "names want a spaCy pipeline: pip install 'textsynth-corpora[en]'\n" in outcome.out
    text = (tmp_path / "my.toml").read_text()
    assert '# model = "en_core_web_sm"  # names want a spaCy pipeline: pip install' in text
    content = tomllib.loads(text)
    assert [each["use"] for each in content["labeler"]] == ["pattern"]
    made = run_of(tmp_path / "my.toml", tmp_path / "out")
    assert made["labels"].keys() == {"MONEY", "PERCENT"}  # type: ignore[attr-defined]


def test_if_nothing_is_found_a_starter_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    without_pipelines(monkeypatch)
    (tmp_path / "raw.txt").write_text("She slept.\n")
    assert begin(tmp_path / "raw.txt", tmp_path / "my.toml")["found"] == {}
    text = (tmp_path / "my.toml").read_text()
    assert "# In 1 text nothing was found yet; names want a spaCy pipeline: pip install" in text
    assert [each.name for each in recipes.load(tmp_path / "my.toml").labelers] == ["spacy"]


def test_a_starter_looks_at_the_first_texts_of_many_and_asks_for_what_all_may_give(tmp_path: Path):
    rows = [f"In the year {n} a house cost ${n} million." for n in range(400)]
    (tmp_path / "raw.txt").write_text("\n".join(rows))
    begin(tmp_path / "raw.txt", tmp_path / "my.toml")
    text = (tmp_path / "my.toml").read_text()
    assert "# Found in the first 100 texts, mentions that the cleaning drops among them:" in text
    assert 100 <= tomllib.loads(text)["count"] <= 2000


def test_a_starter_for_classes_alone_labels_nothing(tmp_path: Path):
    rows = [(f"Please send number {number} to the other office.", []) for number in range(30)]
    write_source(tmp_path / "source.jsonl", rows, classes=True)
    begin(tmp_path / "source.jsonl", tmp_path / "my.toml")
    content = tomllib.loads((tmp_path / "my.toml").read_text())
    assert content["export"] == {"task": "text-classification", "formats": ["spacy"]}
    assert (content["count"], "extract" in content) == (500, False)
    assert [each["use"] for each in content["generator"]] == ["class_names", "word_swap", "word_deletion"]
    report = run_of(tmp_path / "my.toml", tmp_path / "out")
    assert (report["delivered"], report["labels"]) == (500, {})
    assert (tmp_path / "out" / "exports" / "train.spacy").exists()


def test_numbers_are_no_names_of_classes():
    corpus = Corpus.from_columns(text=["Call me.", "Call us."], label=["1", "2"])
    recipe = tomllib.loads(starter_recipe(corpus, Path("a.csv"), "csv", Path.cwd(), {}))
    assert [each["use"] for each in recipe["generator"]] == ["word_swap", "word_deletion"]


@pytest.mark.parametrize(("examples", "count"), [(100, 500), (1000, 5000), (9000, 20_000), (50_000, 50_000)])
def test_the_count_grows_with_the_source(examples: int, count: int):
    texts = [f"Ada{number:05} ran {number} times." for number in range(examples)]
    corpus = Corpus.from_columns(text=texts, spans=[[(0, 8, "P")]] * examples)
    assert tomllib.loads(starter_recipe(corpus, Path("x.jsonl"), "jsonl", Path(), {}))["count"] == count


def test_no_more_is_asked_for_than_mentions_and_wordings_give(tmp_path: Path):
    rows = [(f"{name} took {number} pills.", [(0, 2, "P")]) for number, name in enumerate(("Al", "Bo", "Cy", "Di") * 5)]
    begin(write_source(tmp_path / "source.jsonl", rows), tmp_path / "my.toml")
    assert tomllib.loads((tmp_path / "my.toml").read_text())["count"] == 20 * 4 // 4
    outcome = call("run", tmp_path / "my.toml", "--out", tmp_path / "out", "--json")
    assert (outcome.code, outcome.json["delivered"]) == (0, 20)


def test_labels_with_few_mentions_are_told_with_the_list_that_helps(tmp_path: Path):
    names = [f"{first} {last}" for first in ("Ada", "Bo", "Zoë") for last in ("Low", "May", "Ray", "Sun")]
    rows = [
        (f"{name} took DrugX.", [(0, len(name), "PERSON"), (len(name) + 6, len(name) + 11, "DRUG")]) for name in names
    ]
    report = begin(write_source(tmp_path / "source.jsonl", rows), tmp_path / "my.toml")
    assert report["few_mentions"] == {"DRUG": 1}
    line = next(line for line in (tmp_path / "my.toml").read_text().splitlines() if "DRUG has" in line)
    assert line == (
        "# DRUG has 1 distinct mention: a list of others, one a line, makes more of it: "
        'values = { DRUG = "words:drug.txt" } under template_fill'
    )
    (tmp_path / "drug.txt").write_text("aspirin\nibuprofen\n")
    recipe = (tmp_path / "my.toml").read_text().replace(line, 'values = { DRUG = "words:drug.txt" }')
    (tmp_path / "my.toml").write_text(recipe.replace("mention_replacement", "template_fill"))
    assert run_of(tmp_path / "my.toml", tmp_path / "out")["labels"].keys() == {"DRUG", "PERSON"}  # type: ignore[attr-defined]


def test_options_of_the_format_are_written_down(tmp_path: Path):
    (tmp_path / "my.csv").write_text("utterance,intent\nhello,greet\nbye,leave\n")
    report = begin(
        tmp_path / "my.csv", tmp_path / "my.toml", "--read-option", "text=utterance", "--read-option", "label=intent"
    )
    assert report["classes"] == ["greet", "leave"]
    recipe = recipes.load(tmp_path / "my.toml")
    assert recipe.source is not None
    assert recipe.source.options == {"text": "utterance", "label": "intent"}
    assert "balance = false  # true fills up the rare classes" in (tmp_path / "my.toml").read_text()


@pytest.mark.parametrize("name", ['it\'s "quoted".jsonl', "zwei Wörter.jsonl", "a\\b.jsonl", "new\nline.jsonl"])
def test_the_name_of_the_file_may_be_anything(name: str, tmp_path: Path):
    path = write_source(tmp_path / name)
    begin(path, tmp_path / "my.toml")
    source = recipes.load(tmp_path / "my.toml").source
    assert source is not None
    assert source.path == path


def test_the_labels_may_be_anything():
    corpus = Corpus.from_columns(text=["Ada!"], spans=[[(0, 3, 'a\nb "c"\x01')]])
    text = starter_recipe(corpus, Path("x.jsonl"), "jsonl", Path(), {})
    assert tomllib.loads(text)["count"] == 1
    assert describe_corpus(corpus) == '1 example, labels a b "c" , no classes'


def test_an_id_on_the_hub_stays_as_it_is():
    corpus = Corpus.from_columns(text=["Ada!"], spans=[[(0, 3, "P")]])
    text = starter_recipe(corpus, Path("owner/name"), "datasets", Path("/somewhere"), {})
    assert tomllib.loads(text)["source"]["path"] == "owner/name"


def test_a_recipe_that_is_there_is_not_written_over(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl")
    (tmp_path / "my.toml").write_text("mine")
    outcome = call("init", path, "--out", tmp_path / "my.toml")
    assert (outcome.code, outcome.err) == (
        2,
        f"textsynth: {tmp_path / 'my.toml'}: must not exist yet, or be given up with --overwrite\n",
    )
    assert (tmp_path / "my.toml").read_text() == "mine"
    assert call("init", path, "--out", tmp_path / "my.toml", "--overwrite").code == 0
    assert recipes.load(tmp_path / "my.toml").production.count == 119


def test_the_recipe_is_named_after_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_source(tmp_path / "data" / "mine.jsonl")
    monkeypatch.chdir(tmp_path)
    outcome = call("init", "data/mine.jsonl")
    assert outcome.out.splitlines() == [
        "data/mine.jsonl: 8 examples, labels GPE, PERSON, no classes",
        *(describe_few_mentions(*each) for each in (("GPE", 6), ("PERSON", 7))),
        "mine.toml: a recipe; textsynth preview mine.toml, then textsynth run mine.toml --out mine-out/",
    ]
    assert recipes.load(tmp_path / "mine.toml").production.seed == 7
