"""The database files of Princeton WordNet, read directly: index, data, exceptions and counts (wndb(5WN), cntlist(5WN)).

They lie in a directory (Debian's `wordnet-base`), or in a directory or zip file of NLTK's data (`corpora/wordnet`).
"""

from __future__ import annotations

import os
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textsynth.errors import FormatError, InputError, OptionError
from textsynth.language.casing import casing
from textsynth.language.inflection import Exceptions, Part
from textsynth.synonyms.synonym import Sense

_FILES: Mapping[Part, str] = {"noun": "noun", "verb": "verb", "adjective": "adj", "adverb": "adv"}
_KINDS: Mapping[bytes, Part] = {b"1": "noun", b"2": "verb", b"3": "adjective", b"4": "adverb", b"5": "adjective"}
_NLTK = ("corpora/wordnet", "corpora/wordnet.zip")
_INSTALLED = (
    *(f"{folder}/nltk_data" for folder in ("/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib")),
    "/usr/share/wordnet",
    "/usr/local/WordNet-3.0",
)
"""Where packages and NLTK put it for all users of a machine."""

HURTFUL = re.compile(
    rb"ethnic slur|(?:offensive|disparaging|derogatory|insulting|obscene|vulgar)\)? (?:term|name|word|slang|reference)"
)
"""In a gloss, what marks words that nobody wants put into a text instead of another."""

_MARKER = re.compile(r"\((?:a|p|ip)\)$")
"""What marks where an adjective may stand: before a noun (a), behind it (ip), in the predicate (p)."""
_NOT_PLAIN = re.compile(r"[\d(/]")
"""Digits and brackets, which no common word has."""
INSTANCE = b"@i"
"""The pointer that only names have: of this city, that person."""

_UNSEEN = 0.5
"""How often a sense counts as seen that never was, if it is the first of its word."""
_RARE = 0.02
"""Seen less often than this for each time the word was seen, a synonym is rare: clip for time."""

_SHORTEST = 3
"""Letters that a word must have if it is no verb: the shorter ones are chemical elements, units and notes."""

PACKAGES = "apt-get install wordnet-base, or python -m nltk.downloader wordnet"
"""What brings a database."""

INSTALL = f"{PACKAGES}; or give the option 'wordnet' its path, or a 'thesaurus', or say source = \"neighbours\""


@dataclass(frozen=True)
class Files:
    """The files of a database, in a directory or a zip file.

    Args:
        path: the directory or zip file.
        content: for a zip file, what was found in it by the name of the file.
    """

    path: Path
    content: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path) -> Files | None:
        """Returns the files of the database at a path: its directory, NLTK's data directory or a zip file."""
        if path.is_dir():
            folders = [path, path / "dict", *(path / each for each in _NLTK)]
            found = (cls(each) if each.is_dir() else cls._open_zip(each) for each in folders if each.exists())
            return next((files for files in found if files is not None and not files.missing()), None)
        return cls._open_zip(path) if path.is_file() else None

    @classmethod
    def _open_zip(cls, path: Path) -> Files | None:
        if not zipfile.is_zipfile(path):
            return None
        with zipfile.ZipFile(path) as archive:
            files = cls(path, {name.rpartition("/")[2]: name for name in archive.namelist()})
        return None if files.missing() else files

    def missing(self) -> list[str]:
        """Returns the names of the files that must be there and are not."""
        names = [f"{kind}.{name}" for name in _FILES.values() for kind in ("index", "data")]
        return [name for name in names if not self._has(name)]

    def read(self, name: str) -> bytes:
        """Returns the bytes of a file, empty if there is no such file.

        Raises:
            InputError: if it cannot be read.
        """
        try:
            if not self._has(name):
                return b""
            if not self.content:
                return (self.path / name).read_bytes()
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(self.content[name])
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(f"{self.path / name}: cannot be read: {error}") from error

    def _has(self, name: str) -> bool:
        return name in self.content if self.content else (self.path / name).is_file()


def locate(path: str = "") -> Files | None:
    """Finds a database: at a path if one is given, else where the environment says or where it is usually installed.

    The places are $WNSEARCHDIR, $WNHOME/dict, $NLTK_DATA and NLTK's usual directories, and /usr/share/wordnet.

    Raises:
        OptionError: if there is none at the path that was given.
    """
    if not path:
        found = (Files.at(path) for path in _list_paths())
        return next((files for files in found if files is not None), None)
    files = Files.at(Path(path))
    if files is None:
        must = "must be a WordNet database: a directory with index.noun, data.noun and so on, or NLTK's data"
        raise OptionError(f"option 'wordnet' {must}, was: {path!r}")
    return files


def _list_paths() -> Iterator[Path]:
    """Yields the paths where a database may be, in the order in which they are tried."""
    environment = os.environ
    for variable in ("WNSEARCHDIR", "WNHOME"):
        if environment.get(variable):
            yield Path(environment[variable])
    yield from (Path(each) for each in environment.get("NLTK_DATA", "").split(os.pathsep) if each)
    prefixes = [Path(sys.prefix), Path(sys.prefix, "share"), Path(sys.prefix, "lib")]
    yield from (each / "nltk_data" for each in (Path.home(), *prefixes))
    yield from (Path(each) for each in _INSTALLED)


class WordNet:
    """The senses of words in a database. Only the lines of words that are looked up are parsed.

    Args:
        files: the database; read whole, which takes some 30 MB while this lives.
        multiword: whether synonyms of several words count.
        rare: whether synonyms count that were hardly ever seen in a sense in which the word was seen.
    """

    def __init__(self, files: Files, *, multiword: bool = False, rare: bool = False) -> None:
        self._files = files
        self._multiword = multiword
        self._rare = rare
        self._index = {part: _lines_by_word(files.read(f"index.{name}")) for part, name in _FILES.items()}
        self._synsets = {part: files.read(f"data.{name}") for part, name in _FILES.items()}
        self._counts = _counts(files.read("cntlist.rev"))

    def exceptions(self) -> Exceptions:
        """Returns the irregular forms that the `.exc` files list."""
        return {part: _exceptions(self._files.read(f"{name}.exc")) for part, name in _FILES.items()}

    def senses(self, word: str, part: Part) -> Sequence[Sense]:
        """Returns the senses of a word, the most frequent first, but for insults and single persons and places.

        Synonyms are cased as the word is, so that no name replaces a common word.
        """
        if (len(word) < _SHORTEST and part != "verb") or _NOT_PLAIN.search(word):
            return []
        senses = (
            self._sense(word, part, offset, self._count(word, part, number))
            for number, offset in enumerate(self._offsets(word, part), 1)
        )
        return [sense for sense in senses if sense is not None]

    def _offsets(self, word: str, part: Part) -> list[bytes]:
        """Returns the offsets of the synsets of a word, in bytes; that of its most frequent sense first."""
        cells = self._index[part].get(_key(word), b"").split()
        return cells[-int(cells[1]) :] if cells else []

    def _count(self, word: str, part: Part, number: int) -> float:
        """Returns how often a word was seen in one of its senses; if never, some part of one."""
        return self._counts.get((_key(word), part, number), 0) or _UNSEEN / number

    def _sense(self, word: str, part: Part, offset: bytes, count: float) -> Sense | None:
        """Parses one synset; None if it is an insult, or a single person or place."""
        start = int(offset)
        line = self._synsets[part][start : self._synsets[part].find(b"\n", start)]
        fields, _, gloss = line.partition(b"|")
        cells = fields.split()
        # A synset begins with its own offset, so a file whose line ends were changed is found out here.
        if not cells or cells[0] != offset:
            name = f"data.{_FILES[part]}"
            must = f"must have the synset of {word!r} at byte {start}, has not; were its line ends changed?"
            raise FormatError(f"{self._files.path / name}: {must}")
        if HURTFUL.search(gloss) or INSTANCE in cells:
            return None
        # The fourth cell is the number of words, in hexadecimal; behind each word stands a number that is not used.
        written = [each.decode().replace("_", " ") for each in cells[4 : 4 + 2 * int(cells[3], 16) : 2]]
        own = next((plain for each in written if (plain := _MARKER.sub("", each)).lower() == word), word)
        alike = (each for each in written if self._goes_for(each, own))
        return Sense(own, tuple(each for each in alike if self._is_used(each, part, offset, count)), count)

    def _goes_for(self, synonym: str, word: str) -> bool:
        """Says whether a synonym may stand where the word does: cased alike, and not marked as going in some places."""
        if synonym == word or _NOT_PLAIN.search(synonym) or (" " in synonym and not self._multiword):
            return False
        return casing(synonym) == casing(word) != "mixed"

    def _is_used(self, synonym: str, part: Part, offset: bytes, count: float) -> bool:
        """Says whether a synonym was seen in a sense in fair proportion to the word, or nothing is known of that."""
        if self._rare or not self._counts or count < 1:
            return True
        offsets = self._offsets(synonym.lower(), part)
        number = offsets.index(offset) + 1 if offset in offsets else 0
        return self._counts.get((_key(synonym.lower()), part, number), 0) >= max(1, _RARE * count)


def _key(word: str) -> bytes:
    return word.replace(" ", "_").encode()


def _lines_by_word(raw: bytes) -> dict[bytes, bytes]:
    """Returns the lines of an index file by their first word; those of the licence begin with a space."""
    return {word: rest for word, _, rest in (line.partition(b" ") for line in raw.split(b"\n")) if word}


def _counts(raw: bytes) -> dict[tuple[bytes, Part, int], int]:
    """Returns how often a word was tagged with each of its senses, which are numbered from 1."""
    counts: dict[tuple[bytes, Part, int], int] = {}
    for line in raw.splitlines():
        key, number, count = line.split()
        word, _, kind = key.partition(b"%")
        counts[word, _KINDS[kind[:1]], int(number)] = int(count)
    return counts


def _exceptions(raw: bytes) -> dict[str, tuple[str, ...]]:
    cells = ([cell.replace("_", " ") for cell in line.decode().split()] for line in raw.splitlines() if line.strip())
    return {form: tuple(base for base in bases if base != form) for form, *bases in cells}
