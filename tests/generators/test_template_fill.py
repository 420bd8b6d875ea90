from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from strategies import corpora

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.errors import FormatError, InputError, OptionError
from textsynth.extract import Resources, Template
from textsynth.extract.usage import capitalise
from textsynth.foundation.seeding import child_rng
from textsynth.generators.template_fill import TemplateFill

SOURCE = Corpus.from_columns(
    text=["Ann met Bo in Rome.", "Cy met Di in Oslo.", "Call Ann!", "Nobody is here."],
    spans=[
        [(0, 3, "P"), (8, 10, "P"), (14, 18, "CITY")],
        [(0, 2, "P"), (7, 9, "P"), (13, 17, "CITY")],
        [(5, 8, "P")],
        [],
    ],
    label=["meet", "meet", "call", None],
)


def made(folder: Path, count: int = 300, source: Corpus = SOURCE, label: str | None = None, **options: Any) -> Corpus:
    generator = TemplateFill(**options)
    folder.mkdir(exist_ok=True)
    generator.fit(Resources.of(source), folder, child_rng(1, "fit"))
    return generator.sampler(folder)(count, child_rng(2), label)


def plain(folder: Path, *lines: str) -> Path:
    path = folder / "templates.txt"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_by_hand(tmp_path: Path):
    """Every sentence that the source's two templates with slots and its mentions can make, and no other."""
    people, cities = ["Ann", "Bo", "Cy", "Di"], ["Rome", "Oslo"]
    expected = {(f"Call {person}!", ((5, "P"),), "call") for person in people}
    for first in people:
        for second in people:
            for city in cities:
                text = f"{first} met {second} in {city}."
                spans = ((0, "P"), (len(first) + 5, "P"), (text.index(city), "CITY"))
                if first != second:
                    expected.add((text, spans, "meet"))
    found = {
        (each.text, tuple((span.start, span.label) for span in each.spans), each.label) for each in made(tmp_path, 2000)
    }
    assert found == expected
    assert len(expected) == 4 + 4 * 3 * 2


def test_the_parent_is_the_template(tmp_path: Path):
    parents = {Template.parse(each).fingerprint() for each in ("{P} met {P:2} in {CITY}.", "Call {P}!")}
    assert set(made(tmp_path).table.column("parent").to_pylist()) == parents


def test_templates_and_values_are_as_likely_as_they_are_frequent(tmp_path: Path):
    sample = made(tmp_path, 30_000)
    classes = Counter(each.label for each in sample)
    assert classes["meet"] == pytest.approx(20_000, abs=400)  # two of three, five standard deviations
    names = Counter(each.mentions()[0] for each in sample if each.label == "call")
    total = sum(names.values())
    shares = {"Ann": 2 / 5, "Bo": 1 / 5, "Cy": 1 / 5, "Di": 1 / 5}  # Ann is there twice
    chi_square = sum((names[name] - share * total) ** 2 / (share * total) for name, share in shares.items())
    assert chi_square < 16.3  # three degrees of freedom, p = 0.001


def test_uniform_weights(tmp_path: Path):
    sample = made(tmp_path, 30_000, weights="uniform")
    assert Counter(each.label for each in sample)["meet"] == pytest.approx(15_000, abs=450)
    names = Counter(each.mentions()[0] for each in sample if each.label == "call")
    assert all(count == pytest.approx(3_750, abs=300) for count in names.values())


def test_a_class_by_weight(tmp_path: Path):
    assert {each.text for each in made(tmp_path, 200, label="call")} == {
        f"Call {name}!" for name in ("Ann", "Bo", "Cy", "Di")
    }
    assert len(made(tmp_path, 20, label="call\x00")) == 0


def test_a_users_templates(tmp_path: Path):
    path = plain(tmp_path, "# mine", "Dear {P},\\n{P:2} and {P} {{x}}", "no slot at all")
    for each in made(tmp_path, templates=path):
        first, second, third = each.mentions()
        assert each.text == f"Dear {first},\n{second} and {third} {{x}}"
        assert first == third != second
        assert each.label is None


def test_a_users_table_with_classes(tmp_path: Path):
    path = plain(tmp_path, "count\tlabel\ttemplate", "3\tgreet\tHi {P}", "1\tleave\tBye {P}")
    sample = made(tmp_path, 4000, templates=path)
    assert Counter(each.label for each in sample)["greet"] == pytest.approx(3000, abs=150)
    assert all(each.text.startswith({"greet": "Hi", "leave": "Bye"}[each.label or ""]) for each in sample)


def test_templates_without_a_source(tmp_path: Path):
    path = plain(tmp_path, "{PERSON} lives in {CITY}, {POSTCODE}. Write to {EMAIL} or {EMAIL:2}.")
    sample = made(tmp_path, 500, Corpus.empty(), templates=path, pool_size=50)
    assert sample.labels == ("CITY", "EMAIL", "PERSON", "POSTCODE")
    for each in sample:
        name, _, _, mail, other = each.mentions()
        assert mail != other
        assert mail[0] in {part[0].lower() for part in name.split()}
    assert len({each.mentions()[0] for each in sample}) <= 50


def test_values_from_everywhere(tmp_path: Path):
    (tmp_path / "drugs.txt").write_text("aspirin\nibuprofen\t2\n", encoding="utf-8")
    path = plain(tmp_path, "{A} {B} {C} {D} {P}")
    values = {
        "A": f"words:{tmp_path / 'drugs.txt'}",
        "B": ["x", "y"],
        "C": "faker:pyint(max_value=9)",
        "D": "mimesis:food.dish",
    }
    for each in made(tmp_path, templates=path, values=values):
        a, b, c, _, p = each.mentions()
        assert (a in {"Aspirin", "Ibuprofen"}, b in {"x", "y"}, len(c), p in {"Ann", "Bo", "Cy", "Di"}) == (
            True,
            True,
            1,
            True,
        )


def test_pools_are_drawn_once(tmp_path: Path):
    path = plain(tmp_path, "{N}")
    sample = made(tmp_path, 3000, templates=path, values={"N": "faker:uuid4"}, pool_size=20)
    assert len({each.text for each in sample}) == 20


def test_files_are_taken_from_the_recipes_folder(tmp_path: Path):
    anchored = TemplateFill(templates=Path("t.txt"), values={"A": "words:a.txt", "B": "faker:name"}).resolve_paths(
        tmp_path
    )
    assert anchored.templates == tmp_path / "t.txt"
    assert anchored.values == {"A": f"words:{tmp_path / 'a.txt'}", "B": "faker:name"}
    assert TemplateFill().resolve_paths(tmp_path) == TemplateFill()


def test_unlabelled_slots(tmp_path: Path):
    sample = made(tmp_path, unlabelled=["CITY"])
    assert sample.labels == ("P",)
    assert any("Rome" in each.text for each in sample)


@pytest.mark.parametrize(
    ("agreement", "texts"),
    [
        ("always", {"ein a nurse", "ein an engineer"}),
        ("never", {"ein an nurse", "ein an engineer"}),
        ("auto", {"ein an nurse", "ein an engineer"}),
    ],
)
def test_agreement(tmp_path: Path, agreement: str, texts: set[str]):
    path = plain(tmp_path, "ein an {JOB}")
    values = {"JOB": ["nurse", "engineer"]}
    assert {each.text for each in made(tmp_path, templates=path, values=values, agreement=agreement)} == texts


def test_agreement_where_templates_look_english(tmp_path: Path):
    path = plain(tmp_path, "We need an {JOB} for {P}'s team.")
    texts = {
        each.text
        for each in made(tmp_path, templates=path, values={"JOB": ["nurse", "engineer"], "P": ["James", "Al"]})
    }
    assert texts == {f"We need {job} for {p} team." for job in ("a nurse", "an engineer") for p in ("James'", "Al's")}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"unlabelled": ["CTY"]},
            "option 'unlabelled': no slot has the label 'CTY'; did you mean 'CITY'? there is: CITY, P",
        ),
        ({"values": {"P": "words"}}, "option 'values': there is no source of values 'words'; did you mean 'words:'?"),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, options: Mapping[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        made(tmp_path, **options)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pool_size": 0}, "option 'pool_size' must be at least 1, was: 0"),
        ({"pool_size": "many"}, "option 'pool_size' must be "),
        ({"weights": "counts"}, "option 'weights' must be 'count' or 'uniform', was: 'counts'"),
        ({"locales": []}, "option 'locales' "),
        ({"agreement": True}, "option 'agreement' must be "),
        ({"values": {"P": 3}}, "option 'values'"),
        ({"templates": 3}, "option 'templates' must be "),
    ],
)
def test_options_of_the_wrong_type_or_out_of_range(options: Mapping[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        TemplateFill(**options)
    assert str(caught.value).startswith(message)


def test_a_source_without_slots_is_an_error(tmp_path: Path):
    with pytest.raises(OptionError) as caught:
        made(tmp_path, source=Corpus.from_columns(text=["nobody", "no one"]))
    assert str(caught.value) == (
        "template_fill: the source must have at least one template with a slot, has none; give spans with the source, "
        'or name what finds them in a table [[labeler]], such as use = "spacy" for English text, or use = "word_list"; '
        "in Python, textsynth.label"
    )


def test_templates_that_cannot_be_used(tmp_path: Path):
    with pytest.raises(OptionError, match=r"templates\.txt must have at least one template with a slot, has none$"):
        made(tmp_path, templates=plain(tmp_path, "no slot"))
    with pytest.raises(FormatError, match=r"templates\.txt:2: a brace must open or close a slot"):
        made(tmp_path, templates=plain(tmp_path, "{P}", "{P"))
    with pytest.raises(InputError, match=r"none\.txt: must be a file to read, there is none"):
        made(tmp_path, templates=tmp_path / "none.txt")


@given(corpora())
def test_hostile_sources(source: Corpus):
    with tempfile.TemporaryDirectory() as folder:
        if not source.labels:
            with pytest.raises(OptionError):
                made(Path(folder), source=source)
            return
        sample = made(Path(folder), 30, source, agreement="never")
    assert Corpus(sample.table) == sample
    assert sample.tokenizer == source.tokenizer
    assert (set(sample.labels), set(sample.classes)) <= (set(source.labels), set(source.classes))
    templates = {(Template.of(each).literals, each.label) for each in source}
    for each in sample:
        assert (Template.of(each).literals, each.label) in templates


def gazetteer_of(source: Corpus) -> set[tuple[str, str]]:
    """Returns label and mention, written as at the beginning of a sentence."""
    pairs = [pair for each in source for pair in zip(each.spans, each.mentions(), strict=True)]
    return {(span.label, capitalise(mention)) for span, mention in pairs}


@pytest.mark.parametrize("name", ["wnut17/train.conll", "snips/train.jsonl"])
def test_real_data(public_or_twin: Path, is_twin: bool, tmp_path: Path, name: str):
    source, count = formats.read(public_or_twin / name), 300 if is_twin else 5000
    # Without contexts no mention is shortened or inflected.
    plainly = made(tmp_path / "plainly", count, source, context="off", gender="any")
    assert len(plainly) == count
    assert gazetteer_of(plainly) <= gazetteer_of(source)
    check_tags(plainly)
    sample = made(tmp_path / "fitting", count, source)
    assert len(sample) == count
    assert set(sample.labels) <= set(source.labels)
    assert set(sample.classes) <= set(source.classes)
    assert Corpus(sample.table) == sample
    check_tags(sample)
    if source.tokenizer == "whitespace":
        assert tokenize(sample).lists().to_pylist() == [each.text.split(" ") for each in sample]


def check_tags(sample: Corpus) -> None:
    """Tokens and tags say the spans: each span begins and ends at a token, tagged from B to its last I."""
    tokens, names = tokenize(sample), list_tags(sample.labels)
    codes = encode_tags(tokens, sample, "iob2", names)
    spans, row = sample.spans, sample.spans.row_of_span()
    assert (tokens.starts[tokens.first] == spans.starts).all()
    assert (tokens.ends[tokens.stop - 1] == spans.ends).all()
    assert (codes > 0).sum() == (tokens.stop - tokens.first).sum()
    assert [names[code] for code in codes[tokens.first]] == [f"B-{label}" for label in spans.labels.to_pylist()]
    assert ((tokens.rows[row] <= tokens.first) & (tokens.stop <= tokens.rows[row + 1])).all()
