"""The prose in docs/policy/before-sending.*.md says the numbers of kefu.yml, in its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kefu.settings import load_rulebook

ROOT = Path(__file__).parents[3]
BOLD = re.compile(r"\*\*[^*\d]*(\d+)[^*\d]*\*\*")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_prose_says_the_numbers_of_the_rules(language: str) -> None:
    rules = load_rulebook(ROOT / "kefu.yml").rules
    prose = (ROOT / "docs" / "policy" / f"before-sending.{language}.md").read_text(encoding="utf-8")
    cancelling, changes, hurrying, packing, addresses, parcels = (
        [int(number) for number in BOLD.findall(section)]
        for section in re.split(r"^## ", prose, flags=re.MULTILINE)[1:]
    )
    assert cancelling == [
        rules.cancelling.window_days,
        rules.cancelling.limit_minor[rules.currency] // 100,
        rules.cancelling.draft_minutes,
    ]
    modifying = rules.modifying
    assert changes == [
        modifying.units_per_line,
        modifying.limit_minor[rules.currency] // 100,
        modifying.slot_lead_days,
        modifying.slot_days,
        *(hour for slot in modifying.slots for hour in slot),
        modifying.draft_minutes,
    ]
    assert modifying.while_packing
    assert hurrying == [
        rules.urging.notes_per_order,
        rules.urging.hours_between,
        rules.urging.answer_hours,
        rules.urging.escalation_hours,
        rules.urging.draft_minutes,
    ]
    assert packing == [
        rules.packing.orders_together,
        rules.packing.hours_apart,
        rules.packing.parcels_per_order,
        rules.packing.draft_minutes,
    ]
    assert addresses == [rules.addressing.draft_minutes]
    assert parcels == [rules.intercepting.answer_hours, rules.intercepting.draft_minutes]
    # What the prose says without a number.
    assert rules.cancelling.while_packing
    assert not rules.packing.while_packing
    assert rules.addressing.while_packing
    assert rules.addressing.same_country_only
    assert not rules.intercepting.impossible_with
