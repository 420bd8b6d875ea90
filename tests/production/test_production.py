from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.components.learned import LEARNED, Learned, read_learned, write_learned
from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label
from textsynth.errors import InputError, InvalidExample, OptionError
from textsynth.extract import Resources
from textsynth.filters import Filter, Judge
from textsynth.filters.duplicate import Duplicate
from textsynth.foundation.progress import Silence, Stage, current_stage
from textsynth.generators import Generator, Sampler
from textsynth.generators.class_names import ClassNames
from textsynth.production.fitting import THREADS, count_threads, fit, read_all_learned
from textsynth.production.order import Order
from textsynth.production.produce import Harvest, produce
from textsynth.production.quota import largest_remainders, level_quotas
from textsynth.production.rejects import REJECTED
from textsynth.production.shard import Shard, make_shard, read_shard
from textsynth.production.stream import Stream, plan_first_round
from textsynth.recipes.recipe import NamedFilter, Step


@dataclass(frozen=True, kw_only=True)
class Count(Generator):
    """Makes "a 0", "a 1", … up to a limit, at random, a few at a time perhaps, in the classes it knows."""

    word: str = "a"
    limit: int = 10**9
    at_most: int = 10**9
    classes: tuple[str, ...] = ()

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        (directory / "word").write_text(self.word)

    def sampler(self, directory: Path) -> Sampler:
        word = (directory / "word").read_text()

        def sample(count: int, rng: np.random.Generator, label: str | None = None) -> Corpus:
            if label is not None and label not in self.classes:
                return Corpus.empty()
            numbers = rng.integers(self.limit, size=min(count, self.at_most))
            classes = [label] * len(numbers) if label else None
            return Corpus.from_columns(text=[f"{word} {number}" for number in numbers], label=classes)

        return sample


class AllOfTheFirst:
    """Makes examples of many classes at once, but all of them of the first."""

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus:
        return self.of_classes([(label, count)], rng)

    def of_classes(self, amounts: Sequence[tuple[Label | None, int]], rng: np.random.Generator) -> Corpus:
        asked = sum(count for _, count in amounts)
        return Corpus.from_columns(text=["a 1"] * asked, label=[amounts[0][0]] * asked)


@dataclass(frozen=True, kw_only=True)
class Greedy(Count):
    """Makes too many of a class."""

    def sampler(self, directory: Path) -> Sampler:
        return AllOfTheFirst()


@dataclass(frozen=True, kw_only=True)
class Divisible(Filter):
    """Keeps the numbers that can be divided."""

    by: int = 10

    def judge(self, directory: Path) -> Judge:
        def reason(text: str) -> str | None:
            return None if int(text.split()[1]) % self.by == 0 else f"not by {self.by}"

        return lambda corpus: [reason(text) for text in corpus.texts.to_pylist()]


def order(
    *steps: tuple[Generator, float],
    filters: Sequence[Filter] = (),
    count: int = 100,
    quotas: dict[str | None, int] | None = None,
    shard_size: int = 50,
    min_acceptance: float = 0.01,
    seed: int = 1,
) -> Order:
    named = [NamedFilter(f"{type(each).__name__.lower()}-{place}", each) for place, each in enumerate(filters)]
    plain = [Step(f"step-{place}", generator, weight) for place, (generator, weight) in enumerate(steps)]
    return Order(plain, named, quotas or {None: count}, seed, shard_size, min_acceptance)


def harvest(wanted: Order, directory: Path, mapper: Any = map) -> Harvest:
    fit(wanted, Resources.of(Corpus.empty()), directory)
    return produce(wanted, directory, mapper)


def backwards(function: Any, tasks: Sequence[Any]) -> Iterator[Any]:
    """Maps as engines do, but makes the last shard first."""
    return reversed([function(task) for task in reversed(tasks)])


def texts(brought: Harvest) -> list[str]:
    return [text for corpus in brought.corpora() for text in corpus.texts.to_pylist()]


def check_books(brought: Harvest, directory: Path) -> None:
    """Every example that was made was kept or stands in rejected.parquet, with its step, filter and reason."""
    rejected = pq.read_table(directory / "rejected.parquet")
    assert rejected.schema.equals(REJECTED)
    rows = Counter((row["origin"], row["filter"], row["reason"]) for row in rejected.to_pylist())
    assert rows == brought.dropped
    kept = Counter(each for corpus in brought.corpora() for each in corpus.table.column("origin").to_pylist())
    for name in {stream.step.name for stream in brought.streams}:
        streams = [stream for stream in brought.streams if stream.step.name == name]
        assert sum(stream.kept for stream in streams) == kept[name]
        assert sum(stream.made for stream in streams) == kept[name] + sum(
            n for key, n in rows.items() if key[0] == name
        )


def test_gives_exactly_what_is_asked_for(tmp_path: Path):
    brought = harvest(order((Count(), 1), count=123), tmp_path)
    assert len(brought) == len(texts(brought)) == 123
    assert (brought.streams[0].made, brought.streams[0].exhausted) == (123, "")
    sizes = [len(read_shard(each.path).corpus) for each in brought.kept]
    assert sizes == [41, 41, 41]
    check_books(brought, tmp_path)


@pytest.mark.parametrize(("by", "count"), [(2, 1), (10, 7), (10, 250), (50, 100)])
def test_gives_exactly_what_is_asked_for_when_filters_drop_much(by: int, count: int, tmp_path: Path):
    brought = harvest(order((Count(), 1), filters=[Divisible(by=by), Duplicate()], count=count), tmp_path)
    kept = texts(brought)
    assert len(kept) == len(set(kept)) == count
    assert all(int(text.split()[1]) % by == 0 for text in kept)
    assert not brought.streams[0].exhausted
    check_books(brought, tmp_path)


def test_steps_share_by_weight(tmp_path: Path):
    brought = harvest(order((Count(), 3), (Count(word="b"), 1), (Count(word="c"), 0.5), count=90), tmp_path)
    assert Counter(text[0] for text in texts(brought)) == {"a": 60, "b": 20, "c": 10}


def test_what_one_filter_drops_the_next_does_not_see(tmp_path: Path):
    filters = [Divisible(by=2), Divisible(by=3)]
    brought = harvest(order((Count(), 1), filters=filters, count=200), tmp_path)
    made = brought.streams[0].made
    by_two = brought.dropped["step-0", "divisible-0", "not by 2"]
    by_three = brought.dropped["step-0", "divisible-1", "not by 3"]
    assert made == 200 + by_two + by_three
    assert 0.4 < by_two / made < 0.6
    assert 0.5 < by_three / (made - by_two) < 0.8
    rejected = pq.read_table(tmp_path / "rejected.parquet").to_pylist()
    assert all(int(row["text"].split()[1]) % 2 == 0 for row in rejected if row["filter"] == "divisible-1")


def test_a_step_that_has_no_more_hands_over_to_the_others(tmp_path: Path):
    wanted = order((Count(limit=5), 1), (Count(word="b"), 1), (Count(word="c"), 3), filters=[Duplicate()], count=500)
    brought = harvest(wanted, tmp_path)
    assert len(brought) == 500
    # 5 of the 100 come from the first step; the other 95 are divided by weight, 1 to 3: 24 and 71.
    assert Counter(text[0] for text in texts(brought)) == {"a": 5, "b": 124, "c": 371}
    assert [stream.quota for stream in brought.streams] == [5, 124, 371]
    assert brought.streams[0].exhausted.endswith("under the least acceptance of 0.01")
    assert not brought.streams[1].exhausted
    check_books(brought, tmp_path)


def test_ends_short_with_the_reason_where_nothing_more_can_come(tmp_path: Path):
    wanted = order((Count(limit=7), 1), (Count(word="b", limit=3), 1), filters=[Duplicate()], count=1000)
    brought = harvest(wanted, tmp_path)
    assert sorted(texts(brought)) == [f"a {n}" for n in range(7)] + [f"b {n}" for n in range(3)]
    assert all("under the least acceptance of 0.01" in stream.exhausted for stream in brought.streams)
    assert all(stream.made <= 5 * 500 for stream in brought.streams)  # nobody goes on for long in vain
    check_books(brought, tmp_path)


@pytest.mark.parametrize("at_most", [1, 3, 60])
def test_a_step_that_makes_few_at_a_time_comes_to_an_end_too(at_most: int, tmp_path: Path):
    some = harvest(order((Count(at_most=at_most), 1), count=20), tmp_path / "some")
    assert len(some) == 20
    stuck = order((Count(limit=2, at_most=at_most), 1), filters=[Duplicate()], count=20, min_acceptance=0.1)
    none = harvest(stuck, tmp_path / "none")
    assert sorted(texts(none)) == ["a 0", "a 1"]
    assert "under the least acceptance of 0.1" in none.streams[0].exhausted
    assert none.streams[0].made < 200


def test_a_step_that_can_make_nothing_says_so(tmp_path: Path):
    brought = harvest(order((Count(at_most=0), 1), (Count(word="b"), 1), count=10), tmp_path)
    assert brought.streams[0].exhausted == "can make none"
    assert Counter(text[0] for text in texts(brought)) == {"b": 10}


def test_the_least_acceptance_is_the_users_to_say(tmp_path: Path):
    rare = [Divisible(by=30)]
    strict = harvest(order((Count(), 1), filters=rare, count=20, min_acceptance=0.2), tmp_path / "strict")
    patient = harvest(order((Count(), 1), filters=rare, count=20, min_acceptance=0.001), tmp_path / "patient")
    assert len(strict) < 20
    assert strict.streams[0].exhausted.endswith("under the least acceptance of 0.2")
    assert len(patient) == 20


def test_each_class_gets_its_own_quota(tmp_path: Path):
    generator = Count(classes=("x", "y"))
    quotas = {"x": 30, "y": 5, "z": 4}
    brought = harvest(order((generator, 1), (Count(word="b", classes=("x",)), 1), quotas=quotas), tmp_path)
    classes: Counter[str] = Counter()
    for corpus in brought.corpora():
        classes.update(corpus.table.column("label").to_pylist())
    assert classes == {"x": 30, "y": 5}
    ended = {(stream.step.name, stream.label): stream.exhausted for stream in brought.streams}
    assert ended["step-1", "y"] == "can make none of the class 'y'"
    assert ended["step-0", "z"] == ended["step-1", "z"] == "can make none of the class 'z'"
    assert ended["step-0", "y"] == ended["step-0", "x"] == ended["step-1", "x"] == ""
    check_books(brought, tmp_path)


def test_many_small_classes_share_shards(tmp_path: Path):
    names = tuple(f"class {number}" for number in range(40))
    quotas = {name: 1 + place % 7 for place, name in enumerate(names)} | {"large": 120}
    step = Count(limit=40, classes=(*names, "large"))
    wanted = order((step, 1), quotas=quotas, filters=[Divisible(by=2)], shard_size=500)
    brought = harvest(wanted, tmp_path / "one")
    classes = Counter(each for corpus in brought.corpora() for each in corpus.table.column("label").to_pylist())
    assert classes == quotas
    assert len(list((tmp_path / "one" / "steps" / "step-0").glob("shard-*.arrow"))) < 10
    check_books(brought, tmp_path / "one")
    assert texts(harvest(wanted, tmp_path / "again", backwards)) == texts(brought)


def test_a_sampler_of_many_classes_is_held_to_what_it_promises(tmp_path: Path):
    wanted = order((Greedy(), 1), quotas={"x": 3, "y": 2})
    with pytest.raises(InvalidExample, match=r"at most 3 examples of the class 'x' at a time, made 5"):
        harvest(wanted, tmp_path)


def test_examples_that_are_left_over_stand_in_nobodys_way(tmp_path: Path):
    # Both steps make the same 100 numbers, and every round makes some to spare. If what the first one makes beyond
    # its quota counted as there before, less than 49 would be left for the second.
    filters = [Divisible(by=2), Duplicate()]
    wanted = order((Count(limit=200), 1), (Count(limit=200), 1), filters=filters, count=98, min_acceptance=0.001)
    brought = harvest(wanted, tmp_path)
    kept = texts(brought)
    assert len(kept) == len(set(kept)) == 98
    spare = sum(len(read_shard(path).corpus) for path in tmp_path.glob("steps/step-0/shard-*.arrow"))
    assert spare - brought.streams[0].made >= 3


def test_goes_on_with_the_shards_that_stand(tmp_path: Path):
    wanted = order((Count(), 1), filters=[Divisible(by=3)], count=200)
    first = harvest(wanted, tmp_path)
    paths = sorted((tmp_path / "steps" / "step-0").glob("shard-*.arrow"))
    paths[1].unlink()
    paths[-1].write_bytes(b"no shard")
    ages = {path: path.stat().st_mtime_ns for path in paths if path != paths[1]}
    second = harvest(wanted, tmp_path)
    assert texts(second) == texts(first)
    assert second.dropped == first.dropped
    remade = [path for path, age in ages.items() if path.stat().st_mtime_ns != age]
    assert remade == [paths[-1]]


def test_a_shard_of_another_request_is_made_again(tmp_path: Path):
    step = Step("step", Count())
    (tmp_path / "fitted").mkdir()
    (tmp_path / "fitted" / "word").write_text("a")
    contents = {}
    for seed, number, count in [(1, 0, 5), (1, 1, 5), (2, 0, 5), (1, 0, 6), (1, 0, 5)]:
        path = make_shard(Shard(step, tmp_path, seed, number, ((None, count),)))
        contents[seed, number, count] = read_shard(path).corpus.texts.to_pylist()
    assert len({tuple(each) for each in contents.values()}) == 4
    assert [len(each) for each in contents.values()] == [5, 5, 5, 6]
    assert contents[1, 0, 5] == read_shard(path).corpus.texts.to_pylist()


@dataclass(frozen=True, kw_only=True)
class Careless(Count):
    """Makes one more than it is asked for, or those of another class."""

    more: int = 0

    def sampler(self, directory: Path) -> Sampler:
        def sample(count: int, rng: np.random.Generator, label: str | None = None) -> Corpus:
            return Corpus.from_columns(text=["a 1"] * (count + self.more), label=["x"] * (count + self.more))

        return sample


def test_a_sampler_is_held_to_what_it_promises(tmp_path: Path):
    with pytest.raises(InvalidExample, match="generator 'step-0': must make at most 50 examples at a time, made 51"):
        harvest(order((Careless(more=1), 1), count=50), tmp_path / "more")
    with pytest.raises(InvalidExample, match="'step-0': must make examples of the class 'y', made one of 'x'"):
        harvest(order((Careless(), 1), quotas={"y": 5}), tmp_path / "other")
    assert len(harvest(order((Careless(), 1), quotas={"x": 5}), tmp_path / "right")) == 5


@dataclass(frozen=True, kw_only=True)
class Huge(Count):
    """Makes more text than Arrow holds; it finds that out before it copies any."""

    def sampler(self, directory: Path) -> Sampler:
        text = pa.array(["a" * 1_000_000])
        return lambda count, rng, label=None: Corpus.from_columns(text=pa.concat_arrays([text] * 2200))


def test_a_shard_of_too_much_text_is_one_line(tmp_path: Path):
    with pytest.raises(OptionError, match="shard 0 of step 'step-0': must have less than 2 GiB of text, would have"):
        harvest(order((Huge(), 1)), tmp_path)


class Copying(Count):
    """Says that it makes copies."""

    def makes_copies(self) -> bool:
        return True


def test_shards_of_long_texts_have_few(tmp_path: Path):
    few = replace(order((Copying(), 1), count=300, shard_size=200), sizes=np.array([1 << 19, 3 << 19]))
    assert [each.count for each in plan_first_round(few, tmp_path)] == [100, 100, 100]
    copies = replace(few, copies=1200, quotas={None: 3 * 1200}, sizes=np.array([1, 1 << 20, 100]))
    planned = [(each.rows, each.count) for each in plan_first_round(copies, tmp_path)]
    assert planned == [((0, 1), 1200), *[((1, 2), 120)] * 10, ((2, 3), 1200)]


def test_the_order_in_which_shards_are_made_plays_no_part(tmp_path: Path):
    wanted = order((Count(), 1), (Count(word="b"), 2), filters=[Divisible(by=4)], count=300)
    one, other = harvest(wanted, tmp_path / "one"), harvest(wanted, tmp_path / "other", backwards)
    assert texts(one) == texts(other)


class Notebook(Silence):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        self.told.append(name)
        yield self

    def advance(self, amount: int) -> None:
        self.told.append(amount)

    def expect(self, total: int | None) -> None:
        self.told.append(("of", total))

    def tell(self, text: str) -> None:
        self.told.append(text)


def test_fitting_happens_once_and_names_the_step_that_fails(tmp_path: Path):
    @dataclass(frozen=True, kw_only=True)
    class Failing(Count):
        def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
            raise OptionError("option 'x' is wrong")

    progress = Notebook()
    wanted = order((Count(), 1), (Failing(), 1), filters=[Duplicate()])
    for _ in range(2):
        with pytest.raises(OptionError, match=r"^generator 'step-1': option 'x' is wrong$"):
            fit(wanted, Resources.of(Corpus.empty()), tmp_path, progress)
    assert progress.told == ["fit step-0", "fit step-1", "fit step-1"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == [".textsynth", "fitted", "step-0", "steps", "word"]


def test_a_step_that_fails_is_named_once(tmp_path: Path):
    with pytest.raises(OptionError, match=r"^generator 'step-0': the source must have classes"):
        fit(order((ClassNames(), 1)), Resources.of(Corpus.empty()), tmp_path)


@dataclass(frozen=True, kw_only=True)
class Training(Count):
    """Takes four epochs, two of them before it breaks, and tells how it goes."""

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        stage, state = current_stage(), directory / "state"
        done = int(state.read_text()) if state.exists() else 0
        stage.expect(4)
        stage.advance(done)
        for epoch in range(done, 4):
            stage.advance(1)
            stage.tell(f"epoch {epoch}")
            state.write_text(str(epoch + 1))
            if epoch == 1:
                raise ValueError("broken")
        state.unlink()
        super().fit(resources, directory, rng)
        write_learned(directory, {"epochs": 4, "kl": 0.5, "loss": float("nan"), "Zoë": "ü", "early": False})


def test_a_fit_that_broke_goes_on_and_tells_how_far_it_is(tmp_path: Path):
    progress = Notebook()
    wanted, nothing = order((Training(), 1), filters=[Duplicate()]), Resources.of(Corpus.empty())
    with pytest.raises(ValueError, match="broken"):
        fit(wanted, nothing, tmp_path, progress)
    step = tmp_path / "steps" / "step-0"
    assert [path.relative_to(step).as_posix() for path in step.rglob("*")] == [
        "fitted.unfinished",
        "fitted.unfinished/state",
    ]
    assert progress.told == ["fit step-0", ("of", 4), 0, 1, "epoch 0", 1, "epoch 1"]
    current_stage().tell("nobody hears this")
    progress.told.clear()
    fit(wanted, nothing, tmp_path, progress)
    assert sorted(path.name for path in step.rglob("*")) == [".textsynth", "fitted", LEARNED, "word"]
    assert progress.told == ["fit step-0", ("of", 4), 2, 1, "epoch 2", 1, "epoch 3", "fit duplicate-0"]
    facts = {"epochs": 4, "kl": 0.5, "loss": None, "Zoë": "ü", "early": False}
    assert read_all_learned(wanted, tmp_path) == {"step-0": Learned(facts)}


def test_a_filter_tells_what_it_learned_too(tmp_path: Path):
    @dataclass(frozen=True, kw_only=True)
    class Learning(Divisible):
        def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
            write_learned(directory, {"by": self.by})

    wanted = order((Training(), 1), filters=[Learning(by=3), Duplicate()])
    both = Order([Step("one", Count())], [NamedFilter("one", Learning()), NamedFilter("two", Duplicate())], {}, 1, 1, 0)
    for each in (wanted, both):
        with suppress(ValueError):
            fit(each, Resources.of(Corpus.empty()), tmp_path)
    fit(wanted, Resources.of(Corpus.empty()), tmp_path)
    assert read_all_learned(wanted, tmp_path)["learning-0"] == Learned({"by": 3})
    assert read_all_learned(both, tmp_path) == {"one": Learned({"by": 10})}
    write_learned(tmp_path / "steps" / "one" / "fitted", {"x": 1})
    assert read_all_learned(both, tmp_path) == {"one": Learned({"x": 1}), "filter one": Learned({"by": 10})}


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "5",
        "null",
        "{}",
        '{"facts": {}, "guarantee": {"epsilon": 1}}',
        '{"facts": {}, "guarantee": {"epsilon": "1", "delta": 0}}',
        "\udcff",
    ],
)
def test_facts_that_cannot_be_read_are_told(broken: str, tmp_path: Path):
    (tmp_path / LEARNED).write_text(broken, errors="surrogateescape")
    with pytest.raises(InputError, match=r"learned.json: must be a JSON object of what was learned: "):
        read_learned(tmp_path)


def test_rounds_plan_for_the_share_that_was_kept():
    stream = Stream(Step("step", Count()), None, quota=1000)
    assert stream.need(5000) == 1000
    stream.kept, stream.last = 900, (1000, 900)
    assert stream.need(5000) == 125  # 100 missing x 1.05 x 1001 / 901, and 8 to spare
    stream.kept, stream.last = 0, (1000, 0)
    assert stream.need(50) == 1000
    assert stream.need(5000) == 20_000
    stream.exhausted = "no more"
    assert stream.missing == 0


@given(st.integers(0, 10**9), st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=9))
def test_parts_by_largest_remainders_add_up_and_are_fair(total: int, weights: list[float]):
    parts = largest_remainders(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        exact = total * weight / sum(weights)
        assert exact - 1 - 1e-6 * total <= part <= exact + 1 + 1e-6 * total


@given(st.integers(0, 1000), st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_no_heavier_weight_gets_less(total: int, weights: list[int]):
    by_weight = sorted(zip(weights, largest_remainders(total, weights), strict=True))
    for (lighter, less), (heavier, more) in itertools.pairwise(by_weight):
        assert less <= more or (lighter == heavier and less <= more + 1)


@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 50), min_size=1, max_size=8),
    st.one_of(st.none(), st.integers(0, 200)),
)
def test_level_quotas_make_classes_as_even_as_can_be(counts: dict[str, int], total: int | None):
    quotas = level_quotas(counts, total)
    assert all(quota > 0 for quota in quotas.values())
    after = {name: count + quotas.get(name, 0) for name, count in counts.items()}
    if total is None:
        assert set(after.values()) == {max(counts.values())}
        return
    assert sum(quotas.values()) == total
    # What was added to could not have been added to a class that is smaller by more than one.
    for name in quotas:
        assert after[name] <= min(after.values()) + 1


def test_level_quotas_by_hand():
    assert level_quotas({"a": 5, "b": 2, "c": 1}, 4) == {"b": 1, "c": 3}
    assert level_quotas({"a": 5, "b": 2, "c": 1}, None) == {"b": 3, "c": 4}
    assert level_quotas({"a": 5, "b": 5}, None) == {}
    assert level_quotas({"a": 5, "b": 5}, 3) == {"a": 2, "b": 1}
    assert level_quotas({"a": 1}, 10) == {"a": 10}


def test_torch_has_as_many_threads_as_the_first_network_of_a_run_had(tmp_path: Path):
    pytest.importorskip("torch")
    from textsynth.training.device import threads

    network, plain = SimpleNamespace(extras=("torch",)), SimpleNamespace(extras=())
    with threads(2):
        assert count_threads(cast("Any", network), tmp_path) == 2
    with threads(1):
        assert count_threads(cast("Any", network), tmp_path) == 2
        assert count_threads(cast("Any", plain), tmp_path) is None
    (tmp_path / THREADS).write_text("2 3")
    with pytest.raises(InputError, match="is damaged"):
        count_threads(cast("Any", network), tmp_path)


@dataclass(frozen=True, kw_only=True)
class Threads(Count):
    """Needs torch, and notes how many threads it has."""

    extras = ("torch",)

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        import torch

        (directory / "word").write_text(str(torch.get_num_threads()))


def test_a_fit_has_as_many_threads_as_the_first_network_had(tmp_path: Path):
    pytest.importorskip("torch")
    from textsynth.training.device import threads

    (tmp_path / THREADS).write_text("2 2")
    with threads(1):
        fit(order((Threads(), 1)), Resources.of(Corpus.empty()), tmp_path)
    assert (tmp_path / "steps" / "step-0" / "fitted" / "word").read_text() == "2"
