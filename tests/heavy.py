"""Which tests are heavy, which `make test-fast` leaves out, and which are slow because of what they rest on."""

from __future__ import annotations

HEAVY = (
    "chat/test_conversation.py",  # imports torch
    "chat/test_prompt_run.py",  # runs against a server that is slow on purpose, and is killed
    "commands/test_bad_input.py",  # full disks
    "commands/test_interpolate.py",
    "delivery/test_export.py",  # spacy train
    "delivery/test_hub.py",  # a hub on this machine
    "docs/test_code_blocks.py",
    "generators/test_causal_lm.py",
    "generators/test_masked_lm.py",
    "generators/test_seq2seq.py",
    "networks/",
    "pretrained/",
    "recipes/test_shipped_recipes.py",
    "runs/test_resume.py",
    "runs/test_run.py",  # workers that die, Ctrl-C
    "runs/test_trainable.py",
    "training/",
    "wording/",
)
"""What `make test-fast` leaves out: networks, pretrained models, whole recipes, and programs that are killed."""

HEAVY_COMPONENTS = ("causal_lm", "gan", "language_model", "masked_lm", "prompt", "realism", "seq2seq", "vae")
"""Components that train a network or load one: their contracts are left out too."""

LEARNT = frozenset(
    {"asking", "hopeless", "learnt", "linear", "rebuilt", "slots", "swapped", "trained", "tuned", "tuned_filling"}
)
"""Fixtures that train a network until it knows something: what rests on one is slow.

That networks fit, repeat, and write exact spans is tested in `make test`, with fits of a second.
"""
