"""The names of tokenizers."""

from __future__ import annotations

from textsynth.foundation.pipeline import load_tokenizer

Tokenizer = str
"""How text falls into tokens: `words` cuts off punctuation, `whitespace` keeps the tokens that came with the text, and
`spacy:` with the name of a pipeline or a language has spaCy cut it."""

SPACY = "spacy:"
"""What the name of a tokenizer of spaCy's begins with."""


def name_tokenizer(name: str) -> Tokenizer:
    """Returns the whole name of a tokenizer: that of a pipeline may be given alone.

    >>> name_tokenizer("words"), name_tokenizer("ja_ginza"), name_tokenizer("spacy:ja")
    ('words', 'spacy:ja_ginza', 'spacy:ja')
    """
    return name if name in ("words", "whitespace") or name.startswith(SPACY) else SPACY + name


def check_tokenizer(name: str) -> None:
    """Checks that there is a tokenizer of this name.

    Raises:
        MissingDependency: if spaCy, or what the pipeline needs, is not installed.
        OptionError: if there is none.
    """
    if name_tokenizer(name).startswith(SPACY):
        load_tokenizer(name.removeprefix(SPACY))
