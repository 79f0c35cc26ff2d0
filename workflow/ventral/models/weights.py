"""Finds weights that do not fit their networks before any job runs; light to import."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.stamps import hash_of
from ventral.models.child import answer_name, ask, deciding
from ventral.models.sources import model_entry

CACHE = Path(".cache/weights")


def unfitting_weights(models: Mapping[str, dict], here: bool, cache: str | Path = CACHE) -> Iterator[tuple[str, str]]:
    """Names of models whose weights are not published or do not fit the network, each with a sentence.

    Networks are built for this in a process of its own. Weights that fit are remembered and not checked again.

    Parameters
    ----------
    models : mapping of dict
        Entries whose `problems` are none.
    here : bool
        Whether files of weights are read too, which takes seconds.
    cache : path
        Folder with an empty file for each entry whose weights fit.
    """
    entries = {name: model_entry(spec) for name, spec in models.items()}
    asked = {name: models[name] for name, entry in entries.items() if entry.needs_check(here)}
    keys = {name: ("source", *entries[name].deciding_keys()) for name in asked}
    marks = {name: Path(cache, _key(spec, keys[name])) for name, spec in asked.items()}
    asked = {name: spec for name, spec in asked.items() if not marks[name].exists()}
    if not asked:
        return
    try:
        found = ask("weights", entry={name: deciding(spec, keys[name]) for name, spec in asked.items()})
    except Fault as fault:
        yield from ((name, str(fault)) for name in asked)
        return
    for name in asked:
        if name in found:
            yield name, found[name]
        else:
            with whole(marks[name]) as mark:
                mark.touch()


def _key(spec: dict, keys: tuple[str, ...]) -> str:
    """Name of the file that remembers an entry; it changes with its keys, code, files and package of weights."""
    entry = model_entry(spec)
    return answer_name(spec, keys, f"{hash_of(entry.weights_files())} {entry.weights_release()}")
