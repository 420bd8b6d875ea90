"""English function words, which synonym replacement leaves alone (as EDA does, Wei & Zou 2019)."""

from __future__ import annotations

STOP_WORDS = frozenset(
    # Articles, pronouns and determiners.
    "a an the i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his "
    "himself she her hers herself it its itself they them their theirs themselves one ones oneself who whom "
    "whose which what this that these those each every either neither both all any some no none such other "
    "others another same own everyone everybody everything someone somebody something anyone anybody anything "
    "nobody nothing whoever whatever whichever "
    # Be, have, do and the modals, in all forms.
    "be am is are was were been being have has had having do does did done doing going will would shall should can "
    "could may might must ought need dare used get gets got gotten getting let lets "
    # Prepositions.
    "about above across after against along amid among around as at before behind below beneath beside besides "
    "between beyond but by despite down during except for from in inside into like near of off on onto out "
    "outside over past per since than through throughout till to toward towards under underneath until up upon "
    "versus via with within without "
    # Conjunctions and adverbs that join, ask, place, deny or grade.
    "and or nor so yet if then else because while whereas although though unless whether when where why how "
    "whenever wherever however therefore thus hence again once here there now just only also too very much "
    "many more most less least few little not never ever even still already almost quite rather well always as "
    "yes please "
    # Numbers.
    "zero two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred "
    "thousand million billion first second third "
    # What contractions leave where an apostrophe or n't is cut off, or was never written.
    "ain aren couldn didn doesn don hadn hasn haven isn ll mightn mustn needn re shan shouldn ve wasn weren "
    "won wouldn cannot gonna gotta wanna im ive id ill youre youve hes shes theyre dont doesnt didnt isnt "
    "arent wasnt werent havent hasnt hadnt wouldnt couldnt shouldnt thats whats lets cant wont n't 's 're 've "
    "'ll 'm 'd ca wo i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's "
    "it'll we're we've we'd we'll they're they've they'd they'll that's what's who's there's here's let's "
    "ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't mightn't mustn't needn't "
    "shan't shouldn't wasn't weren't won't wouldn't".split()
)
"""In lower case."""
