from __future__ import annotations

import dataclasses
import datetime
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st
from workbench import ROOT, make_recipe, write_recipe, write_source

from textsynth.errors import InputError, OptionError, TextsynthError, UnknownName
from textsynth.generators.template_fill import TemplateFill
from textsynth.labelers.spacy import Spacy
from textsynth.labelers.word_list import WordList
from textsynth.recipes import recipe as recipes
from textsynth.recipes.recipe import load, parse
from textsynth.recipes.resolved import differences, resolve

FILL = {"use": "template_fill"}
RECIPES = sorted((ROOT / "recipes").glob("*.toml"))


def content(**sections: Any) -> dict[str, Any]:
    usual = {"count": 5, "source": "a.jsonl", "generator": [FILL]}
    return {name: value for name, value in (usual | sections).items() if value is not None}


def complaint(tmp_path: Path, **sections: Any) -> str:
    with pytest.raises(TextsynthError) as caught:
        parse(content(**sections), tmp_path, "my.toml")
    assert isinstance(caught.value, OptionError | UnknownName)
    return str(caught.value)


@pytest.mark.parametrize("today", ["2020-02-29", datetime.date(2020, 2, 29)])
def test_today_is_a_date_of_toml_or_a_string(tmp_path: Path, today: Any):
    assert parse(content(today=today), tmp_path, "my.toml").production.today == datetime.date(2020, 2, 29)


def test_the_least_recipe_has_all_defaults(tmp_path: Path):
    recipe = parse(content(), tmp_path, "my.toml")
    assert recipe.production == recipes.Production(count=5, seed=0, balance=False, shard_size=20_000)
    assert recipe.source == recipes.Source(path=tmp_path / "a.jsonl", on_error="stop", licence="unknown")
    assert recipe.steps == (recipes.Step("template_fill", TemplateFill(), 1.0),)
    assert recipe.filters == ()
    assert (recipe.export.formats, recipe.export.task, recipe.export.validation) == ((), None, 0.0)
    assert recipe.export.source is True


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        ({"sed": 1}, "my.toml: there is no option 'sed'; did you mean 'seed'? there is: allow_fewer, ba"),
        ({"generators": [FILL]}, "my.toml: there is no option 'generators'; did you mean 'generator'?"),
        (
            {"generator": [{"use": "template_fil"}]},
            "there is no generator 'template_fil'; did you mean 'template_fill'?",
        ),
        (
            {"generator": [{"use": "template fill"}]},
            "there is no generator 'template fill'; did you mean 'template_fill'",
        ),
        ({"filter": [{"use": "duplicates"}]}, "my.toml: there is no filter 'duplicates'; did you mean 'duplicate'?"),
        ({"generator": [FILL | {"local": ["x"]}]}, "my.toml: generator 'template_fill': there is no option 'local'"),
        ({"generator": [FILL | {"name": "x", "weigth": 2}]}, "generator 'x': there is no option 'weigth'"),
        (
            {"filter": [{"use": "duplicate", "ignores": []}]},
            "filter 'duplicate': there is no option 'ignores'; did you",
        ),
        ({"filter": [{"use": "duplicate", "weight": 2}]}, "filter 'duplicate': there is no option 'weight'"),
        (
            {"source": {"path": "a", "licens": "x"}},
            "my.toml: [source]: there is no option 'licens'; did you mean 'licence'?",
        ),
        (
            {"source": {"path": "a", "format": "jsonnl"}},
            "my.toml: [source]: there is no format 'jsonnl'; did you mean 'jsonl'?",
        ),
        (
            {"source": {"path": "a", "format": "csv", "options": {"txt": "t"}}},
            "[source]: format 'csv': there is no option",
        ),
        ({"extract": {"model": "x"}}, "my.toml: [extract]: there is no option 'model'; "),
        (
            {"extract": {"spacy_model": "en_core_web_sm"}},
            "my.toml: [extract]: there is no option 'spacy_model'; it is a table of its own now: "
            "[[labeler]] use = \"spacy\", model = 'en_core_web_sm'",
        ),
        ({"extract": {"language": "de"}}, "it belongs in the table [label]: language = 'de'"),
        ({"labeler": [{"use": "word_lists"}]}, "my.toml: there is no labeler 'word_lists'; did you mean 'word_list'?"),
        ({"label": {"votes": "agree"}}, "my.toml: [label]: there is no option 'votes'; did you mean 'vote'?"),
        (
            {"export": {"formats": ["conl"]}},
            "my.toml: [export]: there is no format 'conl'; did you mean 'conll'?",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_guess(sections: Any, says: str, tmp_path: Path):
    assert says in complaint(tmp_path, **sections)


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        ({"count": 0}, "my.toml: option 'count' must be at least 1, was: 0"),
        ({"count": -1}, "my.toml: option 'count' must be at least 1, was: -1"),
        ({"count": True}, "my.toml: option 'count' must be an integer, was: True"),
        ({"count": "5"}, "my.toml: option 'count' must be an integer, was: '5'"),
        ({"count": 5.5}, "my.toml: option 'count' must be an integer, was: 5.5"),
        ({"count": None}, "my.toml: option 'count' must be given, or "),
        ({"seed": -1}, "my.toml: option 'seed' must be at least 0, was: -1"),
        ({"shard_size": 0}, "my.toml: option 'shard_size' must be at least 1, was: 0"),
        ({"min_acceptance": 0.0}, "my.toml: option 'min_acceptance' must be greater than 0, was: 0.0"),
        ({"today": "soon"}, "my.toml: option 'today' must be a date, such as 2025-12-31, was: 'soon'"),
        ({"today": 2025}, "my.toml: option 'today' must be a date, such as 2025-12-31, was: 2025"),
        (
            {"today": datetime.date(1969, 12, 31)},
            "my.toml: option 'today' must be at least 1970-01-01, was: datetime.date(1969, 12, 31)",
        ),
        ({"min_acceptance": 1.5}, "my.toml: option 'min_acceptance' must be at most 1, was: 1.5"),
        ({"balance": "yes"}, "my.toml: option 'balance' must be a boolean, was: 'yes'"),
        ({"balance": True, "source": None}, "my.toml: balance = true must have a source whose classes"),
        ({"source": 3}, "my.toml: source must be a path or a table with a path, was: 3"),
        ({"source": {"format": "csv"}}, "my.toml: [source]: option 'path' must be given"),
        (
            {"source": {"path": "a", "on_error": "ignore"}},
            "[source]: option 'on_error' must be 'stop' or 'skip', was: 'ignore'",
        ),
        ({"extract": [1]}, "my.toml: extract must be a table, [extract], was: [1]"),
        ({"export": "jsonl"}, "my.toml: export must be a table, [export], was: 'jsonl'"),
        ({"export": {"formats": "jsonl"}}, "[export]: option 'formats' must be an array, was: 'jsonl'"),
        (
            {"export": {"task": "ner"}},
            "[export]: option 'task' must be 'token-classification' or 'text-classification'",
        ),
        (
            {"export": {"drop": ["span"]}},
            "[export]: option 'drop'[0] must be 'spans', 'label', 'origin' or 'fields', was: ['span']",
        ),
        ({"export": {"test": -0.1}}, "[export]: option 'test' must be at least 0, was: -0.1"),
        ({"export": {"validation": 0.5, "test": 0.5}}, "[export]: validation and test together must be less than 1"),
        ({"export": [{"format": "conll"}]}, "formats with options are tables [[export.files]]"),
        ({"export": {"files": {"format": "conll"}}}, "[export]: option 'files' must be an array"),
        ({"export": {"files": [{"format": "conl"}]}}, "[export]: [[export.files]] number 1: there is no format 'conl'"),
        ({"export": {"files": [{"scheme": "io"}]}}, "[[export.files]] number 1 must say which format to write"),
        ({"export": {"files": [{"format": 3}]}}, "[[export.files]] number 1 must say which format to write"),
        (
            {"export": {"files": [{"format": "csv"}, {"format": "conll", "schem": "io"}]}},
            "[[export.files]] number 2: format 'conll': there is no option 'schem'; did you mean 'scheme'",
        ),
        (
            {"export": {"files": [{"format": "conll", "scheme": "bio"}]}},
            "[[export.files]] number 1: format 'conll': option 'scheme' must be",
        ),
        (
            {"export": {"formats": ["conll"], "files": [{"format": "conll", "scheme": "bilou"}]}},
            "number 1: only one format must be written to '{split}.conll'; "
            'name another, such as path = "conll-2/{split}.conll"',
        ),
        ({"export": {"formats": ["csv", "csv"]}}, "[export]: only one format must be written to '{split}.csv'"),
        ({"export": {"files": [{"format": "csv", "path": "a"}]}}, "option 'path' must have {split} for the name"),
        ({"export": {"files": [{"format": "csv", "path": 1}]}}, "option 'path' must have {split} for the name"),
        ({"export": {"files": [{"format": "csv", "path": "/{split}"}]}}, "must be a plain path in exports/, was: '/"),
        ({"export": {"files": [{"format": "csv", "path": "../{split}"}]}}, "must be a plain path in exports/"),
        ({"export": {"files": [{"format": "csv", "path": "a//{split}"}]}}, "must be a plain path in exports/"),
        ({"export": {"files": [{"format": "csv", "path": "a\n{split}"}]}}, "must be a plain path in exports/"),
        ({"export": {"files": [{"format": "csv", "drop": "spans"}]}}, "option 'drop' must be an array of strings"),
        ({"export": {"files": [{"format": "csv", "drop": ["span"]}]}}, "no part 'span' to drop; did you mean 'spans'"),
        ({"export": {"parent": 1}}, "[export]: option 'parent' must be a boolean, was: 1"),
        ({"generator": None}, "my.toml: there must be at least one generator, there is none"),
        ({"generator": []}, "my.toml: there must be at least one generator, there is none"),
        ({"generator": FILL}, "my.toml: generator must be written [[generator]], with two brackets"),
        ({"filter": {"use": "duplicate"}}, "my.toml: filter must be written [[filter]], with two brackets"),
        (
            {"generator": [FILL, {"weight": 2}]},
            "my.toml: [[generator]] number 2 must say which generator to use, such as",
        ),
        (
            {"filter": [{"use": 1}]},
            'my.toml: [[filter]] number 1 must say which filter to use, such as use = "duplicate"',
        ),
        (
            {"generator": [FILL | {"weight": 0}]},
            "generator 'template_fill': option 'weight' must be a number greater than 0",
        ),
        ({"generator": [FILL | {"weight": True}]}, "option 'weight' must be a number greater than 0, was: True"),
        ({"generator": [FILL | {"weight": -1}]}, "option 'weight' must be a number greater than 0, was: -1"),
        ({"generator": [FILL | {"weight": math.nan}]}, "option 'weight' must be a number greater than 0, was: nan"),
        ({"generator": [FILL | {"weight": math.inf}]}, "option 'weight' must be a number greater than 0, was: inf"),
        ({"generator": [FILL | {"weight": "2"}]}, "option 'weight' must be a number greater than 0, was: '2'"),
        (
            {"generator": [FILL | {"pool_size": 0}]},
            "generator 'template_fill': option 'pool_size' must be at least 1, was: 0",
        ),
        ({"generator": [FILL | {"name": "a/b"}]}, "a generator's name must be of letters, digits, - and _, was: 'a/b'"),
        ({"generator": [FILL | {"name": ""}]}, "a generator's name must be of letters, digits, - and _, was: ''"),
        ({"generator": [FILL | {"name": 7}]}, "a generator's name must be of letters, digits, - and _, was: 7"),
        ({"generator": [FILL | {"name": "a"}, FILL | {"name": "a"}]}, "name must be unique, was there before: 'a'"),
        ({"generator": [FILL, FILL | {"name": "template_fill"}]}, "name must be unique, was there before"),
        ({"filter": [{"use": "duplicate", "ignore": ["cases"]}]}, "filter 'duplicate': option 'ignore'[0] must be"),
    ],
)
def test_what_is_out_of_type_or_range_is_refused(sections: Any, says: str, tmp_path: Path):
    assert says in complaint(tmp_path, **sections)
    assert "\n" not in complaint(tmp_path, **sections)


def test_options_of_metrics_are_checked_and_their_paths_start_at_the_recipe(tmp_path: Path):
    (tmp_path / "model").mkdir()
    options = {"embedding_likeness": {"encoder": "model"}, "use": {"draws": 3}}
    evaluate = parse(content(evaluate={"options": options}), tmp_path, "my.toml").evaluate
    assert evaluate is not None
    assert evaluate.options == {"embedding_likeness": {"encoder": str(tmp_path / "model")}, "use": {"draws": 3}}
    says = complaint(tmp_path, evaluate={"options": {"use": {"draw": 3}}})
    assert "my.toml: [evaluate]: metric 'use': there is no option 'draw'; did you mean 'draws'?" in says


def test_components_of_one_kind_are_numbered(tmp_path: Path):
    recipe = parse(content(generator=[FILL, FILL, FILL | {"name": "mine"}, FILL]), tmp_path, "my.toml")
    assert [step.name for step in recipe.steps] == ["template_fill", "template_fill-2", "mine", "template_fill-3"]


@pytest.mark.parametrize("broken", ["count = = 5", "[source", 'path = "a', "count = 5\ncount = 6", "\x00"])
def test_what_is_no_toml_is_refused_with_the_place(broken: str, tmp_path: Path):
    path = tmp_path / "my.toml"
    path.write_text(f"seed = 1\n{broken}\n")
    with pytest.raises(OptionError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: must be TOML: ")
    assert "line " in str(caught.value)


def test_data_in_the_place_of_a_recipe_is_told_what_makes_one_of_it(tmp_path: Path):
    (tmp_path / "my train.conll").write_text("Ada\tB-PER\nleft\tO\n")
    with pytest.raises(OptionError) as caught:
        load(tmp_path / "my train.conll")
    assert str(caught.value).endswith(f"; textsynth init '{tmp_path}/my train.conll' makes one of data")


def test_a_file_that_is_no_text_or_none_at_all_is_refused(tmp_path: Path):
    (tmp_path / "latin.toml").write_bytes("name = 'Zoë'".encode("latin-1"))
    with pytest.raises(OptionError, match=r"latin.toml: must be TOML: "):
        load(tmp_path / "latin.toml")
    with pytest.raises(InputError, match=r"none.toml: must be a file to read, there is none"):
        load(tmp_path / "none.toml")
    with pytest.raises(InputError, match="must be a file to read, is a directory"):
        load(tmp_path)


def test_relative_paths_start_at_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "sub" / "model").mkdir(parents=True)
    path = write_recipe(
        tmp_path / "sub" / "my.toml",
        source={"path": "../data/a.jsonl"},
        extract={"templates": "t.tsv", "gazetteer": "/abs/g.tsv"},
        labeler=[{"use": "spacy", "model": "model"}, {"use": "word_list", "path": "../terms.txt"}],
        generator=[
            FILL | {"templates": "t.txt", "values": {"X": "words:w.txt", "Y": "gazetteer", "Z": ["a", "b"]}},
            {"use": "mention_replacement", "values": {"X": "words:/abs/w.txt"}},
        ],
    )
    monkeypatch.chdir(tmp_path)
    recipe = load(path.relative_to(tmp_path))
    folder = tmp_path / "sub"
    assert recipe.source is not None
    assert recipe.source.path == folder / "../data/a.jsonl"
    assert (recipe.extract.templates, recipe.extract.gazetteer) == (folder / "t.tsv", Path("/abs/g.tsv"))
    spacy, words = (each.labeler for each in recipe.labelers)
    assert (spacy, words) == (Spacy(model=str(folder / "model")), WordList(path=folder / "../terms.txt"))
    fill: Any = recipe.steps[0].generator
    assert fill.templates == folder / "t.txt"
    assert fill.values == {"X": f"words:{folder}/w.txt", "Y": "gazetteer", "Z": ("a", "b")}
    replacement: Any = recipe.steps[1].generator
    assert replacement.values == {"X": "words:/abs/w.txt"}


def test_an_installed_model_and_an_id_on_the_hub_are_no_paths(tmp_path: Path):
    source = {"path": "owner/name", "format": "datasets"}
    recipe = parse(content(source=source, labeler=[{"use": "spacy", "model": "de_core"}]), tmp_path, "my.toml")
    assert recipe.source is not None
    assert recipe.source.path == Path("owner/name")
    assert recipe.labelers[0].labeler == Spacy(model="de_core")
    (tmp_path / "owner" / "name").mkdir(parents=True)
    there = parse(content(source=source), tmp_path, "my.toml").source
    assert there is not None
    assert there.path == tmp_path / "owner/name"


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_what_is_resolved_reads_back_equal(path: Path, tmp_path: Path):
    recipe = load(path)
    (tmp_path / "recipe.toml").write_text(tomli_w.dumps(resolve(recipe).content))
    again = load(tmp_path / "recipe.toml")
    assert again == recipe
    assert resolve(again).content == resolve(recipe).content
    assert differences(resolve(again).content, resolve(recipe).content) == []


@given(
    seed=st.integers(0, 2**63 - 1),
    count=st.integers(1, 10**12),
    share=st.floats(0, 0.49),
    weight=st.floats(1e-6, 1e6),
    labels=st.lists(st.text(min_size=1, max_size=5), max_size=3, unique=True),
    folder=st.sampled_from(["/tmp/a b", '/tmp/"quoted"', "/tmp/é\\n"]),
)
def test_any_recipe_that_is_resolved_reads_back_equal(
    seed: int, count: int, share: float, weight: float, labels: list[str], folder: str
):
    values = {label: ["one", label] for label in labels}
    recipe = parse(
        {
            "seed": seed,
            "count": count,
            "source": {"path": "s.csv", "format": "csv", "options": {"text": "t"}, "licence": "mit"},
            "extract": {"labels": labels},
            "generator": [FILL | {"weight": weight, "values": values, "unlabelled": labels, "templates": "t"}],
            "filter": [{"use": "duplicate", "ignore": []}],
            "export": {"validation": share, "test": share, "drop": ["label"], "task": "token-classification"},
        },
        Path(folder),
        "my.toml",
    )
    assert parse(recipes.tomllib.loads(tomli_w.dumps(resolve(recipe).content)), Path("/elsewhere"), "x") == recipe


def test_every_default_is_written_out(tmp_path: Path):
    plain = resolve(make_recipe(tmp_path)).content
    assert plain["shard_size"] == 20_000
    assert plain["today"] == "2025-12-31"
    assert plain["source"]["on_error"] == "stop"
    switches = {"parent": False, "source": True, "validation": 0.0, "test": 0.0}
    assert plain["export"] == {"formats": [], "files": [], "drop": [], **switches}
    assert plain["generator"][0]["name"] == "mention_replacement"
    fields = {field.name for field in dataclasses.fields(make_recipe(tmp_path).steps[0].generator)}
    assert fields <= plain["generator"][0].keys()


def test_differences_name_the_option_and_both_values():
    one: dict[str, Any] = {"seed": 1, "generator": [{"name": "a", "rate": 1.0}, {"name": "b"}], "filter": []}
    assert differences(one, one) == []
    assert differences(one, one | {"seed": 2, "count": 5}) == ["seed was 1, is 2", "count was not given, is 5"]
    assert differences(one, one | {"generator": [{"name": "a", "rate": 0.5}, {"name": "b"}]}) == [
        "generator 'a'.rate was 1.0, is 0.5"
    ]
    (line,) = differences(one, one | {"generator": [{"name": "a", "rate": 1.0}]})
    assert line.startswith("generator was [{'name': 'a'")
    assert differences({"source": {"path": "a"}}, {"source": {"path": "b", "format": "csv"}}) == [
        "source.path was 'a', is 'b'",
        "source.format was not given, is 'csv'",
    ]
    assert differences({"values": {"X": "a"}}, {"values": {}}) == ["values.X was 'a', is not given"]


def test_recipes_can_be_moved_with_their_files(tmp_path: Path):
    make_recipe(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    write_source(tmp_path / "two" / "source.jsonl")
    source = load(tmp_path / "two" / "recipe.toml").source
    assert source is not None
    assert source.path == tmp_path / "two" / "source.jsonl"
