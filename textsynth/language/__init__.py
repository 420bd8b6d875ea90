"""What is known of languages: inflection, agreement, stop words, casing, parts of speech. No corpus is changed here."""
