"""Builds a model from its entry in the config: where the network comes from, and its weights."""

import dataclasses
import hashlib
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.models.architectures import (
    construct,
    headless,
    imported,
    is_of_a_library,
    seeded,
    timm_builder,
    torchvision_builder,
    torchvision_models,
)
from ventral.models.entries import is_a_file
from ventral.models.foreign import running
from ventral.models.model import Model, Preprocessing
from ventral.models.published import ARGUMENTS, IMAGENET, of_file, of_network, of_weights
from ventral.places import address_problem
from ventral.store import AGAIN, Fault

if TYPE_CHECKING:
    import torch
    from torchvision.models import Weights


@dataclasses.dataclass
class Built:
    """A network as its source gives it, with the preprocessing that belongs to its weights."""

    network: object
    source: str
    preprocess: Preprocessing = IMAGENET


def load_model(spec: dict, name: str | None = None, device: str = "cpu") -> Model:
    """Build the network of a model's entry, with its weights, ready to be run.

    Parameters
    ----------
    spec : dict
        `source` and the keys that belong to it: torchvision (architecture, weights, seed, arguments), timm (the
        same), torchhub (repository, architecture, arguments), checkpoint (architecture, arguments, file or url,
        sha256, state_dict, key_prefix, ignore), trained (architecture, file), python (factory, arguments).
        Random weights follow `seed` (default 0). `preprocess` (size, mean, std, interpolation, crop) replaces what
        belongs to the weights: the settings of timm or of torchvision's published weights for their networks, and
        ImageNet's mean and std with bilinear interpolation for all others.
    name : str, optional
        The model's name in the config; default: its architecture or factory.
    device : str
        "cpu" or "cuda:0".

    Raises
    ------
    Fault
        The network or its weights cannot be found, fetched, read or fitted together.
    """
    name = name or str(spec.get("architecture") or spec.get("factory") or spec["source"])
    load = _source(spec, name)
    if spec["source"] != "python" and not spec.get("architecture"):
        raise Fault(f"Model {name} needs `architecture`, the name of its network.")
    built = load(spec, name)
    if not hasattr(built.network, "named_modules"):
        if spec.get("preprocess"):
            raise Fault(f"Model {name} is not a torch network and gets the images unchanged; remove its `preprocess`.")
        return Model(name, built.network, built.preprocess, _identity(spec, built), built.source)

    preprocess = dataclasses.replace(
        built.preprocess,
        channels_last=device == "cpu" and _is_of_a_library(spec),
        **{
            key: tuple(map(float, value)) if key in ("mean", "std") else value
            for key, value in (spec.get("preprocess") or {}).items()
        },
    )
    built = dataclasses.replace(built, preprocess=preprocess)
    network = runnable(built.network, name)
    fingerprint = _identity(spec, dataclasses.replace(built, network=network))
    return Model(name, _moved(network, device, name), preprocess, fingerprint, built.source)


def runnable(network: "torch.nn.Module", name: str) -> "torch.nn.Module":
    """The network in evaluation mode and float32, free of torch's compiler, so that its layers can be watched.

    Raises
    ------
    Fault
        It is TorchScript or an exported program, which no hook can watch, or has parameters without values.
    """
    import torch

    network = getattr(network, "_orig_mod", network)
    if isinstance(network, torch.jit.ScriptModule) or not _can_be_evaluated(network):
        raise Fault(
            f"Model {name} is TorchScript or an exported program, whose layers cannot be watched. Build the network "
            f"from its Python code and load its weights, which "
            f"torch.save(torch.jit.load('network.pt').state_dict(), 'weights.pth') takes out of a TorchScript file."
        )
    values = [*network.parameters(), *network.buffers()]
    if any(value.is_meta or torch.nn.parameter.is_lazy(value) for value in values):
        raise Fault(
            f"Model {name} has parameters without values, lazy ones or such on the device meta; give them values in "
            f"the function that makes it, by loading weights or by one forward pass."
        )
    others = {str(value.dtype) for value in values if value.is_floating_point()} - {"torch.float32"}
    if others:
        logging.info("Model %s holds values of %s and is run in float32.", name, ", ".join(sorted(others)))
        network = network.float()
    return network.requires_grad_(False)


def _can_be_evaluated(network: "torch.nn.Module") -> bool:
    try:
        network.eval()
    except NotImplementedError:  # what torch.export makes has one mode only
        return False
    return True


def without_weights(spec: dict) -> dict:
    """The entry of the same network with random weights, which needs no file and no download to be described."""
    entry = {**spec, "weights": None}
    if spec["source"] in ("checkpoint", "trained"):
        entry["source"] = "architecture"
    return entry


def check_weights(spec: dict, name: str) -> None:
    """Find what `load_model` would say against the weights of an entry, without fetching any.

    Raises
    ------
    Fault
        There are no weights of this name, the file of weights cannot be read or does not fit, or `arguments` make a
        network that the named weights do not fit.
    """
    chosen = spec.get("weights")
    file = spec.get("file") or (chosen if is_a_file(spec["source"], chosen) else None)
    architecture = f"timm:{spec['architecture']}" if spec["source"] == "timm" else spec["architecture"]
    if file:
        _with_file({**spec, "architecture": architecture}, Path(file), name)
    elif spec["source"] == "timm" and chosen:
        _published_by_timm(spec["architecture"], name)
    elif spec["source"] == "torchvision" and chosen:
        _published_by_torchvision(spec["architecture"], chosen, name)
        if spec.get("arguments"):
            _check_fit(spec, chosen, name)


def _torchvision(spec: dict, name: str) -> Built:
    architecture, chosen = spec["architecture"], spec.get("weights")
    if chosen is None:
        return Built(construct(spec, name), f"torchvision {architecture}, random weights, seed {spec.get('seed', 0)}")
    if is_a_file("torchvision", chosen):
        return _with_file(spec, Path(chosen), name)

    models = torchvision_models()
    weights = _published_by_torchvision(architecture, chosen, name)
    arguments = spec.get("arguments", {})
    if arguments:
        _check_fit(spec, chosen, name)
    try:
        network = seeded(lambda: models.get_model(architecture, weights=weights, progress=False, **arguments), spec)
    except (OSError, RuntimeError) as error:
        if not isinstance(error, OSError) and "hash" not in str(error):
            raise
        raise Fault(
            f"The weights {chosen} of model {name} could not be downloaded from {weights.url} ({error}). Fetch the "
            f"file on another machine and set `weights: path/to/{weights.url.rpartition('/')[2]}`."
        ) from error
    return Built(network, f"torchvision {architecture}, weights {chosen}", of_weights(weights))


def _published_by_torchvision(architecture: str, chosen: str, name: str) -> "Weights":
    """The weights of a name, or a Fault that lists those that there are."""
    torchvision_builder(architecture, name)
    known = torchvision_models().get_model_weights(architecture)
    if chosen not in known.__members__:
        raise Fault(
            f"Model {name}: torchvision has no weights {chosen!r} of {architecture}; it has "
            f"{', '.join(known.__members__)}."
        )
    return known[chosen]


def _check_fit(spec: dict, chosen: str, name: str) -> None:
    """Raise a Fault where `arguments` make a network that published weights, which fit the plain one, do not fit."""
    plain = construct({**spec, "arguments": ARGUMENTS.get(spec["architecture"], {})}, name).state_dict()
    own = construct(spec, name).state_dict()
    wrong = [key for key in own if key not in plain or plain[key].shape != own[key].shape]
    if wrong:
        raise Fault(
            f"Model {name}: the weights {chosen} do not fit {spec['architecture']} with `arguments` "
            f"{spec['arguments']}, which change {', '.join(wrong[:3])}; leave these arguments out."
        )


def _published_by_timm(architecture: str, name: str) -> None:
    import timm

    timm_builder(architecture, name)
    if not timm.models.is_model_pretrained(architecture):
        raise Fault(f"Model {name}: timm publishes no weights of {architecture}; set `weights: null`, or a file.")


def _timm(spec: dict, name: str) -> Built:
    architecture, chosen = spec["architecture"], spec.get("weights")
    of_timm = {**spec, "architecture": f"timm:{architecture}"}
    if chosen is None:
        network = construct(of_timm, name)
        source = f"timm {architecture}, random weights, seed {spec.get('seed', 0)}"
        return Built(network, source, of_network(network))
    if is_a_file("timm", chosen):
        return _with_file(of_timm, Path(chosen), name)
    _published_by_timm(architecture, name)
    if spec.get("arguments"):  # a fault of theirs is none of the download
        construct(of_timm, name)
    try:
        network = construct(of_timm, name, pretrained=True)
    except Fault:
        raise
    except Exception as error:  # the hub's client has errors of its own for every kind of failure
        raise Fault(
            f"The weights of model {name} could not be downloaded through timm ({error}). Fetch them on another "
            f"machine and set `weights: path/to/file.pth`."
        ) from error
    return Built(network, f"timm {architecture}, its own weights", of_network(network))


def _torchhub(spec: dict, name: str) -> Built:
    import torch

    repository, entry = spec["repository"], spec["architecture"]
    place = {"source": "local"} if Path(repository).is_dir() else {"trust_repo": True, "skip_validation": True}
    with running(
        f"Model {name} could not be loaded from the torch hub repository {repository}, entry {entry}; check both "
        "names, or give a folder that holds the repository"
    ):
        network = seeded(
            lambda: torch.hub.load(repository, entry, verbose=False, **place, **spec.get("arguments", {})), spec
        )
    return _checked(network, f"torch hub {repository}, {entry}", name)


def _checkpoint(spec: dict, name: str) -> Built:
    from ventral.models.checkpoints import fetch

    if "file" not in spec and "url" not in spec:
        raise Fault(f"Model {name} needs `file` or `url`, the checkpoint with its weights.")
    problem = None if "file" in spec else address_problem(spec["url"])
    if problem:
        raise Fault(f"Model {name}: {spec['url']!r} {problem}.")
    path = Path(spec["file"]) if "file" in spec else fetch(spec["url"], name)
    return _with_file(spec, path, name)


def _trained(spec: dict, name: str) -> Built:
    from ventral.models.checkpoints import fit, read

    content = read(Path(spec["file"]), name, AGAIN)
    trained = content.get("architecture") if isinstance(content, dict) else None
    if trained != spec["architecture"]:
        raise Fault(
            f"{spec['file']} holds a trained network of architecture {trained}, and model {name} says "
            f"{spec['architecture']}; correct `architecture`."
        )
    network, file = headless(construct(spec, name)), Path(spec["file"])
    fit(network, file, name, {**spec, "state_dict": "state_dict"})
    return Built(network, f"{spec['architecture']}, weights of {file.name}")


def _python(spec: dict, name: str) -> Built:
    factory, arguments = spec["factory"], spec.get("arguments", {})
    if isinstance(factory, str):
        factory = imported(factory, name)
    source = f"python {_factory_name(spec['factory'])}"
    with running(f"Model {name}: {source} failed with `arguments` {arguments}"):
        if "torch" not in sys.modules:
            network = factory(**arguments)
            if not hasattr(network, "named_modules"):
                return _checked(network, source, name)
        network = seeded(lambda: factory(**arguments), spec)  # again, if only the factory itself imported torch
    return _checked(network, source, name)


def _factory_name(factory: str | Callable) -> str:
    return factory if isinstance(factory, str) else f"{factory.__module__}:{factory.__qualname__}"


def _architecture(spec: dict, name: str) -> Built:
    return Built(construct(spec, name), f"{spec['architecture']}, random weights")


SOURCES = {
    "torchvision": _torchvision,
    "timm": _timm,
    "torchhub": _torchhub,
    "checkpoint": _checkpoint,
    "trained": _trained,
    "python": _python,
    "architecture": _architecture,
}


def _source(spec: dict, name: str) -> Callable[[dict, str], Built]:
    if spec["source"] not in SOURCES:
        raise Fault(f"Model {name}: there is no source {spec['source']!r}; use {', '.join(list(SOURCES)[:-1])}.")
    return SOURCES[spec["source"]]


def _with_file(spec: dict, path: Path, name: str) -> Built:
    """The architecture with the weights of a file, prepared for as these weights are."""
    from ventral.models.checkpoints import fit, verify

    architecture = spec["architecture"]
    published = ARGUMENTS.get(architecture, {})
    network = construct({**spec, "arguments": published | spec.get("arguments", {})}, name)
    if spec.get("sha256") and path.is_file():
        verify(path, spec["sha256"], name)
    fit(network, path, name, spec)
    preprocess = of_network(network) if ":" in architecture else of_file(architecture, path, name)
    return Built(network, f"{architecture}, weights of {path.name}", preprocess)


def _is_of_a_library(spec: dict) -> bool:
    """Whether the network is torchvision's or timm's and no code of other people."""
    return spec["source"] not in ("torchhub", "python") and is_of_a_library(spec.get("architecture") or "")


def _checked(network: object, source: str, name: str) -> Built:
    """What the user's own code made, when it keeps the contract of `Model.network`."""
    if isinstance(network, type):
        raise Fault(f"Model {name}: its factory returned the class {network.__name__}; return a network of this class.")
    if hasattr(network, "named_modules"):
        return Built(network, source, of_network(network))
    if callable(network) and hasattr(network, "layers"):
        layers = network.layers
        if isinstance(layers, str) or not all(isinstance(layer, str) for layer in layers):
            raise Fault(f"Model {name}: its attribute `layers` must be a list of texts, not {layers!r}.")
        return Built(network, source)
    returned = "nothing" if network is None else type(network).__name__
    raise Fault(
        f"Model {name}: its factory returned {returned}. It must return a torch.nn.Module, or a callable "
        f"with an attribute `layers` (names) that maps uint8 images (n, H, W, 3) to {{layer: array (n, d)}}."
    )


def _moved(network: object, device: str, name: str) -> object:
    import torch

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise Fault(
            f"Model {name} was sent to {device}, which this torch ({torch.__version__}) cannot use: its build or the "
            f"driver does not fit. Set `device: cpu`, or install a torch that fits the driver."
        )
    return network.to(device)


def _identity(spec: dict, built: Built) -> str:
    """SHA-256 of what decides the responses: the entry, the preprocessing, the weights, or the user's code."""
    keys = ("source", "architecture", "repository", "arguments")
    deciding = {key: spec[key] for key in keys if spec.get(key)}
    if "factory" in spec:
        deciding["factory"] = _factory_name(spec["factory"])
    digest = hashlib.sha256(json.dumps(deciding, sort_keys=True, default=str).encode())
    if not hasattr(built.network, "named_modules"):
        code = sys.modules.get(built.network.__module__)
        if getattr(code, "__file__", None):
            digest.update(Path(code.__file__).read_bytes())
        return digest.hexdigest()

    import torch

    digest.update(repr(dataclasses.replace(built.preprocess, channels_last=False)).encode())
    for key, tensor in built.network.state_dict().items():
        if not isinstance(tensor, torch.Tensor):  # what a module of its own kind adds to its weights
            digest.update(f"{key} {tensor!r}".encode())
            continue
        tensor = tensor.detach().cpu().contiguous()
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
