"""Where a pretrained model is: a directory, a GGUF file, a file inside an installed package, or an id on the hub.

All are found by one name, before anything is loaded; whatever is missing is said with what would bring it.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import math
import os
import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, Literal

from textsynth.errors import InputError, MissingDependency, OptionError
from textsynth.foundation.distribution import say_how_to_install

Kind = Literal["directory", "gguf", "hub"]

PACKAGE = "package:"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_WEIGHTS = ("*.safetensors",)
_PICKLES = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt")
_GGUF = ("*.gguf",)
_INDEXES = {"model.safetensors.index.json": _WEIGHTS, "pytorch_model.bin.index.json": _PICKLES}
_SHARD = re.compile(r"(.+)-(\d+)-of-(\d+)(\.\w+)")
_NEEDED = ("*.json", "*.txt", "*.model", "*.spm", "*.jinja")
_CODE = ("*.py",)
_GGUF_BITS, _UNKNOWN_BITS = 5, 16
"""Bits a number: about those of a GGUF file, and those assumed if weights do not say; few, as they grow when loaded."""
_LONGEST_HEADER = 100_000_000
"""Bytes of a header of safetensors, at most, as its specification has it."""
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_STATIC = "model2vec"
"""What the configuration of static embeddings calls itself."""
_SECONDS = 10
"""How long the hub may take to say what it has of a model."""


@dataclass(frozen=True)
class ModelSource:
    """Where a model is.

    Args:
        name: as it was asked for.
        kind: a directory with a configuration and weights, one GGUF file, or a repository that must be fetched.
        path: the directory or file; None if it must be fetched first.
        size: bytes of its weights.
        location: where it comes from, in words.
        revision: of the repository, if there is one.
        is_pickle: whether its weights are pickle alone.
        bits: of a number of its weights, on average, as they are stored.
        has_code: whether code that comes with it is fetched too.
        is_static: whether it is static embeddings of model2vec, and no transformer.
    """

    name: str
    kind: Kind
    path: Path | None
    size: int
    location: str
    revision: str | None = None
    is_pickle: bool = False
    bits: float = _UNKNOWN_BITS
    has_code: bool = False
    is_static: bool = False

    def estimate_size(self, bits: int) -> float:
        """Returns bytes of its weights once they are loaded, with this many bits a number."""
        return self.size * bits / self.bits

    def __str__(self) -> str:
        """Says what will be loaded, from where, and how large it is."""
        fetched = "will be downloaded from" if self.path is None else "from"
        return f"{self.name}: {self.size / 1e6:,.0f} MB of weights, {fetched} {self.location}"


def locate(name: str, *, revision: str | None = None, pickle: bool = False, code: bool = False) -> ModelSource:
    """Finds a model, and checks that it can be loaded; a hub id that is in no cache is looked up on the hub.

    Args:
        name: a directory, a path that ends in `.gguf`, `"package:NAME"` or `"package:NAME/PATH"` for what lies inside
            an installed package, or `"owner/name"` on the hub.
        revision: of a repository on the hub: branch, tag or commit.
        pickle: whether weights may be pickle, which runs whatever code it holds.
        code: whether code that comes with the model may run, and is fetched with it.

    Raises:
        InputError: if a path has no model, or a repository has none that can be loaded.
        MissingDependency: for a package that is not installed, or a repository that is neither in the cache nor can be
            reached; the message says what brings it.
        OptionError: for weights that are pickle, and a name that is none of these.
    """
    if name.startswith(PACKAGE):
        model_source = _locate_in_package(name)
    elif name.endswith(".gguf"):
        model_source = _locate_file(name, Path(name), f"the file {name}")
    elif name and Path(name).is_dir():
        model_source = _locate_directory(name, Path(name), f"the directory {name}")
    elif _HUB_ID.fullmatch(name):
        model_source = _locate_on_hub(name, revision, code)
    else:
        raise InputError(
            f"{name}: must be a directory with a model, a .gguf file, package:NAME/FILE or an id on the hub "
            "(owner/name), is none"
        )
    if model_source.is_pickle and not pickle:
        raise OptionError(
            f"{name}: weights must be safetensors or GGUF, are pickle, which can run any code; "
            "loading.pickle = true and --trust pickle load them all the same"
        )
    _check_installed(model_source)
    return model_source


def fetch(model_source: ModelSource) -> ModelSource:
    """Downloads a model that must be fetched into the hub's cache, and returns where it then is.

    Raises:
        MissingDependency: if the hub cannot be reached.
    """
    if model_source.path is not None:
        return model_source
    import huggingface_hub

    wanted = [*(_PICKLES if model_source.is_pickle else _WEIGHTS), *_NEEDED, *(_CODE if model_source.has_code else ())]
    try:
        path = huggingface_hub.snapshot_download(
            model_source.name, revision=model_source.revision, allow_patterns=wanted
        )
    except Exception as error:
        raise _say_unreachable(model_source.name, model_source.revision, error) from error
    return _locate_directory(model_source.name, Path(path), f"the hub's cache ({path})", model_source.revision)


def _locate_in_package(name: str) -> ModelSource:
    package, _, inner = name.removeprefix(PACKAGE).partition("/")
    found = _find_package(package)
    folders = [Path(each) for each in (found.submodule_search_locations if found else None) or []]
    if not folders:
        raise MissingDependency(
            f"{name}: the package {package!r} is not installed; `make models` installs those that models.txt pins"
        )
    origin = f"the installed package {package}"
    path = folders[0] / inner
    if path.is_dir():
        files = sorted(path.rglob("*.gguf"))
        path = files[0] if len(files) == 1 and not (path / "config.json").exists() else path
    return _locate_file(name, path, origin) if path.suffix == ".gguf" else _locate_directory(name, path, origin)


def _find_package(package: str) -> ModuleSpec | None:
    """Returns what is known of an installed package, which may lie in another; None if there is none."""
    try:
        return importlib.util.find_spec(package) if all(map(str.isidentifier, package.split("."))) else None
    except ModuleNotFoundError:  # the package around it
        return None


def _locate_file(name: str, path: Path, origin: str) -> ModelSource:
    if not path.is_file():
        raise InputError(f"{name}: must be a GGUF file, there is none")
    return ModelSource(name, "gguf", path, path.stat().st_size, origin, bits=_GGUF_BITS)


def _locate_directory(name: str, path: Path, origin: str, revision: str | None = None) -> ModelSource:
    sizes = _list_sizes(path)
    _check_files(name, sizes, lambda file: f"model = {f'{name}/{file}'!r} takes it")
    if missing := _find_missing_weights(path):
        raise InputError(f"{name}: must have all of its weights, lacks {', '.join(missing)}")
    weights = _select(sizes, _WEIGHTS)
    used = weights or _select(sizes, _PICKLES)
    size = sum(sizes[each] for each in used)
    return ModelSource(
        name, "directory", path, size, origin, revision, is_pickle=not weights, bits=_count_bits(path, used),
        is_static=_read_json(path / "config.json").get("model_type") == _STATIC,
    )  # fmt: skip


def _check_files(name: str, files: Collection[str], way_to_gguf: Callable[[str], str]) -> None:
    """Checks that files hold a model.

    Args:
        name: of the model, for messages.
        files: their names.
        way_to_gguf: says how a GGUF file among them is taken.

    Raises:
        InputError: if there is none, or only as GGUF, of which one file must be named.
    """
    has_weights = _select(files, _WEIGHTS) or _select(files, _PICKLES)
    if "config.json" in files and has_weights:
        return
    if not has_weights and (gguf := _select(files, _GGUF)):
        raise InputError(f"{name}: must have safetensors, has GGUF alone, as {gguf[0]}; {way_to_gguf(gguf[0])}")
    if "config.json" not in files:
        raise InputError(f"{name}: must have a config.json and weights, has no config.json")
    raise InputError(f"{name}: must have weights (*.safetensors), has none")


def _list_sizes(path: Path) -> dict[str, int]:
    """Returns the files of a directory with their sizes; links to nowhere are none."""
    return {file.name: file.stat().st_size for file in sorted(path.glob("*")) if file.is_file()}


def _select(files: Collection[str], patterns: Sequence[str]) -> list[str]:
    return [file for file in files if any(fnmatch.fnmatch(file, each) for each in patterns)]


def _find_missing_weights(path: Path) -> list[str]:
    """Returns which files with weights are not there, by the index, or else by the numbers in the names of others."""
    there = _list_sizes(path)
    for index, patterns in _INDEXES.items():
        parts = _select(there, patterns)
        indexed = _read_json(path / index).get("weight_map", {}).values()
        if parts or indexed:
            return sorted({*(indexed or (each for part in parts for each in _name_shards(part)))} - there.keys())
    return []


def _name_shards(file: str) -> list[str]:
    """Returns the names of all parts of weights by that of one of them.

    >>> _name_shards("model-00002-of-00002.safetensors"), _name_shards("model.safetensors")
    (['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'], [])
    """
    if not (match := _SHARD.fullmatch(file)):
        return []
    begin, number, count, ending = match.groups()
    return [f"{begin}-{each:0{len(number)}d}-of-{count}{ending}" for each in range(1, int(count) + 1)]


def _is_code_missing(path: Path) -> bool:
    """Says whether a configuration names code that is not beside it."""
    named = [
        each
        for file in _select(_list_sizes(path), ("*config.json",))
        for each in _name_modules(_read_json(path / file))
    ]
    return not all((path / f"{each}.py").is_file() for each in named)


def _name_modules(config: Mapping[str, Any]) -> list[str]:
    """Returns the modules that a configuration names; those of other repositories stand behind two dashes."""
    named = config.get("auto_map", {}).values()
    classes = [each for some in named for each in ([some] if isinstance(some, str) else some)]
    return [each.partition(".")[0] for each in classes if each and "--" not in each]


def _read_json(path: Path) -> dict[str, Any]:
    """Returns the JSON object in a file; an empty one if there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _count_bits(path: Path, weights: Sequence[str]) -> float:
    """Returns bits a number, on average, by the headers of safetensors, or else by what the configuration says."""
    tensors = [each for file in weights for each in _read_tensors(path / file)]
    numbers = sum(math.prod(each["shape"]) for each in tensors)
    if numbers:
        return 8 * sum(each["data_offsets"][1] - each["data_offsets"][0] for each in tensors) / numbers
    config = _read_json(path / "config.json")
    digits = re.search(r"\d+", str(config.get("dtype") or config.get("torch_dtype")))
    return int(digits[0]) if digits else _UNKNOWN_BITS


def _read_tensors(file: Path) -> list[dict[str, Any]]:
    """Returns what the header of safetensors says of each tensor; nothing of a file that has none."""
    with file.open("rb") as weights:
        length = int.from_bytes(weights.read(8), "little")
        try:
            header = json.loads(weights.read(length)) if length < _LONGEST_HEADER else {}
        except ValueError:
            return []
    return [tensor for name, tensor in header.items() if name != "__metadata__"]


def _locate_on_hub(name: str, revision: str | None, code: bool) -> ModelSource:
    """Looks into the cache, and only then onto the hub."""
    cached = _find_cached(name, revision)
    if cached is not None and not _find_missing_weights(cached) and not (code and _is_code_missing(cached)):
        return _locate_directory(name, cached, f"the hub's cache ({cached})", revision)
    if any(os.environ.get(each, "").upper() in ("1", "ON", "YES", "TRUE") for each in _OFFLINE):
        held = "is not in the hub's cache" if cached is None else "is not whole in the hub's cache"
        raise MissingDependency(_say_how_to_fetch(name, revision, f"{held}, and this machine is offline"))
    import huggingface_hub

    try:
        about = huggingface_hub.HfApi().model_info(name, revision=revision, files_metadata=True, timeout=_SECONDS)
    except huggingface_hub.errors.RepositoryNotFoundError as error:
        raise InputError(f"{name}: must be a directory or a model on the hub, is neither (or needs a login)") from error
    except Exception as error:
        raise _say_unreachable(name, revision, error) from error
    sizes = {file.rfilename: file.size or 0 for file in about.siblings or []}
    _check_files(
        name,
        sizes,
        lambda file: (
            f"`hf download {shlex.quote(name)} {shlex.quote(file)} --local-dir .`, then model = {file!r} takes it"
        ),
    )
    safe = _select(sizes, _WEIGHTS)
    size = sum(sizes[each] for each in safe or _select(sizes, _PICKLES))
    return ModelSource(name, "hub", None, size, f"huggingface.co/{name}", revision, is_pickle=not safe, has_code=code)


def _find_cached(name: str, revision: str | None) -> Path | None:
    import huggingface_hub

    found = huggingface_hub.try_to_load_from_cache(name, "config.json", revision=revision)
    path = Path(found).parent if isinstance(found, str) else None
    return path if path and _select(_list_sizes(path), (*_WEIGHTS, *_PICKLES)) else None


def _say_unreachable(name: str, revision: str | None, error: Exception) -> MissingDependency:
    reason = " ".join(str(error).split())[:120]
    return MissingDependency(
        _say_how_to_fetch(name, revision, f"is not in the hub's cache, and the hub cannot be reached ({reason})")
    )


def _say_how_to_fetch(name: str, revision: str | None, why: str) -> str:
    command = f"hf download {shlex.quote(name)}" + (f" --revision {shlex.quote(revision)}" if revision else "")
    return f"{name}: {why}; `{command}` on a machine that is online fetches it"


def _check_installed(model_source: ModelSource) -> None:
    extra = "metrics" if model_source.is_static else "models"
    needed = ["transformers", "torch", "accelerate", *(["gguf"] if model_source.kind == "gguf" else [])]
    needed = [_STATIC] if model_source.is_static else needed
    missing = [each for each in needed if importlib.util.find_spec(each) is None]
    if missing:
        raise MissingDependency(
            f"{model_source.name}: {', '.join(missing)} must be installed to load it; {say_how_to_install(extra)}"
        )
