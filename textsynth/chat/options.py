"""The options of asking a chat model: which sentences, how, which server, and how much it may cost."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

import pydantic

from textsynth.components.component import Component, Positive, Share
from textsynth.errors import OptionError
from textsynth.values import ValueSpec, resolve_value_paths

Amount = Annotated[float, pydantic.Field(ge=0, allow_inf_nan=False)]
Temperature = Annotated[float, pydantic.Field(ge=0)]
Whole = Annotated[int, pydantic.Field(ge=0)]
Seconds = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]

_ENVIRONMENT_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class RequestOptions(Component):
    """What one request is about, how much it asks for, and how its answer is drawn.

    Args:
        genre: what the sentences are, in the words of the prompt: "sentences from job postings".
        language: the language they are in; if empty, that of the examples.
        shots: examples of the source that each request shows, of the class it asks for, drawn afresh; 0 shows none, and
            sends none to the server.
        attributes: what sentences are to differ in, each with its values, of which every sentence gets one:
            { topic = ["pay", "hours"], length = ["under 10 words", "two lines"] } (AttrPrompt, Yu et al. 2023).
        sentences: how many are asked for in one request.
        listing: whether the model lists the mentions of each sentence, so that those it added are found. Without the
            list it writes half as much, but only added mentions that the source has are found.
        temperature: under 1 for likely words, over 1 for rare ones; 0 always takes the likeliest.
        top_p: only the likeliest symbols that together have this probability.
        longest: tokens an answer may have.
        template: a Jinja file of your own instead of the prompt that comes with textsynth.
    """

    genre: str = "sentences"
    language: str = ""
    shots: Whole = 3
    attributes: dict[str, Annotated[tuple[str, ...], pydantic.Field(min_length=1)]] = field(default_factory=dict)
    sentences: Positive = 5
    listing: bool = True
    temperature: Temperature = 1.0
    top_p: Annotated[Share, pydantic.Field(gt=0)] = 1.0
    longest: Positive = 1024
    template: Path | None = None

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the template from a folder."""
        return dataclasses.replace(self, template=folder / self.template if self.template else None)


@dataclass(frozen=True, kw_only=True)
class SentenceOptions(Component):
    """Which sentences a chat model is asked for.

    Args:
        labels: the labels of mentions, each with a description (or ""); if empty, those of the source.
        classes: the classes of whole texts, each with a description (or ""); if empty, those of the source.
        mentions: least and most mentions that are drawn for a sentence, from `values` and the source, and that it must
            have; [0, 0] leaves all mentions to the model.
        values: for a label, where its values come from; as for template_fill, by default the gazetteer.
        locales: the locales that Faker and mimesis draw in, in turn.
        pool_size: values drawn for a label from what can give any number; records too.
        request: what a request is about, how many sentences it asks for, and how its answer is drawn.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"values"})

    labels: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    mentions: tuple[Whole, Whole] = (1, 2)
    values: dict[str, ValueSpec] = field(default_factory=dict)
    locales: Annotated[tuple[str, ...], pydantic.Field(min_length=1)] = ("en_US",)
    pool_size: Positive = 2000
    request: RequestOptions = field(default_factory=RequestOptions)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mentions[0] > self.mentions[1]:
            raise OptionError(f"option 'mentions' must be the least and the most, was: {list(self.mentions)}")
        for name in ("labels", "classes"):
            if "" in getattr(self, name):
                raise OptionError(f"option {name!r} must have names that are not empty, has one that is")

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the template and the files of words from a folder."""
        request = self.request.resolve_paths(folder)
        return dataclasses.replace(self, request=request, values=resolve_value_paths(self.values, folder))


@dataclass(frozen=True, kw_only=True)
class ServerOptions(Component):
    """Which server is asked, and how patiently.

    Args:
        base_url: the address of the server, without a key or password in it.
        api_key_env: the NAME of the environment variable that holds the key, such as "OPENAI_API_KEY"; if empty, no
            key is sent, as most servers of one's own want none.
        concurrency: requests under way at a time, in each worker process.
        timeout: seconds to wait for a reply.
        retries: times a request is sent again after an error that may pass; rate limits and `Retry-After` are honoured.
        schema: whether the server is asked to hold answers to a JSON schema; "auto" stops asking if it refuses.
    """

    adjustable: ClassVar[frozenset[str]] = frozenset({"base_url", "api_key_env", "concurrency", "timeout", "retries"})

    base_url: str = "http://localhost:8000/v1"
    api_key_env: str = ""
    concurrency: Positive = 8
    timeout: Seconds = 120.0
    retries: Whole = 6
    schema: Literal["auto", "always", "never"] = "auto"

    def __post_init__(self) -> None:
        # Both are checked before anything else, as the usual message for a wrong value would show it.
        name: Any = self.api_key_env
        if name and not (isinstance(name, str) and _ENVIRONMENT_NAME.fullmatch(name)):
            raise OptionError(
                "option 'api_key_env' must be the NAME of an environment variable in capitals, such as "
                "'OPENAI_API_KEY'; what was given is none, and is not shown here, as it may be a key"
            )
        _check_address(self.base_url)
        super().__post_init__()


@dataclass(frozen=True, kw_only=True)
class SpendingOptions(Component):
    """What answers may cost, and which directory of answers several runs share.

    Args:
        max_tokens_total: tokens of all requests and answers of this step, at most; the run stops there, and goes on
            with a higher cap.
        max_cost: what all of them may cost, at most, in the currency of the prices.
        price_in: of a million tokens of requests.
        price_out: of a million tokens of answers.
        cache: a directory of answers that several runs share; each run keeps its own anyway.
    """

    adjustable: ClassVar[frozenset[str]] = frozenset({"max_tokens_total", "max_cost", "price_in", "price_out", "cache"})

    max_tokens_total: Whole | None = None
    max_cost: Amount | None = None
    price_in: Amount | None = None
    price_out: Amount | None = None
    cache: Path | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_cost is not None and self.price_in is None and self.price_out is None:
            raise OptionError("option 'max_cost' must have prices to count with, price_in and price_out, has none")

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the shared directory of answers from a folder."""
        return dataclasses.replace(self, cache=folder / self.cache if self.cache else None)


def _check_address(address: Any) -> None:
    """Refuses what is no address, or has a password in it, which would be written into the run."""
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        has_secret, is_good = "@" in parts.netloc, parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        has_secret, is_good = False, False
    if has_secret or (is_good and (parts.query or parts.fragment)):
        raise OptionError("option 'base_url' must have no name, password or query in it; it is not shown here")
    if not is_good:
        raise OptionError(f"option 'base_url' must begin with http:// or https:// and a host, was: {address!r}")
