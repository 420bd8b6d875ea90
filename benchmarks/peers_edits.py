"""Other libraries' operations on words and characters: in batches where they take them, on text where they can."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from material import EDITED
from measure import Effort, Row, percent
from peers import docs_of, guarded

import textsynth as ts
from textsynth.synonyms.wordnet import locate

_FEW = 500

Augment = Callable[[list[str]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Peers:
    """What the peers work on.

    Args:
        corpus: the sentences.
        beside: the name of our row.
        effort: how long each is measured.
    """

    corpus: ts.Corpus
    beside: str
    effort: Effort

    def text_row(self, name: str, augment: Augment, *, slow: bool = False) -> Row:
        """Measures a peer that takes and gives texts, and the entities whose words are not in its text any more."""
        texts = self.corpus.texts.to_pylist()
        some = texts[:_FEW] if slow else texts
        rate = self.effort.rate(lambda: augment(some), len(some))
        kept = total = 0
        for example, text in zip(self.corpus, augment(texts), strict=True):
            kept += sum(mention in text for mention in example.mentions())
            total += len(example.spans)
        return self._row(name, rate, 1 - kept / total, "no labels, ")

    def doc_row(self, name: str, augment: Any, nlp: Any) -> Row:
        """Measures augmenty, and the entities that are not there any more with their words and label."""
        import augmenty

        docs = docs_of(nlp.vocab, self.corpus)
        rate = self.effort.rate(lambda: list(augmenty.docs(docs[:_FEW], augment, nlp)), _FEW)
        kept = sum(
            len({(ent.text, ent.label_) for ent in doc.ents} & {(ent.text, ent.label_) for ent in made.ents})
            for doc, made in zip(docs, augmenty.docs(docs, augment, nlp), strict=True)
        )
        total = sum(len({(ent.text, ent.label_) for ent in doc.ents}) for doc in docs)
        return self._row(name, rate, 1 - kept / total, "")

    def _row(self, name: str, rate: float, damaged: float, labels: str) -> Row:
        note = f"{labels}{percent(damaged)} of the entities damaged"
        return Row(name=name, rate=rate, note=note, beside=self.beside, figures={"entities_damaged": damaged})


def deletion(peers: Peers) -> list[Row]:
    """Measures random deletion."""
    return [
        *_fast_aug(peers, "WordsRandomDeleteAugmenter"),
        *_fasttextaug(peers, "word", "RandomWordAug", action="delete"),
        *_eda(peers, "random_deletion"),
        *_nlpaug(peers, "word", "RandomWordAug", action="delete"),
    ]


def swap(peers: Peers) -> list[Row]:
    """Measures swaps of words."""
    return [
        *_fast_aug(peers, "WordsRandomSwapAugmenter"),
        *_fasttextaug(peers, "word", "RandomWordAug", action="swap"),
        *_eda(peers, "random_swap"),
        *_nlpaug(peers, "word", "RandomWordAug", action="swap"),
        *_augmenty(peers, "token_swap_v1", EDITED / 2),
    ]


def slip(peers: Peers) -> list[Row]:
    """Measures slips of the keyboard; one letter a word, as ours."""
    words = sum(len(text.split()) for text in peers.corpus.texts.to_pylist())
    letters = sum(len("".join(text.split())) for text in peers.corpus.texts.to_pylist())
    one_letter = {"aug_char_min": 1, "aug_char_max": 1, "min_char": 1}
    return [
        *_fast_aug(peers, "CharsRandomSubstituteAugmenter", (EDITED, 1, 1), "en"),
        *_fasttextaug(peers, "char", "KeyboardAug", **one_letter),
        *_nlpaug(peers, "char", "KeyboardAug", **one_letter),
        *_augmenty(peers, "keystroke_error_v1", EDITED * words / letters),
    ]


def synonyms(peers: Peers) -> list[Row]:
    """Measures replacement by WordNet's synonyms, read out of the same database."""
    with _wordnet_of_nltk():
        return [
            *_eda(peers, "synonym_replacement"),
            *_nlpaug(peers, "word", "SynonymAug", aug_src="wordnet"),
            *_augmenty(peers, "wordnet_synonym_v1", EDITED, respect_pos=False),
        ]


@guarded("fast-aug", "fast-aug==0.1.0")
def _fast_aug(peers: Peers, name: str, *options: Any) -> list[Row]:
    import fast_aug.text

    augmenter = getattr(fast_aug.text, name)((EDITED, 1, None), *options)
    return [peers.text_row(f"fast-aug, {name}, batch", augmenter.augment_batch)]


@guarded("fasttextaug", "fasttextaug==0.1.1")
def _fasttextaug(peers: Peers, kind: str, name: str, **options: Any) -> list[Row]:
    from fasttextaug.augmenter import char, word

    augmenter = getattr({"char": char, "word": word}[kind], name)(**_rate(kind), **options)
    return [peers.text_row(f"fasttextaug, {name}, batch", augmenter.augment)]


@guarded("nlpaug", "nlpaug==1.1.11")
def _nlpaug(peers: Peers, kind: str, name: str, **options: Any) -> list[Row]:
    from nlpaug.augmenter import char, word

    augmenter = getattr({"char": char, "word": word}[kind], name)(**_rate(kind), **options)
    return [peers.text_row(f"nlpaug, {name}", lambda texts: [augmenter.augment(each)[0] for each in texts], slow=True)]


def _rate(kind: str) -> dict[str, Any]:
    """Returns the options of nlpaug, and of what is built like it, for the share of words."""
    prefix = "aug_word" if kind == "char" else "aug"
    return {f"{prefix}_p": EDITED, f"{prefix}_min": 1, f"{prefix}_max": None}


@guarded("textaugment", "textaugment==3.0.0")
def _eda(peers: Peers, name: str) -> list[Row]:
    """Measures the functions of EDA, with the numbers of words ready made."""
    import nltk
    from spacy.lang.en.stop_words import STOP_WORDS

    with mock.patch.object(nltk, "download"):  # it asks the network each time, for what is given here
        from textaugment.eda import EDA

        augment = getattr(EDA(stop_words=STOP_WORDS), name)
    if name == "random_deletion":
        return [peers.text_row(f"textaugment, EDA, {name}", lambda texts: [augment(text, p=EDITED) for text in texts])]
    counts = [max(1, int(EDITED * len(text.split()))) for text in peers.corpus.texts.to_pylist()]
    row = peers.text_row(
        f"textaugment, EDA, {name}",
        lambda texts: [augment(text, n=n) for text, n in zip(texts, counts, strict=False)],
        slow=name == "synonym_replacement",
    )
    return [row]


@guarded("augmenty", "augmenty==1.4.4")
def _augmenty(peers: Peers, name: str, level: float, **options: Any) -> list[Row]:
    import augmenty
    import nltk
    import spacy

    with mock.patch.object(nltk, "download"):
        augment = augmenty.load(name, level=level, **options)
    try:
        return [peers.doc_row(f"augmenty, {name}", augment, spacy.blank("en"))]
    except TypeError as error:
        return [Row(name=f"augmenty, {name}", note=f"fails: {str(error).partition('.')[0]}", beside=peers.beside)]


@contextmanager
def _wordnet_of_nltk() -> Iterator[None]:
    """Lays out the WordNet that ours finds as NLTK has it, and calls every word a noun: NLTK's tagger is not here."""
    files = locate("")
    try:
        import nltk
    except ImportError:
        yield  # then they are not there either, and say so
        return
    if files is None or not files.path.is_dir():
        yield
        return
    with TemporaryDirectory() as folder:
        place = Path(folder) / "corpora" / "wordnet"
        place.mkdir(parents=True)
        for file in files.path.iterdir():
            if file.is_file():
                shutil.copy(file, place)
        (place / "index.sense").touch()
        (place / "lexnames").write_text("".join(f"{number:02}\tnoun.all\t1\n" for number in range(45)))
        with (
            mock.patch.object(nltk.data, "path", [folder, *nltk.data.path]),
            mock.patch.object(nltk, "pos_tag", _nouns),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield


def _nouns(tokens: Sequence[str]) -> list[tuple[str, str]]:
    return [(token, "NN") for token in tokens]
