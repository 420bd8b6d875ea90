"""Writes what classes are called and what is said of them, alone and before texts of the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.fixed_examples import FixedExamples
from textsynth.components.generator import Generator, Sampler
from textsynth.components.learned import write_learned
from textsynth.corpus import Corpus, span_list
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.extract.class_name import describe_all_classes, describe_as_corpus

_TEXTS = "texts.parquet"
_JOINT = ": "


@dataclass(frozen=True, kw_only=True)
class ClassNames(Generator):
    """Writes the names of classes in words, `card arrival` for `card_arrival`, and what is said of them.

    The name of a class is worth as much to a classifier as an example or two, if examples are few. It stands alone, and
    before each text of the class: `card arrival: I am still waiting.` So there are as many different texts as the class
    has examples, and one or two more; beside `duplicate`, the others of a recipe make what is asked for beyond that.

    Args:
        classes: what is said of classes, by name, as for prompt; "" or nothing leaves it at the name. A class whose
            name has no words, such as "17", needs it.
    """

    classes: dict[str, str] = field(default_factory=dict)

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Writes all texts that there are."""
        source = resources.source
        told = {name: texts for name, texts in describe_all_classes(source, self.classes).items() if texts}
        if not told:
            some = f"{', '.join(source.classes[:3])}; option 'classes' says what they are"
            has = some if source.classes else "none"
            raise OptionError(f"class_names: the source must have classes whose names are words, has {has}")
        alone = describe_as_corpus(told)
        leads = {name: texts[0] for name, texts in told.items()}
        texts = Corpus.concat([alone, _lead(source, leads)]).with_tokenizer(source.tokenizer)
        texts.write_parquet(directory / _TEXTS)
        write_learned(directory, {"classes": len(told), "texts": len(texts)})

    def sampler(self, directory: Path) -> Sampler:
        """Reads the texts."""
        return FixedExamples(Corpus.read_parquet(directory / _TEXTS))


def _lead(source: Corpus, leads: Mapping[str, str]) -> Corpus:
    """Returns the texts whose classes have a lead, behind it; spans move with their text. What is blank is no text."""
    is_led = pc.is_in(source.table.column("label"), pa.array(leads)).to_numpy()
    led = source.mask(is_led & (pc.utf8_trim_whitespace(source.texts).to_numpy(zero_copy_only=False) != ""))
    heads = pa.array([leads[name] + _JOINT for name in led.table.column("label").to_pylist()], pa.string())
    spans = led.spans
    shift = pc.utf8_length(heads).to_numpy()[spans.row_of_span()]
    texts = pc.binary_join_element_wise(heads, led.texts, "")
    moved = span_list(spans.rows, spans.starts + shift, spans.ends + shift, spans.labels)
    return led.with_column("text", texts).with_column("spans", moved)
