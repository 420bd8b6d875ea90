"""Synonyms: from WordNet, from the user's own thesaurus, or learnt from the user's text; with the inflection kept."""
