"""Finds what is wrong with the weights of a model's entry before any job runs; light to import."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.stamps import hash_of
from ventral.models.child import answer_name, ask, deciding
from ventral.models.layer_choice import published_weights

CACHE = Path(".cache/weights")
DECIDING = (
    *("source", "architecture", "arguments", "weights", "file"),
    *("sha256", "state_dict", "key_prefix", "ignore"),
)
NOTHING = ("", "none", "nil", "nan", "~", "random")  # texts that people write and mean YAML's null
CHOOSING_WEIGHTS = ("weights", "weights_backbone", "pretrained", "checkpoint_path")


def names_a_file(source: str, weights: str | None) -> bool:
    """Whether `weights` is the path of a file and not the name of published weights."""
    if not weights:
        return False
    if source == "timm":  # which knows one set of published weights of each architecture
        return weights != "DEFAULT"
    return "." in weights or "/" in weights


def weights_problems(spec: dict) -> Iterator[str]:
    """What is wrong with the keys of an entry that choose weights, each as `key: sentence`.

    Networks are not built for this, and files are not read; see `unfitting_weights`.
    """
    weights, source = spec.get("weights"), spec["source"]
    if source in ("torchvision", "timm"):
        for key in sorted({*CHOOSING_WEIGHTS} & {*spec.get("arguments", {})}):
            yield f"arguments.{key}: leave this out and choose weights with `weights`, which the report shows."
    if weights is None:
        return
    if weights.strip().lower() in NOTHING:
        yield f"weights: {weights!r} is a text; for random weights write null, or leave the key out."
    elif names_a_file(source, weights) and not Path(weights).is_file():
        aside = ""
        if source == "timm" and "/" not in weights:
            aside = " (timm knows DEFAULT; other weights of timm are chosen by `architecture: NAME.TAG`)"
        yield f"weights: there is no file {weights!r}{aside}."
    elif source == "torchvision" and not names_a_file(source, weights):
        known = published_weights(spec["architecture"])
        if known is not None and weights not in known:
            yield f"weights: torchvision has no {weights!r} of {spec['architecture']}; it has {', '.join(known)}."


def unfitting_weights(models: Mapping[str, dict], here: bool, cache: str | Path = CACHE) -> Iterator[tuple[str, str]]:
    """Names of models whose weights are not published or do not fit the network, each with a sentence.

    Networks are built for this in a process of its own. Weights that fit are remembered and not checked again.

    Parameters
    ----------
    models : mapping of dict
        Entries for which `weights_problems` finds nothing.
    here : bool
        Whether files of weights are read too, which takes seconds.
    cache : path
        Folder with an empty file for each entry whose weights fit.
    """
    asked = {name: spec for name, spec in models.items() if _needs_check(spec, here)}
    marks = {name: Path(cache, _key(spec)) for name, spec in asked.items()}
    asked = {name: spec for name, spec in asked.items() if not marks[name].exists()}
    if not asked:
        return
    try:
        found = ask("weights", entry={name: deciding(spec, DECIDING) for name, spec in asked.items()})
    except Fault as fault:
        yield from ((name, str(fault)) for name in asked)
        return
    for name in asked:
        if name in found:
            yield name, found[name]
        else:
            with whole(marks[name]) as mark:
                mark.touch()


def _needs_check(spec: dict, here: bool) -> bool:
    """Whether the network must be built: for a file of weights, and for a name that is not in the catalogue."""
    weights, source = spec.get("weights"), spec["source"]
    if spec.get("file") or names_a_file(source, weights):
        return here
    in_catalogue = source == "torchvision" and not spec.get("arguments") and published_weights(spec["architecture"])
    return source in ("torchvision", "timm") and weights is not None and not in_catalogue


def _key(spec: dict) -> str:
    """Name of the file that remembers an entry; it changes with its keys, its code and its files of weights."""
    files = [Path(spec[key]) for key in ("file", "weights") if spec.get(key) and Path(spec[key]).is_file()]
    return answer_name(spec, DECIDING, str(hash_of(files)))
