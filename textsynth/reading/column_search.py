"""Which column of a file holds the token and which the tag, and what the tags mean: found out from the whole file."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from textsynth.corpus.tag_notation import EDGE, SCHEMES, Scheme, Step, TagNotation, choose_notation, is_any_tag
from textsynth.errors import FormatError
from textsynth.reading.bracketed import are_brackets
from textsynth.reading.records import Faults, read_lines
from textsynth.reading.side_columns import SideColumns
from textsynth.reading.token_block import TokenBlock, read_token_blocks
from textsynth.reading.token_columns import DOCUMENT, TokenColumns, read_misc, read_scheme_comment, read_text_comment
from textsynth.reading.unread import Unread

Separator = Literal["auto", "tab", "space"]
Place = Literal["auto", "first", "last"] | int
"""A column: its number, counted from 1, or the outer one at one end."""

_CONLLU = 10
"""The columns of CoNLL-U."""
_CONLL2012_TOKEN, _CONLL2012_TAG = 3, 10
_INDEXED_LAYERS = 4
"""The columns of GermEval: index, token, outer tag, inner tag."""
_HEAD = 1000
"""Lines that the number of columns is counted on."""
_MOST_TAGS = 1000
"""Distinct values beyond which a column is none of tags: it bounds the memory."""
_SHOWN = 3
"""How many values of a column a message shows."""
_CHUNKS = frozenset("NP VP PP ADVP ADJP SBAR PRT CONJP INTJ LST UCP".split())
"""The labels of syntactic chunks, which stand before the column of entities in CoNLL-2003."""


@dataclass(frozen=True, kw_only=True)
class ColumnOptions:
    """What a user says of the columns of a file.

    Args:
        separator: what separates the columns.
        token: the column of the token.
        tag: the column of the tag.
        scheme: the scheme of the tags; None if it is to be found out.
    """

    separator: Separator = "auto"
    token: Place = "auto"
    tag: Place = "auto"
    scheme: Scheme | None = None


@dataclass(slots=True)
class _Column:
    """What a column holds.

    Args:
        values: its distinct values, those of CoNLL-U's MISC for one key; nothing once they are too many.
        steps: which value follows which.
        open: whether its values are still few enough to be tags.
    """

    values: set[str] = field(default_factory=set)
    steps: set[Step] = field(default_factory=set)
    open: bool = True

    def add(self, cells: Iterable[str], steps: Iterable[Step], limit: float) -> None:
        """Adds the cells of some lines, and which follows which, with edges between sentences."""
        if not self.open:
            return
        self.values.update(cells)
        if len(self.values) > limit:
            self.open = False
            self.values, self.steps = set(), set()
        else:
            self.steps.update(steps)

    @property
    def tags(self) -> set[str]:
        """Its values without edges."""
        return self.values - {EDGE}


def find_columns(
    path: Path, encoding: str, options: ColumnOptions, unread: Unread | None = None
) -> tuple[TokenColumns, TagNotation]:
    """Finds out the columns of a file and the notation of its tags.

    Args:
        path: the file.
        encoding: how its bytes stand for characters.
        options: what a user says of the columns.
        unread: takes note of the columns that are passed over.

    Raises:
        FormatError: if several choices fit, or if a column looks like tags and is not read; with the option that
            settles it.
    """
    head = [line for _, line in itertools.islice(read_lines(path, encoding, Faults("skip")), _HEAD)]
    columns = guess_layout(head, options.separator)
    side = SideColumns.of_head(columns, head)
    survey, scheme = _survey(path, encoding, columns, side, _name_column(options.tag, columns, "tag_column", path))
    if columns.layout == "conllu" and options.tag == "auto":
        columns, column = _choose_misc(columns, survey, path)
    else:
        columns = _choose_columns(columns, survey, side, options, path)
        column = survey.get(columns.tag, _Column())
    if unread is not None:
        _note_unread(columns, survey, side, options, unread, path)
    if columns.brackets:
        return columns, TagNotation("iob2")
    named = options.scheme or scheme
    return columns, choose_notation(column.steps, named, str(path))


def guess_layout(head: Sequence[str], separator: Separator) -> TokenColumns:
    """Guesses from the first lines of a file how lines fall into cells, and which layout it has."""
    plain = _find_token_lines(head)
    if any(line.startswith("#begin document") for line in head):
        return TokenColumns(
            " ", _CONLL2012_TAG + 1, _CONLL2012_TAG, _CONLL2012_TOKEN, layout="conll2012", brackets=True
        )
    inline = [_count_pipes(line) for line in plain]
    if separator == "auto" and inline and min(inline) > 0 and len(set(inline)) == 1:
        return TokenColumns("|", inline[0] + 1, inline[0], 0, layout="inline")
    with_tab = sum("\t" in line.strip() for line in plain)
    tab = separator == "tab" or (separator == "auto" and with_tab > 0 and 2 * with_tab >= len(plain))
    made = TokenColumns("\t" if tab else " ")
    counts = Counter(len(made.split(line)) for line in plain)
    counts.pop(1, None)
    count = counts.most_common(1)[0][0] if counts else 2
    made = replace(made, count=count, tag=count - 1)
    if tab and count == _CONLLU and all(made.split(line)[0][:1].isdecimal() for line in plain):
        return replace(made, token=1, layout="conllu")
    return made


def measure_tagged(head: Sequence[str]) -> float:
    """Returns the share of lines, in [0, 1], that have a tag in a column where most have one."""
    columns = guess_layout(head, "auto")
    lines = _find_token_lines(head)
    if columns.layout == "conll2012":
        return 1.0
    rows = [columns.split(line) for line in lines]
    if columns.layout == "inline":
        rows = [columns.split(cell) for line in lines for cell in line.split()]
    whole = [row for row in rows if len(row) == columns.count]
    shares = [sum(is_any_tag(row[at].strip()) for row in whole) for at in range(columns.count)]
    if columns.layout == "conllu":
        shares.append(sum(any(map(is_any_tag, read_misc(row[-1]).values())) for row in whole))
    return max(shares, default=0) / max(1, len(rows))


def _find_token_lines(head: Sequence[str]) -> list[str]:
    """Returns the lines that surely are tokens; if there are none, those of tokens that begin with `#`."""
    lines = [line for line in head if line.strip() and DOCUMENT not in line]
    plain = [line for line in lines if not line.startswith("#")]
    return plain or [line for line in lines if "\t" in line.strip() and read_text_comment(line) is None]


def _count_pipes(line: str) -> int:
    """Returns the number of pipes in each cell of running text with tags, 0 if it is something else."""
    cells = line.split()
    counts = {cell.count("|") for cell in cells}
    if len(counts) != 1 or counts == {0} or "\t" in line:
        return 0
    tagged = sum(is_any_tag(cell.rpartition("|")[2]) for cell in cells)
    return counts.pop() if 2 * tagged >= len(cells) else 0


def _name_column(place: Place, columns: TokenColumns, option: str, path: Path) -> int | None:
    """Returns the column that an option names, None if it names none."""
    if place == "auto":
        return None
    if isinstance(place, int) and not 1 <= place <= columns.count:
        raise FormatError(f"{path}: the option {option} must be a column from 1 to {columns.count}, was: {place}")
    return {"first": 0, "last": columns.count - 1}[place] if isinstance(place, str) else place - 1


def _survey(
    path: Path, encoding: str, columns: TokenColumns, side: SideColumns, named: int | None
) -> tuple[dict[int | str, _Column], Scheme | None]:
    """Looks at all lines, and returns what each column holds and the scheme that a comment gives."""
    survey: dict[int | str, _Column] = {}
    schemes: set[str] = set()
    last: dict[int | str, str] = {}
    for part in read_token_blocks(path, encoding, columns, Faults("skip")):
        closed = [name for name, column in survey.items() if not column.open and name not in side]
        found: dict[int | str, tuple[Sequence[str], Sequence[Step]]]
        if isinstance(part, TokenBlock):
            found = {at: part.find_steps(at) for at in range(columns.count) if at not in closed}
        else:
            comments = [line for line in part[1] if line.startswith("# ")]
            schemes.update(scheme for line in comments if (scheme := read_scheme_comment(line)))
            found = {name: _find_steps(last, name, cells) for name, cells in _list_cells(part[1], columns, closed)}
        for name, (cells, steps) in found.items():
            column = survey.setdefault(name, _Column())
            column.add(cells, steps, float("inf") if name == named else _MOST_TAGS)
            if name in side:
                side.check(name, steps)
    for name, column in survey.items():
        column.add([], [(last.get(name, EDGE), EDGE)], float("inf"))
    if len(schemes) > 1 or not schemes <= set(SCHEMES):
        raise FormatError(f"{path}: a comment names the scheme {', '.join(sorted(schemes))}; name one as scheme")
    return survey, next((scheme for scheme in SCHEMES if scheme in schemes), None)


def _find_steps(
    last: dict[int | str, str], name: int | str, cells: Sequence[str]
) -> tuple[Sequence[str], Sequence[Step]]:
    """Returns the cells of a column, and which follows which; the last is kept, as the next lines may follow it."""
    steps = list(itertools.pairwise([last.get(name, EDGE), *cells]))
    last[name] = cells[-1]
    return cells, steps


def _list_cells(
    lines: Sequence[str], columns: TokenColumns, closed: Collection[int | str]
) -> Iterator[tuple[int | str, list[str]]]:
    """Yields each column of some lines that is not closed, with edges between sentences."""
    flat = _split_plain(lines, columns) if columns.layout == "columns" else None
    if flat is not None:
        held = [
            (at, list(map(str.strip, flat[at :: columns.count]))) for at in range(columns.count) if at not in closed
        ]
        if not any("" in cells for _, cells in held):  # A line of white space alone is an edge.
            yield from held
            return
    rows = _split_rows(lines, columns)
    if not rows:
        return
    for at, cells in enumerate(zip(*rows, strict=True)):
        if at not in closed:
            yield at, list(map(str.strip, cells))
    if columns.layout == "conllu":
        misc = [None if row[0] == EDGE else read_misc(row[-1]) for row in rows if "." not in row[0]]
        for key in {key for pairs in misc if pairs for key in pairs}:
            yield key, [EDGE if pairs is None else pairs.get(key, "O") for pairs in misc]


def _split_plain(lines: Sequence[str], columns: TokenColumns) -> list[str] | None:
    """Returns all cells of lines one after the other, edges for blank ones; None if anything about a line is peculiar.

    A list a line is dear; if all lines have as many cells, one list of all cells will do.
    """
    joined, mark = "\n".join(lines), columns.mark
    if DOCUMENT in joined or "\n" + mark in joined or joined.startswith(mark):
        return None
    if mark == " " and ("\t" in joined or "  " in joined or "\n#" in joined or joined.startswith("#")):
        return None
    edge = mark.join([EDGE] * columns.count)
    edged = [line or edge for line in lines]
    if {line.count(mark) for line in edged} != {columns.count - 1}:
        return None
    return mark.join(edged).split(mark)


def _split_rows(lines: Sequence[str], columns: TokenColumns) -> list[list[str]]:
    """Returns the cells of the lines that are tokens, and edges for blank ones."""
    edge, mark, count = [EDGE] * columns.count, columns.mark, columns.count
    if columns.layout == "inline":
        rows = [row for line in lines for row in [*(cell.split("|") for cell in line.split()), edge]]
    elif mark == " ":
        pairs = [(line, columns.split(line) if line and not line.isspace() else edge) for line in lines]
        rows = [row for line, row in pairs if line[:1] != "#" or any(map(is_any_tag, row[1:]))]
    else:
        rows = [line.split(mark) if line and not line.isspace() else edge for line in lines]
    rows = [row[:count] for row in rows] if columns.layout == "conll2012" else rows
    if set(map(len, rows)) != {count}:
        rows = [row for row in rows if len(row) == count]
    return [row for row in rows if DOCUMENT not in row] if DOCUMENT in "\n".join(lines) else rows


def _choose_misc(columns: TokenColumns, survey: dict[int | str, _Column], path: Path) -> tuple[TokenColumns, _Column]:
    """Chooses the key of CoNLL-U's last column that gives tags, or the one column that has them."""
    keys = [str(name) for name, column in survey.items() if isinstance(name, str) and _has_prefixes(column.tags)]
    places = [at for at in range(2, columns.count) if at in survey and _has_prefixes(survey[at].tags)]
    if len(keys) + len(places) != 1:
        found = ", ".join([*sorted(keys), *(f"column {at + 1}" for at in places)]) or "nothing"
        raise FormatError(
            f"{path}: one key of MISC must give tags, such as NE=B-PER, {found} does; "
            "name a column that has tags with the option tag_column"
        )
    if keys:
        return replace(columns, misc=keys[0], tag=columns.count - 1), survey[keys[0]]
    return replace(columns, tag=places[0]), survey[places[0]]


def _choose_columns(
    columns: TokenColumns, survey: dict[int | str, _Column], side: SideColumns, options: ColumnOptions, path: Path
) -> TokenColumns:
    held = [survey.get(at, _Column()) for at in range(columns.count)]
    tag = _name_column(options.tag, columns, "tag_column", path)
    token = _name_column(options.token, columns, "token_column", path)
    index = side.index
    if tag is None:
        tag = columns.tag if columns.layout == "conll2012" else _choose_tag(held, token, index, path)
    if token is None:
        token = columns.token if columns.layout != "columns" else _choose_token(columns, tag, side)
    if token == tag:
        raise FormatError(f"{path}: token_column and tag_column must be two columns, are both {tag + 1}")
    space = next((at for at, column in enumerate(held) if at not in (tag, token) and column.tags == {"+", "-"}), None)
    brackets = columns.layout == "conll2012" or are_brackets(held[tag].tags)
    return replace(columns, tag=tag, token=token, space=space, brackets=brackets)


def _note_unread(
    columns: TokenColumns,
    survey: dict[int | str, _Column],
    side: SideColumns,
    options: ColumnOptions,
    unread: Unread,
    path: Path,
) -> None:
    """Takes note of the columns that are passed over.

    Raises:
        FormatError: if one looks like tags, and the column of the tags was found out and not named. Chunks, the inner
            layer of GermEval, and the many layers of CoNLL-U and CoNLL-2012 are known, and named alone.
    """
    used = {columns.tag, columns.token, columns.space, side.index}
    places = [at for at in range(columns.count) if at not in used and not unread.ignores(str(at + 1))]
    if columns.layout == "conllu":
        places = [at for at in places if at != 0]
    layered = columns.layout in ("conllu", "conll2012") or (side.index == 0 and columns.count == _INDEXED_LAYERS)
    for at in places:
        tags = survey.get(at, _Column()).tags
        unread.add(_describe_column(at, tags))
        if options.tag == "auto" and not layered and _rank(tags) not in (0, _ALL_OUTSIDE) and not _are_chunks(tags):
            raise FormatError(
                f"{path}: column {at + 1} looks like tags ({_sample(tags)}) and would not be read; "
                f"read it with tag_column = {at + 1}, or pass over it with ignore = [{at + 1}]"
            )


def _describe_column(at: int, values: Collection[str]) -> str:
    """Returns a column with some of its values, if these are few."""
    return f"column {at + 1} ({_sample(values)})" if values else f"column {at + 1}"


def _sample(values: Collection[str]) -> str:
    return ", ".join(sorted(values)[:_SHOWN]) + (", …" if len(values) > _SHOWN else "")


def _choose_tag(held: Sequence[_Column], token: int | None, index: int | None, path: Path) -> int:
    """Chooses the column of the tags: the one that explains most.

    Raises:
        FormatError: if several do.
    """
    places = [at for at in range(len(held)) if at not in (token, index)]
    ranks = {at: _rank(held[at].tags) for at in places}
    last = places[-1]
    if len(places) == 2 and index is None and ranks[last] in (_TAGS, _ALL_OUTSIDE):
        return last
    best = max(ranks.values())
    if best == 0:
        return last
    chosen = [at for at in places if ranks[at] == best]
    entities = [at for at in chosen if not _are_chunks(held[at].tags)]
    if best == _TAGS and not entities and ranks[last] == _ALL_OUTSIDE:
        return last  # CoNLL-2003 without an entity: the tags that there are say chunks.
    chosen = entities or chosen
    if index == 0 and len(held) == _INDEXED_LAYERS and _INDEXED_LAYERS - 2 in places:
        layers = [at for at in range(2, 4) if at in ranks and ranks[at] in (_TAGS, _ALL_OUTSIDE)]
        chosen = layers[:1] if len(layers) > 1 else chosen
    if len(chosen) > 1 and best in (_TAGS, _MOSTLY_TAGS, _BRACKETS) and len(places) > 2:
        names = " and ".join(str(at + 1) for at in chosen)
        raise FormatError(f"{path}: the columns {names} all hold tags; choose one with the option tag_column")
    return chosen[-1]


def _choose_token(columns: TokenColumns, tag: int, side: SideColumns) -> int:
    """Chooses the column of the tokens: the first that is neither an index nor the same for a whole sentence."""
    places = [at for at in range(columns.count) if at not in (tag, side.index)]
    if len(places) == 1:
        return places[0]
    if tag == 0:
        return places[-1]
    return next((at for at in places if at not in side.names), places[0])


_TAGS, _BRACKETS, _MOSTLY_TAGS, _ALL_OUTSIDE, _LABELS = 5, 4, 3, 2, 1
"""How well a column explains as tags: all are, all are brackets, most are, all are O, some are O."""


def _rank(tags: Collection[str]) -> int:
    if not tags:
        return 0
    if set(tags) == {"O"}:
        return _ALL_OUTSIDE
    if _has_prefixes(tags):
        return _TAGS
    if are_brackets(tags):
        return _BRACKETS
    prefixed = [tag for tag in tags if tag != "O" and is_any_tag(tag)]
    if len(prefixed) > 1 and 2 * len(prefixed) >= len(tags):
        return _MOSTLY_TAGS
    return _LABELS if "O" in tags else 0


def _has_prefixes(tags: Collection[str]) -> bool:
    """Says whether all values are tags, and some have a prefix."""
    return any(tag != "O" for tag in tags) and all(map(is_any_tag, tags))


def _are_chunks(tags: Iterable[str]) -> bool:
    labels = {tag[2:] for tag in tags if tag != "O"}
    return bool(labels) and labels <= _CHUNKS
