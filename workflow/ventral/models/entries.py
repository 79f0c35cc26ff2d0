"""What is wrong with a model's entry, found before any job runs; light to import."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ventral.models.child import ask
from ventral.models.layers import published_weights
from ventral.models.user_files import code_hash
from ventral.stamps import hash_of
from ventral.store import Fault, whole

CACHE = Path(".cache/weights")
DECIDING = (
    *("source", "architecture", "arguments", "weights", "file"),
    *("sha256", "state_dict", "key_prefix", "ignore"),
)
NOTHING = ("", "none", "nil", "nan", "~", "random")  # texts that are meant as YAML's null
CHOOSING_WEIGHTS = ("weights", "weights_backbone", "pretrained", "checkpoint_path")


def is_a_file(source: str, weights: str | None) -> bool:
    """Whether `weights` names a file, and no weights that the source publishes."""
    if not weights:
        return False
    return weights != "DEFAULT" if source == "timm" else "." in weights or "/" in weights


def weights_problems(spec: dict) -> Iterator[str]:
    """What can be said against the keys about weights at a glance, as `key: sentence`."""
    weights, source = spec.get("weights"), spec["source"]
    if source in ("torchvision", "timm"):
        for key in sorted({*CHOOSING_WEIGHTS} & {*spec.get("arguments", {})}):
            yield f"arguments.{key}: choose weights with `weights`, which the report shows; leave this out."
    if weights is None:
        return
    if weights.strip().lower() in NOTHING:
        yield f"weights: {weights!r} is a text; for random weights write null, or leave the key out."
    elif is_a_file(source, weights) and not Path(weights).is_file():
        aside = ""
        if source == "timm" and "/" not in weights:
            aside = " (timm knows DEFAULT; other weights of timm are chosen by `architecture: NAME.TAG`)"
        yield f"weights: there is no file {weights!r}{aside}."
    elif source == "torchvision" and not is_a_file(source, weights):
        known = published_weights(spec["architecture"])
        if known is not None and weights not in known:
            yield f"weights: torchvision has no {weights!r} of {spec['architecture']}; it has {', '.join(known)}."


def unfitting_weights(models: Mapping[str, dict], here: bool, cache: str | Path = CACHE) -> Iterator[tuple[str, str]]:
    """Names of models, each with a sentence about weights that are not published or do not fit.

    What fits is remembered, so that networks are built for this once.

    Parameters
    ----------
    models : mapping of dict
        Entries without the problems that `weights_problems` finds.
    here : bool
        Whether files are read too, which takes seconds.
    cache : path
    """
    asked = {name: spec for name, spec in models.items() if _needs_a_look(spec, here)}
    marks = {name: Path(cache, _key(spec)) for name, spec in asked.items()}
    asked = {name: spec for name, spec in asked.items() if not marks[name].exists()}
    if not asked:
        return
    try:
        found = ask("weights", entry={name: _deciding(spec) for name, spec in asked.items()})
    except Fault as fault:
        yield from ((name, str(fault)) for name in asked)
        return
    for name in asked:
        if name in found:
            yield name, found[name]
        else:
            with whole(marks[name]) as mark:
                mark.touch()


def _needs_a_look(spec: dict, here: bool) -> bool:
    """Whether the library must be asked: for a file, and for a name that the catalogue does not settle."""
    weights, source = spec.get("weights"), spec["source"]
    if spec.get("file") or is_a_file(source, weights):
        return here
    settled = source == "torchvision" and not spec.get("arguments") and published_weights(spec["architecture"])
    return source in ("torchvision", "timm") and weights is not None and not settled


def _deciding(spec: dict) -> dict:
    return {key: spec[key] for key in DECIDING if spec.get(key) is not None}


def _key(spec: dict) -> str:
    files = [Path(spec[key]) for key in ("file", "weights") if spec.get(key) and Path(spec[key]).is_file()]
    text = json.dumps(_deciding(spec), sort_keys=True, default=str) + code_hash(spec) + str(hash_of(files))
    return hashlib.sha256(text.encode()).hexdigest()[:24]
