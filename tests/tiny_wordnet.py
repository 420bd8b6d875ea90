"""A WordNet of a few synsets, written in the format of the real one: byte offsets, licence, exceptions and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
_LICENCE = "".join(f"  {number} This database stands in for the real one in tests.  \n" for number in range(1, 4))


@dataclass(frozen=True)
class Synset:
    """One synset.

    Args:
        part: `noun`, `verb`, `adj` or `adv`.
        words: its words as they are written, each with how often it was seen in this sense: `"quick*5 speedy*1 fleet"`.
        gloss: what it means.
        pointers: fields of pointers, such as `@i 00000000 n 0000`.
        kind: the letter of its kind, where it is not that of the part: `s` for satellite adjectives.
    """

    part: str
    words: str
    gloss: str = "a thing"
    pointers: tuple[str, ...] = ()
    kind: str = ""
    counts: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        cells = [each.partition("*") for each in self.words.split()]
        object.__setattr__(self, "counts", {word: int(count or 0) for word, _, count in cells})


SYNSETS = (
    Synset("adj", "quick*5 speedy*2 prompt*1 fleet", "done in little time", kind="s"),
    Synset("adj", "quick*4 fast*3", "moving at high speed"),
    Synset("adj", "quick*3 agile*1", "able to think"),
    Synset("adj", "big*9 large*8 sizeable*1", "of great size"),
    Synset("adj", "asleep(p)*2 sleeping*1 dormant(a)*1", "in a state of sleep"),
    Synset("adj", "early*3 premature*1", "ahead of time"),
    Synset("noun", "mouse*4 rodent*1", "a small animal"),
    Synset("noun", "child*7 kid*2 youngster*1", "a young person"),
    Synset("noun", "car*8 auto*2 automobile*3 machine motor_car*1", "a vehicle"),
    Synset("noun", "hour*5 hr*1", "sixty minutes"),
    Synset("noun", "thought*5 idea*3", "the content of cognition"),
    Synset("noun", "fool*3 muggins*1", "(offensive term) a person who is not clever"),
    Synset("noun", "Turkey*2 Republic*1", "a country", ("@i 00000000 n 0000",)),
    Synset("noun", "turkey*1 gobbler*1", "a large bird"),
    Synset("noun", "Monday*3 Mon*1", "the second day of the week"),
    Synset("noun", "fly*4 insect*1", "a small animal with wings"),
    Synset("noun", "father-in-law*2 in-law*1", "a relative"),
    Synset("verb", "go*9 travel*4 move*5 take_off*1", "change location"),
    Synset("verb", "move*9 shift*2 budge*1", "make a move"),
    Synset("verb", "call*9 phone*2 telephone*1", "get into communication by telephone"),
    Synset("verb", "stop*5 halt*2 quit*1", "come to an end"),
    Synset("verb", "begin*7 start*6", "take the first step"),
    Synset("verb", "put*8 place*3 set*2", "put into a certain place"),
    Synset("verb", "live*6 dwell*1 reside*1", "inhabit"),
    Synset("verb", "fly*5 soar*1", "travel through the air"),
    Synset("verb", "think*6 believe*2", "judge or regard"),
    Synset("adv", "quickly*3 speedily*1 rapidly*2", "with speed"),
)

EXCEPTIONS = {
    "noun": "mice mouse\nchildren child\nfathers-in-law father-in-law\nmen_of_war man_of_war\n",
    "verb": "went go\ngone go\ntravelled travel\ntravelling travel\nstopped stop\nstopping stop\nquitting quit\n"
    "began begin\nbegun begin\nbeginning begin\ndwelt dwell\nputting put\nsetting set\nthought think\n",
    "adj": "bigger big\nbiggest big\nearlier early\n",
    "adv": "best well\n",
}


def write_wordnet(
    directory: Path,
    synsets: Iterable[Synset] = SYNSETS,
    exceptions: Mapping[str, str] | None = None,
    *,
    counts: bool = True,
) -> Path:
    """Writes a database; the senses of a word are in the order of the synsets."""
    directory.mkdir(parents=True, exist_ok=True)
    senses: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for part in PARTS:
        data = _LICENCE
        for synset in (each for each in synsets if each.part == part):
            offset = len(data.encode())
            data += _data_line(synset, offset)
            for word, count in synset.counts.items():
                key = word.partition("(")[0].lower()
                senses.setdefault((part, key), []).append((offset, count))
        (directory / f"data.{part}").write_text(data, encoding="utf-8", newline="\n")
        index = "".join(_index_line(part, word, senses[each, word]) for each, word in sorted(senses) if each == part)
        (directory / f"index.{part}").write_text(_LICENCE + index, encoding="utf-8", newline="\n")
        (directory / f"{part}.exc").write_text((EXCEPTIONS if exceptions is None else exceptions).get(part, ""))
    if counts:
        lines = sorted(
            f"{word}%{list(PARTS).index(part) + 1}:00:00:: {number} {count}\n"
            for (part, word), found in senses.items()
            for number, (_, count) in enumerate(found, 1)
            if count
        )
        (directory / "cntlist.rev").write_text("".join(lines))
    return directory


def _data_line(synset: Synset, offset: int) -> str:
    words = " ".join(f"{word} 0" for word in synset.counts)
    pointers = " ".join([f"{len(synset.pointers):03}", *synset.pointers])
    frames = " 01 + 02 00" if synset.part == "verb" else ""
    kind = synset.kind or PARTS[synset.part]
    return f"{offset:08} 00 {kind} {len(synset.counts):02x} {words} {pointers}{frames} | {synset.gloss}  \n"


def _index_line(part: str, word: str, senses: list[tuple[int, int]]) -> str:
    tagged = sum(count > 0 for _, count in senses)
    offsets = " ".join(f"{offset:08}" for offset, _ in senses)
    return f"{word} {PARTS[part]} {len(senses)} 2 @ ~ {len(senses)} {tagged} {offsets}  \n"


def write_concepts(directory: Path, concepts: Iterable[tuple[str, str, str]]) -> Path:
    """Writes a database of nouns that lie below each other.

    Args:
        directory: where.
        concepts: for each its words, the pointer to what lies above, `@` or `@i`, and the first word of that, or "".
    """
    offsets: dict[str, int] = {}
    synsets: list[Synset] = []
    place = len(_LICENCE.encode())
    for words, pointer, above in concepts:
        pointers = (f"{pointer} {offsets[above]:08} n 0000",) if above else ()
        synset = Synset("noun", words, pointers=pointers)
        offsets[words.split()[0]] = place
        place += len(_data_line(synset, place).encode())
        synsets.append(synset)
    return write_wordnet(directory, synsets)
