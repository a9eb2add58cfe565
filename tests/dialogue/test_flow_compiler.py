"""What `rasa train` refuses in a flow file, with the place of the mistake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.policies.flow import FlowBook
from bot.policies.flow_compiler import Response, compile_flows, read_responses
from bot.policies.flow_yaml import FlowError
from tests.dialogue.talk import FLOWS, VOCABULARY

SHOP = (FLOWS / "shop.yml").read_text(encoding="utf-8")

# Every journey but the one in question.
REST = """
  rest:
    intents: [track, invoice, gifts, swap, opening_hours, human_agent, greet, thanks, goodbye,
              affirm, deny]
    description: {zh: 其他, en: the rest}
    steps: [{say: utter_greet}]
"""


def compiled(folder: Path, text: str) -> FlowBook:
    (folder / "a.yml").write_text(text, encoding="utf-8")
    return compile_flows(folder, VOCABULARY)


def refusal(folder: Path, steps: str, **keys: str) -> str:
    """Why a flow with ``steps`` is refused."""
    lines = [
        "flows:",
        "  x:",
        f"    intents: {keys.get('intents', '[send_back]')}",
        f"    description: {keys.get('description', '{zh: 甲, en: a}')}",
        f"    identity: {keys.get('identity', 'none')}",
        "    steps:",
        *(f"      {line}" for line in steps.splitlines()),
    ]
    with pytest.raises(FlowError) as failure:
        compiled(folder, "\n".join(lines) + REST)
    return str(failure.value).replace(f"{folder.as_posix()}/", "")


def test_the_flows_of_the_shop_survive_storage(tmp_path: Path) -> None:
    book = compiled(tmp_path, SHOP)
    assert FlowBook.from_json(book.to_json()).flows == book.flows


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("- run: action_nobody", 'a.yml:7: flow "x", step "#1": action "action_nobody" is not in'),
        ("- say: utter_nothing", 'a.yml:7: flow "x", step "#1": response "utter_nothing" is not'),
        (
            "- run: action_track\n  then: {ok: gone}",
            'a.yml:8: flow "x", step "#1": there is no step',
        ),
        ("- say: utter_greet\n  goto: END", 'a.yml:8: flow "x", step 1 has no key "goto"'),
        ("- then: {}", 'a.yml:7: flow "x", step 1 needs exactly one of collect'),
        ("- confirm: action_track", 'a.yml:7: flow "x", step 1: a confirm needs an id'),
        ("- collect: weight", 'a.yml:7: flow "x", step "weight": nothing can fill "weight"'),
        (
            "- collect: phone\n  ask: utter_greet\n  from: [smell]",
            'a.yml:9: flow "x", step "phone": "smell" is no entity',
        ),
        (
            "- collect: phone\n  ask: utter_greet\n  depends_on: [weight]",
            'a.yml:7: flow "x", step "phone": "weight" is not collected',
        ),
        ("- call: nobody", 'a.yml:7: flow "x", step "#1": there is no flow "nobody"'),
        ("- run: action_track\n  then: {a: HANDOFF}", "HANDOFF needs a reason"),
        (
            "- id: a\n  say: utter_greet\n  next: a",
            'a.yml:7: flow "x", step "a": the flow cannot come to an end from here',
        ),
        (
            "- say: utter_greet\n  next: END\n- say: utter_thanks",
            'a.yml:9: flow "x", step "#2": nothing leads here',
        ),
        (
            "- id: a\n  say: utter_greet\n- id: a\n  say: utter_greet",
            'a.yml:9: flow "x", step 2: there is already a step "a"',
        ),
        (
            "- collect: phone\n  ask: utter_greet\n  choices: [{id: a, title: {zh: 甲}}]",
            "title of a choice is missing in `en`",
        ),
    ],
)
def test_a_mistake_in_a_step_is_named_with_its_line(tmp_path: Path, steps: str, why: str) -> None:
    assert why in refusal(tmp_path, steps)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"intents": "[nobody_knows]"}, 'a.yml:2: flow "x": intent "nobody_knows" is not in'),
        ({"intents": "[send_back, track]"}, 'intent "track" already starts "x"'),
        ({"intents": "[send_back, stop]"}, 'intent "stop" cannot start a flow'),
        ({"intents": "[]"}, 'intent "send_back" starts no flow: a shopper would meet a wall'),
        ({"description": "{zh: 甲}"}, "description is missing in `en`"),
        ({"identity": "read"}, 'flow "x" needs a flow "identify"'),
        ({"identity": "write"}, "identity is `read` or `none`, not `write`"),
    ],
)
def test_a_mistake_in_a_flow_is_named(tmp_path: Path, keys: dict[str, str], why: str) -> None:
    assert why in refusal(tmp_path, "- say: utter_greet", **keys)


def test_all_mistakes_are_listed_at_once(tmp_path: Path) -> None:
    assert len(refusal(tmp_path, "- run: action_a\n- run: action_b").splitlines()) == 2


def test_what_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"a\.yml:3: is not YAML"):
        compiled(tmp_path, "flows:\n  a: [\n")


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r'a\.yml:3: "a" is given twice'):
        compiled(tmp_path, "flows:\n  a: {}\n  a: {}\n")


def test_a_flow_defined_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text(SHOP, encoding="utf-8")
    with pytest.raises(FlowError, match=r'b\.yml:\d+: flow "track" is already defined at .*a\.yml'):
        compiled(tmp_path, SHOP)


def test_an_engine_response_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(SHOP, encoding="utf-8")
    responses = {k: v for k, v in VOCABULARY.responses.items() if k != "utter_resume"}
    with pytest.raises(FlowError, match='domain: the engine: response "utter_resume"'):
        compile_flows(tmp_path, replace(VOCABULARY, responses=responses))


def test_a_response_in_one_language_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(SHOP, encoding="utf-8")
    folder = tmp_path / "domain"
    folder.mkdir()
    (folder / "x.yml").write_text(
        "responses:\n"
        "  utter_greet:\n"
        "  - {text: Hi, condition: [{type: slot, name: language, value: en}]}\n",
        encoding="utf-8",
    )
    found = read_responses(tmp_path / "domain.yml")
    assert found["utter_greet"] == Response((folder / "x.yml").as_posix() + ":2", ("en",))
    with pytest.raises(FlowError, match=r'x\.yml:2: response "utter_greet" is missing in `zh`'):
        compile_flows(tmp_path, replace(VOCABULARY, responses={**VOCABULARY.responses, **found}))
