from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import textsynth.filters
import textsynth.generators
from textsynth.components import registry
from textsynth.components.component import Component
from textsynth.errors import UnknownName
from textsynth.filters.duplicate import Duplicate
from textsynth.generators.mention_replacement import MentionReplacement


@pytest.fixture
def fresh() -> Iterator[None]:
    """Looks everything up anew, before and after."""
    registry._components.cache_clear()
    yield
    registry._components.cache_clear()


def test_names_are_the_files_of_the_folder():
    for kind in registry.KINDS:
        folder = Path(registry.__file__).parents[1] / f"{kind}s"
        files = {path.stem for path in folder.rglob("*.py") if path.stem != "__init__"}
        assert set(registry.names(kind)) <= files
        assert registry.names(kind) == sorted(registry.names(kind))
    assert "duplicate" in registry.names("filter")
    assert {"template_fill", "mention_replacement"} <= set(registry.names("generator"))


def test_look_up():
    assert registry.look_up("filter", "duplicate") is Duplicate
    assert registry.name_of(Duplicate()) == registry.name_of(Duplicate) == "duplicate"


def test_only_the_component_that_is_asked_for_is_imported():
    code = (
        "import sys\nfrom textsynth.components import registry\n"
        "assert registry.look_up('generator', 'word_swap') is registry.by_class_name('generator', 'WordSwap')\n"
        "assert 'textsynth.generators.edits.word_swap' in sys.modules\n"
        "assert 'textsynth.generators.template_fill' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_nobody_knows():
    with pytest.raises(UnknownName) as caught:
        registry.look_up("generator", "template_fil", "run.toml: ")
    known = ", ".join(registry.names("generator"))
    assert str(caught.value) == (
        f"run.toml: there is no generator 'template_fil'; did you mean 'template_fill'? there is: {known}"
    )


def test_kinds_are_kept_apart():
    with pytest.raises(UnknownName, match="there is no filter 'template_fill'"):
        registry.look_up("filter", "template_fill")


def test_classes_by_name():
    assert textsynth.generators.MentionReplacement is MentionReplacement
    assert textsynth.filters.Duplicate is Duplicate
    assert "MentionReplacement" in dir(textsynth.generators)
    assert "Duplicate" in dir(textsynth.filters)
    assert not hasattr(textsynth.filters, "MentionReplacement")
    with pytest.raises(AttributeError, match=r"module 'textsynth.filters' has no attribute 'Duplicates'"):
        _ = textsynth.filters.Duplicates


OTHER_PACKAGE = '''
from dataclasses import dataclass
from textsynth.filters import Filter, Judge

@dataclass(frozen=True, kw_only=True)
class Shout(Filter):
    """Drops nothing."""

    def judge(self, directory) -> Judge:
        return lambda corpus: [None] * len(corpus)
'''


def announce(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, value: str) -> None:
    (folder / "shout.py").write_text(OTHER_PACKAGE)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "shout", raising=False)
    entry = importlib.metadata.EntryPoint(name, value, "textsynth.filters")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [entry] if group == entry.group else [])


@pytest.mark.usefixtures("fresh")
def test_components_of_other_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    announce(monkeypatch, tmp_path, "shout", "shout:Shout")
    assert "shout" in registry.names("filter")
    found = registry.look_up("filter", "shout")
    assert registry.name_of(found) == "shout"
    assert textsynth.filters.Shout is found
    assert "shout" not in registry.names("generator")


@pytest.mark.usefixtures("fresh")
def test_an_announced_component_bears_the_name_it_is_announced_by(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    announce(monkeypatch, tmp_path, "loud", "shout:Shout")
    assert "loud" in registry.names("filter")
    assert "shout" not in registry.names("filter")
    assert registry.name_of(registry.look_up("filter", "loud")()) == "loud"


@pytest.mark.usefixtures("fresh")
def test_other_packages_do_not_take_a_name_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    announce(monkeypatch, tmp_path, "duplicate", "shout:Shout")
    assert registry.look_up("filter", "duplicate") is Duplicate


def test_a_component_is_the_class_that_bears_its_modules_name():
    @dataclass(frozen=True, kw_only=True)
    class Elsewhere(Component):
        """Is no component of a registered folder."""

    module = sys.modules[__name__]
    assert registry._component_of(module) is None
    assert registry.name_of(Elsewhere) == __name__.rpartition(".")[2]
