"""Checks a configuration against its schema, says each violation in a sentence, and fills in the defaults."""

import copy
import math
import operator
import re
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path

import jsonschema

from ventral.config.places import CONTROL, path_problem
from ventral.core.names import did_you_mean, listed

SCHEMA = Path(__file__).with_name("config.schema.json")
LONGEST = 80  # characters of a value that a sentence repeats
LONGEST_START = 40  # characters of a name that is too long
LARGEST = 2**63 - 1  # the largest integer of 64 bits
NAME = "^[A-Za-z0-9]["  # how the pattern of names begins, in the schema
TYPES = jsonschema.Draft202012Validator.TYPE_CHECKER
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=TYPES.redefine_many(
        {
            "number": lambda _, value: TYPES.is_type(value, "number") and abs(value) < math.inf,
            "integer": lambda _, value: TYPES.is_type(value, "integer") and abs(value) <= LARGEST,
        }
    ),
)
FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("path")(lambda value: not isinstance(value, str) or path_problem(value) is None)
KINDS = {
    "object": "a mapping of names",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def violations(config: object, schema: dict) -> list[jsonschema.ValidationError]:
    """Everything in a configuration that the schema does not allow, ordered by key."""
    errors = Validator(schema, format_checker=FORMATS).iter_errors(config)
    return sorted(errors, key=lambda error: str(error.path))


def sentences(error: jsonschema.ValidationError, schema: dict) -> Iterator[str]:
    """What one violation of the schema means to the person who wrote the configuration."""
    path = printable(".".join(map(str, error.absolute_path)))
    if error.validator == "additionalProperties":
        yield from _unknown_keys(error, path, error.instance, schema)
        return
    says = SENTENCES.get(error.validator, _as_jsonschema_says)
    yield from says(error, path, error.instance)


def fill(value, schema: dict, root: dict):
    """Add the schema's defaults for missing keys, and turn 8.0 into 8 where the schema wants an integer.

    Parameters
    ----------
    value : object
        A configuration, or a part of one; mappings are changed in place.
    schema : dict
        The schema of this part.
    root : dict
        The whole schema, which contains the definitions.

    Returns
    -------
    object
        The value with its defaults.
    """
    if isinstance(value, float) and schema.get("type") == "integer" and value.is_integer():
        return int(value)
    if isinstance(value, list) and "items" in schema:
        return [fill(one, _resolve(schema["items"], root), root) for one in value]
    if not isinstance(value, dict):
        return value
    for part in _applicable(value, schema, root):
        for key, below in part.get("properties", {}).items():
            below = _resolve(below, root)
            if key not in value and "default" in below:
                value[key] = copy.deepcopy(below["default"])
            if key in value:
                value[key] = fill(value[key], below, root)
        others = part.get("additionalProperties")
        if isinstance(others, dict):
            value.update({key: fill(one, _resolve(others, root), root) for key, one in value.items()})
    return value


def printable(text: object) -> str:
    """A key or a name on one line; characters that cannot be printed are written as in Python."""
    return CONTROL.sub(lambda found: repr(found[0])[1:-1], str(text))


def written(value: object) -> str:
    """A value as YAML writes it, cut if it is long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    shown = repr(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def _unknown_keys(error: jsonschema.ValidationError, path: str, given: dict, schema: dict) -> Iterator[str]:
    known, kinds = error.schema.get("properties", {}), _other_kinds(error, schema)
    for key in [key for key in given if key not in known]:
        owners = [kind for kind, definition in kinds.items() if key in definition["properties"]]
        if owners:
            meaning = kinds[owners[0]]["properties"][key].get("description", "")
            aside = f" ({meaning.rstrip('.')})" if meaning else ""
            yield f"{_under(path, key)}: unknown key. It belongs to {listed(owners)}{aside}."
        else:
            yield f"{_under(path, key)}: unknown key{did_you_mean(key, known)}."


def _other_kinds(error: jsonschema.ValidationError, schema: dict) -> dict[str, dict]:
    """The definitions of all kinds of an entry with unknown keys, by kind; empty if it has no kinds."""
    steps = [*error.absolute_schema_path]
    if "allOf" not in steps[-4:-3]:
        return {}
    cases = reduce(operator.getitem, steps[:-3], schema)
    return {
        rule["const"]: _resolve(case["then"], schema) for case in cases for rule in case["if"]["properties"].values()
    }


def _missing_keys(error: jsonschema.ValidationError, path: str, given: dict) -> Iterator[str]:
    missing = [key for key in error.validator_value if key not in given]
    yield f"{path or 'the file'}: needs the key {' and '.join(map(repr, missing))}."


def _no_choice(error: jsonschema.ValidationError, path: str, given: object) -> Iterator[str]:
    choices = error.validator_value
    yield f"{path}: {written(given)} is not one of {', '.join(map(str, choices))}{did_you_mean(given, choices)}."


def _wrong_type(error: jsonschema.ValidationError, path: str, given: object) -> Iterator[str]:
    if "propertyNames" in error.schema_path and not isinstance(given, str):
        yield f"{path}.{given}: write the name in quotes; without them, YAML does not read it as a text."
        return
    expected = error.validator_value
    kinds = [KINDS[kind] for kind in ([expected] if isinstance(expected, str) else expected)]
    power = isinstance(given, str) and re.fullmatch(r"-?\d+e[-+]?\d+", given.lower())
    aside = " (YAML takes it for a text without a point, as in 1.0e-6)" if power else ""
    if expected == "integer" and TYPES.is_type(given, "integer"):
        aside = f" (the largest is {LARGEST})"
    yield f"{path or 'the file'}: must be {' or '.join(kinds)}, not {written(given)}{aside}."


def _wrong_pattern(error: jsonschema.ValidationError, path: str, given: str) -> Iterator[str]:
    if error.validator_value.startswith(NAME):
        yield f"{_under(path, given)}: a name may contain only letters, digits, '_', '.' and '-'."
    elif path == "results":
        yield f"results: {given!r} contains one of < > {{ }} *, which have a meaning in Snakemake; leave them out."
    else:
        yield from _as_jsonschema_says(error, path, given)


def _too_long(error: jsonschema.ValidationError, path: str, given: str) -> Iterator[str]:
    name = f"{path}.{printable(given[:LONGEST_START])}…"
    yield f"{name}: a name may have at most {error.validator_value} characters; this one has {len(given)}."


def _no_path(_: jsonschema.ValidationError, path: str, given: str) -> Iterator[str]:
    yield f"{path}: this path {path_problem(given)}."


def _no_names(_: jsonschema.ValidationError, path: str, given: object) -> Iterator[str]:
    others = [str(one) for one in (given if isinstance(given, list) else [given]) if _is_plain(one)]
    aside = f"; write {' and '.join(others)} in quotes, because YAML does not read it as a name" if others else ""
    yield f"{path}: must be a text or a list of different texts, not {written(given)}{aside}."


def _none_of_the_keys(error: jsonschema.ValidationError, path: str, _: object) -> Iterator[str]:
    choices = [" and ".join(map(repr, choice["required"])) for choice in error.validator_value]
    yield f"{path or 'the file'}: needs the key {' or '.join(choices)}."


def _wrong_length(error: jsonschema.ValidationError, path: str, given: object) -> Iterator[str]:
    length = error.schema.get("minItems")
    if error.validator != "minProperties" and length == error.schema.get("maxItems"):
        yield f"{path}: must be a list of {length}, not {written(given)}."
    elif error.validator != "maxItems":
        yield f"{path}: needs at least one entry."
    else:
        yield from _as_jsonschema_says(error, path, given)


def _as_jsonschema_says(error: jsonschema.ValidationError, path: str, _: object) -> Iterator[str]:
    yield f"{path}: {error.message}."


SENTENCES: dict[str, Callable[[jsonschema.ValidationError, str, object], Iterator[str]]] = {
    "required": _missing_keys,
    "enum": _no_choice,
    "type": _wrong_type,
    "pattern": _wrong_pattern,
    "maxLength": _too_long,
    "format": _no_path,
    "oneOf": _no_names,
    "anyOf": _none_of_the_keys,
    "minItems": _wrong_length,
    "maxItems": _wrong_length,
    "minProperties": _wrong_length,
}


def _under(path: str, key: object) -> str:
    return f"{path + '.' if path else ''}{printable(key)}"


def _is_plain(value: object) -> bool:
    """Whether YAML read a number, a truth value or a date instead of a name."""
    return not isinstance(value, str | list | dict | None)


def _applicable(value: dict, schema: dict, root: dict) -> Iterator[dict]:
    """The schema, and the definitions that it adds for this kind of value."""
    yield schema
    for choice in schema.get("allOf", ()):
        condition = choice["if"]["properties"]
        if all(value.get(key) == rule["const"] for key, rule in condition.items()):
            yield _resolve(choice["then"], root)


def _resolve(schema: dict, root: dict) -> dict:
    return root["$defs"][schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
