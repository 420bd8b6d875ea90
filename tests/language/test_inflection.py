from __future__ import annotations

import pytest

from textsynth.language.inflection import Form, Inflector, Part

KNOWN = Inflector({"noun": {"cacti": ("cactus",)}, "verb": {"bade": ("bid",), "bidden": ("bid",), "spelt": ("spell",)}})


@pytest.mark.parametrize(
    ("word", "part", "form", "expected"),
    [
        ("car", "noun", "plural", "cars"),
        ("box", "noun", "plural", "boxes"),
        ("church", "noun", "plural", "churches"),
        ("city", "noun", "plural", "cities"),
        ("boy", "noun", "plural", "boys"),
        ("mouse", "noun", "plural", "mice"),
        ("policeman", "noun", "plural", "policemen"),
        ("German", "noun", "plural", "Germans"),
        ("human", "noun", "plural", "humans"),
        ("cactus", "noun", "plural", "cacti"),
        ("photo", "noun", "plural", "photos"),
        ("hero", "noun", "plural", "heroes"),
        ("school bus", "noun", "plural", "school buses"),
        ("man of war", "noun", "plural", "men of war"),
        ("walk", "verb", "third", "walks"),
        ("go", "verb", "third", "goes"),
        ("carry", "verb", "third", "carries"),
        ("have", "verb", "third", "has"),
        ("stop", "verb", "gerund", "stopping"),
        ("make", "verb", "gerund", "making"),
        ("see", "verb", "gerund", "seeing"),
        ("lie", "verb", "gerund", "lying"),
        ("begin", "verb", "gerund", "beginning"),
        ("open", "verb", "gerund", "opening"),
        ("fix", "verb", "gerund", "fixing"),
        ("quit", "verb", "gerund", "quitting"),
        ("rain", "verb", "gerund", "raining"),
        ("walk", "verb", "past", "walked"),
        ("like", "verb", "past", "liked"),
        ("carry", "verb", "past", "carried"),
        ("play", "verb", "past", "played"),
        ("prefer", "verb", "past", "preferred"),
        ("visit", "verb", "past", "visited"),
        ("go", "verb", "past", "went"),
        ("go", "verb", "participle", "gone"),
        ("put", "verb", "past", "put"),
        ("spell", "verb", "participle", "spelt"),
        ("bid", "verb", "past", None),
        ("give up", "verb", "participle", "given up"),
        ("big", "adjective", "comparative", "bigger"),
        ("large", "adjective", "superlative", "largest"),
        ("happy", "adjective", "comparative", "happier"),
        ("simple", "adjective", "superlative", "simplest"),
        ("good", "adjective", "comparative", "better"),
        ("beautiful", "adjective", "comparative", None),
        ("modern", "adjective", "superlative", None),
        ("quickly", "adverb", "base", "quickly"),
    ],
)
def test_forms(word: str, part: Part, form: Form, expected: str | None):
    assert KNOWN.inflect(word, part, form) == expected


@pytest.mark.parametrize(
    ("word", "part", "base", "forms"),
    [
        ("mice", "noun", "mouse", {"plural"}),
        ("sheep", "noun", "sheep", {"base", "plural"}),
        ("went", "verb", "go", {"past"}),
        ("walked", "verb", "walk", {"past", "participle"}),
        ("run", "verb", "run", {"base", "participle"}),
        ("put", "verb", "put", {"base", "past", "participle"}),
        ("travelling", "verb", "travel", {"gerund"}),
        ("traveling", "verb", "travel", {"gerund"}),
        ("dying", "verb", "die", {"gerund"}),
        ("making", "verb", "make", {"gerund"}),
        ("bidden", "verb", "bid", {"past", "participle"}),
        ("bigger", "adjective", "big", {"comparative"}),
        ("worst", "adjective", "bad", {"superlative"}),
        ("goed", "verb", "go", set()),
    ],
)
def test_what_a_word_can_be(word: str, part: Part, base: str, forms: set[Form]):
    assert KNOWN.forms(word, base, part) == forms
    if forms:
        assert base in KNOWN.bases(word, part)


@pytest.mark.parametrize("part", ["noun", "verb", "adjective", "adverb"])
def test_every_form_leads_back(part: Part):
    inflector = Inflector()
    forms: dict[Part, list[Form]] = {
        "noun": ["plural"],
        "verb": ["third", "gerund", "past"],
        "adjective": ["comparative"],
    }
    for word in ["stop", "carry", "make", "go", "die", "walk", "mouse", "box", "leaf", "big", "happy", "nice", "good"]:
        for form in forms.get(part, []):
            made = inflector.inflect(word, part, form)
            assert made is None or (word in inflector.bases(made, part) and form in inflector.forms(made, word, part))


DOUBLED = """
unplug unplugging unplugged|overlap overlapping overlapped|format formatting formatted|debug debugging debugged
reformat reformatting reformatted|recap recapping recapped|remap remapping remapped|unzip unzipping unzipped
underpin underpinning underpinned|outfit outfitting outfitted|refit refitting refitted|unwrap unwrapping unwrapped
kidnap kidnapping kidnapped|handicap handicapping handicapped|program programming programmed|chat chatting chatted
eavesdrop eavesdropping eavesdropped|sidestep sidestepping sidestepped|wiretap wiretapping wiretapped
zigzag zigzagging zigzagged|worship worshiping worshiped|embed embedding embedded|disbar disbarring disbarred
admit admitting admitted|refer referring referred|occur occurring occurred|control controlling controlled
equip equipping equipped|transfer transferring transferred|regret regretting regretted|patrol patrolling patrolled
quiz quizzing quizzed|gas gassing gassed|trek trekking trekked|entrap entrapping entrapped|fulfil fulfilling fulfilled
resubmit resubmitting resubmitted|outwit outwitting outwitted|retrofit retrofitting retrofitted
bootstrap bootstrapping bootstrapped|rev revving revved|befit befitting befitted
"""

SINGLE = """
visit visiting visited|open opening opened|offer offering offered|develop developing developed|edit editing edited
benefit benefiting benefited|limit limiting limited|profit profiting profited|travel traveling traveled
target targeting targeted|market marketing marketed|budget budgeting budgeted|credit crediting credited
deposit depositing deposited|inherit inheriting inherited|exhibit exhibiting exhibited
interpret interpreting interpreted
gallop galloping galloped|gossip gossiping gossiped|happen happening happened|listen listening listened
render rendering rendered|enter entering entered|suffer suffering suffered|differ differing differed|exit exiting exited
pivot pivoting pivoted|debit debiting debited|debut debuting debuted|answer answering answered|reopen reopening reopened
revisit revisiting revisited|recover recovering recovered|deliver delivering delivered|cancel canceling canceled
parallel paralleling paralleled|beaver beavering beavered|cypher cyphering cyphered
envelop enveloping enveloped|audit auditing audited|vomit vomiting vomited
focus focusing focused|repeat repeating repeated|remain remaining remained|show showing showed|fix fixing fixed
"""


def verbs(table: str) -> list[list[str]]:
    return [row.split() for row in table.strip().replace("\n", "|").split("|")]


@pytest.mark.parametrize(("verb", "gerund", "past"), verbs(DOUBLED) + verbs(SINGLE))
def test_the_last_consonant_is_doubled_by_stress_and_in_compounds(verb: str, gerund: str, past: str):
    inflector = Inflector()
    assert (inflector.inflect(verb, "verb", "gerund"), inflector.inflect(verb, "verb", "past")) == (gerund, past)
    assert verb in inflector.bases(gerund, "verb")
    assert verb in inflector.bases(past, "verb")


@pytest.mark.parametrize("verb", ["travel", "cancel", "benefit", "worship", "focus", "label"])
def test_verbs_that_are_spelt_either_way(verb: str):
    single, doubled = f"{verb}ing", f"{verb}{verb[-1]}ing"
    assert Inflector().spellings(verb, "verb", "gerund") == (single, doubled)


@pytest.mark.parametrize("wrong", ["visitting", "openning", "developping", "unpluging", "parallelling", "reseting"])
def test_a_wrong_spelling_is_no_form(wrong: str):
    stems = {"visit", "open", "develop", "unplug", "parallel", "reset"}
    assert not any(Inflector().forms(wrong, stem, "verb") for stem in stems)


@pytest.mark.parametrize(
    ("verb", "gerund", "past", "participle"),
    [
        ("reset", "resetting", "reset", "reset"),
        ("rewrite", "rewriting", "rewrote", "rewritten"),
        ("oversleep", "oversleeping", "overslept", "overslept"),
        ("foresee", "foreseeing", "foresaw", "foreseen"),
        ("sublet", "subletting", "sublet", "sublet"),
        ("behold", "beholding", "beheld", "beheld"),
        ("relay", "relaying", "relayed", "relayed"),
        ("delay", "delaying", "delayed", "delayed"),
        ("delight", "delighting", "delighted", "delighted"),
        ("interleave", "interleaving", "interleaved", "interleaved"),
        ("babysit", "babysitting", "babysat", "babysat"),
        ("behave", "behaving", "behaved", "behaved"),
        ("panic", "panicking", "panicked", "panicked"),
        ("picnic", "picnicking", "picnicked", "picnicked"),
    ],
)
def test_compounds_of_irregular_verbs(verb: str, gerund: str, past: str, participle: str):
    inflector = Inflector()
    forms: list[Form] = ["gerund", "past", "participle"]
    assert [inflector.inflect(verb, "verb", form) for form in forms] == [gerund, past, participle]
    for each in (gerund, past, participle):
        assert verb in inflector.bases(each, "verb")
