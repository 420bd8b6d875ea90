from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from chat_server import ChatServer, obedient, running

from textsynth.chat.request_writer import SentenceRequest
from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.errors import MissingDependency, OptionError, TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.prompt import Prompt

SOURCE = Corpus.from_columns(
    text=["Ann met Bo in Rome.", "Cy met Di in Oslo.", "Call Ann!", "Nobody is here.", "Call Bo on {x}!"],
    spans=[
        [(0, 3, "P"), (8, 10, "P"), (14, 18, "CITY")],
        [(0, 2, "P"), (7, 9, "P"), (13, 17, "CITY")],
        [(5, 8, "P")],
        [],
        [(5, 7, "P")],
    ],
    label=["meet", "meet", "call", "meet", "call"],
)
NAMES = {"person": "a named human being", "place": ""}


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with running(ChatServer(obedient)) as running_server:
        yield running_server


def requests(
    folder: Path, count: int = 100, source: Corpus = SOURCE, label: str | None = None, **options: Any
) -> list[SentenceRequest]:
    """What would be asked, without anybody to ask."""
    generator = Prompt(**{"backend": "server", "model": "tiny"} | options)
    generator.fit(Resources.of(source), folder, child_rng(1, "fit"))
    return generator._request_writer(folder).write(count, child_rng(2), label)


def made(
    folder: Path, server: ChatServer, count: int = 40, source: Corpus = SOURCE, label: str | None = None, **options: Any
) -> Draft:
    generator = Prompt(**{"backend": "server", "model": "tiny", "server": {"base_url": server.address}} | options)
    generator.fit(Resources.of(source), folder, child_rng(1, "fit"))
    draft = generator.sampler(folder)(count, child_rng(2), label)
    assert isinstance(draft, Draft)
    return draft


def asked(found: list[SentenceRequest]) -> list[str]:
    return [each.request.messages[-1].content for each in found]


def test_drawn_mentions_are_asked_for_and_labelled(tmp_path: Path, server: ChatServer):
    draft = made(tmp_path, server)
    assert (len(draft.corpus), set(draft.reasons)) == (40, {None})
    known = {("P", name) for name in ("Ann", "Bo", "Cy", "Di")} | {("CITY", name) for name in ("Rome", "Oslo")}
    found = {
        (span.label, mention)
        for each in draft.corpus
        for span, mention in zip(each.spans, each.mentions(), strict=True)
    }
    assert found == known
    assert {len(each.spans) for each in draft.corpus} == {1, 2}
    assert len(set(draft.corpus.table.column("parent").to_pylist())) == 40


def test_mentions_are_as_in_a_sentence_of_the_class(tmp_path: Path):
    bags = Counter(
        (each.label, tuple(sorted(mention.label for mention in spec.mentions)))
        for each in requests(tmp_path, 400, mentions=(0, 3))
        for spec in each.specs
    )
    assert bags.keys() == {("meet", ("CITY", "P", "P")), ("meet", ()), ("call", ("P",))}


def test_mentions_of_one_sentence_can_be_told_apart(tmp_path: Path):
    values = {"P": ["York", "New York", "york", "Yorkshire"], "CITY": ["York", "Ely"]}
    for each in requests(tmp_path, 200, mentions=(2, 3), values=values):
        for spec in each.specs:
            words = [mention.text.casefold() for mention in spec.mentions]
            assert not any(one in other for one in words for other in words if one is not other)


def test_fields_of_a_record_agree(tmp_path: Path):
    values = {"name": "record:first_name", "mail": "record:email"}
    found = requests(
        tmp_path, 60, Corpus.empty(), labels={"name": "", "mail": ""}, values=values, mentions=(2, 2), pool_size=30
    )
    pairs = [{each.label: each.text for each in spec.mentions} for each in found for spec in each.specs]
    both = [pair for pair in pairs if len(pair) == 2]
    assert both
    assert all(pair["name"][0].lower() in pair["mail"].lower() for pair in both)


def test_a_class_is_asked_for_as_often_as_the_source_has_it(tmp_path: Path):
    found = Counter(each.label for each in requests(tmp_path, 5000))
    assert sum(found.values()) == 1000
    assert found["meet"] == pytest.approx(600, abs=60)
    assert {each.label for each in requests(tmp_path, 20, label="call")} == {"call"}
    assert requests(tmp_path, 20, label="no such class") == []


def test_shots_are_of_the_class_and_drawn_afresh(tmp_path: Path):
    found = requests(tmp_path, 300, request={"shots": 2})
    shown = Counter((each.label, *sorted(each.shots)) for each in found)
    assert ("call", "Call Ann!", "Call Bo on {x}!") in shown
    assert len(shown) == 1 + 3  # The two calls, and two of three meetings.
    prompt = asked(requests(tmp_path, 1, request={"shots": 2}, label="call"))[0]
    assert '{"text": "Call Bo on {x}!", "mentions": [{"text": "Bo", "label": "P"}]}' in prompt


def test_a_class_that_the_source_has_not_gets_no_shots(tmp_path: Path):
    classes = {"call": "", "complaint": ""}
    found = requests(tmp_path, 200, request={"shots": 2}, classes=classes)
    assert {each.label: bool(each.shots) for each in found} == {"call": True, "complaint": False}
    shown = {each.label: "Examples" in prompt for each, prompt in zip(found, asked(found), strict=True)}
    assert shown == {"call": True, "complaint": False}


def test_shots_are_of_all_if_no_class_is_asked_for(tmp_path: Path):
    source = Corpus.from_columns(text=["Ann came.", "Bo left."], spans=[[(0, 3, "P")], [(0, 2, "P")]])
    found = requests(tmp_path, 50, source, request={"shots": 2})
    assert {tuple(sorted(each.shots)) for each in found} == {("Ann came.", "Bo left.")}


def test_what_a_model_writes_is_cut_into_words_whatever_the_tokens_of_the_source(tmp_path: Path, server: ChatServer):
    source = Corpus(SOURCE.table, tokenizer="whitespace")
    draft = made(tmp_path, server, 5, source)
    assert draft.corpus.tokenizer == "words"


def test_no_shots_keep_no_source(tmp_path: Path):
    found = requests(tmp_path, 50, request={"shots": 0})
    assert not any("Examples" in prompt for prompt in asked(found))
    assert b"met" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_attributes_are_varied_by_sentence(tmp_path: Path):
    attributes = {"topic": ["pay", "hours", "leave"], "length": ["short", "long"]}
    found = requests(tmp_path, 600, request={"attributes": attributes})
    combined = Counter((each["topic"], each["length"]) for one in found for each in (b.attributes for b in one.specs))
    assert len(combined) == 6
    assert min(combined.values()) > 60
    assert re.search(r"^1\. topic: (pay|hours|leave); length: (short|long); has ", asked(found)[0], re.MULTILINE)


def test_labels_by_name_and_description_alone(tmp_path: Path):
    (found,) = requests(tmp_path, 5, Corpus.empty(), labels=NAMES, request={"genre": "notes", "language": "German"})
    assert found.request.messages[1].content == (
        "Write notes in German: 5, each unlike the others.\n"
        "\n"
        "Kinds of mentions:\n"
        "- person: a named human being\n"
        "- place\n"
        "\n"
        'Answer with {"sentences": [{"text": "...", "mentions": [{"text": "...", "label": "person"}]}]}, where '
        "mentions are all those of the kinds above, spelt as in the text."
    )
    assert found.request.messages[0].content.startswith("You write notes from which software learns to find mentions")


def test_classes_by_name_and_description_alone(tmp_path: Path):
    found = requests(
        tmp_path, 41, Corpus.empty(), classes={"refund": "wants money back", "other": ""}, request={"sentences": 4}
    )
    assert [len(each.specs) for each in found] == [4] * 10 + [1]
    assert {each.label for each in found} == {"refund", "other"}
    refund = next(prompt for prompt in asked(found) if "refund" in prompt)
    assert refund == (
        "Write sentences: 4, each unlike the others.\n"
        "\n"
        "Class of all of them: refund, that is: wants money back\n"
        "\n"
        'Answer with {"sentences": ["...", ...]}.'
    )


def test_made_up_mentions_are_labelled(tmp_path: Path):
    rows = [
        {"text": "Eve saw Rome.", "mentions": [{"text": "Eve", "label": "person"}, {"text": "Rome", "label": "place"}]},
        {"text": "Max saw it.", "mentions": []},
        {"text": "Max saw it.", "mentions": [{"text": "Lea", "label": "person"}]},
    ]
    with running(ChatServer(lambda _: json.dumps({"sentences": rows}))) as server:
        draft = made(tmp_path, server, 3, Corpus.empty(), labels=NAMES)
    assert [each.mentions() for each in draft.corpus] == [("Eve", "Rome"), (), ()]
    assert draft.reasons == [None, None, "mention missing"]


def test_both_tasks_at_once(tmp_path: Path, server: ChatServer):
    draft = made(tmp_path, server, 30, label="call")
    assert set(draft.corpus.table.column("label").to_pylist()) == {"call"}
    assert all(each.spans for each in draft.corpus)


def test_without_listing_half_is_written(tmp_path: Path):
    (found,) = requests(tmp_path, 3, request={"listing": False})
    assert asked([found])[0].endswith('Answer with {"sentences": ["...", ...]}.')
    assert found.request.schema is not None
    assert found.request.schema["properties"]["sentences"]["items"] == {"type": "string"}


def test_every_request_has_a_seed_of_its_own(tmp_path: Path):
    seeds = [each.request.seed for each in requests(tmp_path, 500)]
    assert len(set(seeds)) == len(seeds) == 100
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_a_template_of_ones_own(tmp_path: Path):
    path = tmp_path / "mine.jinja"
    path.write_text('{% extends "sentences.jinja" %}{% block user %}{{ super() }}\nBe kind.{% endblock %}')
    anchored = Prompt(request={"template": "mine.jinja"}, spending={"cache": "answers"}).resolve_paths(tmp_path)
    assert (anchored.request.template, anchored.spending.cache) == (path, tmp_path / "answers")
    (found,) = requests(tmp_path, 2, request={"template": path})
    path.unlink()  # The fitted directory has it.
    assert asked([found])[0].endswith("spelt as in the text.\n\nBe kind.")
    assert Prompt(backend="server", model="tiny", request={"template": path})._request_writer(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backend": "server", "model": ""}, "option 'model' must be the name of a model of the server, was: ''"),
        ({"backend": "server"}, "option 'model' must be the name of a model of the server, was: 'package:"),
        ({"backend": "cloud"}, "option 'backend' must be 'local' or 'server', was: 'cloud'"),
        ({"mentions": [2, 1]}, "option 'mentions' must be the least and the most, was: [2, 1]"),
        ({"mentions": [-1, 1]}, "option 'mentions'[0] must be at least 0"),
        ({"mentions": 2}, "option 'mentions' must be "),
        ({"labels": {"": "x"}}, "option 'labels' must have names that are not empty"),
        ({"request": {"attributes": {"length": []}}}, "[request]: option 'attributes'"),
        ({"request": {"sentences": 0}}, "[request]: option 'sentences' must be at least 1, was: 0"),
        (
            {"spending": {"max_cost": 1.0}},
            "[spending]: option 'max_cost' must have prices to count with, price_in and price_out, has none",
        ),
        ({"spending": {"price_in": -1.0}}, "[spending]: option 'price_in' must be at least 0"),
        ({"server": {"timeout": 0}}, "[server]: option 'timeout' must be greater than 0, was: 0"),
        ({"server": {"schema": "yes"}}, "[server]: option 'schema' must be 'auto', 'always' or 'never', was: 'yes'"),
        ({"server": {"concurrency": 0}}, "[server]: option 'concurrency' must be at least 1"),
        ({"request": {"longest": "long"}}, "[request]: option 'longest' must be "),
    ],
)
def test_options_that_are_wrong(options: Mapping[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        Prompt(**options)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("options", "source", "message"),
    [
        ({}, Corpus.empty(), "prompt: the source must have mentions or classes, has none; or name some, "),
        ({"values": {"PP": ["x"]}}, SOURCE, "option 'values': there is no label 'PP'; did you mean 'P'? "),
        ({"labels": {"P": ""}, "values": {"CITY": ["x"]}}, SOURCE, "option 'values': there is no label 'CITY'; "),
        (
            {"labels": NAMES, "request": {"listing": False}},
            SOURCE,
            "[request]: option 'listing' must be true if the model makes up mentions, as it does of person, place",
        ),
        (
            {"server": {"api_key_env": "NO_SUCH_KEY"}},
            SOURCE,
            "option 'api_key_env': the environment variable NO_SUCH_KEY must hold",
        ),
    ],
)
def test_options_that_do_not_go_together(tmp_path: Path, options: Mapping[str, Any], source: Corpus, message: str):
    with pytest.raises(OptionError) as caught:
        requests(tmp_path, source=source, **options)
    assert str(caught.value).startswith(message)


def test_a_model_that_is_not_there_is_found_out_before_anything_is_made(tmp_path: Path):
    with pytest.raises(TextsynthError, match="nowhere"):
        Prompt(model="package:nowhere").fit(Resources.of(SOURCE), tmp_path, child_rng(1))


def test_a_template_that_goes_wrong_is_found_out_before_anything_is_asked(tmp_path: Path):
    path = tmp_path / "mine.jinja"
    path.write_text("Write\n{{ nothing }}")
    with pytest.raises(OptionError) as caught:
        requests(tmp_path, request={"template": path})
    assert str(caught.value) == f"option 'template': {path}:2: 'nothing' is undefined"
    path.write_bytes(b"\xff")
    with pytest.raises(OptionError, match=r"mine\.jinja: must be UTF-8"):
        requests(tmp_path, request={"template": path})


def test_the_client_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        MissingDependency, match=r"the openai client is not installed; pip install 'textsynth-corpora\[chat\]'"
    ):
        requests(tmp_path)


def test_a_server_takes_no_memory_here_and_needs_no_torch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert Prompt(backend="server", model="tiny").memory() == 0
