"""Sentences read many at a time are what they are read one by one; only how long it takes differs."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from fuzzing import mutate

from textsynth.components.format import Format
from textsynth.errors import TextsynthError
from textsynth.formats.conll import Conll
from textsynth.reading import block, records
from textsynth.reading.records import Faults
from textsynth.reading.token_block import TokenBlock
from textsynth.reading.token_columns import TokenColumns

TOKENS = ["Ada", "flew", "to", "Rome", ".", "Zoë", "naïve", "😀", "e\u0301", "7", "B-PER", "O", "it's", "a|b"]
ODD_TOKENS = ["周", "東京", "#", "#tag", "-DOCSTART-", "a\u00a0b", "\u00a0", "x\u2028", "\x1c", "a b", " a", "", "\r"]
TAGS = {
    "iob": ["O", "O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
    "bioes": ["O", "O", "B-PER", "I-PER", "E-PER", "S-PER", "S-LOC"],
    "mark": ["O", "B_PER", "I_PER", "B_LOC"],
    "io": ["O", "PER", "LOC", "E-MAIL"],
}
ODD_TAGS = ["X-PER", "", "B-", "b-PER", "I-PER ", "PER-B", "0"]
COMMENTS = ["# id = 7", '# text = "Ada flew"', "# scheme = iob2", "#", "# ", " ", "\t", "\r", "-DOCSTART- O"]


def make_file(chance: random.Random) -> str:
    """Makes a file that has few odd things in it, or none."""
    odd = chance.choice((0, 0, 0.002, 0.05))
    mark, tags = chance.choice("\t "), TAGS[chance.choice(sorted(TAGS))]
    columns, tag_first = chance.choice((2, 2, 3, 4)), chance.random() < 0.1
    tokens = TOKENS[:5] if chance.random() < 0.3 else TOKENS

    def pick(usual: list[str], others: list[str]) -> str:
        return chance.choice(others if chance.random() < odd else usual)

    lines = []
    for sentence in range(chance.randint(0, 60)):
        if chance.random() < odd:
            lines.append(chance.choice(COMMENTS))
        for position in range(chance.randint(1, 7)):
            others = [str(position) if chance.random() >= odd else "z", f"s{sentence}"][: columns - 2]
            cells = [pick(tokens, ODD_TOKENS), *others, pick(tags, ODD_TAGS)]
            lines.append(mark.join(cells[::-1] if tag_first else cells) + mark * (chance.random() < odd))
        lines += [""] * chance.choice((1, 1, 1, 2))
    return "\n".join(lines) + "\n" * chance.randint(0, 2)


def read_all(reader: Format, path: Path, on_error: Any) -> object:
    """Returns all that comes of reading: corpora as they come and what is set aside, or the error."""
    faults = Faults(on_error)
    corpora = []
    try:
        for corpus in reader.read(path, faults):
            corpora.append((corpus.tokenizer, corpus.table.to_pylist()))
            assert not corpus.find_faults()
    except TextsynthError as error:
        return corpora, str(error)
    return corpora, faults.rejected


READERS = {
    "auto": Conll(),
    "iob2": Conll(scheme="iob2"),
    "bioes": Conll(scheme="bioes"),
    "io": Conll(scheme="io"),
    "tag 2": Conll(tag_column=2, token_column=1, ignore=(3, 4)),
    "none": Conll(join="none"),
    "space": Conll(join="space", keep=("*",)),
}


@pytest.mark.parametrize("name", READERS)
def test_all_at_once_is_as_one_by_one(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(records, "BATCH", 13)
    path, counts = tmp_path / "some.conll", {"blocks": 0, "sentences": 0}
    find = TokenBlock.of

    def counted(*args: Any) -> TokenBlock | None:
        found = find(*args)
        counts["blocks"] += found is not None
        return found

    for seed in range(60):
        chance = random.Random(seed)
        raw = make_file(chance).encode()
        path.write_bytes(raw if seed % 3 else mutate(raw, chance))
        monkeypatch.setattr(block, "_PIECE", chance.choice((16, 100, 1 << 20)))
        on_error = chance.choice(("stop", "skip"))
        monkeypatch.setattr(TokenBlock, "of", counted)
        found = read_all(READERS[name], path, on_error)
        monkeypatch.setattr(TokenBlock, "of", lambda *_: None)
        assert found == read_all(READERS[name], path, on_error), f"seed {seed}"
        counts["sentences"] += sum(len(rows) for _, rows in found[0])  # type: ignore[index]
    assert counts["blocks"] > 40
    assert counts["sentences"] > 60


def test_where_the_cells_are():
    found = TokenBlock.of(1, "Zoë O\nin O\n\n\nRome B-LOC".encode(), TokenColumns(" "))
    assert found is not None
    assert found.sentences.tolist() == [0, 2, 3]
    assert found.strings(0).to_pylist() == ["Zoë", "in", "Rome"]
    assert found.find_steps(1) == (
        ["O", "B-LOC", "\0"],
        [("O", "O"), ("O", "\0"), ("B-LOC", "\0"), ("\0", "O"), ("\0", "B-LOC")],
    )


@pytest.mark.parametrize(
    "lines",
    ["Ada O O\nin\n", "Ada O\n O\n", "Ada  O\n", "Ada O\t\n", "# a\nAda O\n", "Ada\u00a0 O\n", "a O\r\n", "\n\n"],
)
def test_peculiar_lines_are_left_to_others(lines: str):
    assert TokenBlock.of(1, lines.encode(), TokenColumns(" ")) is None
