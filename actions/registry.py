"""Finds every action of this package and gives each the shop: adding a file is enough."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor

import actions
from actions.base import ShopAction
from actions.service_hours import ServiceHours
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kernel.clock import Clock


def make_executor(
    shop: Shop, rules: ShopRules, clock: Clock, hours: ServiceHours
) -> ActionExecutor:
    """An executor that runs all actions of this package against ``shop``.

    ``hours`` says when people are at the desk.

    Raises ValueError if two actions share a name.
    """
    executor = ActionExecutor()
    for kind in action_classes():
        action = kind(shop, rules, clock, hours) if issubclass(kind, ShopAction) else kind()
        if action.name() in executor.actions:
            raise ValueError(f"two actions are called {action.name()}")
        executor.register_action(action)
    return executor


def action_classes() -> Iterator[type[Action]]:
    """Every concrete action in the modules of this package."""
    for module_info in pkgutil.iter_modules(actions.__path__):
        module = importlib.import_module(f"{actions.__name__}.{module_info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            is_ours = kind.__module__ == module.__name__ and issubclass(kind, Action)
            if is_ours and not inspect.isabstract(kind):
                yield kind
