"""Reports to show: one of the project's own corpora, whose scores are invented, and one of hostile text."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench import ROOT

import textsynth
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.extract import Template

HOSTILE = [
    "<script>document.title = 'taken'</script>",
    "</script><script>document.title = 'taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "\"double\" & 'single' &lt;b&gt; {{ 7 * 7 }} ${x}",
    "שלום לעדה מירושלים",
    "😀 Zoë 👩‍👩‍👧 in Oslo",
    "line\u2028paragraph\u2029end \ufeff\x07\x1b",
    "--> ]]> <!-- <style>*{display:none}</style>",
]
"""Texts that are none of what they look like."""

BOUNDS = [0, 4, 8, 12, 16, 20, 24, 28, 40]


@functools.cache
def support_report() -> dict[str, Any]:
    """Reports on what a step makes of the corpus of support: counts and examples are true, scores are invented."""
    corpus = textsynth.read(ROOT / "corpora" / "support.jsonl")
    examples = list(corpus)
    source, heldout = Corpus.from_examples(examples[::2]), Corpus.from_examples(examples[1::2])
    made = textsynth.generate(source, [textsynth.generators.MentionReplacement()], 300, seed=5, allow_fewer=True)
    corpora = {"synthetic": made, "source": source, "heldout": heldout}
    beside = {Template.of(example).fingerprint(): example for example in source}
    shown = [_row(example) | {"source": _row(beside.get(example.parent), origin=False)} for example in made]
    return _frame(
        {name: _count(f"out/{name}.jsonl", list(each)) for name, each in corpora.items()},
        [*shown, *(_row(example) | {"origin": "heldout", "source": None} for example in heldout)],
    )


def hostile_report() -> dict[str, Any]:
    """A report in which every place for text has hostile text."""
    labels = [f"{text[:12]}{number}" for number, text in enumerate(HOSTILE)]
    rows = [
        {"text": text, "spans": [[0, 5, label]], "class": label, "origin": f"step {label}"}
        for text, label in zip(HOSTILE, labels, strict=True)
    ]
    examples = [row | {"source": {name: row[name] for name in ("text", "spans", "class")}} for row in rows]
    counts = dict.fromkeys(labels, 1)
    corpus = {"path": HOSTILE[0], "examples": len(rows), "mentions": len(rows), "labels": counts, "classes": counts}
    report = _frame({"synthetic": corpus | {"lengths": {"bounds": [0, 9], "counts": [len(rows)]}}}, examples)
    report["command"] = " ".join(HOSTILE)
    report["verdicts"] = [each | {"sentence": HOSTILE[0]} for each in report["verdicts"]]
    table = {"title": HOSTILE[1], "columns": HOSTILE, "rows": [HOSTILE], "private": True}
    score = report["metrics"]["use"]["scores"]["f1"]
    report["metrics"] = {
        text: {
            "summary": text,
            "options": {text: text},
            "seconds": 0.1,
            "scores": {text: score},
            "tables": [table],
            "notes": [text],
        }
        for text in HOSTILE
    }
    report["run"] = {
        "drops": dict.fromkeys(HOSTILE, 1),
        "drop_examples": {text: [text] for text in HOSTILE},
        "training": {text: {"unit": text, "steps": [1, 2], "curves": {text: [2.0, 1.0]}} for text in HOSTILE},
        "steps": dict.fromkeys(HOSTILE, 1),
    }
    return report


def empty_report() -> dict[str, Any]:
    """A report on next to nothing: what is not known is None, what is not there is empty."""
    lengths = {"bounds": [0, 9], "counts": [0]}
    nothing = {"path": "a", "examples": 0, "mentions": 0, "labels": {}, "classes": {}, "lengths": lengths}
    report = _frame({"synthetic": nothing}, [])
    unknown = dict.fromkeys(("value", "heldout", "low", "high"))
    sentence = {"sentence": "It cannot be told with this much data.", "state": "unknown"}
    report["verdicts"] = [each | unknown | sentence for each in report["verdicts"]]
    score = {"better": "higher", "unit": "", "difference": None} | unknown
    none = {"summary": "None.", "options": {}, "seconds": 0, "scores": {"f1": score}, "tables": [], "notes": []}
    return report | {"metrics": {"use": none}, "run": None, "private": False}


def _row(example: Example | None, *, origin: bool = True) -> dict[str, Any] | None:
    if example is None:
        return None
    row = {
        "text": example.text,
        "spans": [[span.start, span.end, span.label] for span in example.spans],
        "class": example.label,
    }
    return row | ({"origin": example.origin} if origin else {})


def _count(path: str | Path, examples: list[Example]) -> dict[str, Any]:
    lengths = [len(example.text.split()) for example in examples]
    counts = [sum(low <= each < high for each in lengths) for low, high in itertools.pairwise(BOUNDS)]
    labels = Counter(span.label for example in examples for span in example.spans)
    return {
        "path": str(path),
        "examples": len(examples),
        "mentions": labels.total(),
        "labels": dict(labels),
        "classes": dict(Counter(str(example.label) for example in examples if example.label)),
        "lengths": {"bounds": BOUNDS, "counts": counts},
    }


def _frame(corpora: Mapping[str, Any], examples: Iterable[Any]) -> dict[str, Any]:
    """Puts invented scores around counts and examples."""
    steps = list(range(0, 2001, 20))
    falling = [1 + 2.5 * math.exp(-step / 400) for step in steps]
    watched = [None if step % 100 else value + 0.1 + step / 9000 for step, value in zip(steps, falling, strict=True)]
    return {
        "version": 1,
        "made_by": {"textsynth": "0.1.0", "python": "3.11.2", "libraries": {"numpy": "2.3.4", "pyarrow": "22.0.0"}},
        "command": "textsynth evaluate out/synthetic.jsonl --source out/source.jsonl --heldout out/heldout.jsonl",
        "seed": 0,
        "corpora": dict(corpora),
        "verdicts": [
            _verdict("right", "good", 0.021, 0.034, -0.022, -0.004),
            _verdict("useful", "good", 0.742, 0.695, 0.023, 0.071),
            _verdict("varied", "bad", 0.412, 0.803, -0.432, -0.35),
            _verdict("private", "unknown", 0.004, 0.002, -0.003, 0.007),
        ],
        "metrics": {
            "use": {
                "summary": "What a tagger learns from gold, from both, and from synthetic text alone.",
                "options": {"folds": 5, "probe": "crf"},
                "seconds": 21.4,
                "scores": {
                    "f1": _score(0.742, 0.695, 0.023, 0.071, "higher", "share"),
                    "f1_synthetic_alone": _score(0.651, 0.695, -0.081, -0.007, "higher", "share"),
                    "f1_control": _score(None, 0.695, None, None, "higher", "share"),
                },
                "tables": [
                    {
                        "title": "By label",
                        "columns": ["label", "gold", "gold and synthetic"],
                        "rows": [["DATE", 0.81, 0.84], ["PRODUCT", 0.62, 0.70]],
                        "private": False,
                    }
                ],
                "notes": ["These scores are invented: this report tries the page."],
            },
            "disclosure": {
                "summary": "Counts source records that the synthetic text repeats.",
                "options": {"runs": [3, 4, 5]},
                "seconds": 3.25,
                "scores": {"records": _score(0.004, 0.002, -0.004, 0.008, "lower", "share")},
                "tables": [
                    {
                        "title": "The worst records",
                        "columns": ["source", "synthetic", "tokens"],
                        "rows": [["My television was left in the rain.", "My kettle was left in the rain.", 5]] * 20,
                        "private": True,
                    }
                ],
                "notes": [],
            },
        },
        "run": {
            "drops": {"duplicate": 37, "length: more than 60 tokens": 4},
            "drop_examples": {"duplicate": ["Where is my parcel?"], "length: more than 60 tokens": ["Well, " * 60]},
            "training": {
                "language_model": {"unit": "loss", "steps": steps, "curves": {"training": falling, "heldout": watched}}
            },
            "steps": {"mention_replacement": 300},
        },
        "examples": list(examples),
        "private": True,
    }


def _verdict(name: str, state: str, *numbers: float) -> dict[str, Any]:
    value, heldout, low, high = numbers
    sentence = f"An invented number: {value} against {heldout}, a difference from {low} to {high}."
    return {
        "name": name,
        "sentence": sentence,
        "value": value,
        "heldout": heldout,
        "low": low,
        "high": high,
        "state": state,
    }


def _score(
    value: float | None, heldout: float, low: float | None, high: float | None, better: str, unit: str
) -> dict[str, Any]:
    difference = None if value is None else value - heldout
    return {
        "value": value,
        "heldout": heldout,
        "difference": difference,
        "low": low,
        "high": high,
        "better": better,
        "unit": unit,
    }
