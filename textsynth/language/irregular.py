"""Irregular inflection of the commonest English words, and which verbs double their last consonant.

WordNet's lists of exceptions are no help here: they have single forms, not whole paradigms, and hardly any compounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

_SAME = (
    "bet burst cast cost cut hit hurt let put quit set shed shut slit split spread thrust upset broadcast inset read"
)
"""Verbs whose past and participle are the base."""

_TWO = """
babysit babysat|bend bent|bind bound|bleed bled|breed bred|bring brought|build built|buy bought|catch caught
cling clung|creep crept|deal dealt|dig dug|feed fed|feel felt|fight fought|find found|flee fled|fling flung
grind ground|hang hung|have had|hear heard|hold held|keep kept|lay laid|lead led|leave left|lend lent|light lit
lose lost|make made|mean meant|meet met|mislead misled|misunderstand misunderstood|overhear overheard|pay paid
rebuild rebuilt|repay repaid|say said|seek sought|sell sold|send sent|shoot shot|sit sat|sleep slept|slide slid
sling slung|spend spent|spin spun|stand stood|stick stuck|sting stung|strike struck|string strung|sweep swept
swing swung|teach taught|tell told|think thought|understand understood|uphold upheld|weep wept|win won|wind wound
withhold withheld|withstand withstood|wring wrung
"""
"""Verbs whose past is their participle too."""

_THREE = """
arise arose arisen|awake awoke awoken|bear bore borne|beat beat beaten|become became become|begin began begun
bite bit bitten|blow blew blown|break broke broken|choose chose chosen|come came come|do did done|draw drew drawn
drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|fly flew flown|forbid forbade forbidden
forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|get got gotten|give gave given|go went gone
grow grew grown|hide hid hidden|know knew known|lie lay lain|mistake mistook mistaken|outrun outran outrun
overcome overcame overcome|overtake overtook overtaken|overthrow overthrew overthrown|ride rode ridden|ring rang rung
rise rose risen|run ran run|see saw seen|shake shook shaken|shrink shrank shrunk|sing sang sung|sink sank sunk
slay slew slain|speak spoke spoken|spring sprang sprung|steal stole stolen|swear swore sworn|swim swam swum
take took taken|tear tore torn|throw threw thrown|undergo underwent undergone|undertake undertook undertaken
undo undid undone|wake woke woken|wear wore worn|weave wove woven|withdraw withdrew withdrawn|write wrote written
"""

_PREFIXES = "be de dis em fore inter mis non off out over pre re sub un under up".split()
"""What stands before a verb and leaves its forms as they are: reset, unplug, overlap, underpin."""

_NO_COMPOUNDS = frozenset("behave belay delay delight demean deride interleave relay".split())
"""Regular verbs that only look like a prefix before an irregular verb."""

_SHORT_STEMS = frozenset(
    "bag ban bar bed bid bug can cap cut dip dub fit fog get gun hem hit jam lap let log man map nap pad pin pop put "
    "rig rip rub run set sit tag tap tip top web win zip".split()
)
"""Verbs of three letters that double their last consonant behind a prefix too; `fit` must not make profit double."""

_LONG_STEMS = tuple(
    "blog chat clip clog club cram drag drop flag flip frog grab gram grip knit knot plan plot plug scan scrap "
    "scrub ship shop skim skip slam slap slip snap spin split spot stab step stir stop strap strip stub stun swap swim "
    "trap trim trip trot whip wrap zag".split()
)
"""Verbs that double their last consonant behind anything: eavesdrop, bootstrap, leapfrog, diagram."""

_STRESSED = """
abet abhor abut acquit admit allot annul aver babysit backlog begin bobsled bootleg cobweb commit compel concur confer
control costar defer demur deter dispel distil earwig emit enrol enthral equip excel expel extol forbid forget format
fulfil gas handicap humbug imbed impel incur infer input inset instil inter kidnap manumit occur omit output outwit
patrol permit prefer propel quiz rebel rebut recommit recur refer regret remit repel resubmit retrofit sandbag submit
transfer transmit trek wiretap
"""
"""Verbs that double their last consonant, mostly as their last syllable is stressed."""

_EITHER = "benefit bias bus combat focus hiccup worship"
"""Verbs that are spelt either way; so are those in an unstressed -l (travelled, traveled)."""

_NEVER = "beaver parallel"
"""Verbs that never double their last consonant, though they look like others that do: aver, travel."""

_NOUNS = """
analysis analyses|axis axes|basis bases|calf calves|child children|crisis crises|criterion criteria|deer deer
echo echoes|elf elves|embargo embargoes|foot feet|goose geese|half halves|hero heroes|hypothesis hypotheses
knife knives|leaf leaves
life lives|loaf loaves|louse lice|mouse mice|oasis oases|ox oxen|person people|phenomenon phenomena|potato potatoes
quiz quizzes|scarf scarves|self selves|series series|sheep sheep|shelf shelves|species species|thesis theses
thief thieves|tomato tomatoes|tooth teeth|torpedo torpedoes|veto vetoes|wife wives|wolf wolves|aircraft aircraft
"""

_ADJECTIVES = """
bad worse worst|far further furthest|good better best|many more most|much more most
"""


def _rows(table: str) -> list[list[str]]:
    return [row.split() for row in table.strip().replace("\n", "|").split("|")]


VERBS = {
    **{base: (base, base) for base in _SAME.split()},
    **{base: (past, past) for base, past in _rows(_TWO)},
    **{base: (past, participle) for base, past, participle in _rows(_THREE)},
}
"""For a verb its past and its participle."""

PLURALS = dict(_rows(_NOUNS))
"""For a noun its plural."""

GRADES = {adjective: (comparative, superlative) for adjective, comparative, superlative in _rows(_ADJECTIVES)}
"""For an adjective its comparative and superlative."""

_DOUBLING, _EITHER_WAY, _NEVER_DOUBLING = map(frozenset, (_STRESSED.split(), _EITHER.split(), _NEVER.split()))
NO_PLURAL_IN_MEN = frozenset("human german roman norman ottoman talisman shaman caiman mussulman turkoman".split())

_UNSTRESSED_L = re.compile(r"[^aeiou][aeiou]l")

Doubling = Literal["always", "either", "never"]


def find_past(verb: str) -> tuple[str, str] | None:
    """Returns the past and the participle of an irregular verb, or of a prefix and one; None if it is regular.

    >>> find_past("write"), find_past("rewrite"), find_past("visit")
    (('wrote', 'written'), ('rewrote', 'rewritten'), None)
    """
    if verb in VERBS:
        return VERBS[verb]
    if verb in _NO_COMPOUNDS:
        return None
    for prefix, stem in split_prefix(verb):
        if stem in VERBS:
            past, participle = VERBS[stem]
            return prefix + past, prefix + participle
    return None


def split_prefix(verb: str) -> Iterator[tuple[str, str]]:
    """Yields each prefix that a verb may begin with, and what stands behind it.

    >>> list(split_prefix("understand"))
    [('un', 'derstand'), ('under', 'stand')]
    """
    for prefix in _PREFIXES:
        if verb.startswith(prefix) and len(verb) > len(prefix):
            yield prefix, verb.removeprefix(prefix)


def choose_doubling(verb: str) -> Doubling:
    """Says whether a verb of several syllables doubles its last consonant before -ing and -ed.

    That depends on its stress, which spelling does not show: a verb is looked up, by itself or by its last part.

    >>> choose_doubling("unplug"), choose_doubling("open"), choose_doubling("travel")
    ('always', 'never', 'either')
    """
    if verb in _EITHER_WAY or verb in _NEVER_DOUBLING:
        return "either" if verb in _EITHER_WAY else "never"
    if verb in _DOUBLING or verb.endswith(_LONG_STEMS):
        return "always"
    if any(stem in _SHORT_STEMS or stem in _DOUBLING for _, stem in split_prefix(verb)):
        return "always"
    return "either" if _UNSTRESSED_L.search(verb[-3:]) else "never"
