"""Finds the layers that a model's entry in the config means, before any job runs and without torch.

The layers of common architectures are known (`ventral.models.known_layers`). ``ventral layers`` describes other
networks once in a separate process, and its answer is kept in a folder.
"""

import fnmatch
import json
from dataclasses import dataclass
from pathlib import Path

from ventral.config.places import layer_name_problem
from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.names import did_you_mean
from ventral.models.child import answer_name, ask, deciding
from ventral.models.known_layers import known_architectures
from ventral.models.model_entry import ModelEntry
from ventral.models.sources import model_entry

CACHE = Path(".cache/layers")


@dataclass(frozen=True)
class Layers:
    """Names of a network's layers.

    Attributes
    ----------
    names : tuple of str
        All of them, in the order in which they finish in a forward pass.
    auto : tuple of str
        The blocks' outputs, in the same order.
    is_module : bool
        Whether the network is a torch module and not a callable of arrays.
    """

    names: tuple[str, ...]
    auto: tuple[str, ...]
    is_module: bool = True


def resolve_layers(spec: dict, cache: str | Path = CACHE) -> list[str]:
    """Names of the layers that a model's entry asks for, in the order in which they finish.

    Parameters
    ----------
    spec : dict
        The model's entry: `layers` is "auto" (the last `last` blocks' outputs, default 5), a name, a glob,
        or a list of names and globs.
    cache : path
        Folder for the layers of networks that are not in the catalog.

    Raises
    ------
    Fault
        A name or glob matches no layer, or the network cannot be described.
    """
    problems = _problems(spec, cache)
    if problems:
        raise Fault("\n".join(problems))
    return _chosen(spec, layers_of(spec, cache))


def layer_problems(name: str, spec: dict, cache: str | Path = CACHE) -> list[str]:
    """What is wrong with the layers of the model `name`, each as `key: sentence`."""
    return [problem.replace("this model", name) for problem in _problems(spec, cache)]


def relative_depths(spec: dict, cache: str | Path = CACHE) -> dict[str, float]:
    """Depth of each layer that an entry asks for, in [0, 1]: its place in the order in which all layers finish."""
    names = layers_of(spec, cache).names
    place = {name: i / max(1, len(names) - 1) for i, name in enumerate(names)}
    return {name: place[name] for name in resolve_layers(spec, cache)}


def layers_of(spec: dict, cache: str | Path = CACHE) -> Layers:
    """All layers of a model, from the catalog, from the cache folder, or by asking ``ventral layers``.

    Raises
    ------
    Fault
        The network cannot be built or run.
    """
    entry = model_entry(spec)
    architecture = known_architectures().get(entry.in_catalog() or "")
    if architecture:
        return Layers(tuple(architecture["layers"].split()), tuple(architecture["auto"].split()))
    kept = _kept(spec, cache)
    known = _read(kept)
    if known is None:
        known = _layers(ask("layers", "--json", "--entry", entry=_without_weights(spec, entry)))
        if known is None:
            raise Fault("its network could not be described, because the names of its layers must be texts.")
        with whole(kept) as partial:
            partial.write_text(json.dumps({"layers": known.names, "auto": known.auto, "is_module": known.is_module}))
    return known


def _kept(spec: dict, cache: str | Path) -> Path:
    """The file that keeps the layers of an entry."""
    return Path(cache, f"{answer_name(spec, ('source', *model_entry(spec).network_keys))}.json")


def _without_weights(spec: dict, entry: ModelEntry) -> dict:
    """The keys of an entry from which its layers can be described without its weights."""
    source = entry.without_weights().source
    return {**deciding(spec, (*entry.network_keys, "preprocess")), "source": source}


def _read(kept: Path) -> Layers | None:
    """The layers in a file of the cache; None if there is no such file or it cannot be read."""
    try:
        return _layers(json.loads(kept.read_text()))
    except (OSError, ValueError):
        return None


def _layers(entry: object) -> Layers | None:
    """Layers from the answer of ``ventral layers``; None if it is not a description of layers."""
    if not isinstance(entry, dict):
        return None
    names, auto = entry.get("layers"), entry.get("auto")
    if not all(isinstance(part, list) and all(isinstance(name, str) for name in part) for part in (names, auto)):
        return None
    return Layers(tuple(names), tuple(auto), bool(entry.get("is_module", True)))


def _problems(spec: dict, cache: str | Path) -> list[str]:
    try:
        known = layers_of(spec, cache)
    except Fault as fault:
        return [str(fault)]
    if spec.get("preprocess") and not known.is_module:
        return ["preprocess: this model is not a torch network and gets the images unchanged; leave this key out."]
    if not known.names:
        return ["layers: this model has no layer whose output can be extracted."]
    asked = _asked(spec)
    if asked == ["auto"]:
        return _auto_problems(spec, known)
    problems = ["layers: this model needs at least one layer."] if not asked else []
    for pattern in asked:
        if not _matches(pattern, known.names):
            what = "fits no layer" if _is_glob(pattern) else "is not a layer"
            problems.append(
                f"layers: {pattern!r} {what} of this model{did_you_mean(pattern, known.names, 3)}; "
                f"`ventral layers MODEL` prints all of its {len(known.names)}."
            )
    problems += [
        f"layers: the name {name[:60]!r} of this model {problem}; leave the layer out or rename it."
        for name in _chosen(spec, known)
        if (problem := layer_name_problem(name))
    ]
    return problems


def _auto_problems(spec: dict, known: Layers) -> list[str]:
    last = spec.get("last", 5)
    if not isinstance(last, int) or last < 1:
        return [f"last: {last!r} is not a number of layers, 1 or more."]
    if not known.auto:
        return ["layers: no blocks are known for this model, so `auto` means nothing; name its layers."]
    return []


def _chosen(spec: dict, known: Layers) -> list[str]:
    asked = _asked(spec)
    if asked == ["auto"]:
        return list(known.auto[-spec.get("last", 5) :])
    chosen = {name for pattern in asked for name in _matches(pattern, known.names)}
    return [name for name in known.names if name in chosen]


def _asked(spec: dict) -> list[str]:
    layers = spec.get("layers", "auto")
    return [layers] if isinstance(layers, str) else list(layers)


def _matches(pattern: str, names: tuple[str, ...]) -> list[str]:
    return [pattern] if pattern in names else fnmatch.filter(names, pattern) if _is_glob(pattern) else []


def _is_glob(pattern: str) -> bool:
    return any(character in pattern for character in "*?[")
