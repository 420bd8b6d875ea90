from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
from edited import corpus_of, marked
from shared_work import build_once
from tiny_language import CITIES, DAYS, PEOPLE, VERBS, fitted, good, reasons, source

pytest.importorskip("torch")
pytest.importorskip("transformers")

from textsynth.components.generator import CopySampler, Draft
from textsynth.components.learned import read_learned
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources, Template
from textsynth.foundation.seeding import child_rng
from textsynth.generators.seq2seq import Seq2seq
from textsynth.training.device import threads
from textsynth.training.training_log import read_curves
from textsynth.wording.filling import write_filler

OTHER_FAMILIES = pytest.mark.slow
"""A model of one family stands for all in `make test`; each takes seconds to train."""

FILLERS = ("t5", pytest.param("bart", marks=OTHER_FAMILIES))
THOROUGH: dict[str, Any] = {"method": "full", "learning_rate": 0.003, "patience": 9, "epochs": 10}
FAULTS = {"empty", "does not end", "extra mention", "broken character"}
"""Why a sentence may be rejected, whatever the task."""
PLACEHOLDER_FAULTS = {"mention missing", "mention changed", "mention doubled"}
GAP_FAULTS = {"the rest was changed", "gaps do not match", "a gap is empty"}


def generator(kind: Any, **options: Any) -> Seq2seq:
    return Seq2seq(model=tiny_models.model(kind), loading={"device": "cpu"}, **options)


def filling(kind: Any = "t5", **options: Any) -> Seq2seq:
    return generator(kind, task="infill", fine_tune=False, **options)


def paraphrasing(**options: Any) -> Seq2seq:
    return generator("paraphraser", task="paraphrase", **options)


def translating(**options: Any) -> Seq2seq:
    return generator("forth", task="back_translation", back={"model": tiny_models.model("back")}, **options)


REWORDING = (paraphrasing, pytest.param(translating, marks=OTHER_FAMILIES))


def copies(made: Seq2seq, directory: Path, corpus: Corpus, count: int = 20) -> Draft:
    sampler = made.sampler(fitted(made, directory, corpus))
    assert isinstance(sampler, CopySampler)
    return sampler.copies(np.repeat(np.arange(len(corpus)), count), child_rng(3))


def texts(made: Seq2seq, directory: Path, *written: str, count: int = 20) -> set[str]:
    """All good copies, with their mentions marked."""
    return {marked(example) for example in good(copies(made, directory, corpus_of(*written), count))}


def size(made: Corpus | Draft) -> int:
    return len(made.corpus) if isinstance(made, Draft) else len(made)


@pytest.fixture(scope="module")
def asking() -> tuple[Seq2seq, Path]:
    """A T5 that has learnt to write sentences with slots for their labels, and where."""
    made = generator("t5", task="mentions", tuning=THOROUGH)
    return made, build_once("asking", lambda place: fitted(made, place))


@pytest.fixture(scope="module")
def tuned_filling() -> tuple[Seq2seq, Path]:
    """A BART that has learnt to fill gaps of the source, and where."""
    made = generator("bart", task="infill", gaps={"rate": 0.5}, tuning=THOROUGH | {"epochs": 5})
    return made, build_once("filling", lambda place: fitted(made, place))


# Filling gaps


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILLERS)
def test_what_a_person_did_to_get_to_a_city_becomes_another_way_to_travel(kind: Any, tmp_path: Path):
    made = filling(kind, gaps={"rate": 0.25, "length": 1.0}, temperature=0.7)
    journeys = (
        ("Ada", "flew", "Rome", "Monday"),
        ("Omar", "sailed", "Paris", "Friday"),
        ("Iris", "drove", "Oslo", "Sunday"),
    )
    read = [f"[{person}](PERSON) {verb} to [{city}](CITY) on {day} ." for person, verb, city, day in journeys]
    found = [marked(each) for each in good(made.sampler(fitted(made, tmp_path, corpus_of(*read)))(180, child_rng(1)))]
    allowed = {
        f"[{person}](PERSON) {verb} to [{city}](CITY) on {day} ."
        for person, _, city, _ in journeys
        for verb in VERBS
        for day in DAYS
    }
    assert len(found) > 30
    # About half with six seeds and three kinds of arithmetic; nothing at all without training.
    assert sum(text in allowed for text in found) > 0.25 * len(found)


@pytest.mark.parametrize("kind", FILLERS)
def test_mentions_and_their_order_are_never_touched(kind: Any, tmp_path: Path):
    made = filling(kind, gaps={"rate": 0.9}, temperature=2.0, top_p=1.0)
    draft = copies(made, tmp_path, source(12), 3)
    before = [example for example in source(12) for _ in range(3)]
    assert [each.mentions() for each in draft.corpus] == [each.mentions() for each in before]
    assert [each.label for each in draft.corpus] == [each.label for each in before]
    assert Corpus(draft.corpus.table) == draft.corpus


def test_nothing_comes_without_a_label_that_is_a_mention_with_one(tmp_path: Path):
    made = filling(gaps={"rate": 1.0}, temperature=1.5)
    sampler = made.sampler(
        fitted(made, tmp_path, corpus_of("we saw [Ada](PERSON) today .", "[Rome](CITY)", "hi there ."))
    )
    draft = sampler(120, child_rng(1))
    assert set(reasons(draft)) <= {None, "unchanged", *FAULTS, *GAP_FAULTS}
    assert all({"Ada", "Rome"}.isdisjoint(" ".join(Template.of(each).literals).split()) for each in good(draft))


@OTHER_FAMILIES
def test_what_was_filled_badly_is_as_it_was_and_says_why(tmp_path: Path):
    made = filling("bart", gaps={"rate": 0.5})
    draft = made.sampler(fitted(made, tmp_path))(120, child_rng(1))
    assert isinstance(draft, Draft)
    assert set(reasons(draft)) <= {None, "unchanged", *FAULTS, *GAP_FAULTS}
    assert sum(reasons(draft)[fault] for fault in GAP_FAULTS) > 0
    known = set(source().texts.to_pylist())
    rejected = [each.text for each, reason in zip(draft.corpus, draft.reasons, strict=True) if reason]
    assert set(rejected) <= known


def test_a_model_that_learns_to_fill_gets_better_at_it(tuned_filling: tuple[Seq2seq, Path]):
    """Sentences cost it less by the end, held-out ones too; what it writes has the mentions it was given."""
    made, place = tuned_filling
    curves = read_curves(place)["seq2seq"]
    assert curves["training_loss"][-1] < curves["training_loss"][0]
    assert min(curves["loss"]) < curves["loss"][0]
    assert set(read_learned(place).facts) == {"epochs", "training_loss", "nats_per_target"}
    draft = made.sampler(place)(60, child_rng(1))
    assert isinstance(draft, Draft)
    assert set(reasons(draft)) <= {None, "unchanged", *FAULTS, *GAP_FAULTS}
    assert Corpus(draft.corpus.table) == draft.corpus
    assert {example.mentions() for example in draft.corpus} <= {example.mentions() for example in source()}


def test_a_model_that_knows_no_gaps_is_refused(tmp_path: Path):
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    place = tmp_path / "gapless"
    tokenizer = AutoTokenizer.from_pretrained(tiny_models.untrained("bart"))
    tokenizer.mask_token = None
    tokenizer.save_pretrained(place)
    AutoModelForSeq2SeqLM.from_pretrained(tiny_models.untrained("bart")).save_pretrained(place)
    with pytest.raises(OptionError, match="'model' must have <extra_id_0> or a mask"):
        fitted(Seq2seq(model=str(place), loading={"device": "cpu"}), tmp_path / "fitted")


# Other words, and there and back


@pytest.mark.parametrize("made", REWORDING)
def test_a_sentence_is_said_in_other_words_with_its_mentions(made: Any, tmp_path: Path):
    written = (
        "[Ada](PERSON) flew to [New York](CITY) on Monday .",
        "we saw [Xu-Li 😀](PERSON) today .",
        "send two lamps to [A.B.](X) !",
    )
    draft = copies(made(temperature=0.0), tmp_path, corpus_of(*written), 1)
    assert [marked(example) for example in draft.corpus] == [
        "on Monday [Ada](PERSON) flew to [New York](CITY) .",
        "today we saw [Xu-Li 😀](PERSON) .",
        "please send two lamps to [A.B.](X) !",
    ]
    assert list(draft.reasons) == []
    assert [example.parent for example in draft.corpus] == [
        Template.of(each).fingerprint() for each in corpus_of(*written)
    ]


def test_placeholders_that_are_lost_doubled_or_changed_are_rejected_by_name(tmp_path: Path):
    made = paraphrasing(temperature=4.0, top_p=1.0)
    draft = made.sampler(fitted(made, tmp_path))(150, child_rng(1))
    found = reasons(draft)
    assert sum(found[fault] for fault in PLACEHOLDER_FAULTS) > 0
    assert set(found) <= {None, "unchanged", *FAULTS, *PLACEHOLDER_FAULTS}
    counts = [len(example.spans) for example in good(draft)]
    assert all(counts)


def test_what_comes_back_as_it_was_is_unchanged(tmp_path: Path):
    """The model that paraphrases says the day first, so that what has it first stays."""
    made = paraphrasing(temperature=0.0, input={"prefix": ""})
    draft = made.sampler(fitted(made, tmp_path, corpus_of("today we saw [Ada](PERSON) .")))(2, child_rng(1))
    same = [text == "today we saw Ada ." for text in draft.corpus.texts.to_pylist()]
    assert same == [reason is not None for reason in draft.reasons]


def test_copies_all_differ(tmp_path: Path):
    draft = copies(paraphrasing(temperature=1.0), tmp_path, source(6), 3)
    assert len(set(good(draft).texts.to_pylist())) == len(good(draft))
    assert set(reasons(draft)) <= {None, "no further variant", "unchanged"}
    assert reasons(draft)[None] >= 3


def test_text_like_a_placeholder_is_left_alone(tmp_path: Path):
    draft = copies(
        paraphrasing(temperature=0.0),
        tmp_path,
        corpus_of("we saw [Ada](PERSON) xx1 .", "we saw [Bo](PERSON) today ."),
        1,
    )
    assert list(draft.reasons) == ["unchanged", None]
    other = copies(
        paraphrasing(temperature=0.0, input={"placeholder": "XX{number}"}),
        tmp_path / "2",
        corpus_of("we saw [XX1](P) today ."),
        1,
    )
    assert [marked(each) for each in other.corpus] == ["today we saw [XX1](P) ."]


@pytest.mark.slow
def test_translators_with_tokenizers_that_are_written_in_python_run(tmp_path: Path):
    pytest.importorskip("sentencepiece")
    made = generator("marian", task="back_translation", back={"model": tiny_models.model("marian")})
    draft = copies(made, tmp_path, source(6), 2)
    assert set(reasons(draft)) <= {None, "unchanged"}
    assert Corpus(draft.corpus.table) == draft.corpus
    assert [each.mentions() for each in draft.corpus] == [each.mentions() for each in source(6) for _ in range(2)]


@pytest.mark.parametrize(("task", "fine_tune"), [("paraphrase", False), ("mentions", True)])
def test_models_of_bytes_learn_and_write(task: Any, fine_tune: bool, tmp_path: Path):
    made = generator("byt5", task=task, fine_tune=fine_tune, tuning={"epochs": 1})
    draft = made.sampler(fitted(made, tmp_path, source(20)))(4, child_rng(1))
    assert Corpus(draft.corpus.table) == draft.corpus  # type: ignore[union-attr]
    assert size(draft) == 4


def test_gaps_need_a_tokenizer_that_knows_where_its_pieces_are(tmp_path: Path):
    with pytest.raises(OptionError, match=r"must be a model with a fast tokenizer .*, has none: '.*byt5'"):
        fitted(generator("byt5", task="infill", fine_tune=False), tmp_path)


@pytest.mark.parametrize("cores", [2, 3])
def test_it_learns_with_as_many_threads_as_there_are(cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import torch

    from textsynth.pretrained.rewriting import trained

    seen: list[int] = []
    monkeypatch.setattr(trained, "fine_tune", lambda *_: seen.append(torch.get_num_threads()))
    with threads(cores):
        fitted(generator("t5"), tmp_path)
    assert seen == [cores]


# Mentions


def test_sentences_are_written_for_slots_that_are_filled_afterwards(asking: tuple[Seq2seq, Path]):
    made = asking[0].sampler(asking[1])(200, child_rng(1))
    assert set(reasons(made)) <= {None, *FAULTS, *PLACEHOLDER_FAULTS}
    assert reasons(made)[None] > 100
    known: dict[str | None, set[tuple[str, ...]]] = {}
    for example in source():
        known.setdefault(example.label, set()).add(tuple(sorted(span.label for span in example.spans)))
    for example in good(made):
        assert tuple(sorted(span.label for span in example.spans)) in known[example.label]
        for span, mention in zip(example.spans, example.mentions(), strict=True):
            assert mention in {"PERSON": PEOPLE, "CITY": CITIES}[span.label]


def test_a_class_is_written_as_that_class(asking: tuple[Seq2seq, Path]):
    sampler = asking[0].sampler(asking[1])
    made = good(sampler(60, child_rng(2), "send"))
    words = [example.text.split() for example in made]
    assert {example.label for example in made} == {"send"}
    assert sum(each[0] == "send" for each in words) > 0.5 * len(words)
    assert len(sampler(5, child_rng(2), "no such class")) == 0


def test_slots_take_other_values(tmp_path: Path, asking: tuple[Seq2seq, Path]):
    """What the model learnt does not depend on them."""
    values = {"PERSON": ("Nils Holgersson",), "CITY": ("Aachen", "Bonn")}
    made = generator("t5", task="mentions", tuning=THOROUGH, values=values)
    shutil.copytree(asking[1], tmp_path, dirs_exist_ok=True)
    write_filler(made, Resources.of(source()), child_rng(1), tmp_path)
    mentions = {mention for example in good(made.sampler(tmp_path)(60, child_rng(1))) for mention in example.mentions()}
    assert mentions == {"Nils Holgersson", "Aachen", "Bonn"}


@pytest.mark.slow
def test_mentions_that_the_model_writes_itself_are_found_or_the_sentence_is_rejected(tmp_path: Path):
    made = generator("t5", task="mentions", input={"slots": False}, tuning=THOROUGH | {"epochs": 6})
    draft = made.sampler(fitted(made, tmp_path))(200, child_rng(1))
    assert set(reasons(draft)) <= {None, *FAULTS, "mention missing", "mention ambiguous", "mention doubled"}
    curves = read_curves(tmp_path)["seq2seq"]
    assert min(curves["loss"]) < 0.9 * curves["loss"][0]
    for example in good(draft):
        assert [example.text[span.start : span.end] for span in example.spans] == list(example.mentions())
        names = [word for word in example.text.split() if word in PEOPLE + CITIES]
        assert names == list(example.mentions())


def test_a_model_that_repeats_what_it_is_asked_with_has_its_mentions_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Whatever a model learns: what it reads names each mention once."""
    from textsynth.pretrained.rewriting.rewriter import Rewriter

    made = generator("t5", task="mentions", input={"slots": False}, fine_tune=False)
    sampler = made.sampler(fitted(made, tmp_path))
    monkeypatch.setattr(Rewriter, "write", lambda _self, inputs, *_: inputs)
    draft = sampler(40, child_rng(1))
    assert reasons(draft) == {None: 40}
    for example in good(draft):
        asked = [
            word for span, name in zip(example.spans, example.mentions(), strict=True) for word in (span.label, name)
        ]
        assert example.text.split() == ["class", example.label, *asked]


def test_what_was_learnt_is_told(asking: tuple[Seq2seq, Path]):
    assert set(read_learned(asking[1]).facts) == {"epochs", "training_loss", "nats_per_target"}
    files = {path.name for path in asking[1].iterdir()}
    assert files >= {
        "source.parquet",
        "pools.parquet",
        "tuned.safetensors",
        "tuned.json",
        "curves.json",
        "learned.json",
    }


# All


ODD = (
    *("", "  ", "12 !!", "[Ada](PERSON)", "[Ada](PERSON)[Rome](CITY)", "[Ada](PERSON) we saw [Rome](CITY)"),
    *(
        "👩‍👩‍👧 e\u0301",
        "العربية [שלום](X) 東京",
        "<extra_id_0> </s> <mask> <pad> [MASK]",
        "we saw [Ada](PERSON)\ntoday .",
    ),
)


@pytest.mark.parametrize("made", [filling, *REWORDING])
def test_odd_sentences_do_no_harm(made: Any, tmp_path: Path):
    corpus = corpus_of(*ODD)
    draft = copies(made(), tmp_path, corpus, 2)
    assert Corpus(draft.corpus.table) == draft.corpus
    before = [sorted(example.mentions()) for example in corpus for _ in range(2)]
    assert [sorted(example.mentions()) for example in draft.corpus] == before
    assert list(draft.reasons[:4]) == ["unchanged"] * 4
    sampler = made().sampler(tmp_path)
    assert (sampler(0, child_rng(1)), size(sampler(16, child_rng(1)))) == (Corpus.empty(), 16)


@pytest.mark.parametrize("made", [filling, *REWORDING])
def test_what_is_longer_than_the_model_reads_stays(made: Any, tmp_path: Path):
    long = "we saw [Ada](PERSON) today . " * 16
    draft = copies(
        made(temperature=0.7), tmp_path, corpus_of(long.strip(), "[Ada](PERSON) flew to [Rome](CITY) on Monday ."), 1
    )
    assert draft.reasons[0] == "unchanged"
    assert len(draft.corpus[0].spans) == 16


@pytest.mark.parametrize("task", ["infill", "mentions"])
def test_a_few_sentences_and_a_class_with_one_warn_and_work(
    task: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    made = generator("t5", task=task, tuning={"epochs": 1})
    with caplog.at_level(logging.WARNING):
        sampler = made.sampler(fitted(made, tmp_path, source(4)))
    assert "seq2seq: the source has 4 sentences, fewer than 20" in caplog.text
    assert "the class 'see' has one sentence" in caplog.text
    assert size(sampler(5, child_rng(1), "see")) == 5


def test_tokens_between_spaces_stay_apart(tmp_path: Path):
    corpus = Corpus.from_trusted(corpus_of("we saw [Ada](PERSON) today .").table, "whitespace")
    draft = copies(paraphrasing(temperature=0.0), tmp_path, corpus, 1)
    assert draft.corpus.tokenizer == "whitespace"
    assert draft.corpus.texts.to_pylist() == ["today we saw Ada ."]


def test_what_fills_gaps_stands_between_spaces_where_tokens_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from textsynth.pretrained.rewriting.rewriter import Rewriter

    corpus = corpus_of("we saw [Ada B.](PERSON) today .", "[Bo](PERSON)'s cat (old) sat .", tokenizer="whitespace")
    monkeypatch.setattr(Rewriter, "text", lambda *_: 'so, (as "said") we')
    made = good(
        filling(gaps={"rate": 1.0}).sampler(fitted(filling(gaps={"rate": 1.0}), tmp_path, corpus))(20, child_rng(1))
    )
    assert len(made) > 12
    assert all('so , ( as " said " ) we' in each.text and "so," not in each.text for each in made)
    assert {each.mentions() for each in made} == {("Ada B.",), ("Bo",)}
    assert {each.text[:8] for each in made if each.mentions() == ("Bo",)} <= {"Bo so , ", "Bo's so ", "Bo's cat"}
    assert any(each.text.startswith("Bo so , ") for each in made)
    usual = good(copies(filling(gaps={"rate": 1.0}), tmp_path / "words", corpus_of("we saw [Ada](PERSON) today ."), 1))
    assert all('so, (as "said") we' in each.text for each in usual)


def test_placeholders_with_brackets_come_back_where_tokens_stand_between_spaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from textsynth.pretrained.rewriting.rewriter import Rewriter

    corpus = corpus_of("we saw [U.S.](GPE) and [Ada](PERSON) .", tokenizer="whitespace")
    monkeypatch.setattr(Rewriter, "sentence", lambda *_: "([PERSON_2]'s here), said [GPE_1].")
    draft = copies(paraphrasing(input={"placeholder": "[{label}_{number}]"}), tmp_path, corpus, 1)
    assert [marked(each) for each in good(draft)] == ["( [Ada](PERSON) 's here ) , said [U.S.](GPE) ."]


@pytest.mark.parametrize("text", ["Ada saw \ufffd .", "Ada , \ufffd Bo ."])
def test_broken_characters_are_rejected_where_the_model_writes_mentions(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from textsynth.pretrained.rewriting.rewriter import Rewriter

    made = generator("t5", task="mentions", input={"slots": False}, fine_tune=False)
    corpus = corpus_of("we saw [Ada](PERSON) .", tokenizer="whitespace")
    sampler = made.sampler(fitted(made, tmp_path, corpus))
    monkeypatch.setattr(Rewriter, "sentence", lambda *_: text)
    assert reasons(sampler(2, child_rng(1))) == {"broken character": 2}


def test_a_model_of_another_kind_is_refused(tmp_path: Path):
    good, *wrong = (tiny_models.untrained(kind) for kind in ("t5", "bert", "gpt"))
    backward = [{"model": good, "task": "back_translation", "back": {"model": each}} for each in wrong[1:]]
    for number, options in enumerate([*({"model": each} for each in wrong), *backward]):
        with pytest.raises(OptionError, match="must be a model for seq2seq language modelling"):
            fitted(Seq2seq(loading={"device": "cpu"}, **options), tmp_path / str(number))


def test_each_task_has_a_model_of_its_own_by_default():
    assert [each.model for each in Seq2seq(task="mentions").models()] == ["google-t5/t5-small"]
    assert [each.model for each in Seq2seq(task="paraphrase").models()] == ["humarin/chatgpt_paraphraser_on_T5_base"]
    there, back = Seq2seq(task="back_translation").models()
    assert (there.model, back.model) == ("Helsinki-NLP/opus-mt-en-de", "Helsinki-NLP/opus-mt-de-en")
    assert Seq2seq(task="paraphrase").opening() == "paraphrase: "
    assert Seq2seq(task="paraphrase", input={"prefix": ""}).opening() == Seq2seq(task="infill").opening() == ""


def test_models_are_found_beside_the_recipe(tmp_path: Path):
    (tmp_path / "t5").mkdir()
    anchored = Seq2seq(model="t5", back={"model": "t5"}).resolve_paths(tmp_path)
    assert (anchored.model, anchored.back.model) == (str(tmp_path / "t5"), str(tmp_path / "t5"))
    assert Seq2seq().resolve_paths(tmp_path).model == ""
