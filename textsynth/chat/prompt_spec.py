"""What all prompts of a step have in common: labels, classes, and what is known of their mentions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from textsynth.chat.options import SentenceOptions
from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes, split_classes
from textsynth.errors import OptionError, nearest
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.values import Pools, ValueSpec

_FILE = "prompt_spec.json"
_ANY = ""
"""The key of the bags of all classes together."""

Bag = tuple[str, ...]
"""The labels of the mentions of one sentence, sorted, each as often as it occurs."""


@dataclass(frozen=True)
class PromptSpec:
    """What sentences are asked for, from options and source together.

    Args:
        labels: each label of mentions with its description, which may be empty.
        classes: each class, or what texts have together as `join_classes` joins it, with its description; none if texts
            have no class.
        shares: `(classes,)`, how often each class is asked for if none is given; they add up to one.
        seeded: the labels whose mentions are drawn; the model makes up those of the others.
        bags: by class, and under "" for all, the bags of seeded labels that sentences of the source have, with counts;
            none if a seeded label is not in the source.
        annotated: whether the source has the mentions of all labels, so that its examples can show them.
        known: mentions of the source and of word lists, which may not be in a sentence unless asked for.
    """

    labels: Mapping[str, str]
    classes: Mapping[str, str]
    shares: tuple[float, ...]
    seeded: tuple[str, ...]
    bags: Mapping[str, tuple[tuple[Bag, int], ...]]
    annotated: bool
    known: tuple[str, ...]

    @classmethod
    def of(cls, options: SentenceOptions, resources: Resources) -> PromptSpec:
        """Makes the spec.

        Args:
            options: what the recipe says.
            resources: the source, for what the recipe leaves open.

        Raises:
            OptionError: if there is neither label nor class, or options do not go together.
        """
        source = resources.source
        labels = options.labels or dict.fromkeys(source.labels, "")
        classes = _describe_combinations(options.classes, source)
        if not labels and not classes:
            raise OptionError(
                "prompt: the source must have mentions or classes, has none; or name some, "
                'such as labels = { CITY = "a city" } or classes = { refund = "wants money back" }'
            )
        for label in options.values:
            if label not in labels:
                raise OptionError(f"option 'values': there is no label {label!r}; {nearest(label, labels)}")
        drawable = [each for each in labels if each in options.values or each in resources.gazetteer.mentions]
        seeded = tuple(sorted(drawable)) if options.mentions[1] else ()
        if len(seeded) < len(labels) and not options.request.listing:
            free = ", ".join(sorted(set(labels) - set(seeded)))
            raise OptionError(
                f"[request]: option 'listing' must be true if the model makes up mentions, as it does of {free}"
            )
        shares = _compute_shares(source, list(classes))
        bags = _count_bags(source, frozenset(seeded)) if set(seeded) <= set(source.labels) else {}
        annotated = set(labels) <= set(source.labels)
        known = tuple(sorted({each for label in labels for each in resources.gazetteer.mentions.get(label, ())}))
        return cls(labels, classes, shares, seeded, bags, annotated, known)

    def add_known(self, pools: Pools, values: Mapping[str, ValueSpec]) -> PromptSpec:
        """Returns the spec with the values of lists and files of words among its known mentions."""
        listed = [name for name, spec in values.items() if not isinstance(spec, str) or spec.startswith("words:")]
        words = {word for name in listed if name in self.seeded for word in pools.values(name).to_pylist()}
        return replace(self, known=tuple(sorted({*self.known, *words})))

    def bags_of(self, label: str | None) -> tuple[tuple[Bag, int], ...]:
        """Returns the bags of a class; those of all classes if it has none."""
        return self.bags.get(label or _ANY) or self.bags.get(_ANY, ())

    def write(self, directory: Path) -> None:
        """Writes the spec as one file."""
        write_whole(directory / _FILE, json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def read(cls, directory: Path) -> PromptSpec:
        """Reads what `write` wrote."""
        content = json.loads((directory / _FILE).read_text(encoding="utf-8"))
        bags = {name: tuple((tuple(bag), count) for bag, count in each) for name, each in content["bags"].items()}
        rest = {name: tuple(content[name]) for name in ("shares", "seeded", "known")}
        return cls(**content | rest | {"bags": bags})


def _describe_combinations(described: Mapping[str, str], source: Corpus) -> dict[str, str]:
    """Returns what may be asked for: the classes; if texts have several, what they have together.

    Of the source's combinations those count whose classes are all described, if any are; a described class that the
    source does not have stands alone.
    """
    named = described or dict.fromkeys(source.classes, "")
    if not source.several:
        return dict(named)
    asked = {each: split_classes(each) for each in source.combinations}
    asked |= {name: (name,) for name in named if name not in source.classes}
    return {each: _describe_together(names, named) for each, names in asked.items() if set(names) <= set(named)}


def _describe_together(names: Sequence[str], described: Mapping[str, str]) -> str:
    if not names:
        return f"none of {', '.join(described)}"
    if len(names) == 1:
        return described[names[0]]
    return "; ".join(f"{name}: {described[name]}" for name in names if described[name])


def _compute_shares(source: Corpus, classes: list[str]) -> tuple[float, ...]:
    """Returns how often each class is in the source; one that it does not have counts as its rarest."""
    counts = Counter(each for each in source.table.column("label").to_pylist() if each in classes)
    rarest = min(counts.values(), default=1)
    amounts = [counts[name] or rarest for name in classes]
    return tuple(amount / sum(amounts) for amount in amounts)


def _count_bags(source: Corpus, seeded: frozenset[str]) -> dict[str, tuple[tuple[Bag, int], ...]]:
    """Counts the bags of seeded labels by class."""
    counts: dict[str, Counter[Bag]] = {_ANY: Counter()}
    for example in source:
        bag = tuple(sorted(span.label for span in example.spans if span.label in seeded))
        for name in {_ANY, join_classes(example.label) or _ANY}:
            counts.setdefault(name, Counter())[bag] += 1
    return {name: tuple(sorted(bags.items())) for name, bags in sorted(counts.items())}
