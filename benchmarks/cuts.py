"""How many edited texts have a contraction or a hyphenated word that was cut.

    python benchmarks/cuts.py [CORPUS] [--rows 400]

A word is cut if a copy has what no text of the source has: a part of a word with the apostrophe or hyphen still on it,
or a part joined to another word, as of "don't" in "don'carefully". A slip within a part, as in "dont't", is none.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import textsynth as ts
from textsynth.components import registry
from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.edits.edit import Edit
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng

SOURCE = Path(__file__).resolve().parents[1] / "corpora" / "support.jsonl"
OPERATIONS = (
    *("word_swap", "word_deletion", "segment_shuffle", "label_wise_token_replacement", "word_split", "casing"),
    *("character_swap", "character_drop", "character_doubling", "keyboard_slip", "ocr_confusion", "lookalike"),
)
MARKS = "'’-"
_PIECE = re.compile(rf"[^\W_]*(?:[{MARKS}][^\W_]+)+[{MARKS}]?|[^\W_]+[{MARKS}]", re.IGNORECASE)
"""A word with an apostrophe or hyphen inside or at its edge."""


def find_cuts(source: Iterable[str], edited: Iterable[str]) -> list[tuple[int, str]]:
    """Returns the rows of edited texts with a contraction or hyphenated word that was cut, each with the first one."""
    known = {piece for text in source for piece in _pieces(text)}
    edges = {edge for piece in known for edge in _edges(piece)}
    judged: dict[str, bool] = {}
    found = []
    for row, text in enumerate(edited):
        for piece in _pieces(text):
            if piece not in judged:
                judged[piece] = piece not in known and _is_cut(piece, known, edges)
            if judged[piece]:
                found.append((row, piece))
                break
    return found


def _pieces(text: str) -> Iterable[str]:
    return (match[0].casefold() for match in _PIECE.finditer(text))


def _edges(piece: str) -> Iterable[str]:
    """Returns what a word leaves where it is cut: its parts with the mark on one side."""
    marks = [match.start() for match in re.finditer(f"[{MARKS}]", piece)]
    inner = [at for at in marks if 0 < at < len(piece) - 1]
    return [each for at in inner for each in (piece[: at + 1], piece[at:])]


def _is_cut(piece: str, known: Iterable[str], edges: Collection[str]) -> bool:
    """Says whether a word that the source has not is one of its words that was cut, or two that were joined."""
    if piece[0] in MARKS or piece[-1] in MARKS:
        return piece in edges  # Else it is a word at a quotation mark.
    is_possessive = re.fullmatch(r"[^\W_]+['’]s", piece) is not None
    return not is_possessive and not any(_is_slip(piece, each) for each in known)


def _is_slip(piece: str, known: str) -> bool:
    """Says whether two words have as many parts, and those differ by a letter or two."""
    parts, others = (re.split(f"[{MARKS}]", each) for each in (piece, known))
    return len(parts) == len(others) and all(map(_are_near, parts, others))


def _are_near(one: str, other: str) -> bool:
    """Says whether two parts of words are the same but for some letters side by side.

    >>> _are_near("dind", "didn"), _are_near("t", "r"), _are_near("t", "carefully"), _are_near("", "t")
    (True, True, False, False)
    """
    if one == other:
        return True
    begin = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    begin = min(len(one), len(other)) if begin is None else begin
    end = 0
    while end < min(len(one), len(other)) - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    rest = len(one) + len(other) - 2 * (begin + end)
    return rest <= 4 if begin + end else len(one) == len(other) == 1


def edit(name: str, source: Corpus, rows: int) -> Corpus:
    """Makes copies of examples by an edit with default options."""
    cls = registry.look_up("generator", name)
    assert issubclass(cls, Edit)
    with tempfile.TemporaryDirectory() as folder:
        operation = cls()
        operation.fit(Resources.of(source), Path(folder), child_rng(7, "fit"))
        made = operation.sampler(Path(folder))(rows, child_rng(7, name))
    return made.corpus if isinstance(made, Draft) else made


def table(source: Corpus, rows: int, operations: Sequence[str] = OPERATIONS) -> Iterable[str]:
    """Counts the cut texts of each operation, a line each, with an example."""
    for name in operations:
        made = edit(name, source, rows)
        cuts = find_cuts(source.texts.to_pylist(), made.texts.to_pylist())
        yield f"{name:30} {len(cuts):5} of {len(made)}" + (f"   {cuts[0][1]}" if cuts else "")


def main() -> None:
    """Counts for a corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", nargs="?", type=Path, default=SOURCE)
    parser.add_argument("--rows", type=int, default=400)
    options = parser.parse_args()
    source = ts.read(options.corpus)
    with_mark = sum(any(True for _ in _pieces(text)) for text in source.texts.to_pylist())
    print(f"{options.corpus.name}: {with_mark} of {len(source)} texts have a contraction or a hyphenated word")
    for line in table(source, options.rows):
        print(line, flush=True)


if __name__ == "__main__":
    main()
