"""Where a pretrained model is: a directory, a GGUF file, a file inside an installed package, or an id on the hub.

All are found by one name, before anything is loaded; whatever is missing is said with what would bring it.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textsynth.errors import InputError, MissingDependency, OptionError

Kind = Literal["directory", "gguf", "hub"]

PACKAGE = "package:"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_WEIGHTS = ("*.safetensors", "*.gguf")
_PICKLES = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt")
_NEEDED = ("*.json", "*.txt", "*.model", "*.jinja")
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_SECONDS = 10


@dataclass(frozen=True)
class Place:
    """Where a model is.

    Args:
        name: as it was asked for.
        kind: a directory with a configuration and weights, one GGUF file, or a repository that must be fetched.
        path: the directory or file; None where it must be fetched first.
        size: bytes of its weights.
        origin: where it comes from, in words.
        revision: of the repository, where there is one.
        pickled: whether its weights are pickle alone.
    """

    name: str
    kind: Kind
    path: Path | None
    size: int
    origin: str
    revision: str | None = None
    pickled: bool = False

    @property
    def unpacked(self) -> float:
        """Bytes of its weights once they are loaded: those of a GGUF file grow from about five bits a number to 32."""
        return self.size * (32 / 5 if self.kind == "gguf" else 1)

    def __str__(self) -> str:
        """Says what will be loaded, from where, and how large it is."""
        fetched = "will be downloaded from" if self.path is None else "from"
        return f"{self.name}: {self.size / 1e6:,.0f} MB of weights, {fetched} {self.origin}"


def locate(name: str, *, revision: str | None = None, pickle: bool = False) -> Place:
    """Finds a model, and checks that it can be loaded; a hub id that is in no cache is looked up on the hub.

    Args:
        name: a directory, a path that ends in `.gguf`, `"package:NAME"` or `"package:NAME/PATH"` for what lies inside
            an installed package, or `"owner/name"` on the hub.
        revision: of a repository on the hub: branch, tag or commit.
        pickle: whether weights may be pickle, which runs whatever code it holds.

    Raises:
        InputError: where a path has no model.
        MissingDependency: for a package that is not installed, or a repository that is neither in the cache nor can be
            reached; the message says what brings it.
        OptionError: for weights that are pickle, and a name that is none of these.
    """
    if name.startswith(PACKAGE):
        place = _in_package(name)
    elif name.endswith(".gguf"):
        place = _file(name, Path(name), f"the file {name}")
    elif name and Path(name).is_dir():
        place = _directory(name, Path(name), f"the directory {name}")
    elif _HUB_ID.fullmatch(name):
        place = _on_hub(name, revision, pickle)
    else:
        raise InputError(
            f"{name}: must be a directory with a model, a .gguf file, package:NAME/FILE or an id on the hub "
            "(owner/name), is none"
        )
    if place.pickled and not pickle:
        raise OptionError(
            f"{name}: weights must be safetensors or GGUF, are pickle, which can run any code; "
            "pickle = true loads them all the same"
        )
    _check_installed(place)
    return place


def fetched(place: Place) -> Place:
    """Downloads a model that must be fetched into the hub's cache, and returns where it then is.

    Raises:
        MissingDependency: where the hub cannot be reached.
    """
    if place.path is not None:
        return place
    import huggingface_hub

    wanted = [*_WEIGHTS, *_NEEDED, *(_PICKLES if place.pickled else ())]
    try:
        path = huggingface_hub.snapshot_download(place.name, revision=place.revision, allow_patterns=wanted)
    except Exception as error:
        raise _unreachable(place.name, place.revision, error) from error
    return _directory(place.name, Path(path), f"the hub's cache ({path})", place.revision)


def _in_package(name: str) -> Place:
    package, _, inner = name.removeprefix(PACKAGE).partition("/")
    found = importlib.util.find_spec(package) if package.isidentifier() else None
    folders = [Path(each) for each in (found.submodule_search_locations if found else None) or []]
    if not folders:
        raise MissingDependency(f"{name}: the package {package!r} is not installed; pip install it, or `make models`")
    origin = f"the installed package {package}"
    path = folders[0] / inner
    if path.is_dir():
        files = sorted(path.rglob("*.gguf"))
        path = files[0] if len(files) == 1 and not (path / "config.json").exists() else path
    return _file(name, path, origin) if path.suffix == ".gguf" else _directory(name, path, origin)


def _file(name: str, path: Path, origin: str) -> Place:
    if not path.is_file():
        raise InputError(f"{name}: must be a GGUF file, there is none")
    return Place(name, "gguf", path, path.stat().st_size, origin)


def _directory(name: str, path: Path, origin: str, revision: str | None = None) -> Place:
    if not (path / "config.json").is_file():
        raise InputError(f"{name}: must have a config.json and weights, has no config.json")
    weights = _sizes(path, _WEIGHTS)
    pickles = _sizes(path, _PICKLES)
    if not weights and not pickles:
        raise InputError(f"{name}: must have weights (*.safetensors), has none")
    return Place(name, "directory", path, sum(weights or pickles), origin, revision, pickled=not weights)


def _sizes(path: Path, patterns: Iterable[str]) -> list[int]:
    return [file.stat().st_size for pattern in patterns for file in sorted(path.glob(pattern))]


def _on_hub(name: str, revision: str | None, pickle: bool) -> Place:
    """Looks into the cache, and only then onto the hub."""
    cached = _cached(name, revision)
    if cached is not None:
        return _directory(name, cached, f"the hub's cache ({cached})", revision)
    if any(os.environ.get(each, "").upper() in ("1", "ON", "YES", "TRUE") for each in _OFFLINE):
        raise MissingDependency(_how_to_fetch(name, revision, "is not in the hub's cache, and this machine is offline"))
    import huggingface_hub

    try:
        about = huggingface_hub.HfApi().model_info(name, revision=revision, files_metadata=True, timeout=_SECONDS)
    except huggingface_hub.errors.RepositoryNotFoundError as error:
        raise InputError(f"{name}: must be a directory or a model on the hub, is neither (or needs a login)") from error
    except Exception as error:
        raise _unreachable(name, revision, error) from error
    sizes = {file.rfilename: file.size or 0 for file in about.siblings or []}
    safe, pickles = _matching(sizes, _WEIGHTS), _matching(sizes, _PICKLES)
    origin = f"huggingface.co/{name}"
    return Place(name, "hub", None, sum(safe or pickles), origin, revision, pickled=not safe)


def _matching(sizes: dict[str, int], patterns: Iterable[str]) -> list[int]:
    return [size for file, size in sizes.items() if any(fnmatch.fnmatch(file, each) for each in patterns)]


def _cached(name: str, revision: str | None) -> Path | None:
    import huggingface_hub

    found = huggingface_hub.try_to_load_from_cache(name, "config.json", revision=revision)
    path = Path(found).parent if isinstance(found, str) else None
    has_weights = path is not None and (_sizes(path, _WEIGHTS) or _sizes(path, _PICKLES))
    return path if has_weights else None


def _unreachable(name: str, revision: str | None, error: Exception) -> MissingDependency:
    reason = " ".join(str(error).split())[:120]
    return MissingDependency(
        _how_to_fetch(name, revision, f"is not in the hub's cache, and the hub cannot be reached ({reason})")
    )


def _how_to_fetch(name: str, revision: str | None, why: str) -> str:
    command = f"hf download {name}" + (f" --revision {revision}" if revision else "")
    return f"{name}: {why}; `{command}` on a machine that is online fetches it"


def _check_installed(place: Place) -> None:
    needed = ["transformers", "torch", "accelerate", *(["gguf"] if place.kind == "gguf" else [])]
    missing = [each for each in needed if importlib.util.find_spec(each) is None]
    if missing:
        raise MissingDependency(
            f"{place.name}: {', '.join(missing)} must be installed to load it; pip install 'textsynth[models]'"
        )
