"""Where models are: every kind of name, and what is said where one is not there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from textsynth.errors import InputError, MissingDependency, OptionError
from textsynth.pretrained.place import fetched, locate


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


def test_a_directory(tmp_path: Path):
    place = locate(str(a_model(tmp_path / "m")))
    assert (place.kind, place.path, place.size) == ("directory", tmp_path / "m", 3_000_000)
    assert str(place) == f"{tmp_path}/m: 3 MB of weights, from the directory {tmp_path}/m"
    assert fetched(place) == place


def test_a_gguf_file(tmp_path: Path):
    (tmp_path / "m.gguf").write_bytes(b"\0" * 10)
    place = locate(str(tmp_path / "m.gguf"))
    assert (place.kind, place.size) == ("gguf", 10)


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
    with pytest.raises(OptionError, match="are pickle, which can run any code; pickle = true"):
        locate(name)
    assert locate(name, pickle=True).pickled
    a_model(tmp_path / "m")
    assert not locate(name).pickled, "where there are both, safetensors are taken"


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
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--owner--name"
    a_model(repository / "snapshots" / "abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    place = locate("owner/name")
    assert place.kind == "directory"
    assert place.path == repository / "snapshots" / "abc"
    assert "the hub's cache" in str(place)


def test_what_is_not_installed_is_said_before_loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "m.gguf").write_bytes(b"\0")
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "gguf" else real(name))
    with pytest.raises(MissingDependency, match=r"gguf must be installed .* pip install .textsynth.models"):
        locate(str(tmp_path / "m.gguf"))
