"""Builds the network of a model's entry from the source that it names, and checks weights before any job runs."""

from pathlib import Path
from typing import TYPE_CHECKING

from ventral.config.places import address_problem
from ventral.core.errors import AGAIN, Fault
from ventral.models.architectures import (
    construct,
    headless,
    seeded,
    timm_builder,
    torchvision_builder,
    torchvision_models,
)
from ventral.models.entries import names_a_file
from ventral.models.factories import from_factory, from_torchhub
from ventral.models.model import Built
from ventral.models.published import ARGUMENTS, of_file, of_network, of_weights

if TYPE_CHECKING:
    from torchvision.models import Weights


def build(spec: dict, name: str) -> Built:
    """The network of an entry with its weights; see `ventral.models.load_model`.

    Parameters
    ----------
    spec : dict
    name : str
        The model, for messages.

    Raises
    ------
    Fault
        The source is unknown, or the network or its weights cannot be found, downloaded or read, or do not fit.
    """
    source = spec["source"]
    if source not in SOURCES:
        raise Fault(f"Model {name}: there is no source {source!r}; use {', '.join(list(SOURCES)[:-1])}.")
    if source != "python" and not spec.get("architecture"):
        raise Fault(f"Model {name} needs `architecture`, the name of its network.")
    return SOURCES[source](spec, name)


def check_weights(spec: dict, name: str) -> None:
    """Check that the weights of an entry exist and fit its network, without downloading any.

    Raises
    ------
    Fault
        No weights of this name are published, the file of weights cannot be read or does not fit, or the published
        weights do not fit the network that `arguments` make.
    """
    chosen = spec.get("weights")
    file = spec.get("file") or (chosen if names_a_file(spec["source"], chosen) else None)
    if file:
        _with_file(_of_timm(spec) if spec["source"] == "timm" else spec, Path(file), name)
    elif spec["source"] == "timm" and chosen:
        _check_published_by_timm(spec["architecture"], name)
    elif spec["source"] == "torchvision" and chosen:
        _published_by_torchvision(spec, name)


def _torchvision(spec: dict, name: str) -> Built:
    architecture, chosen = spec["architecture"], spec.get("weights")
    if chosen is None:
        return Built(construct(spec, name), f"torchvision {architecture}, random weights, seed {spec.get('seed', 0)}")
    if names_a_file("torchvision", chosen):
        return _with_file(spec, Path(chosen), name)

    weights = _published_by_torchvision(spec, name)
    models, arguments = torchvision_models(), spec.get("arguments", {})
    try:
        network = seeded(lambda: models.get_model(architecture, weights=weights, progress=False, **arguments), spec)
    except (OSError, RuntimeError) as error:
        if not isinstance(error, OSError) and "hash" not in str(error):
            raise
        raise Fault(
            f"The weights {chosen} of model {name} could not be downloaded from {weights.url} ({error}). Download the "
            f"file on another machine and set `weights: path/to/{weights.url.rpartition('/')[2]}`."
        ) from error
    return Built(network, f"torchvision {architecture}, weights {chosen}", of_weights(weights))


def _published_by_torchvision(spec: dict, name: str) -> "Weights":
    """The published weights that an entry names.

    Raises
    ------
    Fault
        There are no weights of this name, or they do not fit the network that `arguments` make.
    """
    architecture, chosen = spec["architecture"], spec["weights"]
    torchvision_builder(architecture, name)
    known = torchvision_models().get_model_weights(architecture)
    if chosen not in known.__members__:
        raise Fault(
            f"Model {name}: torchvision has no weights {chosen!r} of {architecture}; it has "
            f"{', '.join(known.__members__)}."
        )
    if spec.get("arguments"):
        _check_fit(spec, name)
    return known[chosen]


def _check_fit(spec: dict, name: str) -> None:
    """Raise a Fault if `arguments` change the network so that its published weights no longer fit."""
    plain = construct({**spec, "arguments": ARGUMENTS.get(spec["architecture"], {})}, name).state_dict()
    changed = construct(spec, name).state_dict()
    wrong = [key for key in changed if key not in plain or plain[key].shape != changed[key].shape]
    if wrong:
        raise Fault(
            f"Model {name}: the weights {spec['weights']} do not fit {spec['architecture']} with `arguments` "
            f"{spec['arguments']}, which change {', '.join(wrong[:3])}; leave these arguments out."
        )


def _timm(spec: dict, name: str) -> Built:
    architecture, chosen = spec["architecture"], spec.get("weights")
    if chosen is None:
        network = construct(_of_timm(spec), name)
        source = f"timm {architecture}, random weights, seed {spec.get('seed', 0)}"
        return Built(network, source, of_network(network))
    if names_a_file("timm", chosen):
        return _with_file(_of_timm(spec), Path(chosen), name)

    _check_published_by_timm(architecture, name)
    if spec.get("arguments"):  # so that an error in them is not taken for a failed download
        construct(_of_timm(spec), name)
    try:
        network = construct(_of_timm(spec), name, pretrained=True)
    except Fault:
        raise
    except Exception as error:  # the hub's client has its own class of error for every kind of failure
        raise Fault(
            f"The weights of model {name} could not be downloaded through timm ({error}). Download them on another "
            f"machine and set `weights: path/to/file.pth`."
        ) from error
    return Built(network, f"timm {architecture}, its own weights", of_network(network))


def _of_timm(spec: dict) -> dict:
    """The entry with the architecture as `construct` names it."""
    return {**spec, "architecture": f"timm:{spec['architecture']}"}


def _check_published_by_timm(architecture: str, name: str) -> None:
    """Raise a Fault if timm publishes no weights of an architecture."""
    import timm

    timm_builder(architecture, name)
    if not timm.models.is_model_pretrained(architecture):
        raise Fault(
            f"Model {name}: timm publishes no weights of {architecture}; set `weights: null`, or name a file of "
            f"weights."
        )


def _checkpoint(spec: dict, name: str) -> Built:
    from ventral.models.checkpoints import fetch

    if "file" not in spec and "url" not in spec:
        raise Fault(f"Model {name} needs `file` or `url`, the checkpoint with its weights.")
    problem = None if "file" in spec else address_problem(spec["url"])
    if problem:
        raise Fault(f"Model {name}: {spec['url']!r} {problem}.")
    path = Path(spec["file"]) if "file" in spec else fetch(spec["url"], name)
    return _with_file(spec, path, name)


def _with_file(spec: dict, path: Path, name: str) -> Built:
    """The network with the weights of a file, and the preprocessing that belongs to these weights."""
    from ventral.models.checkpoints import fit, verify

    architecture = spec["architecture"]
    arguments = ARGUMENTS.get(architecture, {}) | spec.get("arguments", {})
    network = construct({**spec, "arguments": arguments}, name)
    if spec.get("sha256") and path.is_file():
        verify(path, spec["sha256"], name)
    fit(network, path, name, spec)
    preprocess = of_network(network) if ":" in architecture else of_file(architecture, path, name)
    return Built(network, f"{architecture}, weights of {path.name}", preprocess)


def _trained(spec: dict, name: str) -> Built:
    from ventral.models.checkpoints import fit, read

    file = Path(spec["file"])
    content = read(file, name, AGAIN)
    trained = content.get("architecture") if isinstance(content, dict) else None
    if trained != spec["architecture"]:
        raise Fault(
            f"{spec['file']} holds a trained network of architecture {trained}, and model {name} says "
            f"{spec['architecture']}; correct `architecture`."
        )
    network = headless(construct(spec, name))
    fit(network, file, name, {**spec, "state_dict": "state_dict"})
    return Built(network, f"{spec['architecture']}, weights of {file.name}")


def _architecture(spec: dict, name: str) -> Built:
    return Built(construct(spec, name), f"{spec['architecture']}, random weights")


SOURCES = {
    "torchvision": _torchvision,
    "timm": _timm,
    "torchhub": from_torchhub,
    "checkpoint": _checkpoint,
    "trained": _trained,
    "python": from_factory,
    "architecture": _architecture,  # not for configs: random weights, as `without_weights` asks for
}
