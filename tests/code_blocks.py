"""The fenced blocks of code of a page of documentation.

sybil and pytest-markdown-docs run blocks of Python. They would have to be taught recipes, the command line and why a
block is not run, which is nearly all of what is here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

_BLOCK = re.compile(
    r"^(?:<!--(?P<comment>(?:(?!-->).)*)-->\n+)?(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One block of code.

    Args:
        page: the file it is in.
        line: of its opening fence, from 1.
        language: as the fence says; empty if it does not.
        comment: the HTML comment right before it, such as "not run: asks the hub"; empty if there is none.
        text: the code.
    """

    page: Path
    line: int
    language: str
    comment: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"

    @property
    def is_not_run(self) -> bool:
        return self.comment.startswith("not run")


def code_blocks(page: Path) -> Iterator[Block]:
    """Gives the blocks of a page in order."""
    content = page.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(content):
        line = content.count("\n", 0, match.start("language")) + 1
        yield Block(page, line, match["language"], (match["comment"] or "").strip(), match["text"])
