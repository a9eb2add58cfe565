"""What a training counts in its examples is what is later looked up in messages."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.ngrams import GRAMS, learn

TEXTS = ["我要退货,谢谢", "where is my parcel", "", "my my parcel", "我要退钱", "00000 到哪了"]


@pytest.mark.parametrize("kind", sorted(GRAMS))
def test_a_text_weighs_the_same_in_a_training_and_as_a_message(kind: str) -> None:
    vocabulary, matrix = learn(kind, TEXTS, 1)

    for row, text in enumerate(TEXTS):
        places, weights = vocabulary.weigh(text)
        alone = np.zeros(len(vocabulary), dtype=np.float32)
        alone[places] = weights
        assert np.allclose(matrix[row].toarray()[0], alone, atol=1e-6)


def test_only_what_stands_in_texts_enough_is_learnt() -> None:
    vocabulary, matrix = learn("word", TEXTS, 2)

    assert set(vocabulary.index) == {"my", "parcel", "my parcel"}
    assert matrix.shape == (len(TEXTS), 3)
    assert vocabulary.examples()["my"] == pytest.approx(2, abs=1e-3)
