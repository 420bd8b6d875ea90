"""Counts what fillers and edits get wrong, beside an earlier commit, and shows rows to read.

    python benchmarks/fillers.py                              the counts, on corpora/
    python benchmarks/fillers.py ../shared/data               and on BC5CDR-100, CrossNER-politics and SNIPS
    python benchmarks/fillers.py ../shared/data --before REV  and those of a commit before, in one table
    python benchmarks/fillers.py --show corpora/newsroom.jsonl --sentences 100
                                                              40 rows of each generator, of any corpus
    python benchmarks/fillers.py --page                       writes the rows of docs/fillers.md

Three counts, each of 2,000 rows of `template_fill` and `mention_replacement`, and of 2,000 sentences of the source
whose slots are filled as if a network had written them:

small     rows that begin with a small letter although no source example of their wording does
misplaced fillers behind a function word or sign behind which the source never has them
class     rows that a classifier puts into another class although it knows all source examples of their wording

The classifier is naive Bayes on words and pairs of words of whole texts, trained on the source.

And one of 400 rows of each edit that moves, drops or splits words:

cut       rows with a contraction or a hyphenated word that was cut, as benchmarks/cuts.py finds them
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import math
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import textsynth as ts
from textsynth.components import registry
from textsynth.corpus.classes import join_classes
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.language.stopword import STOP_WORDS
from textsynth.wording.filling import read_filler, write_filler
from textsynth.wording.options import WritingOptions
from textsynth.wording.vocabulary import parts_of

ROOT = Path(__file__).resolve().parent.parent
NETWORKS = "what networks wrote"
GENERATORS = ("template_fill", "mention_replacement")
EDITS = ("word_swap", "word_deletion", "segment_shuffle", "label_wise_token_replacement", "word_split")
OURS = {"newsroom": "corpora/newsroom.jsonl", "support": "corpora/support.jsonl"}
PUBLIC = {
    "BC5CDR-100": "bc5cdr/train.tsv",
    "CrossNER-politics": "crossner/politics/train.txt",
    "SNIPS": "snips/train.jsonl",
}
FEW = {"BC5CDR-100": 100}
"""Corpora of which some sentences are taken, by seed."""

ROWS, EDITED, SHOWN, SEED = 2000, 400, 40, 7
PAGE = ROOT / "docs" / "fillers.md"

Row = dict[str, Any]


def make(path: Path, sentences: int | None, count: int, generator: str) -> tuple[ts.Corpus, ts.Corpus]:
    """Returns the source, with its parents, and what a generator makes of it."""
    source = ts.read(path)
    if sentences is not None and sentences < len(source):
        source = source.take(np.sort(child_rng(SEED, "sentences").choice(len(source), sentences, replace=False)))
    resources = Resources.of(source)
    if generator == NETWORKS:
        return resources.source, fill_sentences(resources, count)
    with tempfile.TemporaryDirectory() as folder:
        component: Any = registry.look_up("generator", generator)()
        component.fit(resources, Path(folder), child_rng(SEED, "fit", generator))
        made = component.sampler(Path(folder))(count, child_rng(SEED, "rows", generator))
    return resources.source, getattr(made, "corpus", made)  # Of a draft, rejected rows too.


def fill_sentences(resources: Resources, count: int) -> ts.Corpus:
    """Returns sentences of the source with their slots filled as those that networks write."""
    examples = list(resources.source)
    chosen = [examples[row] for row in child_rng(SEED, "rows", NETWORKS).integers(len(examples), size=count)]
    with tempfile.TemporaryDirectory() as folder:
        write_filler(WritingOptions(), resources, child_rng(SEED, "fit", NETWORKS), Path(folder))
        filler = read_filler(Path(folder), slots=True)
    classes = [join_classes(each.label) for each in chosen]
    draft = filler.corpus([parts_of(each, "slots") for each in chosen], classes, child_rng(SEED, NETWORKS))
    return draft.corpus


def make_all(folder: Path | None, out: Path) -> None:
    """Writes the rows of every corpus and generator; this is what runs in the tree of an earlier commit."""
    for name, path in _corpora(folder).items():
        for generator in (*GENERATORS, NETWORKS, *EDITS):
            count = EDITED if generator in EDITS else ROWS
            source, made = make(path, FEW.get(name), count, generator)
            for kind, corpus in (("source", source), ("made", made)):
                rows = [json.dumps(row, ensure_ascii=False) for row in corpus.table.to_pylist()]
                (out / f"{name}.{generator}.{kind}").write_text("\n".join(rows), "utf-8")


def _corpora(folder: Path | None) -> dict[str, Path]:
    public = {name: folder / path for name, path in PUBLIC.items()} if folder else {}
    return {name: ROOT / path for name, path in OURS.items()} | public


# --- counts


@dataclass
class Count:
    """How many of how many are wrong."""

    wrong: int = 0
    total: int = 0

    def add(self, wrong: bool) -> None:
        """Counts one more."""
        self.total += 1
        self.wrong += wrong


_SENTENCE = re.compile(r"(?:^|[.!?…][\"”’')\]]*\s+|\n)\s*[\"“‘'(\[]*$")
_WORD_BEFORE = re.compile(r"([^\W\d_]+(?:['’-][^\W\d_]+)*|[^\w\s])\s*$")


def word_before(text: str, begin: int, end: int) -> str | None:
    """Returns the function word or sign before a place, None if there is none or a sentence begins there.

    Args:
        text: the text.
        begin: the end of the mention before.
        end: the place.
    """
    found = None if _SENTENCE.search(text[:end]) else _WORD_BEFORE.search(text[begin:end])
    word = found[1].casefold() if found else ""
    return word if word and (word in STOP_WORDS or not word[-1].isalnum()) else None


def _placed(row: Row) -> Iterator[tuple[str, str, str]]:
    """Yields label, mention and the function word before it of all mentions that have one."""
    end = 0
    for span in row["spans"]:
        word = word_before(row["text"], end, span["start"])
        if word is not None:
            yield span["label"], row["text"][span["start"] : span["end"]].casefold(), word
        end = span["end"]


def count_small(source: Sequence[Row], made: Sequence[Row]) -> Count:
    small = {row["parent"] for row in source if row["text"][:1].islower()}
    count = Count()
    for row in made:
        count.add(row["text"][:1].islower() and row["parent"] not in small)
    return count


def count_misplaced(source: Sequence[Row], made: Sequence[Row]) -> Count:
    known = {placed for row in source for placed in _placed(row)}
    count = Count()
    for row in made:
        for placed in _placed(row):
            count.add(placed not in known)
    return count


def count_classes(source: Sequence[Row], made: Sequence[Row]) -> Count:
    if all(row["label"] is None for row in source):
        return Count()
    bayes = Bayes.of(source)
    unclear = {row["parent"] for row in source if bayes.guess(row["text"]) != row["label"]}
    count = Count()
    for row in made:
        if row["parent"] not in unclear:
            count.add(bayes.guess(row["text"]) != row["label"])
    return count


def count_cuts(source: Sequence[Row], made: Sequence[Row]) -> Count:
    from cuts import find_cuts  # Not at the top: an earlier tree, which only makes rows, may not have what it imports.

    source_texts, made_texts = ([row["text"] for row in rows] for rows in (source, made))
    return Count(len(find_cuts(source_texts, made_texts)), len(made))


@dataclass
class Bayes:
    """Multinomial naive Bayes on words and pairs of words, each counted once a text, smoothed by one."""

    texts: Counter[str] = field(default_factory=Counter)
    words: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sizes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Bayes:
        """Counts the words of each class."""
        found = cls()
        for row in rows:
            found.texts[row["label"]] += 1
            found.words[row["label"]].update(_features(row["text"]))
        different = len(set().union(*found.words.values()))
        found.sizes = {label: words.total() + different for label, words in found.words.items()}
        return found

    def guess(self, text: str) -> str:
        """Returns the likeliest class of a text."""
        features = _features(text)

        def score(label: str) -> float:
            known, size = self.words[label], self.sizes[label]
            return math.log(self.texts[label]) + sum(math.log((known[each] + 1) / size) for each in features)

        return max(self.texts, key=score)


def _features(text: str) -> set[str]:
    words = re.findall(r"\w+|[^\w\s]", text.casefold())
    return {*words, *(" ".join(pair) for pair in itertools.pairwise(words))}


COUNTS: Mapping[str, Callable[[Sequence[Row], Sequence[Row]], Count]] = {
    "small": count_small,
    "misplaced": count_misplaced,
    "class": count_classes,
    "cut": count_cuts,
}


def count_all(folder: Path) -> dict[tuple[str, str, str], Count]:
    """Counts in the rows that `make_all` wrote."""
    found = {}
    for path in sorted(folder.glob("*.made")):
        name, generator = path.stem.rsplit(".", 1)
        source, made = (_rows(path.with_suffix(suffix)) for suffix in (".source", ".made"))
        for what, count in COUNTS.items():
            if (what == "cut") == (generator in EDITS):
                found[name, generator, what] = count(source, made)
    return found


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")]


# --- what is printed


def print_counts(public: Path | None, before: str | None) -> None:
    """Prints the counts as a table, with those of an earlier commit beside them."""
    with tempfile.TemporaryDirectory() as folder:
        trees = {"now": ROOT}
        if before:
            trees = {"before": _unpack(before, Path(folder) / "tree"), **trees}
        counts = {name: _count_in(tree, public, Path(folder) / name) for name, tree in trees.items()}
    print(f"{'':59}" + "".join(f"{name:>18}" for name in counts) + ("   of before" if before else ""))
    for key in sorted(counts["now"], key=lambda key: list(COUNTS).index(key[2])):
        columns = [each[key] for each in counts.values()]
        if columns[-1].total:
            shares = "".join(f"{each.wrong:>7} of {each.total:>5}  " for each in columns)
            print(f"{key[2]:<11}{key[0]:<19}{key[1]:<29}{shares:>18}{_ratio(columns)}".rstrip())


def _ratio(columns: Sequence[Count]) -> str:
    if len(columns) < 2 or not columns[0].wrong:
        return ""
    return f"{columns[1].wrong / columns[1].total / (columns[0].wrong / columns[0].total):>9.2f}"


def _unpack(revision: str, tree: Path) -> Path:
    archive = subprocess.run(["git", "archive", revision, "textsynth"], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(tree, filter="data")
    return tree


def _count_in(tree: Path, public: Path | None, out: Path) -> dict[tuple[str, str, str], Count]:
    out.mkdir()
    command = [sys.executable, str(Path(__file__)), *([str(public)] if public else []), "--make", str(out)]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(tree)}, check=True)
    return count_all(out)


def show(path: Path, sentences: int | None) -> Iterator[str]:
    """Yields rows of each generator, the mentions in brackets."""
    for generator in GENERATORS:
        _, made = make(path, sentences, SHOWN, generator)
        yield f"{generator}:\n"
        yield from map(show_row, made)
        yield ""


def show_row(example: Any) -> str:
    """Returns an example as a line, its class before it, its mentions in brackets."""
    text, end = "", 0
    for span in example.spans:
        text += f"{example.text[end : span.start]}[{example.text[span.start : span.end]}]"
        end = span.end
    return f"    {example.label + ': ' if example.label else ''}{text}{example.text[end:]}".replace("\n", " ")


def page() -> str:
    """Returns docs/fillers.md with its rows made anew."""
    text = PAGE.read_text("utf-8")
    for name, path in OURS.items():
        begin, end = f"<!-- rows of {name} -->", "<!-- end of rows -->"
        before, _, rest = text.partition(begin)
        rows = "\n".join(show(ROOT / path, None))
        text = f"{before}{begin}\n\n{rows}\n{end}{rest.partition(end)[2]}"
    return text


def main() -> None:
    """Prints counts or rows, as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("public", nargs="?", type=Path, help="the folder of the public corpora")
    parser.add_argument("--before", metavar="REVISION", help="an earlier commit to count in too")
    parser.add_argument("--show", type=Path, metavar="CORPUS", help="prints rows of this corpus instead")
    parser.add_argument("--sentences", type=int, help="how many of its sentences make the source, drawn by seed")
    parser.add_argument("--page", action="store_true", help="writes the rows of docs/fillers.md")
    parser.add_argument("--make", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    public = options.public.resolve() if options.public else None
    if options.make:
        make_all(public, options.make)
    elif options.show:
        print("\n".join(show(options.show, options.sentences)))
    elif options.page:
        PAGE.write_text(page(), "utf-8")
    else:
        print_counts(public, options.before)


if __name__ == "__main__":
    main()
