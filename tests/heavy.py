"""Which tests are heavy, which `make test-fast` leaves out, and which are slow because of what they rest on."""

from __future__ import annotations

HEAVY = (
    "chat/test_conversation.py",  # imports torch
    "chat/test_real_model.py",  # imports torch
    "chat/test_server.py",  # servers that keep one waiting
    "chat/test_prompt_run.py",  # runs against a server that is slow on purpose, and is killed
    "commands/",  # programs, full disks
    "conversion/test_python_objects.py",  # imports spaCy, which imports torch
    "conversion/test_source_path.py",
    "delivery/",  # spacy train, a hub on this machine
    "docs/",
    "contract/test_labelers.py",  # spaCy, a transformer, a server
    "formats/test_spacy.py",
    "generators/test_causal_lm.py",
    "generators/test_masked_lm.py",
    "generators/test_prompt.py",  # servers
    "generators/test_seq2seq.py",
    "labelers/test_models.py",
    "labelers/test_spacy_labeler.py",
    "metrics/test_known_answers.py",  # probes that are taught
    "metrics/test_use.py",
    "metrics/test_use_probes.py",
    "networks/",
    "pretrained/",
    "recipes/test_shipped_recipes.py",
    "recipes/test_starter.py",  # whole runs, spaCy
    "runs/",  # whole runs, workers that die, Ctrl-C
    "training/",
    "values/test_identity.py",  # all 110 locales of Faker
    "wording/",
)
"""What `make test-fast` leaves out: networks, pretrained models, spaCy, servers, probes, whole runs, programs."""

NETWORKS = frozenset({"causal_lm", "gan", "language_model", "masked_lm", "prompt", "realism", "seq2seq", "vae"})
"""Components that train a network or load one: their contracts are left out too."""

HEAVY_COMPONENTS = NETWORKS | {"label_agreement", "label_errors", "spacy", "use"}
"""Components of which contracts and round trips are left out: of those that teach probes, too."""

LEARNT = frozenset(
    {"asking", "hopeless", "learnt", "linear", "rebuilt", "slots", "swapped", "trained", "tuned", "tuned_filling"}
)
"""Fixtures that train a network until it knows something: what rests on one is slow.

That networks fit, repeat, and write exact spans is tested in `make test`, with fits of a second.
"""
