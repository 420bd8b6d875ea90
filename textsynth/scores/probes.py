"""Probes: small models that are taught in a second and tell what can be learnt from a corpus.

A tagger is a linear-chain CRF (Lafferty et al. 2001) by CRFsuite, for spans; a classifier is a logistic regression on
TF-IDF, for classes. Both draw nothing: the same corpus gives the same probe.
"""

from __future__ import annotations

import functools
import itertools
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from textsynth.components.labeler import Finding, Findings
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tag_notation import read_tags
from textsynth.corpus.tokens import TokenTable, encode_tags, list_tags, tokenize
from textsynth.foundation.disk import write_whole
from textsynth.scores.encoders import Encoder

_ROUNDS = 40
"""Rounds of L-BFGS that a tagger is taught for at most; it is at its best by then."""

_EDGES = "edge"
"""The feature of a neighbour that is not there."""

_LEAST_CHANCE = 1e-12
"""Of a token to be in a mention, where it is divided by."""

_ORDERS = (1, 2)
"""The n-grams of words that a classifier sees."""

Tag = Callable[[Corpus], Corpus]
"""Gives a corpus the spans that a probe finds, whatever spans it has."""

Classify = Callable[[Corpus], list[str | None]]
"""Gives the likeliest combination of classes of each text; None if the probe was taught none."""


@dataclass(frozen=True)
class Tagger:
    """A CRF that finds mentions.

    Args:
        labels: what it knows, sorted.
        model: what CRFsuite wrote; empty if there was nothing to learn from.
    """

    labels: tuple[str, ...]
    model: bytes

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Reads what `write` wrote."""
        return cls(tuple(json.loads((directory / "labels.json").read_text())), (directory / "tagger.crf").read_bytes())

    def write(self, directory: Path) -> None:
        """Writes it into a directory."""
        write_whole(directory / "labels.json", json.dumps(self.labels))
        write_whole(directory / "tagger.crf", self.model)

    @functools.cached_property
    def tags(self) -> list[str]:
        """Its tags, `O` first, in iob2."""
        return list_tags(self.labels)

    def tag(self, corpus: Corpus) -> Findings:
        """Finds the mentions in texts, whatever spans they have; how sure it is, is that of the least sure token."""
        return self.examine(corpus)[0]

    def examine(self, corpus: Corpus) -> tuple[Findings, np.ndarray]:
        """Finds the mentions in texts, as `tag` does, and says how sure it is of each text as a whole, `(texts,)`.

        That is how likely the likeliest tag is of the token that it is least sure of.
        """
        tokens = tokenize(without_spans(corpus))
        found, sure = read_chances(tokens, self._best_tags(tokens), self.chances(tokens), self.tags)
        return Findings.of_lists(found), sure

    def marginals(self, corpus: Corpus) -> Ragged:
        """Returns how likely the tag is that each token has by the spans of its text, a row for each text.

        A label that the probe does not know has the chance 0.
        """
        return self.judge(corpus)[0]

    def judge(self, corpus: Corpus) -> tuple[Ragged, Ragged]:
        """Returns how likely the tag of each token is, and how likely its label among all labels, 1 outside of spans.

        The second says what the first does not, of a mention that the probe hardly takes for one: whether it would have
        this label if it were one.
        """
        tokens = tokenize(corpus)
        names = list_tags({*corpus.labels, *self.labels})
        codes = encode_tags(tokens, corpus, "iob2", names)
        columns = {name: place for place, name in enumerate(self.tags)}
        known = np.array([columns.get(name, len(self.tags)) for name in names])
        chances = np.hstack([self.chances(tokens), np.zeros((len(codes), 1))])
        by_tag = chances[np.arange(len(codes)), known[codes]]
        # The tags that begin a mention and go on with it stand side by side, after O.
        begin = np.where(known == len(self.tags), len(self.tags), known - (known + 1) % 2)
        go_on = np.minimum(begin + 1, len(self.tags))
        of_label = chances[np.arange(len(codes)), begin[codes]] + chances[np.arange(len(codes)), go_on[codes]]
        among = np.where(codes == 0, 1.0, of_label / np.maximum(1 - chances[:, 0], _LEAST_CHANCE))
        return Ragged(by_tag, tokens.rows), Ragged(np.minimum(among, 1), tokens.rows)

    def chances(self, tokens: TokenTable) -> np.ndarray:
        """Returns how likely each tag is of each token, `(tokens, tags)`; the columns are those of `tags`."""
        chances = np.zeros((len(tokens.starts), len(self.tags)))
        if not self.model:
            chances[:, 0] = 1.0
            return chances
        known = [(self.tags.index(self.tags[int(code)]), code) for code in self._crf.labels()]
        for (low, high), sequence in zip(itertools.pairwise(tokens.rows.tolist()), _sequences(tokens), strict=True):
            self._crf.set(sequence)
            for column, code in known:
                chances[low:high, column] = [self._crf.marginal(code, place) for place in range(high - low)]
        return chances

    def _best_tags(self, tokens: TokenTable) -> Iterator[list[str]]:
        """Yields the likeliest tags of each text."""
        for sequence in _sequences(tokens):
            best = self._crf.tag(sequence) if self.model else []
            yield [self.tags[int(code)] for code in best]

    @functools.cached_property
    def _crf(self) -> Any:
        import pycrfsuite

        crf = pycrfsuite.Tagger()
        crf.open_inmemory(self.model)
        return crf


def teach_tagger(corpus: Corpus, regularisation: tuple[float, float] = (0.1, 0.01)) -> Tagger:
    """Teaches a CRF the spans of a corpus; it sees words, their shapes, beginnings and ends, and both neighbours.

    Args:
        corpus: the texts and their spans.
        regularisation: the weights of the L1 and the L2 norm.

    >>> corpus = Corpus.from_columns(text=["Ada left", "Bo left"] * 5, spans=[[(0, 3, "P")], [(0, 2, "P")]] * 5)
    >>> teach_tagger(corpus).tag(Corpus.from_columns(text=["Cy left"])).labels.tolist()
    ['P']
    """
    tokens = tokenize(corpus)
    names = list_tags(corpus.labels)
    if not len(tokens.starts):
        return Tagger(corpus.labels, b"")
    codes = encode_tags(tokens, corpus, "iob2", names)
    return Tagger(corpus.labels, _train(tokens, codes, regularisation))


def _train(tokens: TokenTable, codes: np.ndarray, regularisation: tuple[float, float]) -> bytes:
    """Returns what CRFsuite makes of tokens and tags; it writes files alone, so there is one for a moment."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.select("lbfgs")
    trainer.set_params({"c1": regularisation[0], "c2": regularisation[1], "max_iterations": _ROUNDS})
    bounds = itertools.pairwise(tokens.rows.tolist())
    for (low, high), sequence in zip(bounds, _sequences(tokens), strict=True):
        if high > low:
            trainer.append(sequence, [str(code) for code in codes[low:high].tolist()])
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
        path = Path(folder) / "tagger.crf"
        trainer.train(str(path))
        return path.read_bytes()


def _sequences(tokens: TokenTable) -> Iterator[Any]:
    """Yields the features of the tokens of each text."""
    import pycrfsuite

    encoded = tokens.strings.dictionary_encode()
    own = [_describe(word) for word in encoded.dictionary.to_pylist()]
    before = [[f"-{each}" for each in some[:2]] for some in own]
    after = [[f"+{each}" for each in some[:2]] for some in own]
    codes = encoded.indices.to_pylist()
    for low, high in itertools.pairwise(tokens.rows.tolist()):
        row = codes[low:high]
        left = [[f"-{_EDGES}"], *(before[code] for code in row[:-1])]
        right = [*(after[code] for code in row[1:]), [f"+{_EDGES}"]]
        yield pycrfsuite.ItemSequence([b + own[code] + a for b, code, a in zip(left, row, right, strict=False)])


def _describe(word: str) -> list[str]:
    """Returns the features of a word: itself in small letters and its shape first, which its neighbours see too.

    >>> _describe("Rome")
    ['w=rome', 's=Xx', 'f=Rome', 'b=ro', 'b=rom', 'e=me', 'e=ome']
    """
    word = word.replace("\x00", " ")  # CRFsuite takes it for the end of a string.
    small = word.lower()
    return [f"w={small}", f"s={find_shape(word)}", f"f={word}", *(f"b={small[:n]}" for n in (2, 3)),
            *(f"e={small[-n:]}" for n in (2, 3))]  # fmt: skip


def find_shape(word: str) -> str:
    """Returns what kinds of characters follow each other in a word.

    >>> find_shape("McDonald's"), find_shape("B2B")
    ("XxXx'x", 'X0X')
    """
    kinds = ("X" if c.isupper() else "0" if c.isdecimal() else "x" if c.isalpha() else c for c in word)
    return "".join(kind for kind, _ in itertools.groupby(kinds))


def read_chances(
    tokens: TokenTable, best: Iterable[Sequence[str]], chances: np.ndarray, names: Sequence[str]
) -> tuple[list[list[Finding]], np.ndarray]:
    """Returns the mentions that tags say, and how sure a tagger is of each of them and of each text as a whole.

    Args:
        tokens: of texts.
        best: the tags of the tokens of each text, in iob2.
        chances: how likely each tag is of each token, `(tokens, tags)`.
        names: the tags of the columns.

    Returns:
        The mentions of each text, as sure as of their least sure token; and how likely the likeliest tag is of the
        token that it is least sure of, `(texts,)`.
    """
    columns = {name[2:]: place for place, name in enumerate(names) if name.startswith("B-")}
    found: list[list[Finding]] = []
    for first, tags in zip(tokens.rows.tolist(), best, strict=False):
        mentions = [(first + begin, first + end, label) for begin, end, label in read_tags(tags)]
        found.append(
            [
                (
                    int(tokens.starts[low]),
                    int(tokens.ends[high - 1]),
                    label,
                    _sureness(chances[low:high], columns[label]),
                )
                for low, high, label in mentions
            ]
        )
    sure = np.ones(len(found))
    np.minimum.at(sure, np.repeat(np.arange(len(found)), np.diff(tokens.rows)), chances.max(axis=1, initial=0))
    return found, sure


def _sureness(chances: np.ndarray, column: int) -> float:
    """Returns the chance of the least sure token of a mention, whose label has this column and the next."""
    return min(1.0, float(chances[:, [column, column + 1]].sum(axis=1).min()))


def without_spans(corpus: Corpus) -> Corpus:
    """Returns the corpus without spans, whose tokens then tell nothing of mentions."""
    return Findings.of_lists([]).label(corpus)


def have_classes(corpus: Corpus) -> Corpus:
    """Returns the examples of whose classes something is said."""
    return corpus.mask(corpus.table.column("label").is_valid().to_numpy())


@dataclass(frozen=True)
class VectorClassifier:
    """A logistic regression on the vectors of an encoder.

    Args:
        encode: gives the vectors; they are made of length 1.
        combinations: what the column `label` may hold, sorted.
        weights: `(combinations, width)`; none if there was nothing to tell apart.
        bias: `(combinations,)`.
    """

    encode: Encoder
    combinations: tuple[str, ...]
    weights: np.ndarray | None
    bias: np.ndarray

    def classify(self, corpus: Corpus) -> list[str | None]:
        """Returns the likeliest combination of classes of each text; None if it was taught none."""
        return _choose(self.combinations, corpus, self.probabilities)

    def probabilities(self, corpus: Corpus) -> np.ndarray:
        """Returns how likely each combination is of each text, `(examples, combinations)`; rows add up to 1."""
        if self.weights is None or not len(corpus):
            return _tell_nothing(corpus, self.combinations)
        return share_out(scale(self.encode(corpus.texts.to_pylist())) @ self.weights.T + self.bias)


def teach_on_vectors(encode: Encoder, corpus: Corpus, regularisation: float) -> VectorClassifier:
    """Teaches a logistic regression on the vectors of an encoder the classes of a corpus.

    Args:
        encode: gives the vectors; it is not taught.
        corpus: the texts; those of whose classes nothing is said are passed over.
        regularisation: the weight of the L2 norm; vectors are made of length 1.
    """
    corpus = have_classes(corpus)
    names = corpus.combinations
    if len(names) < 2:
        return VectorClassifier(encode, names, None, np.zeros(len(names)))
    vectors = scale(encode(corpus.texts.to_pylist()))
    return VectorClassifier(encode, names, *_regress_classes(vectors, corpus, regularisation))


def scale(vectors: np.ndarray) -> np.ndarray:
    """Returns vectors of length 1; those of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: np.ndarray = vectors / np.where(lengths > 0, lengths, 1)
    return scaled


@dataclass(frozen=True)
class Classifier:
    """A logistic regression on TF-IDF. Classes that texts have together are one class: their combination.

    Args:
        combinations: what the column `label` may hold, sorted.
        terms: the n-grams that it knows, each with its column.
        idf: `(terms,)`; how rare each is.
        weights: `(combinations, terms)`.
        bias: `(combinations,)`.
    """

    combinations: tuple[str, ...]
    terms: dict[str, int]
    idf: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Reads what `write` wrote."""
        names, terms = json.loads((directory / "classifier.json").read_text())
        arrays = (np.load(directory / f"{each}.npy") for each in ("idf", "weights", "bias"))
        return cls(tuple(names), {term: column for column, term in enumerate(terms)}, *arrays)

    def write(self, directory: Path) -> None:
        """Writes it into a directory."""
        write_whole(directory / "classifier.json", json.dumps([self.combinations, list(self.terms)]))
        for name in ("idf", "weights", "bias"):
            np.save(directory / f"{name}.npy", getattr(self, name))

    def classify(self, corpus: Corpus) -> list[str | None]:
        """Returns the likeliest combination of classes of each text; None if it was taught none."""
        return _choose(self.combinations, corpus, self.probabilities)

    def probabilities(self, corpus: Corpus) -> np.ndarray:
        """Returns how likely each combination is of each text, `(examples, combinations)`; rows add up to 1."""
        if len(self.combinations) < 2 or not self.terms or not len(corpus):
            return _tell_nothing(corpus, self.combinations)
        return share_out(_weigh(_count(corpus, self.terms), self.idf) @ self.weights.T + self.bias)


def teach_classifier(corpus: Corpus, regularisation: float = 0.1) -> Classifier:
    """Teaches a logistic regression on TF-IDF the classes of a corpus; it sees words and pairs of words.

    Args:
        corpus: the texts; those of whose classes nothing is said are passed over.
        regularisation: the weight of the L2 norm.

    >>> probe = teach_classifier(Corpus.from_columns(text=["hi Ada", "go now"] * 5, label=["greet", "order"] * 5))
    >>> probe.classify(Corpus.from_columns(text=["hi Bo"]))
    ['greet']
    """
    corpus = have_classes(corpus)
    terms = {term: column for column, term in enumerate(sorted(set().union(*_list_terms(corpus))))}
    counts = _count(corpus, terms)
    # As scikit-learn smooths it: one more text that has every term.
    idf = np.log((1 + len(corpus)) / (1 + np.bincount(counts.indices, minlength=len(terms)))) + 1
    if len(corpus.combinations) < 2 or not terms:
        return Classifier(
            corpus.combinations, terms, idf, np.zeros((len(corpus.combinations), len(terms))), np.zeros(1)
        )
    return Classifier(corpus.combinations, terms, idf, *_regress_classes(_weigh(counts, idf), corpus, regularisation))


def _choose(
    combinations: Sequence[str], corpus: Corpus, probabilities: Callable[[Corpus], np.ndarray]
) -> list[str | None]:
    if not combinations:
        return [None] * len(corpus)
    return [combinations[best] for best in probabilities(corpus).argmax(axis=1).tolist()]


def _tell_nothing(corpus: Corpus, combinations: Sequence[str]) -> np.ndarray:
    """Returns the chances of a model that was taught nothing."""
    return np.full((len(corpus), len(combinations)), 1 / max(1, len(combinations)))


def share_out(scores: np.ndarray) -> np.ndarray:
    """Returns chances that add up to 1, `(rows, columns)`, of the logarithms of what they are in proportion to."""
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    shared: np.ndarray = chances / chances.sum(axis=1, keepdims=True)
    return shared


def regress(
    features: Any, codes: Sequence[int] | np.ndarray, count: int, regularisation: float
) -> tuple[np.ndarray, np.ndarray]:
    """Teaches a logistic regression.

    Args:
        features: `(examples, width)`, dense or sparse.
        codes: the class of each example; there must be two at least.
        count: how many classes there are.
        regularisation: the weight of the L2 norm.

    Returns:
        Weights, `(count, width)`, and bias, `(count,)`; that of a class without examples says that it is never so.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1 / regularisation, max_iter=1000)
    model.fit(features, codes)
    weights, bias = np.zeros((count, features.shape[1])), np.full(count, -np.inf)
    # Of two classes scikit-learn has one row, for the second.
    one_row = len(model.classes_) == 2
    bias[model.classes_] = 0
    taught = model.classes_[1:] if one_row else model.classes_
    weights[taught], bias[taught] = model.coef_, model.intercept_
    return weights, bias


def _regress_classes(features: Any, corpus: Corpus, regularisation: float) -> tuple[np.ndarray, np.ndarray]:
    codes = [corpus.combinations.index(each) for each in corpus.table.column("label").to_pylist()]
    return regress(features, codes, len(corpus.combinations), regularisation)


def _count(corpus: Corpus, terms: dict[str, int]) -> Any:
    """Returns how often each text has each term, `(examples, terms)`, sparse."""
    from scipy.sparse import csr_matrix

    rows = [[terms[each] for each in some if each in terms] for some in _list_terms(corpus)]
    ragged = Ragged.of_lists(rows)
    counts = csr_matrix((np.ones(len(ragged.values)), ragged.values, ragged.bounds), shape=(len(rows), len(terms)))
    counts.sum_duplicates()
    return counts


def _weigh(counts: Any, idf: np.ndarray) -> Any:
    """Returns counts times how rare their terms are, each row of length 1."""
    from sklearn.preprocessing import normalize

    return normalize(counts.multiply(idf).tocsr())


def _list_terms(corpus: Corpus) -> Iterator[list[str]]:
    """Yields the n-grams of each text, in small letters."""
    tokens = tokenize(without_spans(corpus))
    words = [word.lower() for word in tokens.strings.to_pylist()]
    for low, high in itertools.pairwise(tokens.rows.tolist()):
        yield [term for n in _ORDERS for term in _join_neighbours(words[low:high], n)]


def _join_neighbours(words: Sequence[str], n: int) -> Iterator[str]:
    """Yields all runs of n words."""
    return map(" ".join, zip(*(words[start:] for start in range(n)), strict=False))
