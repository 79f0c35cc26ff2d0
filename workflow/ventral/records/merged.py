"""The records of several studies as the record of one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SECTIONS = ("stimuli", "models", "networks", "recordings")
LISTS = ("measured_sets", "neural", "tables")
MAPPINGS = ("recordings", "species", "networks")
OF_PROVENANCE = ("stimuli", "recordings", "models", "settings")


def merged_record(records: Sequence[Mapping[str, Any]], results: str, layers: Iterable[Mapping[str, Any]]) -> dict:
    """The record of all studies together; where they have entries of one name, that of the first.

    Parameters
    ----------
    records : list of dict
        See `ventral.records.study_record.record_of`.
    results : str
        The folder of the joined results.
    layers : rows
        One per layer of all studies.
    """
    configs = [record["config"] for record in records]
    config = {key: value for one in reversed(configs) for key, value in one.items()}
    config |= {section: _first_of(one.get(section, {}) for one in configs) for section in SECTIONS}
    config["title"] = " + ".join(dict.fromkeys(one.get("title", "Ventral study") for one in configs))
    left_out = _first_of(one.get("left_out", {}) for one in configs)
    config["left_out"] = {name: about for name, about in left_out.items() if name not in config["models"]}
    joined: dict[str, Any] = {"config": config | {"results": results}, "layers": list(layers)}
    joined |= {key: [*dict.fromkeys(name for one in records for name in one[key])] for key in LISTS}
    joined |= {key: _first_of(one[key] for one in records) for key in MAPPINGS}
    return joined | {"figures": [], "joined": True}


def merged_fingerprints(studies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What studies that agree depend on."""
    return {key: _nested(study[key] for study in studies) for key in OF_PROVENANCE}


def _first_of(mappings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All entries, the first of each name, in their order."""
    found: dict[str, Any] = {}
    for mapping in mappings:
        for name, entry in mapping.items():
            found.setdefault(name, entry)
    return found


def _nested(mappings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All entries, those that are mappings merged too."""
    found: dict[str, Any] = {}
    for mapping in mappings:
        for name, entry in mapping.items():
            both = isinstance(entry, Mapping) and isinstance(found.get(name), Mapping)
            found[name] = _nested([found[name], entry]) if both else found.get(name, entry)
    return found
