"""Where models are: every kind of name, and what is said where one is not there."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tiny_models
from hub_server import Hub, running

torch = pytest.importorskip("torch")

from textsynth.errors import InputError, MissingDependency, OptionError  # noqa: E402
from textsynth.pretrained.loading import PretrainedOptions, load  # noqa: E402
from textsynth.pretrained.model_source import fetch, locate  # noqa: E402


def a_model(folder: Path, weights: str = "model.safetensors", size: int = 3_000_000) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / weights).write_bytes(b"\0" * size)
    return folder


def a_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = folder / "packed_model_of_ours"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('nobody may import this')")
    monkeypatch.syspath_prepend(folder)
    return package


def a_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes a cache of the hub, and returns where owner/name would stand in it."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    repository = folder / "models--owner--name"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    return repository / "snapshots" / "abc"


def a_hub(monkeypatch: pytest.MonkeyPatch, **sizes: int) -> list[dict[str, Any]]:
    """Has every repository on the hub hold these files, and returns what is asked of it when one is downloaded."""
    import huggingface_hub

    files = [SimpleNamespace(rfilename=name, size=size) for name, size in sizes.items()]
    api = SimpleNamespace(model_info=lambda *_, **__: SimpleNamespace(siblings=files))
    asked: list[dict[str, Any]] = []
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: api)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **options: asked.append(options))
    return asked


def wanted(monkeypatch: pytest.MonkeyPatch, *, code: bool, **sizes: int) -> list[str]:
    """Returns which files would be downloaded."""
    from fnmatch import fnmatch

    asked = a_hub(monkeypatch, **sizes)
    with pytest.raises(TypeError):
        fetch(locate("owner/name", code=code, pickle=True))
    return [name for name in sizes if any(fnmatch(name, each) for each in asked[0]["allow_patterns"])]


def test_a_directory(tmp_path: Path):
    model_source = locate(str(a_model(tmp_path / "m")))
    assert (model_source.kind, model_source.path, model_source.size) == ("directory", tmp_path / "m", 3_000_000)
    assert str(model_source) == f"{tmp_path}/m: 3 MB of weights, from the directory {tmp_path}/m"
    assert fetch(model_source) == model_source


def test_a_gguf_file(tmp_path: Path):
    (tmp_path / "m.gguf").write_bytes(b"\0" * 10)
    model_source = locate(str(tmp_path / "m.gguf"))
    assert (model_source.kind, model_source.size) == ("gguf", 10)


def test_a_file_in_a_package_is_found_without_importing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = a_package(tmp_path, monkeypatch)
    (package / "m.gguf").write_bytes(b"\0" * 10)
    a_model(package / "inner")
    assert locate("package:packed_model_of_ours/m.gguf").path == package / "m.gguf"
    assert locate("package:packed_model_of_ours").path == package / "m.gguf"
    assert locate("package:packed_model_of_ours/inner").kind == "directory"
    assert "packed_model_of_ours" not in sys.modules
    assert "the installed package packed_model_of_ours" in str(locate("package:packed_model_of_ours"))


@pytest.mark.parametrize("name", ["package:there_is_none_such/m.gguf", "package:../evil", "package:"])
def test_a_package_that_is_not_installed(name: str):
    with pytest.raises(MissingDependency, match="is not installed"):
        locate(name)


def test_a_package_without_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    a_package(tmp_path, monkeypatch)
    with pytest.raises(InputError, match="there is none"):
        locate("package:packed_model_of_ours/m.gguf")


@pytest.mark.parametrize("name", ["no such place", "a/b/c", "./nothing", "", "m.gguf"])
def test_a_name_that_is_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="must be a"):
        locate(name)


def test_a_directory_without_configuration_or_weights(tmp_path: Path):
    with pytest.raises(InputError, match=r"has no config\.json"):
        locate(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match="must have weights"):
        locate(str(tmp_path))


def test_pickle_is_refused_unless_asked_for(tmp_path: Path):
    name = str(a_model(tmp_path / "m", "pytorch_model.bin"))
    with pytest.raises(OptionError, match=r"are pickle, which can run any code; loading\.pickle = true"):
        locate(name)
    assert locate(name, pickle=True).is_pickle
    a_model(tmp_path / "m")
    assert not locate(name).is_pickle, "where there are both, safetensors are taken"


def test_offline_with_a_hub_id_that_is_in_no_cache_fails_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(MissingDependency, match=r"`hf download nobody/nothing --revision v1` on a machine") as caught:
        locate("nobody/nothing", revision="v1")
    assert "\n" not in str(caught.value)


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    nowhere = huggingface_hub.HfApi(endpoint="http://127.0.0.1:9")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: nowhere)
    with pytest.raises(MissingDependency, match=r"the hub cannot be reached .*`hf download nobody/nothing`"):
        locate("nobody/nothing")


def test_a_hub_id_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    snapshot = a_model(a_cache(tmp_path, monkeypatch))
    model_source = locate("owner/name")
    assert model_source.kind == "directory"
    assert model_source.path == snapshot
    assert "the hub's cache" in str(model_source)


def test_what_is_downloaded(monkeypatch: pytest.MonkeyPatch):
    marian = {
        "config.json": 1,
        "pytorch_model.bin": 9,
        "source.spm": 1,
        "target.spm": 1,
        "vocab.json": 1,
        "README.md": 1,
    }
    assert wanted(monkeypatch, code=False, **marian) == [*marian][:-1]
    coded = {"config.json": 1, "model.safetensors": 5, "model.gguf": 3, "pytorch_model.bin": 9, "modeling_ours.py": 1}
    assert wanted(monkeypatch, code=False, **coded) == ["config.json", "model.safetensors"]
    assert wanted(monkeypatch, code=True, **coded) == ["config.json", "model.safetensors", "modeling_ours.py"]
    assert locate("owner/name").size == 5


@pytest.mark.slow  # It starts a program that imports transformers.
def test_a_model_is_fetched_from_a_hub_once_and_loaded(tmp_path: Path):
    model = {path.name: path.read_bytes() for path in Path(tiny_models.model("byt5")).iterdir()}
    beside = {"README.md": b"tiny", "pytorch_model.bin": b"pickle", "m.gguf": b"GGUF", "ours.py": b"raise SystemExit"}
    script = (
        "from textsynth.pretrained.loading import PretrainedOptions, load;"
        "loaded = load('seq2seq', PretrainedOptions(model='me/tiny', loading={'device': 'cpu'}));"
        "print(loaded.symbols, loaded.model_source.location)"
    )
    with running(Hub(models={"me/tiny": model | beside})) as hub:
        environment = os.environ | {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
        environment |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        for _ in range(2):
            command = [sys.executable, "-c", script]
            told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
            assert f"the hub's cache ({tmp_path}" in told
        assert sorted(hub.given) == sorted(model)


def test_gguf_alone_is_refused_before_it_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = a_hub(monkeypatch, **{"README.md": 1, "m.Q4.gguf": 10, "m.Q8.gguf": 20})
    way = r"`hf download owner/name m\.Q4\.gguf --local-dir \.`, then model = 'm\.Q4\.gguf' takes it"
    with pytest.raises(InputError, match=rf"must have safetensors, has GGUF alone, as m\.Q4\.gguf; {way}"):
        locate("owner/name")
    (tmp_path / "m.Q4.gguf").write_bytes(b"\0")
    with pytest.raises(InputError, match=rf"has GGUF alone, as m\.Q4\.gguf; model = '{tmp_path}/m\.Q4\.gguf' takes it"):
        locate(str(tmp_path))
    assert asked == []


@pytest.mark.parametrize(
    ("sizes", "message"),
    [({"config.json": 1, "tf_model.h5": 9}, "must have weights"), ({"a.safetensors": 1}, r"has no config\.json")],
)
def test_a_repository_without_a_model_is_refused_before_it_is_downloaded(
    sizes: dict[str, int], message: str, monkeypatch: pytest.MonkeyPatch
):
    a_hub(monkeypatch, **sizes)
    with pytest.raises(InputError, match=message):
        locate("owner/name")


SHARDS = [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]


@pytest.mark.parametrize("indexed", [True, False])
def test_a_download_that_was_cut_off_is_taken_up_again(indexed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    snapshot = a_model(a_cache(tmp_path, monkeypatch), SHARDS[1])
    if indexed:
        index = {"weight_map": dict(zip("abc", SHARDS, strict=True))}
        (snapshot / "model.safetensors.index.json").write_text(json.dumps(index))
    with monkeypatch.context() as offline:
        offline.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(MissingDependency, match=r"is not whole in the hub's cache, .*`hf download owner/name`"):
            locate("owner/name")
    a_hub(monkeypatch, **{"config.json": 1}, **dict.fromkeys(SHARDS, 5))
    assert (locate("owner/name").path, locate("owner/name").size) == (None, 15)
    with pytest.raises(InputError, match=rf"must have all of its weights, lacks {SHARDS[0]}, {SHARDS[2]}$"):
        locate(str(snapshot))
    for shard in SHARDS:
        a_model(snapshot, shard)
    assert locate("owner/name").path == snapshot


def test_code_that_is_not_in_the_cache_is_fetched_where_it_may_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    snapshot = a_model(a_cache(tmp_path, monkeypatch))
    named = {"AutoConfig": "ours.Config", "AutoTokenizer": ["theirs--others.Tokenizer", None]}
    (snapshot / "config.json").write_text(json.dumps({"auto_map": named}))
    a_hub(monkeypatch, **{"config.json": 1, "model.safetensors": 5, "ours.py": 1})
    assert locate("owner/name").path == snapshot
    assert PretrainedOptions(model="owner/name", loading={"trust_remote_code": True}).locate_model().path is None
    (snapshot / "ours.py").write_text("")
    assert locate("owner/name", code=True).path == snapshot


@pytest.mark.parametrize(("stored", "growth"), [("bfloat16", 2), ("float16", 2), ("float32", 1)])
def test_memory_is_that_of_weights_as_they_are_loaded(
    stored: str, growth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from safetensors.torch import save_file

    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    tensors = {name: torch.zeros(50, 200, dtype=getattr(torch, stored)) for name in "ab"}
    (tmp_path / "config.json").write_text(json.dumps({"dtype": "int8"}))
    save_file(tensors, tmp_path / "model.safetensors", {"format": "pt"})
    options = PretrainedOptions(model=str(tmp_path), loading={"device": "cpu"})
    size = options.locate_model().size
    assert options.memory() == int(1.5 * growth * size)
    assert size == pytest.approx(20_000 * 4 / growth, rel=0.01)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert options.memory() == int(1.5 * growth * size / 2)


@pytest.mark.parametrize(
    ("config", "growth"),
    [({"dtype": "float32"}, 1), ({"torch_dtype": "float16"}, 2), ({"torch_dtype": "bfloat16"}, 2), ({}, 2)],
)
def test_memory_of_pickles_is_by_what_their_configuration_says(
    config: dict[str, str], growth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    a_model(tmp_path, "pytorch_model.bin", 1000)
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert PretrainedOptions(model=str(tmp_path), loading={"device": "cpu", "pickle": True}).memory() == 1500 * growth


@pytest.mark.parametrize("size", [5, 3000, 30_000])
def test_weights_that_were_cut_off_are_said_plainly(size: int, tmp_path: Path):
    folder = shutil.copytree(tiny_models.model("byt5"), tmp_path / "cut")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:size])
    with pytest.raises(OptionError, match=r"must be a model for seq2seq language modelling: .*header"):
        load("seq2seq", PretrainedOptions(model=str(folder), loading={"device": "cpu"}))


def test_what_a_tokenizer_needs_and_is_not_installed_is_said_plainly(monkeypatch: pytest.MonkeyPatch):
    import transformers

    def fails(*_: Any, **__: Any) -> None:
        raise ImportError("\nMarianTokenizer requires the SentencePiece library\n")

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", fails)
    with pytest.raises(MissingDependency, match=r"byt5: MarianTokenizer requires the SentencePiece library$"):
        load("seq2seq", PretrainedOptions(model=tiny_models.model("byt5"), loading={"device": "cpu"}))


def test_what_is_not_installed_is_said_before_loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "m.gguf").write_bytes(b"\0")
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "gguf" else real(name))
    with pytest.raises(MissingDependency, match=r"gguf must be installed .* pip install .textsynth-corpora.models"):
        locate(str(tmp_path / "m.gguf"))
