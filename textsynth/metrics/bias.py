"""Whether labels go with the gender and the language of names as they do in the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.component import Positive, check_extras
from textsynth.components.metric import Cell, Evidence, Measured, Metric, Table
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.extract.gazetteer import mention_array
from textsynth.foundation.distinct import find_distinct
from textsynth.language.person_name import FEMALE, UNKNOWN
from textsynth.scores.divergence import jensen_shannon
from textsynth.scores.intervals import Statistic
from textsynth.scores.sides import Sides, draw_sides, encode_together, score_sides
from textsynth.values.given_name import are_people, find_gender, find_language

_KINDS = {
    "women's names": ("heldout", "share"),
    "divergence of labels by gender": ("lower", "bits"),
    "divergence of classes by gender": ("lower", "bits"),
    "divergence of labels by language": ("lower", "bits"),
}


@dataclass(frozen=True, kw_only=True)
class Bias(Metric):
    """Compares with the source how labels and classes go with the gender, and labels with the language, of names.

    A label counts as one of persons if a third of its mentions in the source begin with a known given name or a title.
    The gender of a name is what Faker's lists for women and for men say, over all its locales, or a title; its
    language is that of the locales if all that have the given name are of one, else "several". This is about names,
    not about people: names do not tell a person's gender, many are unknown or anybody's (they are left out), and the
    lists know some countries better than others. Whether the source is biased itself is not asked: its shares are what
    the synthetic text is held to.

    The divergences are those of Jensen and Shannon, in bits, between the shares of pairs (label and gender, and so on)
    of a corpus and of the source; the held-out text has more than 0 too. Compare shares of women's names by label or
    class as demographic parity does (Dwork et al. 2012, "Fairness Through Awareness"): the table has them. Intervals:
    20 blocks of wordings, each left out once.

    Args:
        sample: rows of the synthetic and of the held-out text that are looked at, at most.
    """

    extras: ClassVar[tuple[str, ...]] = ("values",)

    sample: Positive = 20_000

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Finds the names of persons and counts."""
        check_extras(self, "metric 'bias'")
        sides = draw_sides(evidence, rng, self.sample)
        names = _find_names(sides)
        scores = score_sides(_KINDS, (_measure(names, 0), _measure(names, 2)), sides, rng)
        known = names[1].gender != UNKNOWN
        notes = () if known.any() else ("the source has no names of persons whose gender is known",)
        return Measured(scores, _tabulate(names), (*sides.notes, *notes))


@dataclass(frozen=True)
class _Names:
    """The mentions of a corpus, and those that name persons.

    Args:
        spans: the positions of each text's spans in what follows.
        gender: `(spans,)`; `UNKNOWN` also of what is no person.
        label: `(spans,)`; codes.
        labels: the labels.
        of_class: `(spans,)`; codes of the classes that the texts have, -1 if none.
        classes: the classes.
        language: `(spans,)`; codes, -1 if not known.
    """

    spans: Ragged
    gender: np.ndarray
    label: np.ndarray
    labels: list[str]
    of_class: np.ndarray
    classes: list[str]
    language: np.ndarray


def _find_names(sides: Sides) -> list[_Names]:
    corpora = list(sides)
    mentions, forms = encode_together([mention_array(corpus) for corpus in corpora])
    label, labels = encode_together([corpus.spans.labels for corpus in corpora])
    of_class, classes = encode_together([_list_classes(corpus) for corpus in corpora])
    of_people = np.array([_is_of_people(forms, mentions[1][label[1] == code]) for code in range(len(labels))], bool)
    gender = np.array([find_gender(form) for form in forms], np.int64)
    (language,), _ = encode_together([pa.array([find_language(form) for form in forms], pa.string())])
    unknown = np.array([not find_language(form) for form in forms], bool)
    language = np.where(unknown, -1, language)
    return [
        _Names(
            Ragged.of_bounds(corpus.spans.rows),
            np.where(of_people[label[side]], gender[mentions[side]], UNKNOWN),
            label[side],
            labels,
            np.where(np.array(classes, object)[of_class[side]] == "", -1, of_class[side]),
            classes,
            np.where(of_people[label[side]], language[mentions[side]], -1),
        )
        for side, corpus in enumerate(corpora)
    ]


def _list_classes(corpus: Corpus) -> pa.StringArray:
    """Returns for each span the classes of its text, "" if it has none."""
    classes = pc.fill_null(corpus.table.column("label"), "")
    return pa.array(classes.to_pylist(), pa.string()).take(pa.array(corpus.spans.row_of_span()))


def _is_of_people(forms: list[str], mentions: np.ndarray) -> bool:
    return are_people(forms[code] for code in find_distinct(mentions))


def _measure(names: list[_Names], side: int) -> Statistic:
    mine, source = names[side], names[1]

    def numbers(rows: np.ndarray) -> list[float]:
        spans = mine.spans.take(rows).values
        gender = mine.gender[spans]
        known = gender[gender != UNKNOWN]
        return [
            float((known == FEMALE).mean()) if len(known) else float("nan"),
            _divergence((mine.label[spans], gender), (source.label, source.gender)),
            _divergence((mine.of_class[spans], gender), (source.of_class, source.gender)),
            _divergence((mine.label[spans], mine.language[spans]), (source.label, source.language)),
        ]

    return numbers


def _divergence(mine: tuple[np.ndarray, np.ndarray], source: tuple[np.ndarray, np.ndarray]) -> float:
    """Returns how far the shares of pairs lie from those of the source; pairs with an unknown half do not count."""
    width = int(max(mine[1].max(initial=0), source[1].max(initial=0))) + 1
    pairs = [
        first[keep] * width + second[keep]
        for first, second in (mine, source)
        for keep in [(first >= 0) & (second >= 0)]
    ]
    size = int(max(each.max(initial=0) for each in pairs)) + 1
    return jensen_shannon(*(np.bincount(each, minlength=size) for each in pairs))


def _tabulate(names: list[_Names]) -> tuple[Table, ...]:
    """Makes a table of the share of women's names among those whose gender is known, by label and by class."""
    rows: list[tuple[Cell, ...]] = []
    for kind, codes, known in (
        ("label", [each.label for each in names], names[0].labels),
        ("class", [each.of_class for each in names], names[0].classes),
    ):
        for code, name in enumerate(known):
            genders = [
                each.gender[(of == code) & (each.gender != UNKNOWN)] for each, of in zip(names, codes, strict=True)
            ]
            if name and any(len(each) for each in genders):
                shares = [float((each == FEMALE).mean()) if len(each) else None for each in genders]
                rows.append((kind, name, *shares, len(genders[0])))
    columns = ("kind", "name", "synthetic", "source", "held out", "synthetic names")
    return (Table("Share of women's names by label and class", columns, tuple(rows)),) if rows else ()
