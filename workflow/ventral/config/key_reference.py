"""The page of the documentation that lists every key of the configuration, made from the schema.

`python -m ventral.config.key_reference > docs/config.md` writes the page again.
"""

import json
from collections.abc import Iterator

from ventral.config.schema import SCHEMA

INTRODUCTION = """\
# Configuration

This page lists every key of a study's configuration. `python -m ventral.config.key_reference > docs/config.md` makes it
from the schema that each configuration is checked against. Unknown keys are faults, and all faults of a file are listed
before any job runs. The name of a set, model, network or recording is the key of its entry. Editors that support YAML
schemas complete and check these keys if the file begins with

    # yaml-language-server: $schema=workflow/ventral/config/config.schema.json
"""
SECTIONS = {
    "Stimulus sets": ("stimuli", "kind"),
    "Models": ("models", "source"),
    "Networks to be trained": ("networks", "objective"),
    "Recordings": ("recordings", "kind"),
}
HEAD = "| key | values | default | meaning |\n|---|---|---|---|\n"
LIMITS = {"minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}", "exclusiveMaximum": "< {}"}
TYPES = {"string": "text", "object": "mapping", "array": "list", "boolean": "true, false"}


def page(schema: dict) -> str:
    """The page in Markdown.

    Parameters
    ----------
    schema : dict
        JSON schema of a configuration.
    """
    parts = [INTRODUCTION, "## The study\n", HEAD + "".join(rows(schema))]
    for title, (name, choice) in SECTIONS.items():
        section = schema["properties"][name]["additionalProperties"]
        parts.append(f"## {title}\n")
        parts += of_kinds(schema, section, choice)
    return "\n".join(parts)


def of_kinds(schema: dict, section: dict, choice: str) -> Iterator[str]:
    """The keys that all kinds of a section have, then those of each kind."""
    kinds = [(names, schema["$defs"][definition]) for names, definition in alternatives(section, choice)]
    tables = [[*rows(entry, skip=choice)] for _, entry in kinds]
    shared = [row for row in tables[0] if all(row in table for table in tables)]
    if shared:
        yield from (f"### Every `{choice}`\n", HEAD + "".join(shared))
    for (names, entry), table in zip(kinds, tables, strict=True):
        yield from (f"### {', '.join(f'`{choice}: {name}`' for name in names)}\n", entry["description"] + "\n")
        own = [row for row in table if row not in shared]
        if own:
            yield HEAD + "".join(own)


def alternatives(section: dict, choice: str) -> Iterator[tuple[list[str], str]]:
    """The kinds of a section with the definition of each; kinds that share one are together."""
    shared: dict[str, list[str]] = {}
    for case in section.get("allOf", ()):
        definition = case["then"]["$ref"].rsplit("/", 1)[1]
        shared.setdefault(definition, []).append(case["if"]["properties"][choice]["const"])
    for definition, kinds in shared.items():
        yield kinds, definition


def rows(entry: dict, prefix: str = "", skip: str | None = None) -> Iterator[str]:
    """One row of a table per key; keys of a mapping follow it with a dot in their names."""
    for key, value in entry["properties"].items():
        if key == skip:
            continue
        default = value.get("default")
        shown = f"`{json.dumps(default)}`" if "default" in value and default != {} else ""
        required = "required" if key in entry.get("required", ()) else shown
        yield f"| `{prefix}{key}` | {values(value)} | {required} | {value.get('description', '')} |\n".replace(
            "  ", " "
        )
        if "properties" in value:
            yield from rows(value, f"{prefix}{key}.")


def values(value: dict) -> str:
    """Which values a key takes, in words."""
    if "enum" in value:
        return ", ".join(f"`{option}`" for option in value["enum"])
    if "oneOf" in value:
        return " or ".join(map(values, value["oneOf"]))
    types = value["type"]
    names = ", ".join(TYPES.get(kind, kind) for kind in ([types] if isinstance(types, str) else types))
    names = "path" if value.get("format") == "path" and types == "string" else names
    of_items = values(value["items"]) if "items" in value else ""
    if of_items:
        names = f"{names} of {of_items}"
    limits = [text.format(f"{value[key]:g}") for key, text in LIMITS.items() if key in value]
    return " ".join([names, ", ".join(limits)]).strip()


if __name__ == "__main__":
    print(page(json.loads(SCHEMA.read_text(encoding="utf-8"))), end="")
