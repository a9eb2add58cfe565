"""Lets Rasa import without the libraries that only its unused parts call, by standing in for them.

Rasa imports TensorFlow, the clients of a dozen messengers and two databases when it is imported
itself, although only DIET, TED, those channels and those stores ever call them. None of them is
installed (`exclude-dependencies` in pyproject.toml). Importing this module installs a finder that
answers Rasa's imports of them with modules whose attributes are placeholder classes: enough to
subclass, to annotate and to decorate with. Whoever calls one is told what is missing.

The finder stands last in line and never speaks for a package that exists, so one that is installed
is used. It answers Rasa alone: any other library that probes for TensorFlow is told the truth.
The module runs at every start of Python in the environment (``kefu.pth``); it must stay cheap and
import nothing else of ours.
"""

import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_STOOD_IN_FOR = frozenset(
    {
        # DIET, TED and their relatives
        *("tensorflow", "tensorflow_addons", "tensorflow_hub", "keras"),
        # channels: Kefu brings its own
        *("aiogram", "fbmessenger", "slack_sdk", "twilio", "webexteamssdk"),
        # tracker stores on MongoDB and DynamoDB: Kefu brings its own
        *("boto3", "botocore", "pymongo"),
    }
)

# Rasa's own modules that only its TensorFlow models use; they cost scikit-learn and scipy.stats.
_USELESS_WITHOUT_TENSORFLOW = frozenset(
    {"rasa.utils.tensorflow.data_generator", "rasa.utils.tensorflow.model_data"}
)


class _PlaceholderMeta(type):
    """Makes placeholder classes answer every attribute with a further placeholder."""

    def __getattr__(cls, name: str) -> "_PlaceholderMeta":
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: object, **kwargs: object) -> object:
        if cls.__module__ != __name__:  # a class of Rasa that inherits from a placeholder
            raise _missing(cls.__qualname__)
        if len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]  # used as a decorator
        raise _missing(cls.__qualname__)


def _missing(name: str) -> ImportError:
    return ImportError(
        f"{name} belongs to a package that is not installed: Kefu does without it. Take what "
        "needs it out of config.yml, credentials.yml or endpoints.yml, or install the package."
    )


def _placeholder(qualified_name: str) -> _PlaceholderMeta:
    return _PlaceholderMeta(
        qualified_name,
        (),
        {
            "__module__": __name__,
            "__class_getitem__": classmethod(lambda cls, _item: cls),
        },
    )


class _StandIn(ModuleType):
    """A module of which every public attribute is a placeholder class."""

    def __getattr__(self, name: str) -> _PlaceholderMeta:
        if name.startswith("__"):
            raise AttributeError(name)
        attribute = _placeholder(f"{self.__name__}.{name}")
        setattr(self, name, attribute)
        return attribute


class StandInLoader:
    """Makes stand-in modules."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> ModuleType:
        """(see importlib.abc.Loader)"""
        return _StandIn(spec.name)

    @staticmethod
    def exec_module(_module: ModuleType) -> None:
        """(see importlib.abc.Loader) A stand-in has nothing to run."""


class UselessFinder(StandInLoader):
    """Spares Rasa its TensorFlow helpers where there is no TensorFlow; first on the path."""

    @classmethod
    def find_spec(
        cls, name: str, _path: object = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for Rasa's own modules that nothing could use; None for everything else."""
        if name not in _USELESS_WITHOUT_TENSORFLOW or PathFinder.find_spec("tensorflow"):
            return None
        return ModuleSpec(name, cls)  # type: ignore[arg-type]


class StandInFinder(StandInLoader):
    """Answers for packages that are missing; the last on ``sys.meta_path``."""

    @classmethod
    def find_spec(
        cls, name: str, _path: object = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer Rasa's import of a missing package; None to everybody else."""
        root = name.partition(".")[0]
        if root not in _STOOD_IN_FOR:
            return None
        parent = sys.modules.get(root)
        if parent is not None and not isinstance(parent, _StandIn):
            return None  # a real package lacks this submodule: not ours to invent
        if not _asked_by_rasa():
            return None
        return ModuleSpec(name, cls, is_package=True)  # type: ignore[arg-type]


def _asked_by_rasa() -> bool:
    """Whether the import statement being executed stands in a module of Rasa."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        asker: str = frame.f_globals.get("__name__", "")
        if asker != __name__ and not asker.startswith("importlib"):
            return asker == "rasa" or asker.startswith("rasa.")
    return False


def install() -> None:
    """Put the finders in their places, once."""
    if StandInFinder not in sys.meta_path:
        sys.meta_path.append(StandInFinder)
        sys.meta_path.insert(0, UselessFinder)


install()
