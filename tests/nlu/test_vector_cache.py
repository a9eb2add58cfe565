"""Sentence vectors of examples are the same whether a training before had them or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.nlu.bulk_encoder import encode_many
from bot.nlu.encoder import encode
from bot.nlu.vector_cache import encoded_examples

TEXTS = ["我要退货", "where is my parcel", "", "我要退货"]


def test_a_second_training_gets_the_vectors_of_the_first(tmp_path: Path) -> None:
    first = encoded_examples(TEXTS, tmp_path)
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    assert (encoded_examples(list(reversed(TEXTS)), tmp_path) == first[::-1]).all()
    assert kept.stat().st_mtime_ns == written
    assert np.allclose(first, encode(TEXTS), atol=1e-3)


def test_only_what_is_trained_on_is_kept(tmp_path: Path) -> None:
    encoded_examples(TEXTS, tmp_path)
    (kept,) = tmp_path.iterdir()
    larger = kept.stat().st_size
    encoded_examples([*TEXTS[:1], "invoice please"], tmp_path)
    assert kept.stat().st_size < larger


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not the rest of it", b"\x93NUMPY"])
def test_a_damaged_cache_costs_time_and_nothing_else(tmp_path: Path, damage: bytes) -> None:
    first = encoded_examples(TEXTS, tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(damage)
    assert (encoded_examples(TEXTS, tmp_path) == first).all()


def test_texts_encoded_all_at_once_get_the_vectors_they_get_alone() -> None:
    long = "the parcel has not moved for days and nobody answers, 快递一直没有动静, " * 30
    texts = [*TEXTS, "ok", long, "你好", *(f"order {number} 到哪了" for number in range(300))]

    assert np.allclose(encode_many(texts), encode(texts), atol=1e-5)
