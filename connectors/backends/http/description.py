"""The OpenAPI description of the shop's ports over HTTP (docs/shop-api.json)."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from connectors.backends.http.contract import VERSION, Verb, verbs
from connectors.backends.http.failures import STATUS, FailedAnswer

_REFERENCE = "#/components/schemas/{name}"
_FAILED = "failed"
_WRITING = ("prepare", "commit", "keep")
_INTRODUCTION = (
    "What Kefu asks of a shop. Every verb is a POST of its parameters as a JSON object; the answer "
    "is its result, or an error. Amounts are integers in minor units (fen, cents), moments are "
    "RFC 3339 with an offset from UTC. Fields that are not listed are ignored in answers. A verb "
    "that the shop does not have yet answers 501: the shopper is offered a person instead."
)
_TOLD_BY_STATUS = {
    400: "The request is not understood.",
    401: "The token is missing or wrong.",
    404: "There is no such thing, or it is somebody else's; never tell the two apart.",
    409: "A rule of the shop says no (`refused`), or the thing is no longer in a state for it.",
    501: "The shop does not have this verb.",
    503: "The shop cannot answer now.",
}


def description() -> dict[str, Any]:
    """The whole description, in plain JSON types; the same for every shop."""
    every = [verb for port in verbs().values() for verb in port.values()]
    types = [kind for verb in every for kind in (verb.request, verb.result)]
    (*schemas, failed), components = msgspec.json.schema_components(
        [*types, FailedAnswer], ref_template=_REFERENCE
    )
    # A request is said with its verb; as a component it would be a list of its own.
    paths = {
        verb.path: {"post": _operation(verb, components.pop(verb.request.__name__), result)}
        for verb, result in zip(every, schemas[1::2], strict=True)
    }
    answers = {
        f"{_FAILED}_{status}": {
            "description": _TOLD_BY_STATUS[status],
            "content": {"application/json": {"schema": failed}},
        }
        for status in sorted(set(STATUS.values()))
    }
    return _plain(
        {
            "openapi": "3.1.0",
            "info": {"title": "Kefu shop", "version": VERSION, "description": _INTRODUCTION},
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "responses": answers,
                "schemas": components,
            },
        }
    )


def _operation(verb: Verb, request: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    summary, _, rest = verb.contract.partition("\n")
    operation = {
        "operationId": f"{verb.port}_{verb.name}",
        "tags": [verb.port],
        "summary": summary,
        "description": rest.strip(),
        "x-kefu-sent-again": verb.repeatable,
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {
            "200": {
                "description": "The result.",
                "content": {"application/json": {"schema": result}},
            },
            **{
                str(status): {"$ref": f"#/components/responses/{_FAILED}_{status}"}
                for status in sorted(set(STATUS.values()))
            },
        },
    }
    if verb.refusals is not None and verb.name.startswith(_WRITING):
        operation["x-kefu-refusals"] = [code.value for code in verb.refusals]
    if verb.key is not None:
        operation["parameters"] = [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": f"The same as `{verb.key}`: a repeat has the first one's answer.",
                "schema": {"type": "string"},
            }
        ]
    return operation


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(msgspec.json.encode(value))
    return plain
