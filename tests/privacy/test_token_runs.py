"""Hashes of runs of tokens against the same worked out with tuples."""

from __future__ import annotations

from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize
from textsynth.privacy.token_runs import KINDS, LENGTHS, Kind, Symbols, find_repeated, keep_unique

Row = list[tuple[str, ...]]
SOURCE = Corpus.from_columns(
    text=["Ada Lee flew to Rome today", "Bo flew to Oslo today", "It rained all day", "It rained all day"],
    spans=[[(0, 7, "PERSON"), (16, 20, "CITY")], [(0, 2, "PERSON"), (11, 15, "CITY")], [], []],
)


def spell(corpus: Corpus, kind: Kind) -> list[Row]:
    """Gives each text as a list of symbols of a kind; a mention is its label, or label and words."""
    tokens, rows = tokenize(corpus, "words"), []
    words = [word.upper().lower() for word in tokens.strings.to_pylist()]
    stops = dict(zip(tokens.first.tolist(), tokens.stop.tolist(), strict=True))
    labels = dict(zip(tokens.first.tolist(), corpus.spans.labels.to_pylist(), strict=True))
    for begin, end in zip(tokens.rows[:-1].tolist(), tokens.rows[1:].tolist(), strict=True):
        row, place = [], begin
        while place < end:
            slot = kind != "text" and place in stops
            stop = stops[place] if slot else place + 1
            mention = tuple(words[place:stop]) if kind != "wording" else ()
            row.append(("slot", labels[place], *mention) if slot else ("word", words[place]))
            place = stop
        rows.append(row)
    return rows


def list_runs(corpus: Corpus, kind: Kind, length: int) -> list[tuple[int, tuple[tuple[str, ...], ...]]]:
    found = []
    for number, row in enumerate(spell(corpus, kind)):
        size = 1 if kind == "mention" else length or len(row)
        runs = [tuple(row[start : start + size]) for start in range(len(row) - size + 1)] if row else []
        needs_slot = kind in ("mention", "mention_in_wording")
        found += [(number, run) for run in runs if not needs_slot or any(each[0] == "slot" for each in run)]
    return found


@given(corpora())
def test_runs_are_equal_as_tuples_are(corpus: Corpus):
    symbols = Symbols.of(corpus)
    for kind in KINDS:
        for length in (0, 2) if kind != "mention" else (0,):
            runs, wanted = symbols.list_runs(kind, length), list_runs(corpus, kind, length)
            assert runs.rows.tolist() == [number for number, _ in wanted]
            assert len(set(runs.keys.tolist())) == len({run for _, run in wanted})
            assert len(set(zip(runs.keys.tolist(), wanted, strict=True))) == len(set(wanted))


def test_what_one_record_alone_has():
    symbols = Symbols.of(SOURCE)
    alone = {(kind, length): keep_unique(symbols.list_runs(kind, length)).rows for kind in KINDS for length in LENGTHS}
    assert len(alone["wording", 0]) == 0, "one wording, twice; the others twice as well"
    assert sorted(alone["text", 0].tolist()) == [0, 1]
    assert sorted(alone["mention", 0].tolist()) == [0, 0, 1, 1]


def test_what_is_repeated_by_hand():
    made = Corpus.from_columns(
        text=["it is said that ADA LEE FLEW home", "Zoë flew to Oslo today", "It rained all day"]
    )
    of_source, of_made = Symbols.of(SOURCE), Symbols.of(made)

    def repeated(kind: Kind, length: int) -> list[int]:
        return find_repeated(of_source.list_runs(kind, length), 4, of_made.list_runs(kind, length)).tolist()

    assert repeated("text", 3) == [0, 1, -1, -1]
    assert repeated("text", 4) == [-1, 1, -1, -1]
    assert repeated("text", 5) == repeated("mention", 0) == [-1, -1, -1, -1]
