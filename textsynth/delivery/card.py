"""The dataset card: a README with the hub's YAML header, which says what the corpus is and how it was made."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import tomli_w
import yaml

from textsynth.foundation.controls import escape_controls
from textsynth.huggingface.columns import Columns
from textsynth.production.summary import SourceCounts, Summary, Tally, list_parts
from textsynth.recipes.resolved import ResolvedRecipe
from textsynth.recipes.sections import TRAIN

_SIZES = [
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
]


_LICENCES = frozenset(
    "afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda "
    "cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 "
    "cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 "
    "cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 "
    "eupl-1.2 gfdl gpl gpl-2.0 gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0 lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by "
    "ofl-1.1 osl-3.0 other pddl postgresql unknown unlicense wtfpl zlib".split()
)
"""The licences that the hub knows by name."""


_PARTS = {"source": "of the source", "made": "made", "heldout": "held out"}
"""The parts that are counted, and how the tables call them."""

_MANY_CLASSES = (
    "* `label`: the classes, any number of them as a list (in transformers, "
    '`problem_type="multi_label_classification"`).'
)


def card(recipe: ResolvedRecipe, summary: Summary, columns: Columns, *, hub: bool) -> str:
    """Returns the text of the card; nothing in it depends on when or where the run took place.

    Args:
        recipe: how the corpus was made.
        summary: what came of it.
        columns: those of the dataset.
        hub: whether the files beside it are those of the hub, one parquet a split, or those of `save_to_disk`.
    """
    header = yaml.dump(_header(recipe, summary, columns, hub), allow_unicode=True, sort_keys=False)
    return f"---\n{header}---\n\n" + "\n".join(_body(recipe, summary, several=columns.has_several()))


def size_category(count: int) -> str:
    """Returns the hub's name for a number of examples.

    >>> size_category(5000)
    '1K<n<10K'
    """
    return next((name for limit, name in _SIZES if count < limit), "n>10M")


def _header(recipe: ResolvedRecipe, summary: Summary, columns: Columns, hub: bool) -> dict[str, Any]:
    tasks = ["token-classification"] * bool(summary.labels) + ["text-classification"] * bool(summary.classes)
    header: dict[str, Any] = {
        "annotations_creators": _list_creators(summary, gold=True),
        "language_creators": _list_creators(summary, gold=False),
        "language": summary.languages,
        "license": "",
        "size_categories": [size_category(_size(summary))],
        "task_categories": tasks,
        "task_ids": ["named-entity-recognition"] * bool(summary.labels)
        + ["multi-label-classification"] * columns.has_several(),
        "pretty_name": "Synthetic corpus made by textsynth",
        **_licence(recipe.licence),
        "tags": ["synthetic", "textsynth"],
        "dataset_info": {"features": columns.to_yaml()},
    }
    if hub:
        files = [{"split": split, "path": f"data/{split}-*.parquet"} for split in summary.splits]
        header["configs"] = [{"config_name": "default", "data_files": files}]
    seed = {} if _guarantees(summary) else {"seed": summary.seed}
    header["textsynth"] = {**seed, "labels": list(summary.labels), "versions": summary.versions}
    return {key: value for key, value in header.items() if value != []}


def _size(summary: Summary) -> int:
    return sum(split.total for split in summary.splits.values())


def _count_real(summary: Summary) -> tuple[int, int]:
    """Returns how many examples of the source, and how many that were held out, are delivered."""
    splits = summary.splits.values()
    return sum(split.source for split in splits), sum(split.heldout for split in splits)


def _list_creators(summary: Summary, *, gold: bool) -> list[str]:
    """Returns who wrote the texts, or if only gold counts, their annotations: a machine, or people before the run."""
    learnt, heldout = _count_real(summary)
    read = summary.source
    found = (learnt and (read.gold or not gold)) or (heldout and (read.gold_heldout or not gold))
    return ["found"] * bool(found) + ["machine-generated"] * bool(summary.delivered or not found)


def _licence(name: str) -> dict[str, str]:
    """Returns a licence as the hub takes it, which refuses a card with an identifier that is none of its own."""
    slug = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")
    return {"license": slug} if slug in _LICENCES else {"license": "other", "license_name": slug or "other"}


def _body(recipe: ResolvedRecipe, summary: Summary, *, several: bool) -> list[str]:
    source = _describe_source(summary) if recipe.has_source else "none"
    code = tomli_w.dumps(_show_recipe(recipe, summary)).rstrip()
    return [
        "# Synthetic corpus",
        "",
        f"{_describe_size(summary)} textsynth {summary.versions['textsynth']}.",
        "",
        f"* Source: {source}; its licence: {_cell(recipe.licence) if recipe.has_source else 'none'}.",
        f"* {_seed(summary)}",
        *(f"* {line}" for line in _describe_splits(summary)),
        *_guarantees(summary),
        "",
        *_tallies("Split", "examples", summary.splits),
        *_tallies("Label", "mentions", summary.labels),
        *_tallies("Class", "examples", summary.classes),
        *_steps(summary),
        *([] if _guarantees(summary) else _table("Dropped as", "examples", summary.dropped)),
        "## Columns",
        "",
        "* `text`: the text.",
        "* `spans`: its mentions as `{start, end, label}`, in characters (Unicode code points), half-open.",
        *([_MANY_CLASSES if several else "* `label`: the class."] if summary.classes else []),
        f"* `origin`: the step that made the example{_describe_origins(summary)}.",
        *(["* `parent`: the fingerprint of what it was made from."] if recipe.export.parent else []),
        *(
            ["* `tokens`, `ner_tags`: the tokens with IOB2 tags."]
            if recipe.export.task == "token-classification"
            else []
        ),
        "",
        "## Recipe",
        "",
        f"{_fence(code)}toml",
        code,
        _fence(code),
        "",
        "## Versions",
        "",
        ", ".join(f"{name} {version}" for name, version in summary.versions.items()),
        "",
    ]


def _describe_source(summary: Summary) -> str:
    read = summary.source
    held = f", {read.heldout} more held out" if read.heldout else ""
    name = escape_controls(" ".join(read.path.split()))
    return f"{_fence(name)[2:]}{name}{_fence(name)[2:]} ({read.examples} examples{held})"


def _describe_size(summary: Summary) -> str:
    learnt, heldout = _count_real(summary)
    if not learnt and not heldout:
        return f"{summary.delivered} synthetic examples, made by"
    parts = [f"{learnt} of the source"] * bool(learnt) + [f"{heldout} held out"] * bool(heldout)
    return f"{_size(summary)} examples: {', '.join(parts)}, {summary.delivered} synthetic, made by"


def _describe_origins(summary: Summary) -> str:
    learnt, heldout = _count_real(summary)
    return "; `source` if it is one of the source" * bool(learnt) + "; `heldout` if it was held out" * bool(heldout)


def _describe_splits(summary: Summary) -> Iterator[str]:
    """Says what the splits are good for."""
    read = summary.source
    learnt, _ = _count_real(summary)
    if read.left_out:
        yield f"The source is not among the examples: {read.left_out}."
    elif learnt and not read.gold:
        yield "The examples of the source were labelled by what the recipe names, not by people."
    drawn = [name for name, split in summary.splits.items() if name != TRAIN and not split.heldout]
    if drawn:
        yield "Splits keep together what has one wording or parent, so near-copies stand on one side."
        yield f"Scores on {_quote(drawn)} mean little: synthetic examples like those of `{TRAIN}` are among them."
    held = _quote(name for name, split in summary.splits.items() if split.heldout)
    if held:
        yield f"{held}: real text that was put aside before anything was learnt. No generator or filter saw it."
        yield "No example of the source in another split has its wordings or texts, in whatever case."
        yield _tell_chance(read)
        found = [name for name, split in summary.splits.items() if split.heldout and name not in read.gold_heldout]
        if found:
            names = _quote(found)
            yield f"The labels of {names} are no gold: what the recipe names found them, as those of the source."
    elif list(summary.splits) == [TRAIN]:
        yield "There is one split: nothing was held out, and scores on examples that were made would mean little."


def _quote(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _tell_chance(read: SourceCounts) -> str:
    if not read.met_by_chance:
        return "No synthetic example has a text of it."
    return f"Of the synthetic examples {read.met_by_chance} came to have a text of it, by chance."


def _seed(summary: Summary) -> str:
    """Tells the seed, unless noise that hides sentences could be drawn again with it."""
    if _guarantees(summary):
        return "The seed is not told here: whoever has it can take the noise of private training away."
    if any("answers" in learned.facts for learned in summary.learned.values()):
        return f"Seed: {summary.seed}. A chat model answered; from the answers kept come the same bytes."
    return f"Seed: {summary.seed}. The same recipe, source and versions give the same bytes."


def _show_recipe(recipe: ResolvedRecipe, summary: Summary) -> dict[str, Any]:
    content = recipe.without_folders()
    return {name: value for name, value in content.items() if name != "seed"} if _guarantees(summary) else content


def _guarantees(summary: Summary) -> list[str]:
    """States what was trained with differential privacy, and what that does not cover."""
    guarantees = {name: learned.guarantee for name, learned in summary.learned.items()}
    return [
        f"* The weights of `{name}` were trained with (ε = {each.epsilon:g}, δ = {each.delta:g})-differential privacy; "
        "vocabulary, classes, slot fillers come from the source as they are."
        for name, each in guarantees.items()
        if each is not None
    ]


def _steps(summary: Summary) -> list[str]:
    rows = [f"| {name} | {step.made} | {step.kept} |" for name, step in summary.steps.items()]
    return ["| Step | made | kept |", "|---|---:|---:|", *rows, ""]


def _table(what: str, count: str, rows: dict[str, int]) -> list[str]:
    if not rows:
        return []
    lines = [f"| {_cell(name)} | {number} |" for name, number in rows.items()]
    return [f"| {what} | {count} |", "|---|---:|", *lines, ""]


def _tallies(what: str, count: str, rows: Mapping[str, Tally]) -> list[str]:
    """Returns a table that tells source, made and held-out apart, as far as there are any."""
    if not rows:
        return []
    parts = list_parts(rows)
    head = " | ".join([what, *(f"{count} {_PARTS[part]}" for part in parts)])
    lines = [" | ".join([_cell(name), *(str(getattr(row, part)) for part in parts)]) for name, row in rows.items()]
    return [f"| {head} |", f"|---|{'---:|' * len(parts)}", *(f"| {line} |" for line in lines), ""]


def _cell(text: str) -> str:
    """Returns a name of others as Markdown shows it: no markup, no link, nothing that steers."""
    plain = html.escape(escape_controls(" ".join(text.split())), quote=False)
    return re.sub(r"([\[\]|`])", r"\\\1", plain)


def _fence(code: str) -> str:
    """Returns a fence that code does not have in it."""
    return "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
