"""Rasa imports without what it never calls; nobody else is told that it is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def python(code: str, *folders: Path) -> str:
    """What ``code`` prints in a fresh interpreter that looks into ``folders`` first."""
    paths = [str(folder) for folder in (*folders, ROOT)]
    program = f"import sys; sys.path[:0] = {paths!r}\nimport bot.runtime.light_rasa\n{code}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_rasas_tensorflow_components_import_and_say_what_they_lack_when_used() -> None:
    printed = python(
        """
from rasa.nlu.classifiers.diet_classifier import DIET, DIETClassifier
from rasa.core.policies.ted_policy import TEDPolicy
import rasa.__main__
try:
    DIET()
except ImportError as error:
    print(error)
"""
    )
    assert printed.startswith("DIET belongs to a package that is not installed")


def test_other_libraries_are_told_the_truth() -> None:
    assert (
        python(
            """
import importlib.util
print(importlib.util.find_spec("tensorflow"))
try:
    import tensorflow
except ModuleNotFoundError as error:
    print(error)
"""
        )
        == "None\nNo module named 'tensorflow'"
    )


def test_a_tensorflow_that_is_installed_is_used(tmp_path: Path) -> None:
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("WHO = 'the real one'\n")
    (tmp_path / "rasa.py").write_text(
        """
import tensorflow
print(tensorflow.WHO)
try:
    import tensorflow.keras
except ModuleNotFoundError as error:
    print(error)
try:
    tensorflow.invented
except AttributeError:
    print("nothing is invented")
"""
    )
    assert (
        python("import rasa", tmp_path)
        == "the real one\nNo module named 'tensorflow.keras'\nnothing is invented"
    )


def test_the_import_costs_next_to_nothing() -> None:
    loaded = python(
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('rasa', 'kernel', 'sqlalchemy', 'numpy', 'bot')])"
    )
    assert loaded == "['bot', 'bot.runtime', 'bot.runtime.light_rasa']"
