"""Whether studies that name the same models, images and recordings mean the same ones."""

from collections.abc import Iterator, Mapping
from typing import Any

from ventral.core.names import listed

COMPARED = {"models": ("fingerprint",), "stimuli": ("digest",), "recordings": ("digest", "stimuli")}
WORDS = {
    "fingerprint": "other weights or another preprocessing",
    "digest": "other contents",
    "stimuli": "another stimulus set",
}


def disagreements(studies: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What differs between studies although it has the same name.

    Parameters
    ----------
    studies : mapping
        What `ventral.records.fingerprints.fingerprints` says of each study, by the folder of its results.

    Returns
    -------
    list of str
        A sentence for every model, stimulus set, recording and setting; each compares with the first study that has it.
    """
    return [*_of_names(studies), *_of_settings(studies)]


def _of_names(studies: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for section, keys in COMPARED.items():
        first: dict[str, tuple[str, Mapping[str, Any]]] = {}
        for folder, study in studies.items():
            for name, about in study[section].items():
                other, known = first.setdefault(name, (folder, about))
                differing = [WORDS[key] for key in keys if about[key] != known[key]]
                if differing:
                    yield f"{section}.{name}: {folder} has {listed(differing)} under this name than {other}."


def _of_settings(studies: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    first: dict[str, tuple[str, object]] = {}
    for folder, study in studies.items():
        for key, value in _leaves(study["settings"]):
            other, known = first.setdefault(key, (folder, value))
            if value != known:
                yield f"{key}: {value!r} in {folder}, and {known!r} in {other}."


def _leaves(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    """Every setting by the path of its key."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield above + key, value
