"""The desk's rules as text that supervisors edit: what kefu.yml says, how a change is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from connectors.console.ports import RulesRefused
from desk.rule_fields import RuleForms, RulesPart, put_rules, rule_forms
from desk.rulebook import DaysThatDiffer, Holidays, RulesError, put_days, read_rules
from kefu.settings import Settings

_KEYS = ("calendars", "queue", "sla")


class DeskRulesText:
    """(see connectors.console.ports.RulesText)"""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.root / "kefu.yml"
        self._holidays: Mapping[str, Holidays] = settings.holidays

    def at_first(self) -> str:
        """(see RulesText)"""
        whole = yaml.safe_load(self._path.read_text(encoding="utf-8"))
        return self.text_of({key: whole[key] for key in _KEYS if key in whole})

    def text_of(self, content: Mapping[str, Any]) -> str:
        """(see RulesText)"""
        text: str = yaml.safe_dump(
            dict(content), allow_unicode=True, sort_keys=False, default_flow_style=None, width=100
        )
        return text

    def check(self, text: str) -> dict[str, Any]:
        """(see RulesText)"""
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "not YAML"
            line = mark.line + 1 if mark else 1
            raise RulesRefused(
                f"line {line}: {problem}", f"第 {line} 行不是 YAML（{problem}）"
            ) from error
        if not isinstance(content, dict):
            raise RulesRefused(
                "the rules are keys with values: calendars, queue, sla",
                "规则要写成键和值：calendars、queue、sla",
            )
        plain: dict[str, Any] = msgspec.to_builtins(content, str_keys=True)
        try:
            read_rules(plain, self._holidays)
        except RulesError as error:
            raise RulesRefused(str(error), error.in_chinese) from error
        return plain

    def with_days(self, text: str, calendar: str, differ: DaysThatDiffer) -> str:
        """(see RulesText)"""
        content = self.check(text)
        calendars = content.get("calendars") or {}
        if calendar not in calendars:
            raise RulesRefused(
                f"calendars: there is no {calendar!r}", f"calendars：没有 {calendar!r} 这个日历"
            )
        try:
            changed = put_days(calendars[calendar], differ)
        except RulesError as error:
            raise RulesRefused(str(error), error.in_chinese) from error
        after = self.text_of({**content, "calendars": {**calendars, calendar: changed}})
        self.check(after)
        return after

    def calendars(self, content: Mapping[str, Any]) -> list[str]:
        """(see RulesText)"""
        return list(content.get("calendars") or {})

    def forms(self, content: Mapping[str, Any]) -> RuleForms:
        """(see RulesText)"""
        return rule_forms(content)

    def with_values(
        self, text: str, part: RulesPart, values: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """(see RulesText)"""
        after = self.text_of(put_rules(self.check(text), part, values))
        return after, self.check(after)
