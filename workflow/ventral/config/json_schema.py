"""The JSON schema of a configuration, made with pydantic from the classes of entries.

`python -m ventral.config.json_schema` writes `config.schema.json` again, after a change of any entry. The configuration
is checked against this file, so that jobs need no pydantic, and editors that know YAML schemas can use it.
"""

import dataclasses
import inspect
import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from ventral.config.schema import SCHEMA
from ventral.config.study_entry import Study

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TAGS = ("source", "objective", "kind")  # keys that tell the classes of a union apart
# Order of keywords, and so of the faults of one key; all others follow.
FIRST = ("type", "description", "additionalProperties", "required", "anyOf", "properties")


def schema() -> dict[str, Any]:
    """The JSON schema of a study, with one definition for each class of a kind."""
    raw = TypeAdapter(Study).json_schema(schema_generator=_Generator)
    classes = raw.pop("$defs")
    kinds = {reference: _kind_of(classes[reference]) for reference in _kinds_in([raw, classes])}
    whole = _resolved(raw, classes, kinds)
    definitions = {name: _checked_by_union(_resolved(classes[one], classes, kinds)) for one, name in kinds.items()}
    return {"$schema": DIALECT, "title": "A Ventral study"} | whole | {"$defs": definitions}


class _Generator(GenerateJsonSchema):
    """JSON schemas without titles, with a condition for each kind of a union, and without null for absent keys."""

    def field_title_should_be_set(self, schema) -> bool:
        return False

    def literal_schema(self, schema) -> dict:
        return {key: value for key, value in super().literal_schema(schema).items() if key != "type"}

    def nullable_schema(self, schema) -> dict:
        return self.generate_inner(schema["schema"])

    def union_schema(self, schema) -> dict:
        return {"oneOf": [self.generate_inner(choice) for choice in schema["choices"]]}

    def default_schema(self, schema) -> dict:
        inner = self.generate_inner(schema["schema"])
        default = schema["default_factory"]() if "default_factory" in schema else schema["default"]
        if default is None and "null" not in inner.get("type", ()):
            return inner
        return inner | {"default": {} if dataclasses.is_dataclass(default) else default}

    def tagged_union_schema(self, schema) -> dict:
        tag = schema["discriminator"]
        choices = {kind: self.generate_inner(choice) for kind, choice in schema["choices"].items()}
        conditions = [
            {"if": {"required": [tag], "properties": {tag: {"const": kind}}}, "then": then}
            for kind, then in choices.items()
        ]
        return {
            "type": "object",
            "required": [tag],
            "properties": {tag: {"enum": [*choices]}},
            "allOf": conditions,
        }

    def dataclass_schema(self, schema) -> dict:
        entry = schema["cls"]
        found = super().dataclass_schema(schema)
        found["description"] = " ".join(inspect.cleandoc(entry.__doc__).partition("\n\n")[0].split())
        if entry.any_of:
            found["anyOf"] = [{"required": [key]} for key in entry.any_of]
        del found["title"]
        return found


def _kinds_in(part: object) -> list[str]:
    """Names of the classes that conditions of unions refer to."""
    if isinstance(part, list):
        return list(dict.fromkeys(name for one in part for name in _kinds_in(one)))
    if not isinstance(part, dict):
        return []
    here = [_name(part["then"])] if "then" in part else []
    return [*here, *_kinds_in(list(part.values()))]


def _kind_of(definition: dict) -> str:
    """The first kind that a class stands for."""
    tag = definition["properties"][_tag(definition)]
    return tag["enum"][0] if "enum" in tag else tag["const"]


def _tag(definition: dict) -> str:
    return next(tag for tag in TAGS if tag in definition["properties"])


def _checked_by_union(definition: dict) -> dict:
    """The definition without what the union requires of every kind, which would be reported twice."""
    required = [key for key in definition["required"] if key != _tag(definition)]
    found = {key: value for key, value in definition.items() if key not in ("type", "required")}
    return _ordered(found | {"required": required} if required else found)


def _ordered(schema: dict) -> dict:
    """The keywords in the order in which their faults are reported."""
    return {key: schema[key] for key in (*FIRST, *schema) if key in schema}


def _name(reference: dict) -> str:
    return reference["$ref"].rpartition("/")[2]


def _resolved(part: Any, classes: dict, kinds: dict[str, str]) -> Any:
    """A part of the schema in which only conditions of unions refer to definitions, under the names of kinds."""
    if isinstance(part, list):
        return [_resolved(one, classes, kinds) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _resolved(classes[_name(part)] | {key: part[key] for key in part if key != "$ref"}, classes, kinds)
    found = {
        key: {"$ref": f"#/$defs/{kinds[_name(value)]}"} if key == "then" else _resolved(value, classes, kinds)
        for key, value in part.items()
        if not (key == "additionalProperties" and value is True)
    }
    return _ordered(found)


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
