import json
import re
import subprocess
import sys

import datasets
import pyarrow as pa
import pytest
from hostile_corpus import HOSTILE, assert_round_trip, snips

from textsynth import formats
from textsynth.conversion import files
from textsynth.corpus import Corpus, Names
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError, InputError, OptionError
from textsynth.formats.datasets import Datasets
from textsynth.huggingface.dataset_directory import save_splits
from textsynth.reading.records import Faults

CORPUS = Corpus.from_columns(
    text=["Ada in Rome", "hi", "bye"],
    spans=[[(0, 3, "PERSON"), (7, 11, "CITY")], [], []],
    label=["travel", "greet", None],
)


def files_of(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def hub_directory(folder):
    """A directory as `push_to_hub` lays it out."""
    features = datasets.Features(
        {"sentence": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])}
    )
    (folder / "data").mkdir(parents=True)
    for split, labels in {"train": [1, 0], "test": [0]}.items():
        columns = {"sentence": [f"{split} {number}" for number in range(len(labels))], "label": labels}
        made = datasets.Dataset.from_dict(columns, features=features)
        made.to_parquet(str(folder / "data" / f"{split}-00000-of-00001.parquet"))
    paths = [{"split": split, "path": f"data/{split}-*"} for split in ("train", "test")]
    header = json.dumps([{"config_name": "default", "data_files": paths}])
    (folder / "README.md").write_text(f"---\nconfigs: {header}\n---\n# A card\n", encoding="utf-8")
    return folder


def test_an_example_is_written_as_datasets_has_it(tmp_path):
    path = tmp_path / "x"
    formats.write(CORPUS, path, "datasets", options={"task": "token-classification"})
    loaded = datasets.load_from_disk(str(path))
    assert loaded[0] == {
        "text": "Ada in Rome",
        "spans": [{"start": 0, "end": 3, "label": "PERSON"}, {"start": 7, "end": 11, "label": "CITY"}],
        "label": 1,
        "origin": "",
        "tokens": ["Ada", "in", "Rome"],
        "ner_tags": [3, 0, 1],
    }
    assert loaded.features["ner_tags"].feature.names == ["O", "B-CITY", "I-CITY", "B-PERSON", "I-PERSON"]
    assert sorted(files_of(path)) == [".textsynth", "data-00000-of-00001.arrow", "dataset_info.json", "state.json"]


def test_the_same_content_gives_the_same_bytes_however_it_is_cut(tmp_path):
    corpus = Corpus.concat([CORPUS] * 700)
    written = []
    for name, size in {"a": 105, "b": 1200, "c": 5000}.items():
        Datasets(task="token-classification").write(corpus.in_batches(size), tmp_path / name / name)
        written.append(files_of(tmp_path / name / name))
    assert written[0] == written[1] == written[2]
    state = json.loads(written[0]["state.json"])
    assert state["_fingerprint"] == corpus.to_dataset("token-classification")._fingerprint


def test_splits_are_written_as_datasets_saves_them(tmp_path):
    save_splits({"train": [CORPUS[:1], CORPUS[2:]], "test": [CORPUS[1:2]]}, tmp_path / "x", "token-classification")
    datasets.load_from_disk(str(tmp_path / "x")).save_to_disk(str(tmp_path / "y"))
    ours, theirs = (
        {
            name: re.sub(rb'"_fingerprint": "\w{16}"', b"", content)
            for name, content in files_of(tmp_path / each).items()
        }
        for each in ("x", "y")
    )
    rows = [name for name in ours if name.endswith(".arrow")]
    for name in rows:
        mine, other = (pa.ipc.open_stream(files.pop(name)).read_all() for files in (ours, theirs))
        assert mine.equals(other, check_metadata=True)
    assert len(rows) == 2
    assert ours == theirs


def test_splits_share_their_features(tmp_path):
    path = tmp_path / "x"
    splits = {"train": [CORPUS[:1], CORPUS[2:]], "validation": [CORPUS[1:2]], "test": []}
    save_splits(splits, path, "token-classification", Names(("other",), ("ORG",)))
    loaded = datasets.load_from_disk(str(path))
    assert {name: len(split) for name, split in loaded.items()} == {"train": 2, "validation": 1, "test": 0}
    assert loaded["train"].features == loaded["validation"].features == loaded["test"].features
    assert loaded["test"].features["label"].names == ["other", "greet", "travel"]
    assert "B-ORG" in loaded["test"].features["ner_tags"].feature.names
    assert not list(path.glob(".*"))


@pytest.mark.parametrize(
    ("split", "texts"), [("train", ["Ada in Rome"]), ("validation", ["hi"]), ("all", ["Ada in Rome", "hi", "bye"])]
)
def test_a_split_is_chosen(tmp_path, split, texts):
    path = tmp_path / "x"
    save_splits({"train": [CORPUS[:1]], "validation": [CORPUS[1:2]], "test": [CORPUS[2:]]}, path)
    assert [example.text for example in formats.read(path, options={"split": split})] == texts


def test_the_only_split_stands_for_train(tmp_path):
    path = tmp_path / "x"
    save_splits({"test": [CORPUS]}, path)
    assert formats.read(path) == CORPUS


def test_a_split_that_is_not_there_is_an_error(tmp_path):
    path = tmp_path / "x"
    save_splits({"validation": [CORPUS], "test": [CORPUS]}, path)
    with pytest.raises(FormatError) as caught:
        formats.read(path, options={"split": "tset"})
    assert str(caught.value) == (
        f"{path}: must have a split 'tset'; did you mean 'test'? there is: test, validation; 'all' reads all"
    )
    with pytest.raises(FormatError, match="must have a split 'train'; there is: test, validation"):
        formats.read(path)


@pytest.mark.heavy  # imports torch
def test_a_directory_laid_out_as_on_the_hub_is_read(tmp_path):
    path = hub_directory(tmp_path / "x")
    assert list(formats.read(path)) == [Example("train 0", (), "yes"), Example("train 1", (), "no")]
    assert list(formats.read(path, options={"split": "test"})) == [Example("test 0", (), "no")]


def test_what_others_saved_is_read(tmp_path):
    features = datasets.Features(
        {
            "tokens": datasets.List(datasets.Value("string")),
            "fine_tags": datasets.List(datasets.ClassLabel(names=["O", "B-PER"])),
        }
    )
    made = datasets.Dataset.from_dict({"tokens": [["Ada", "is"]] * 3, "fine_tags": [[1, 0]] * 3}, features=features)
    made.save_to_disk(str(tmp_path / "x"), num_shards=2)
    corpus = formats.read(tmp_path / "x", options={"tags": "fine_tags"})
    assert list(corpus) == [Example("Ada is", (Span(0, 3, "PER"),))] * 3
    assert corpus.tokenizer == "whitespace"


def test_a_fault_says_which_split_and_row(tmp_path):
    spans = [[{"start": 0, "end": 1, "label": "X"}], [{"start": 0, "end": 2, "label": "X"}]]
    made = datasets.Dataset.from_dict({"text": ["a", "b"], "spans": spans})
    made.save_to_disk(str(tmp_path / "one"))
    datasets.DatasetDict({"train": made, "test": made}).save_to_disk(str(tmp_path / "two"))
    with pytest.raises(FormatError) as caught:
        formats.read(tmp_path / "one")
    assert str(caught.value) == f"{tmp_path / 'one'}:row 2: span 0-2 'X' reaches outside the text of 1 character"
    faults = Faults("skip")
    assert sum(len(batch) for batch in Datasets(split="all").read(tmp_path / "two", faults)) == 2
    assert [fault.line for _, fault in faults.rejected] == ["train row 2", "test row 2"]


def test_columns_that_cannot_be_used_are_named(tmp_path):
    datasets.Dataset.from_dict({"blob": ["a"], "id": [1]}).save_to_disk(str(tmp_path / "x"))
    with pytest.raises(FormatError) as caught:
        formats.read(tmp_path / "x")
    assert str(caught.value).startswith(f"{tmp_path / 'x'}: must have a column 'text' or 'sentence'")
    assert str(caught.value).endswith("has: blob, id")


def test_what_is_no_dataset_is_refused_in_one_line(tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "state.json").write_text("{", encoding="utf-8")
    (tmp_path / "bare").mkdir()
    (tmp_path / "file").touch()
    hub_directory(tmp_path / "cut")
    for file in (tmp_path / "cut" / "data").iterdir():
        file.write_bytes(b"PAR1" + bytes(30))
    for name in ("broken", "bare", "cut"):
        with pytest.raises(FormatError) as caught:
            formats.read(tmp_path / name, "datasets")
        assert str(caught.value).startswith(f"{tmp_path / name}: must be a dataset that can be loaded: ")
        assert "\n" not in str(caught.value)
    with pytest.raises(FormatError, match="file: must be a directory, is a file"):
        formats.read(tmp_path / "file", "datasets")
    with pytest.raises(
        InputError, match="none: must be a directory or owner/name of a dataset on the hub, there is no such"
    ):
        formats.read(tmp_path / "none", "datasets")


OFFLINE = """
import sys
from pathlib import Path
from textsynth import formats
from textsynth.errors import InputError
try:
    formats.read("textsynth-tests/there-is-none", "datasets")
except InputError as error:
    print(error)
"""


@pytest.mark.heavy  # a program of its own
def test_a_dataset_on_the_hub_is_out_of_reach_when_offline(tmp_path):
    environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    [line] = done.stdout.splitlines()
    assert line.startswith("textsynth-tests/there-is-none: must be a dataset that can be loaded: Couldn't reach")


def test_a_dataset_on_the_hub_is_loaded_by_its_id(monkeypatch):
    asked = []

    def load_dataset(path, config):
        asked.append((path, config))
        return datasets.DatasetDict({"train": CORPUS.to_dataset(), "test": CORPUS[:1].to_dataset()})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert formats.read("owner/name", "datasets", options={"config": "en"}) == CORPUS
    assert asked == [("owner/name", "en")]


def test_another_task_is_an_error(tmp_path):
    with pytest.raises(OptionError, match="format 'datasets': option 'task' must be 'token-classification' or 'text-"):
        formats.write(CORPUS, tmp_path / "x", "datasets", options={"task": "ner"})
    with pytest.raises(OptionError, match="the task 'text-classification' must have a corpus with classes"):
        formats.write(
            Corpus.from_columns(text=["a"]), tmp_path / "x", "datasets", options={"task": "text-classification"}
        )
    assert list(tmp_path.iterdir()) == []


def test_progress_bars_are_as_they_were(tmp_path, capfd):
    formats.write(CORPUS, tmp_path / "x", "datasets")
    formats.read(tmp_path / "x")
    assert not datasets.are_progress_bars_disabled()
    assert capfd.readouterr() == ("", "")


def test_directories_are_known_by_what_is_in_them(tmp_path):
    formats.write(CORPUS, tmp_path / "saved", "datasets")
    save_splits({"train": [CORPUS]}, tmp_path / "splits")
    hub_directory(tmp_path / "hub")
    (tmp_path / "other" / "data").mkdir(parents=True)
    sure = {name: Datasets.recognises(tmp_path / name, "") for name in ("saved", "splits", "hub", "other")}
    assert sure == {"saved": 2, "splits": 2, "hub": 2, "other": 0}
    assert isinstance(files.find_for_writing(tmp_path / "new.dataset"), Datasets)


@pytest.mark.parametrize("options", [{}, {"task": "token-classification"}])
def test_hostile_and_real_texts_come_back(tmp_path, public_or_twin, options):
    assert_round_trip(HOSTILE, tmp_path / "hostile", "datasets", **options)
    assert_round_trip(snips(public_or_twin), tmp_path / "snips", "datasets", **options)
