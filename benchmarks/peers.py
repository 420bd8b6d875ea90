"""Other libraries, in the best conditions they have: the same templates, values and sentences, and no progress bars."""

from __future__ import annotations

import contextlib
import functools
import io
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from measure import Effort, Row, percent

import textsynth as ts
from textsynth.corpus.tokens import tokenize

FAKER_NAMES = {"PERSON": "name", "GPE": "city", "EMAIL": "email"}
_SIZE = 500
_CHECKED = 5000


def guarded(library: str, requirement: str) -> Callable[[Callable[..., list[Row]]], Callable[..., list[Row]]]:
    """Makes of a missing library a row that says how to install it.

    Args:
        library: how the row is named.
        requirement: what pip takes.
    """

    def decorate(measure: Callable[..., list[Row]]) -> Callable[..., list[Row]]:
        @functools.wraps(measure)
        def guard(*args: Any, **options: Any) -> list[Row]:
            random.seed(7)
            try:
                return measure(*args, **options)
            except ImportError as error:
                return [Row(name=library, note=f"not installed ({error}): pip install '{requirement}'")]

        return guard

    return decorate


def no_records(_: object) -> list[dict[str, str]]:
    """Returns records without a field that a template has, so that presidio-evaluator asks Faker."""
    return [{"none": "none"}]


@guarded("presidio-evaluator", "presidio-evaluator==0.3.2")
def presidio_templates(
    templates: Sequence[str], records: list[dict[str, str]], beside: str, effort: Effort
) -> list[Row]:
    """Measures its sentence generator, and the share of its spans whose text is their value.

    Args:
        templates: the same as ours.
        records: the values it draws from; what they lack comes from Faker.
        beside: the name of our row.
        effort: how long.
    """
    make = functools.partial(_presidio, faker_templates_of(templates), records)
    faker = make(0.05)
    rate = effort.rate(lambda: faker.generate_new_fake_sentences(_SIZE), _SIZE)
    exact, always = _presidio_exact(faker), _presidio_exact(make(0.0))
    note = f"{percent(exact)} of its spans are their value, {percent(always)} with lower_case_ratio=0"
    figures = {"spans_exact": exact, "spans_exact_without_lower_case": always}
    return [Row(name="presidio-evaluator", rate=rate, note=note, beside=beside, figures=figures)]


@guarded("Faker", "textsynth-corpora[values]")
def faker_templates(templates: Sequence[str], beside: str, effort: Effort) -> list[Row]:
    """Measures Faker's own templates, with the frequencies of names as by default, and without."""
    from faker import Faker

    written = faker_templates_of(templates)
    table = []
    for weighting in (True, False):
        parse = Faker("en_US", use_weighting=weighting).factories[0].parse
        rate = effort.rate(functools.partial(_parse_some, parse, written), _SIZE)
        name = "Faker alone" if weighting else "Faker alone, use_weighting=False"
        table.append(Row(name=name, rate=rate, note="text without spans", beside=beside))
    return table


@guarded("augmenty", "augmenty==1.4.4")
def augmenty_mentions(
    corpus: ts.Corpus, mentions: Mapping[str, Mapping[str, int]], beside: str, effort: Effort
) -> list[Row]:
    """Measures its entity augmenter, and the share of entities that it loses or damages.

    Args:
        corpus: what it augments, all with mentions.
        mentions: the mentions of each label, which it takes new ones from.
        beside: the name of our row.
        effort: how long.
    """
    import augmenty
    import spacy

    nlp = spacy.blank("en")
    docs = docs_of(nlp.vocab, corpus)
    augment = load_entity_augmenter(mentions)
    few = docs[:_SIZE]
    rate = effort.rate(lambda: list(augmenty.docs(few, augment, nlp)), len(few))
    made = list(augmenty.docs(docs, augment, nlp))
    total = sum(len(doc.ents) for doc in docs)
    intact = sum(_intact(old, new, mentions) for old, new in zip(docs, made, strict=True))
    copies = sum(old.text == new.text for old, new in zip(docs, made, strict=True)) / len(docs)
    damaged = 1 - intact / total
    note = f"{percent(damaged)} of {total:,} entities damaged; {percent(copies)} of the sentences unchanged"
    figures = {"entities": total, "entities_damaged": damaged, "copies": copies}
    return [Row(name="augmenty", rate=rate, note=note, beside=beside, figures=figures)]


def faker_templates_of(templates: Sequence[str]) -> list[str]:
    """Returns our templates with the slots as Faker and presidio-evaluator write them."""
    written = []
    for template in templates:
        for label, name in FAKER_NAMES.items():
            template = template.replace(f"{{{label}}}", f"{{{{{name}}}}}")
        written.append(template)
    return written


def _parse_some(parse: Callable[[str], str], templates: Sequence[str]) -> list[str]:
    return [parse(random.choice(templates)) for _ in range(_SIZE)]


def _presidio(templates: list[str], records: list[dict[str, str]], lower_case_ratio: float) -> Any:
    """Builds its generator without providers of its own, which no template needs: one of them asks the network."""
    from presidio_evaluator.data_generator import PresidioSentenceFaker

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return PresidioSentenceFaker(
            locale="en_US",
            lower_case_ratio=lower_case_ratio,
            sentence_templates=templates,
            entity_providers=[],
            base_records=records,
            random_seed=7,
        )


def _presidio_exact(faker: Any) -> float:
    made = faker.generate_new_fake_sentences(_CHECKED)
    exact = [
        sample.full_text[span.start_position : span.end_position] == span.entity_value
        for sample in made
        for span in sample.spans
    ]
    return float(sum(exact) / len(exact))


def load_entity_augmenter(mentions: Mapping[str, Mapping[str, int]]) -> Any:
    """Returns augmenty's augmenter that replaces every entity by another mention of its label."""
    import augmenty

    words = {label: [mention.split() for mention in known] for label, known in mentions.items()}
    return augmenty.load("ents_replace_v1", level=1.0, ent_dict=words, resolve_dependencies=False)


def docs_of(vocab: Any, corpus: ts.Corpus) -> list[Any]:
    """Makes documents with the tokens and entities of the corpus."""
    from spacy.tokens import Doc

    tokens, docs = tokenize(corpus), []
    strings = tokens.strings.to_pylist()
    for first, stop, example in zip(tokens.rows[:-1], tokens.rows[1:], corpus, strict=True):
        gap = tokens.starts[first + 1 : stop] > tokens.ends[first : stop - 1]
        doc = Doc(vocab, strings[first:stop], spaces=[*gap.tolist(), False])
        doc.ents = [doc.char_span(span.start, span.end, span.label, alignment_mode="expand") for span in example.spans]
        docs.append(doc)
    return docs


def _intact(old: Any, new: Any, mentions: Mapping[str, Mapping[str, int]]) -> int:
    """Counts the entities that kept their label and have a mention of it, in a sentence that is otherwise the same."""
    if len(old.ents) != len(new.ents) or _between(old) != _between(new):
        return 0
    pairs = zip(old.ents, new.ents, strict=True)
    return sum(was.label_ == now.label_ and now.text in mentions[now.label_] for was, now in pairs)


def _between(doc: Any) -> list[str]:
    begins, ends = [ent.start_char for ent in doc.ents], [ent.end_char for ent in doc.ents]
    return [doc.text[end:begin] for end, begin in zip([0, *ends], [*begins, len(doc.text)], strict=True)]
