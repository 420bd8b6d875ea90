"""No kind of file gives wrong data in silence: each is read right, or refused in one line that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from kinds import KINDS, Kind

from textsynth import formats
from textsynth.errors import TextsynthError

READ = [kind for kind in KINDS if not isinstance(kind.outcome, str)]
REFUSED = [kind for kind in KINDS if isinstance(kind.outcome, str)]


def save(folder: Path, kind: Kind) -> Path:
    path = folder / kind.name
    path.write_bytes(kind.content if isinstance(kind.content, bytes) else kind.content.encode())
    return path


@pytest.mark.parametrize("kind", READ, ids=lambda kind: kind.title)
def test_a_kind_is_read(kind: Kind, tmp_path: Path):
    corpus = formats.read(save(tmp_path, kind))
    found = [([*zip(each.mentions(), [span.label for span in each.spans], strict=True)], each.label) for each in corpus]
    assert found == kind.outcome


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.title)
def test_a_kind_is_refused_in_one_line(kind: Kind, tmp_path: Path):
    path = save(tmp_path, kind)
    with pytest.raises(TextsynthError) as caught:
        formats.read(path)
    assert str(caught.value).startswith(str(path))
    assert kind.outcome in str(caught.value)
    assert "\n" not in str(caught.value)


def test_there_are_many_kinds():
    assert len({kind.title for kind in KINDS}) == len(KINDS) > 90
