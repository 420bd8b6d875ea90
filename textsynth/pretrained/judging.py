"""Classes of texts by a transformer that was trained to tell them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from textsynth.errors import OptionError
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load
from textsynth.pretrained.padding import attention_mask, pad
from textsynth.pretrained.tokenizing import cut_texts, frame_of, limit_of

_BATCH = 32


def load_judge(name: str, wanted: Sequence[str]) -> tuple[Pretrained, list[int]]:
    """Loads a transformer for sequence classification, and finds the columns of some of its classes.

    Raises:
        OptionError: if it is none, or has no such class.
        TextsynthError: as `locate`.
    """
    loaded = load("judging", PretrainedOptions(model=name))
    columns = {str(label).lower(): int(column) for column, label in loaded.model.config.id2label.items()}
    for label in wanted:
        if label.lower() not in columns:
            raise OptionError(f"option 'classes': {name} must have them, has {', '.join(columns)}, was: {label!r}")
    return loaded, [columns[label.lower()] for label in wanted]


def find_highest(loaded: Pretrained, columns: Sequence[int], texts: Sequence[str]) -> np.ndarray:
    """Returns how likely the likeliest of some classes is of each text, `(texts,)`, by its beginning."""
    import torch

    before, behind = frame_of(loaded.tokenizer)
    room = limit_of(loaded.model, loaded.tokenizer) - len(before) - len(behind)
    several = loaded.model.config.problem_type == "multi_label_classification"
    pieces = cut_texts(texts, loaded.tokenizer)["input_ids"] if texts else []
    rows = [[*before, *each[:room], *behind] for each in pieces]
    highest = np.zeros(len(rows))
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        ids, mask = pad(some, loaded.tokenizer.pad_token_id or 0), attention_mask(some)
        on = [torch.from_numpy(each).to(loaded.model.device) for each in (ids, mask)]
        with torch.inference_mode():
            scores = loaded.model(input_ids=on[0], attention_mask=on[1]).logits.float()
        chances = scores.sigmoid() if several else scores.softmax(-1)
        highest[start : start + _BATCH] = chances[:, list(columns)].max(1).values.cpu().numpy()
    return np.round(highest, 5)  # Padding must not decide.
