"""Asks a chat model which mentions a given text has, and finds them in it."""

from __future__ import annotations

from collections.abc import Mapping

from textsynth.chat.reply import read_reply, sentence_schema
from textsynth.chat.request import Answer, Message, Request, Sampling
from textsynth.corpus.example import Span
from textsynth.wording.mention_search import Mention, Unclear, locate

_SYSTEM = "You find mentions in text, exactly as they are written. You answer with JSON and nothing else."
_USER = """Kinds of mentions:
{kinds}

Text:
{text}

Answer with {{"text": "...", "mentions": [{{"text": "...", "label": "{first}"}}]}}: in "text" the first three words of \
the text, in "mentions" all mentions of the kinds above, spelt as in the text; an empty list if it has none."""


def write_request(model: str, labels: Mapping[str, str], text: str, longest: int) -> Request:
    """Returns the request that asks for the mentions of a text; the likeliest answer is wanted.

    Args:
        model: the name of the model.
        labels: the labels of mentions, each with a description or "".
        text: the text.
        longest: tokens that the answer may have.
    """
    kinds = "\n".join(f"- {name}: {meaning}" if meaning else f"- {name}" for name, meaning in labels.items())
    user = _USER.format(kinds=kinds, text=text, first=next(iter(labels)))
    messages = Message("system", _SYSTEM), Message("user", user)
    return Request(model, messages, Sampling(0.0, 1.0, longest), 0, sentence_schema(list(labels)))


def read_mentions(answer: Answer, labels: Mapping[str, str], text: str) -> tuple[Span, ...] | None:
    """Returns where the mentions of an answer stand in the text; None if that cannot be told.

    That is so if the answer cannot be read, or names a label that nobody asked for, or words that the text does not
    have, or that stand there in several ways.

    >>> answer = Answer('{"text": "Ada was", "mentions": [{"text": "Oslo", "label": "CITY"}]}', "stop", 0, 0)
    >>> read_mentions(answer, {"CITY": ""}, "Ada was in Oslo."), read_mentions(answer, {"CITY": ""}, "Ada")
    ((Span(start=11, end=15, label='CITY'),), None)
    """
    reply = read_reply(answer.text, lines=False, ended=answer.finish == "stop")
    sentence = reply.sentences[0] if len(reply.sentences) == 1 and reply.whole else None
    if sentence is None or sentence.mentions is None:
        return None
    known = {name.casefold(): name for name in labels}
    named = [Mention(each.text.strip(), known.get(each.label.casefold(), "")) for each in sentence.mentions]
    if not all(each.text and each.label for each in named):
        return None
    try:
        return locate(text, list(dict.fromkeys(named)))
    except Unclear:
        return None
