"""GitHub's OpenAPI description, and what in a request or an answer breaks it.

The description is that of `@octokit/openapi`; it is OpenAPI 3.0, so schemas are JSON Schema draft 4
with `nullable`. Nothing is compiled ahead: references are followed as validation meets them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, ValidationError
from jsonschema.validators import extend

NODE_MODULES = Path(__file__).parents[2] / "node_modules"
DESCRIPTION = NODE_MODULES / "@octokit/openapi/generated/api.github.com.json"
MAX_FAULTS = 5

Schema = dict[str, Any]

NULL_TOO = {
    # A comment that is outdated has neither; one on a file has no line at all.
    "pull-request-review-comment": ("position", "line", "original_line"),
    # The fork was deleted.
    "pull-request": ("head.repo",),
    "pull-request-simple": ("head.repo",),
}
"""What GitHub answers `null` for although its description does not say so."""

CORRECTED: dict[tuple[str, str], Schema] = {
    # There the description wants an account to be a user and an enterprise at once.
    ("GET", "/app/installations"): {"type": "array", "items": {"$ref": "#/components/schemas/installation"}},
}
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]

GREEDY = {"path", "ref", "basehead", "branch"}
"""Parameters that hold slashes."""


@cache
def description() -> Schema:
    """The whole description."""
    if not DESCRIPTION.exists():
        raise FileNotFoundError(f"{DESCRIPTION}: run `npm ci` first")
    loaded: Schema = json.loads(DESCRIPTION.read_bytes())
    for name, fields in NULL_TOO.items():
        properties = loaded["components"]["schemas"][name]["properties"]
        for field in fields:
            *outer, last = field.split(".")
            inner = properties
            for step in outer:
                inner = inner[step]["properties"]
            inner[last] = {"nullable": True, "allOf": [inner[last]]}
    return loaded


@cache
def example(name: str) -> str:
    """One of the description's examples, as JSON text."""
    return json.dumps(description()["components"]["examples"][name]["value"])


def follow(schema: Schema) -> Schema:
    """The schema, parameter or response that a reference names; anything else as it is."""
    while "$ref" in schema:
        target: Any = description()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/")]
        schema = target
    return schema


def operation(method: str, template: str) -> Schema:
    found: Schema = description()["paths"][template][method.lower()]
    return found


@cache
def pattern(template: str) -> re.Pattern[str]:
    """What a path of this template looks like."""

    def group(match: re.Match[str]) -> str:
        name = match.group(1)
        return f"(?P<{name}>.*)" if name == "path" else f"(?P<{name}>{'.+' if name in GREEDY else '[^/]+'})"

    return re.compile(re.sub(r"\\?\{(\w+)\\?\}", group, template) + "/?")


def _reference(validator: Any, reference: str, instance: Any, _: Schema) -> Iterator[ValidationError]:
    yield from validator.descend(instance, follow({"$ref": reference}))


def _nullable(keyword: Keyword) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if instance is None and schema.get("nullable"):
            return
        yield from keyword(validator, value, instance, schema)

    return check


Validator = extend(
    Draft4Validator,
    {
        "$ref": _reference,
        **{
            name: _nullable(Draft4Validator.VALIDATORS[name])
            for name in ("type", "enum", "oneOf", "anyOf", "allOf", "not")
        },
    },
)


def schema_faults(schema: Schema, value: Any, where: str) -> list[str]:
    """What breaks the schema, as sentences."""
    faults = []
    for error in Validator(schema).iter_errors(value):
        place = "/".join(str(part) for part in error.absolute_path)
        faults.append(f"{where}{'/' if place else ''}{place}: {_why(error)[:300]}")
        if len(faults) == MAX_FAULTS:
            break
    return faults


def _why(error: ValidationError) -> str:
    """GitHub's wording of the limits, else the validator's; with the reasons of failed alternatives."""
    if error.validator == "maxLength":
        given = len(str(error.instance))
        return f"Only {error.validator_value} characters are allowed; {given} were supplied."
    if error.validator == "maxItems":
        given = len(error.instance) if isinstance(error.instance, list) else 0
        return f"No more than {error.validator_value} items are allowed; {given} were supplied."
    inner = [one.message[:120] for one in error.context or ()]
    return "; ".join([error.message[:160], *inner[:4]])


def request_faults(
    method: str, template: str, path: Mapping[str, str], query: Mapping[str, str], body: Any
) -> list[str]:
    """What in a request breaks its operation. `body` is `None` where none was sent."""
    described = operation(method, template)
    faults = []
    known = set()
    for one in described.get("parameters", ()):
        parameter = follow(one)
        name, place = parameter["name"], parameter["in"]
        known.add((place, name))
        given = (path if place == "path" else query).get(name)
        if given is None:
            if parameter.get("required"):
                faults.append(f"{place} {name}: is required")
            continue
        faults += schema_faults(parameter["schema"], _typed(given, parameter["schema"]), f"{place} {name}")
    faults += [f"query {name}: is not a parameter" for name in query if ("query", name) not in known]
    return faults + _body_faults(described.get("requestBody"), body)


def _typed(text: str, schema: Schema) -> Any:
    kind = follow(schema).get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _body_faults(described: Schema | None, body: Any) -> list[str]:
    if described is None:
        return ["body: none is expected"] if body else []
    if body is None:
        return ["body: is required"] if described.get("required") else []
    schema = follow(described["content"]["application/json"]["schema"])
    return schema_faults(schema, body, "body") or unknown_keys(schema, body, "body")


def unknown_keys(schema: Schema, value: Any, where: str) -> list[str]:
    """Keys that the schema does not name; GitHub says of them that they are not permitted."""
    schema = follow(schema)
    if isinstance(value, list) and "items" in schema:
        return [
            fault
            for at, one in enumerate(value)
            for fault in unknown_keys(schema["items"], one, f"{where}/{at}")
        ]
    if not isinstance(value, dict) or schema.get("additionalProperties"):
        return []
    properties = _properties(schema)
    if not properties:
        return []
    faults = []
    for key, inner in value.items():
        if key not in properties:
            faults.append(f'{where}: "{key}" is not a permitted key.')
        else:
            faults += unknown_keys(properties[key], inner, f"{where}/{key}")
    return faults


def _properties(schema: Schema) -> Schema:
    found: Schema = {}
    for inner in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found |= _properties(follow(inner))
    own: Schema = schema.get("properties", {})
    return found | own


def response_faults(method: str, template: str, status: int, body: Any) -> list[str]:
    """What in an answer breaks the description of its operation."""
    responses = operation(method, template)["responses"]
    if str(status) not in responses:
        common = status >= 400  # every operation can refuse, whether or not the description says so
        return [] if common else [f"status {status} is not described"]
    content = follow(responses[str(status)]).get("content", {}).get("application/json")
    if content is None:
        return ["a body where none is described"] if body is not None and status < 300 else []
    schema = CORRECTED.get((method, template), content["schema"])
    return schema_faults(schema, body, "answer")
