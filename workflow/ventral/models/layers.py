"""Which layers a model's entry in the config means, known before any job runs and without torch.

`layers.json` holds the layers of common torchvision architectures in the order in which they finish in a
forward pass, and which of them `auto` means. It is written by ``ventral catalogue``. Other networks are
described once by ``ventral layers`` in a process of its own, whose answer is kept in a folder.
"""

import fnmatch
import functools
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ventral.models.user_files import code_hash
from ventral.names import did_you_mean
from ventral.places import layer_name_problem
from ventral.store import Fault, whole

CATALOGUE = Path(__file__).with_name("layers.json")
CACHE = Path(".cache/layers")
DECIDING = ("source", "architecture", "arguments", "repository", "factory")


@dataclass(frozen=True)
class Layers:
    """Names of a network's layers.

    Attributes
    ----------
    names : tuple of str
        All of them, in the order in which they finish in a forward pass.
    auto : tuple of str
        The blocks' outputs, in the same order.
    """

    names: tuple[str, ...]
    auto: tuple[str, ...]


def resolve_layers(spec: dict, cache: str | Path = CACHE) -> list[str]:
    """Names of the layers that a model's entry asks for, in the order in which they finish.

    Parameters
    ----------
    spec : dict
        The model's entry: `layers` is "auto" (the last `last` blocks' outputs, default 5), a name, a glob,
        or a list of names and globs.
    cache : path
        Folder for the layers of networks that are not in the catalogue.

    Raises
    ------
    Fault
        A name or glob that fits no layer, or a network that cannot be described.
    """
    problems = _problems(spec, cache)
    if problems:
        raise Fault("\n".join(problems))
    known = layers_of(spec, cache)
    return _chosen(spec, known)


def layer_problems(name: str, spec: dict, cache: str | Path = CACHE) -> list[str]:
    """Sentences about what is wrong with the layers of the model `name`; an empty list when nothing is."""
    return [problem.replace("this model", name) for problem in _problems(spec, cache)]


def relative_depths(spec: dict, cache: str | Path = CACHE) -> dict[str, float]:
    """Depth of each resolved layer in [0, 1]: its place among all layers in the order in which they finish."""
    names = layers_of(spec, cache).names
    place = {name: i / max(1, len(names) - 1) for i, name in enumerate(names)}
    return {name: place[name] for name in resolve_layers(spec, cache)}


def layers_of(spec: dict, cache: str | Path = CACHE) -> Layers:
    """All layers of a model, from the catalogue, from the cache folder, or by asking ``ventral layers``.

    Raises
    ------
    Fault
        The network cannot be built or run.
    """
    architecture = spec.get("architecture")
    if spec["source"] in ("torchvision", "checkpoint", "trained") and architecture in _catalogue():
        entry = _catalogue()[architecture]
        return Layers(tuple(entry["layers"].split()), tuple(entry["auto"].split()))
    kept = Path(cache) / f"{_key(spec)}.json"
    try:
        return _read(kept)
    except (OSError, ValueError, KeyError, TypeError):  # not there, or damaged
        with whole(kept) as partial:
            partial.write_text(_described(spec))
    return _read(kept)


def _read(kept: Path) -> Layers:
    entry = json.loads(kept.read_text())
    return Layers(tuple(entry["layers"]), tuple(entry["auto"]))


def _problems(spec: dict, cache: str | Path) -> list[str]:
    try:
        known = layers_of(spec, cache)
    except Fault as fault:
        return [str(fault)]
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


@functools.cache
def _catalogue() -> dict:
    return json.loads(CATALOGUE.read_text())


def _key(spec: dict) -> str:
    """Names the answer by what decides it: the entry's keys, and the user's own code and files."""
    deciding = {key: spec[key] for key in DECIDING if spec.get(key) is not None}
    text = json.dumps(deciding, sort_keys=True, default=str) + code_hash(spec)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _described(spec: dict) -> str:
    entry = {key: spec[key] for key in (*DECIDING, "preprocess") if spec.get(key) is not None}
    deciding = json.dumps(entry, default=str)
    command = [sys.executable, "-m", "ventral", "layers", "--json", "--entry", deciding]
    library = str(Path(__file__).parents[2])
    path = os.pathsep.join([library, os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])])
    answer = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    if answer.returncode:
        said = answer.stderr.strip().splitlines() or [f"exit status {answer.returncode}"]
        if answer.returncode == 1 and not any(line.startswith("Traceback ") for line in said):
            raise Fault(said[-1])
        raise Fault(f"its network could not be built and run once to find its layers ({said[-1]}).")
    return answer.stdout.strip().splitlines()[-1]
