"""The sections of a recipe that are no lists of components: production, source, extract, export, evaluate."""

from __future__ import annotations

import datetime
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pydantic

from textsynth.components.component import Component, Positive, Share
from textsynth.components.format import Part
from textsynth.corpus.tokenizer_name import SPACY, name_tokenizer
from textsynth.expansion.expand import Place
from textsynth.extract.resources import DEFAULT_TODAY
from textsynth.pretrained.encoding import EncoderOptions
from textsynth.reading.keep import KeptNames
from textsynth.reading.records import OnError
from textsynth.recipes.export_file import ExportFile, list_export_files

Task = Literal["token-classification", "text-classification"]
HeldoutPart = Annotated[float, pydantic.Field(gt=0, lt=1)] | Path
HeldoutSplit = Literal["test", "validation"]
Language = Annotated[str, pydantic.Field(pattern="^[a-z]{2,3}$")]
_FIRST_DAY = datetime.date(1970, 1, 1)
"""The first day that can be "today": some invented times count from this day up to it."""

SOURCE, HELDOUT = ORIGINS = "source", "heldout"
"""The origins of real text: examples that generators learn from, and those that are held out."""

TRAIN = "train"
TEST, VALIDATION = HELDOUT_SPLITS = typing.get_args(HeldoutSplit)
"""The splits; all but the first may be held out."""


@dataclass(frozen=True, kw_only=True)
class Production(Component):
    """How much is made, and how.

    Args:
        seed: the root of all randomness.
        count: examples to make, exactly, beside those of the source; with balance it may be left out.
        copies: instead of a count, how many variants each generator makes of each source example, all different. One
            that starts from no example, as template_fill, makes as many altogether.
        balance: whether the classes of what is delivered, source and made, are made as even as the count allows;
            without a count, every class is filled up to the largest. If texts have several, each class is counted.
        shard_size: examples made at a time by one process, at most; it bounds the memory.
        min_acceptance: a step ends when a smaller share than this of its examples is kept.
        allow_fewer: whether a run that can make fewer examples than were asked for ends well all the same.
        today: the day from which ages, expiry dates and other invented values count, so that a seed gives the same
            ones on any day.
    """

    seed: Annotated[int, pydantic.Field(ge=0, lt=2**63)] = 0
    count: Positive | None = None
    copies: Positive | None = None
    balance: bool = False
    shard_size: Positive = 20_000
    min_acceptance: Annotated[float, pydantic.Field(gt=0, le=1)] = 0.01
    allow_fewer: bool = False
    today: Annotated[datetime.date, pydantic.Field(ge=_FIRST_DAY)] = DEFAULT_TODAY


@dataclass(frozen=True, kw_only=True)
class Source(Component):
    """Where the real text comes from.

    Args:
        path: a file or directory of any format, or its URL in storage, or a pattern for several files such as
            "data/*.jsonl.gz", or with format "datasets" a dataset id on the hub.
        format: the name of the format; found out from name and content if none.
        options: the options of the format.
        keep: fields of the source that travel with each example to every copy that is made of it, and to what is
            written; "*" for all that nothing reads.
        on_error: whether the first bad record stops the run, or bad ones are set aside in rejected_source.jsonl.
        heldout: what is put aside before anything is extracted or learnt, for the split test: a share of the examples,
            such as 0.2, the path of a file with others, which has the format of the source, or if the source is a
            dataset with splits, the name of one, such as "test". For validation too, say which is for what, such as
            { test = 0.2, validation = 0.1 }. No generator sees it, and of the filters `excess` alone, that for
            validation. Nothing if none.
        licence: the licence of the source, for the dataset card.
        tokenizer: how its texts fall into tokens, and all that is made of them: "words", "whitespace", or one of
            spaCy's, by package or directory such as "ja_ginza", or by language such as "spacy:ja"; by default as the
            format says.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"tokenizer"})

    path: Path
    format: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    keep: KeptNames = ()
    on_error: OnError = "stop"
    heldout: HeldoutPart | dict[HeldoutSplit, HeldoutPart] | None = None
    licence: str = "unknown"
    tokenizer: str | None = None

    @property
    def heldout_parts(self) -> dict[HeldoutSplit, float | Path]:
        """What is held out for each split, that of the test first."""
        parts = self.heldout if isinstance(self.heldout, dict) else {TEST: self.heldout}
        return {split: part for split in HELDOUT_SPLITS if (part := parts.get(split)) is not None}

    def libraries(self) -> frozenset[str]:
        """Names what reads it and what cuts its texts into tokens, if that is spaCy."""
        cut = self.tokenizer is not None and name_tokenizer(self.tokenizer).startswith(SPACY)
        return frozenset({"spacy"}) if cut or self.format == "spacy" else frozenset()


@dataclass(frozen=True, kw_only=True)
class Raw(Component):
    """Where more text of the kind of the source comes from, unlabelled, for new mentions and wordings to be found in.

    Args:
        path: a file or directory of any format, or a pattern for several files; if it has spans, nobody looks at them.
        format: the name of the format; found out from name and content if none.
        options: the options of the format.
        encoder: a transformer whose vectors of tokens help the CRF to find mentions, as `encoder` of the generator
            `pseudo_labels`; none if none.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"encoder"})

    path: Path
    format: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    encoder: str | None = None

    def libraries(self) -> frozenset[str]:
        """Names what may run the encoder."""
        return self._encoder.libraries()

    def needs(self) -> list[str]:
        """Says which model will be loaded, from where, and how large it is; see `EncoderOptions.needs` for errors."""
        return self._encoder.needs()

    @property
    def _encoder(self) -> EncoderOptions:
        return EncoderOptions() if self.encoder is None else EncoderOptions(encoder=self.encoder)


@dataclass(frozen=True, kw_only=True)
class Extract(Component):
    """What is extracted from the source, and how.

    Args:
        labels: the labels to keep of what labelers find, or of the spans that the source has; all if empty.
        templates: a file of templates, edited perhaps, instead of the extracted ones.
        gazetteer: a gazetteer, edited perhaps, instead of the extracted one.
        mentions: a file of new mentions, edited perhaps, instead of those that are looked for if a generator has
            values = "expand".
        wordings: a file of sentences with their mentions, edited perhaps, instead of those that are found in raw text.
        places: where new mentions are looked for: "wordnet", "fields" (Faker and mimesis, for labels that are named
            for what they have, or have names of people), "numbers" (mentions of the source with other numbers), "words"
            (those with invented words), "chat" (what the model of [chat] suggests), "lists" and "raw", both in the text
            of [raw]; wherever there is something, if empty.
    """

    labels: tuple[str, ...] = ()
    templates: Path | None = None
    gazetteer: Path | None = None
    mentions: Path | None = None
    wordings: Path | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Export(Component):
    """What is written.

    Args:
        formats: formats beside the dataset, each written for every split.
        files: tables [[export.files]] for formats with options: format, any options of it, path for where it is
            written in exports/ ("{split}" in it stands for the split, and .gz at its end has it gzipped), and drop.
        task: "token-classification" adds tokens and ner_tags to the dataset.
        parent: whether the dataset tells what each example was made from, so that it can be split again. Formats that
            have a place for it always tell; with this, those that have fields tell too.
        drop: parts that a format may lose: "spans" or "label".
        source: whether the source is delivered: its examples in train beside what was made of them, with the origin
            "source", and those that are held out as test or validation. If false, no real text is in the dataset. It is
            by default, unless a generator is trained with differential privacy.
        validation: share of the examples, made ones among them, that go into a split validation, if none is held out
            for it; such a split is like train, so scores on it mean little.
        test: the same for a split test.
        language: of the texts, two letters of ISO 639 such as "de", for the dataset card; by default that of the table
            [label], or what the first texts are in.
    """

    formats: tuple[str, ...] = ()
    files: tuple[dict[str, Any], ...] = ()
    task: Task | None = None
    parent: bool = False
    drop: tuple[Part, ...] = ()
    source: bool | None = None
    validation: Share = 0.0
    test: Share = 0.0
    language: Language | None = None

    def libraries(self) -> frozenset[str]:
        """Names what writes formats of another library's."""
        written = {*self.formats, *(str(table.get("format")) for table in self.files)}
        return frozenset({"spacy"}) if "spacy" in written else frozenset()

    def list_files(self, where: str) -> list[ExportFile]:
        """Returns what is written beside the dataset, checked; `where` begins the message of an error."""
        return list_export_files(self.formats, self.files, self.drop, where)


@dataclass(frozen=True, kw_only=True)
class Evaluate(Component):
    """What is measured of what a run has made, beside what its source holds out.

    Args:
        metrics: the names of metrics; all there are if empty.
        use: whether the metric use is among all there are, which trains models and takes the longest.
        options: of metrics, a table for each, such as [evaluate.options.use] with probe = "spacy".
    """

    metrics: tuple[str, ...] = ()
    use: bool = True
    options: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Canaries(Component):
    """Invented records of which half are planted into what is learnt, to measure what comes out of them.

    They are no gold: none is delivered, and what repeats one is dropped and made anew.

    Args:
        count: how many; the half that is not planted is what chance does.
        words: rare words of the source that each ends in.
    """

    count: Annotated[int, pydantic.Field(ge=10)] = 50
    words: Annotated[int, pydantic.Field(ge=3, le=20)] = 5
