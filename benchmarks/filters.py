"""What each filter catches of its kind, and what it drops of real sentences that it has not seen.

    python benchmarks/filters.py                          # a corpus of this project; a quarter of it is held out
    python benchmarks/filters.py CORPUS                   # another
    python benchmarks/filters.py CORPUS HELDOUT           # all of it is learnt from, and other files are held out

What is held out is chosen as by `[source] heldout`: examples with one wording or text stay on one side, or a copy of
what was learnt from would count as a real sentence that was not seen.

Each kind is planted: sentences of the source or of the held-out ones are damaged in one way. Filters learn from the
source alone, with their defaults.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from textsynth import formats
from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.corpus.tokens import tokenize
from textsynth.extract import Resources
from textsynth.extract.heldout import split_heldout
from textsynth.filters import Filter
from textsynth.foundation.seeding import child_rng

OWN = Path(__file__).parents[1] / "corpora" / "newsroom.jsonl"

FOREIGN = (
    "Ich habe gestern meine Schwester besucht, und wir haben den ganzen Abend geredet.",
    "Der Zug nach Hamburg fährt heute leider eine halbe Stunde später ab.",
    "Können Sie mir bitte sagen, wo ich hier eine Apotheke finde?",
    "Nous avons mangé dans un petit restaurant près de la gare hier soir.",
    "Je ne comprends pas pourquoi le magasin est fermé aujourd'hui.",
    "Pouvez-vous m'envoyer la facture avant la fin de la semaine ?",
    "Mañana vamos a la playa con los niños si hace buen tiempo.",
    "No sé dónde he dejado las llaves de mi coche nuevo.",
    "La reunión con el director empieza a las nueve de la mañana.",
    "Domani mattina devo andare dal medico con mia madre.",
    "Questa sera guardiamo un film insieme ai nostri amici.",
    "Het regent al de hele dag en ik heb geen paraplu bij me.",
    "Wij gaan volgende week met de trein naar mijn ouders.",
    "Amanhã não posso trabalhar porque tenho uma consulta.",
    "Завтра утром мы поедем на дачу, если не будет дождя.",
    "Я не знаю, почему магазин сегодня закрыт.",
    "我们明天早上去公园散步，如果天气好的话。",
    "昨日は友達と一緒に映画を見に行きました。",
    "Wczoraj wieczorem byliśmy w kinie z naszymi znajomymi.",
    "Jag glömde min jacka på tåget i går kväll.",
)
"""Sentences in other languages than English, written for this benchmark."""

INSULTS = ("idiot", "moron", "scumbag")

Plant = Callable[[Corpus, Corpus, np.random.Generator], Corpus]


def change_a_word(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """One word of a sentence of the source, of ten words or more, becomes another; mentions are left out."""
    return _plant(source, rng, lambda words, _: _replace_one(words, rng) if len(set(words)) >= 10 else None)


def scramble(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """The words of a held-out sentence, five or more, in another order."""
    return _plant(heldout, rng, lambda words, _: list(rng.permutation(words)) if len(words) >= 5 else None)


def repeat(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """A held-out sentence six times over."""
    return _plant(heldout, rng, lambda words, _: words * 6 if len(words) >= 8 else None)


def cut(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """The first word of a held-out sentence alone."""
    return _plant(heldout, rng, lambda words, _: words[:1] if len(words) >= 5 else None)


def speak_foreign(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """Sentences in other languages."""
    return Corpus.from_columns(text=FOREIGN, tokenizer=source.tokenizer)


def insult(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """A held-out sentence with an insult."""
    return _plant(heldout, rng, lambda words, _: [*words, str(rng.choice(INSULTS)).upper()])


def link(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """A held-out sentence with the mark of a template that nobody filled."""
    return _plant(heldout, rng, lambda words, _: [*words, "{{name}}"])


def forget_a_known_mention(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """A sentence of the source without one of its spans."""
    return _relabel(source, rng, lambda spans, place: spans[:place] + spans[place + 1 :])


def forget_a_mention(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """A held-out sentence without one of its spans."""
    return _relabel(heldout, rng, lambda spans, place: spans[:place] + spans[place + 1 :])


def mislabel(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """A held-out sentence one of whose spans has another label."""

    def change(spans: tuple[Span, ...], place: int) -> tuple[Span, ...]:
        others = [label for label in source.labels if label != spans[place].label]
        changed = dataclasses.replace(spans[place], label=str(rng.choice(others)))
        return (*spans[:place], changed, *spans[place + 1 :])

    return _relabel(heldout, rng, change)


def label_a_word(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """A held-out sentence without spans, one of whose words has one now."""
    made = []
    for example, words in zip(heldout, _list_places(heldout), strict=True):
        if not example.spans and words:
            start, end = words[rng.integers(len(words))]
            made.append(dataclasses.replace(example, spans=(Span(start, end, str(rng.choice(source.labels))),)))
    return Corpus.from_examples(made, tokenizer=heldout.tokenizer)


def one_label(source: Corpus, heldout: Corpus, rng: np.random.Generator) -> Corpus:
    """Sentences of the source whose mentions all have its rarest label, thousands of them."""
    counts = {label: source.spans.labels.to_pylist().count(label) for label in source.labels}
    rarest = min(counts, key=lambda label: counts[label])
    rows = [example for example in source if {span.label for span in example.spans} == {rarest}]
    return Corpus.from_examples(rows * (2000 // max(1, len(rows)) + 1))


CASES: tuple[tuple[str, dict[str, object], Plant], ...] = (
    ("near_duplicate", {}, change_a_word),
    ("missed_mention", {}, forget_a_known_mention),
    ("missed_mention", {}, forget_a_mention),
    ("fluency", {}, scramble),
    ("length", {}, cut),
    ("length", {}, repeat),
    ("language", {}, speak_foreign),
    ("pattern", {"drop": (r"\{\{\w+\}\}",)}, link),
    ("toxicity", {"words": INSULTS}, insult),
    ("balance", {}, one_label),
    ("label_agreement", {}, mislabel),
    ("label_agreement", {}, label_a_word),
    ("label_agreement", {}, forget_a_mention),
)
"""Filters, their options, and what each should catch."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, help="what filters learn from, and real sentences held out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", help="names of filters")
    arguments = parser.parse_args()
    source, heldout = _read(arguments.paths, arguments.seed)
    print(f"source {len(source):,}, held out {len(heldout):,} sentences, seed {arguments.seed}")
    print("| filter | planted | sentences | caught | dropped of held out | fit, CPU s | sentences a CPU second |")
    print("|---|---|---|---|---|---|---|")
    fitted: dict[str, tuple[Filter, Path, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, options, plant) in enumerate(CASES):
            if arguments.only and name not in arguments.only:
                continue
            rng = child_rng(arguments.seed, "plant", number)
            if name not in fitted:
                fitted[name] = _fit(name, options, source, Path(folder) / name, arguments.seed)
            print(_measure(name, fitted[name], plant, plant(source, heldout, rng), heldout), flush=True)


def _read(paths: Sequence[Path], seed: int) -> tuple[Corpus, Corpus]:
    corpus = formats.read(paths[0] if paths else OWN)
    if len(paths) > 1:
        return corpus, Corpus.concat(formats.read(path) for path in paths[1:])
    return split_heldout(corpus, 0.25, child_rng(seed, "held out"))


def _fit(
    name: str, options: dict[str, object], source: Corpus, directory: Path, seed: int
) -> tuple[Filter, Path, float]:
    built = registry.look_up("filter", name)(**options)
    assert isinstance(built, Filter)
    directory.mkdir()
    began = time.process_time()
    built.fit(Resources.of(source), directory, child_rng(seed, "fit", name))
    return built, directory, time.process_time() - began


def _measure(name: str, fitted: tuple[Filter, Path, float], plant: Plant, planted: Corpus, heldout: Corpus) -> str:
    built, directory, seconds = fitted
    caught = _share_dropped(built, directory, planted)
    judge = built.judge(directory)
    began = time.process_time()
    judge(heldout)
    speed = len(heldout) / (time.process_time() - began)
    dropped = _share_dropped(built, directory, heldout)
    kind = plant.__name__.replace("_", " ")
    return f"| `{name}` | {kind} | {len(planted):,} | {caught} | {dropped} | {seconds:.1f} | {speed:,.0f} |"


def _share_dropped(built: Filter, directory: Path, corpus: Corpus) -> str:
    reasons = built.judge(directory)(corpus)
    return f"{sum(reason is not None for reason in reasons) / max(1, len(reasons)):.1%}"


def _plant(
    corpus: Corpus, rng: np.random.Generator, change: Callable[[list[str], np.random.Generator], list[str] | None]
) -> Corpus:
    """Changes the words of sentences; what is None is left out. Spans are left out: no such filter looks at them."""
    changed = [change(text.split(), rng) for text in corpus.texts.to_pylist()]
    return Corpus.from_columns(text=[" ".join(words) for words in changed if words], tokenizer=corpus.tokenizer)


def _replace_one(words: list[str], rng: np.random.Generator) -> list[str]:
    place = int(rng.integers(len(words)))
    return [*words[:place], "something", *words[place + 1 :]]


def _relabel(
    corpus: Corpus, rng: np.random.Generator, change: Callable[[tuple[Span, ...], int], tuple[Span, ...]]
) -> Corpus:
    made: list[Example] = []
    for example in corpus:
        if example.spans:
            spans = change(example.spans, int(rng.integers(len(example.spans))))
            made.append(dataclasses.replace(example, spans=spans))
    return Corpus.from_examples(made, tokenizer=corpus.tokenizer)


def _list_places(corpus: Corpus) -> list[list[tuple[int, int]]]:
    """Returns where the words of each text are."""
    tokens = tokenize(corpus)
    places = list(zip(tokens.starts.tolist(), tokens.ends.tolist(), tokens.strings.to_pylist(), strict=True))
    bounds = zip(tokens.rows[:-1].tolist(), tokens.rows[1:].tolist(), strict=True)
    return [[(start, end) for start, end, word in places[low:high] if word.isalpha()] for low, high in bounds]


if __name__ == "__main__":
    main()
