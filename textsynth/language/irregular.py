"""Irregular inflection of the commonest English words: whole paradigms, which WordNet's lists of exceptions are not."""

from __future__ import annotations

_SAME = "bet burst cast cost cut hit hurt let put quit set shed shut slit split spread thrust upset broadcast read"
"""Verbs whose past and participle are the base."""

_TWO = """
bend bent|bind bound|bleed bled|breed bred|bring brought|build built|buy bought|catch caught|cling clung|creep crept
deal dealt|dig dug|feed fed|feel felt|fight fought|find found|flee fled|fling flung|grind ground|hang hung|have had
hear heard|hold held|keep kept|lay laid|lead led|leave left|lend lent|light lit|lose lost|make made|mean meant|meet met
mislead misled|misunderstand misunderstood|overhear overheard|pay paid|rebuild rebuilt|repay repaid|say said|seek sought
sell sold|send sent|shoot shot|sit sat|sleep slept|slide slid|sling slung|spend spent|spin spun|stand stood|stick stuck
sting stung|strike struck|string strung|sweep swept|swing swung|teach taught|tell told|think thought
understand understood|uphold upheld|weep wept|win won|wind wound|withhold withheld|withstand withstood|wring wrung
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

_STRESSED = """
abet abhor acquit admit allot annul begin commit compel concur confer control defer deter dispel emit equip excel expel
extol forbid forget impel incur infer input instil occur offset omit output patrol permit prefer propel rebel rebut
recur refer regret repel submit transfer transmit upset
"""
"""Verbs of several syllables that double their last consonant."""

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

DOUBLING = frozenset(_STRESSED.split())
NO_PLURAL_IN_MEN = frozenset("human german roman norman ottoman talisman shaman caiman mussulman turkoman".split())
