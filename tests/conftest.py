from __future__ import annotations

import functools
import gc
import logging
import os
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
import shared_work
from heavy import HEAVY, HEAVY_COMPONENTS, LEARNT, NETWORKS
from tiny_wordnet import write_wordnet

# Two processes of tests share the cores; torch with two threads in each waits more than it works.
os.environ.setdefault("OMP_NUM_THREADS", "1")
shared_work.use_memory()  # Before anything asks for the folder of temporary files.
shared_work.home()  # Before the processes of tests start, so that they train each model once between them.

# How many examples of a property `make test-fast`, `make test` and `make test-properties` try. The last tries new ones;
# the others try the same each time, so that whether a commit passes is no matter of luck.
for profile, examples in (("fast", 5), ("usual", 20), ("thorough", 100)):
    derandomize = profile != "thorough"
    hypothesis.settings.register_profile(profile, deadline=None, max_examples=examples, derandomize=derandomize)
hypothesis.settings.load_profile("usual")

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
_PUBLIC = ("banking77", "bc5cdr", "coco_captions", "crossner", "snips", "wnut17")
_TWINS = Path(__file__).resolve().parent / "twins"

_GARBAGE = (50_000, 20, 50)
"""How much is made before Python looks for cycles among it: what is usual takes a tenth of the suite's time."""

_TESTS = Path(__file__).resolve().parent


@functools.cache
def _place(path: Path) -> str:
    """Returns a path from the folder of tests, or of the package, on; a folder ends in a slash."""
    for root in (_TESTS, _TESTS.parent / "textsynth"):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix() + ("/" if path.is_dir() else "")
    return ""


def pytest_configure(config: pytest.Config) -> None:
    """Tries fewer examples of each property between two edits, and more of them where there is time."""
    if "not heavy" in config.option.markexpr:
        hypothesis.settings.load_profile("fast")
        config.pluginmanager.register(LightFiles())
    elif config.option.markexpr.startswith("property"):
        hypothesis.settings.load_profile("thorough")


class LightFiles:
    """Leaves whole files out if heavy tests are: to import torch takes longer than many tests.

    It is a plugin because the hooks of a conftest.py see no files but those below it, and none of the package.
    """

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Says of a file or folder whether it is left out."""
        return True if _place(collection_path).startswith(HEAVY) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Looks for no garbage while modules are imported, nor later among what was imported: none of it is any."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # Before xdist reads the groups.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place, parameters = _place(item.path), set(item.name.partition("[")[2].rstrip("]").split("-"))
        contract = place.startswith("contract/") and not NETWORKS.isdisjoint(parameters)
        component = place.startswith(("contract/", "formats/")) and not HEAVY_COMPONENTS.isdisjoint(parameters)
        if place.startswith(HEAVY) or (component and not place.endswith("test_components.py")):
            item.add_marker(pytest.mark.heavy)
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.property)
        elsewhere = contract and "directory_can_be_moved" in parameters  # Another process imports all of torch.
        if elsewhere or not LEARNT.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    _hand_out(items)


def _hand_out(items: list[pytest.Item]) -> None:
    """Puts each file into a group, so that one process builds its fixtures, and the heavy and large groups first.

    So the small and light ones are left for the process that has nothing to do at the end.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    groups = {item: _group(item) for item in items}
    sizes, heavy = Counter(groups.values()), {groups[item] for item in items if item.get_closest_marker("heavy")}
    items.sort(key=lambda item: (groups[item] not in heavy, -sizes[groups[item]], groups[item]))


def _group(item: pytest.Item) -> str:
    """Returns the group that xdist hands out a test in."""
    mark = item.get_closest_marker("xdist_group")
    assert mark is not None
    return str(mark.args[0])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public corpora beside the repository; tests that need it are skipped if it is missing."""
    missing = [name for name in _PUBLIC if not (_SHARED / name).is_dir()]
    if missing:
        # On CI a folder that is there must be whole: a part that got lost would be skipped unseen for ever.
        give_up = pytest.fail if os.environ.get("CI") == "true" and _SHARED.is_dir() else pytest.skip
        give_up(f"the folder ../shared/data lacks the public corpora {', '.join(missing)}")
    return _SHARED


@pytest.fixture(scope="session")
def twin_data() -> Path:
    """The folder of twins of the public corpora: text of our own that is as nasty, in the same folders and forms."""
    return _TWINS


@pytest.fixture(scope="session", params=["twin", pytest.param("public", marks=pytest.mark.slow)])
def public_or_twin(request: pytest.FixtureRequest) -> Path:
    """The folder of twins and, among the slow tests, that of the public corpora: for tests that hold for both."""
    folder: Path = request.getfixturevalue("twin_data" if request.param == "twin" else "shared_data")
    return folder


@pytest.fixture(scope="session")
def is_twin(public_or_twin: Path) -> bool:
    """Whether a test runs on the small twins, for counts that depend on it."""
    return public_or_twin == _TWINS


@pytest.fixture(autouse=True)
def fresh_logging() -> None:
    """Begins each test with the levels of a new process: the command line, run in this one, sets others for good."""
    for name, level in ((None, logging.WARNING), ("textsynth", logging.NOTSET)):
        logger = logging.getLogger(name)
        if logger.level != level:  # To set it empties a cache in each of a thousand loggers.
            logger.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def tiny_wordnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Has all tests see the same WordNet, on every machine: $WNSEARCHDIR names a tiny one."""
    before = os.environ.get("WNSEARCHDIR")
    os.environ["WNSEARCHDIR"] = str(write_wordnet(tmp_path_factory.mktemp("wordnet")))
    yield
    if before is None:
        del os.environ["WNSEARCHDIR"]
    else:
        os.environ["WNSEARCHDIR"] = before
