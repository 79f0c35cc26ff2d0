"""Loads a model: the network of its entry in the config with its weights, ready to be run, and its fingerprint."""

import dataclasses
import hashlib
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.core.errors import Fault
from ventral.models.architectures import is_of_a_library
from ventral.models.builders import build
from ventral.models.factories import factory_name
from ventral.models.model import Built, Model, Preprocessing

if TYPE_CHECKING:
    import torch


def load_model(spec: dict, name: str | None = None, device: str = "cpu") -> Model:
    """Build the network of a model's entry, with its weights, ready to be run.

    Parameters
    ----------
    spec : dict
        `source` and the keys that belong to it: torchvision (architecture, weights, seed, arguments), timm (the
        same), torchhub (repository, architecture, arguments), checkpoint (architecture, arguments, file or url,
        sha256, state_dict, key_prefix, ignore), trained (architecture, file), python (factory, arguments).
        Random weights depend on `seed` only (default 0). Each key of `preprocess` (size, mean, std, interpolation,
        crop) replaces a default: the settings that timm or torchvision publish for their weights, and ImageNet's
        mean and std with bilinear interpolation for all other networks.
    name : str, optional
        The model's name in the config; default: its architecture or factory.
    device : str
        "cpu" or "cuda:0".

    Raises
    ------
    Fault
        The network or its weights cannot be found, downloaded or read, or do not fit together.
    """
    name = name or str(spec.get("architecture") or spec.get("factory") or spec["source"])
    built = build(spec, name)
    if not hasattr(built.network, "named_modules"):
        if spec.get("preprocess"):
            raise Fault(f"Model {name} is not a torch network and gets the images unchanged; remove its `preprocess`.")
        return Model(name, built.network, built.preprocess, _fingerprint_of_callable(spec, built), built.source)

    preprocess = _preprocessing(spec, built, device)
    network = _runnable(built.network, name)
    fingerprint = _fingerprint(spec, network, preprocess)
    return Model(name, _moved(network, device, name), preprocess, fingerprint, built.source)


def without_weights(spec: dict) -> dict:
    """The entry of the same network with random weights, which is described without a file or a download."""
    entry = {**spec, "weights": None}
    if spec["source"] in ("checkpoint", "trained"):
        entry["source"] = "architecture"
    return entry


def _preprocessing(spec: dict, built: Built, device: str) -> Preprocessing:
    """The settings that belong to the weights, with those that the entry replaces."""
    own = {
        key: tuple(map(float, value)) if key in ("mean", "std") else value
        for key, value in (spec.get("preprocess") or {}).items()
    }
    from_a_library = spec["source"] not in ("torchhub", "python") and is_of_a_library(spec["architecture"])
    return dataclasses.replace(built.preprocess, channels_last=device == "cpu" and from_a_library, **own)


def _runnable(network: "torch.nn.Module", name: str) -> "torch.nn.Module":
    """The network in evaluation mode and float32, without torch's compiler, so that hooks can record its layers.

    Raises
    ------
    Fault
        The network is TorchScript or an exported program, which take no hooks, or has parameters without values.
    """
    import torch

    network = getattr(network, "_orig_mod", network)
    if isinstance(network, torch.jit.ScriptModule) or not _can_be_evaluated(network):
        raise Fault(
            f"Model {name} is TorchScript or an exported program, so the responses of its layers cannot be recorded. "
            f"Build the network from its Python code and load its weights. For a TorchScript file, "
            f"torch.save(torch.jit.load('network.pt').state_dict(), 'weights.pth') extracts the weights."
        )
    values = [*network.parameters(), *network.buffers()]
    if any(value.is_meta or torch.nn.parameter.is_lazy(value) for value in values):
        raise Fault(
            f"Model {name} has parameters without values: they are lazy or on the device meta. Give them values in "
            f"the function that makes the network, by loading weights or by one forward pass."
        )
    others = {str(value.dtype) for value in values if value.is_floating_point()} - {"torch.float32"}
    if others:
        logging.info("Model %s has values of type %s and is run in float32.", name, ", ".join(sorted(others)))
        network = network.float()
    return network.requires_grad_(False)


def _can_be_evaluated(network: "torch.nn.Module") -> bool:
    """Whether the network can be set to evaluation mode, and set it so."""
    try:
        network.eval()
    except NotImplementedError:  # raised by networks that torch.export made, which have one mode only
        return False
    return True


def _moved(network: "torch.nn.Module", device: str, name: str) -> "torch.nn.Module":
    """The network on a device; a Fault if torch cannot use this device."""
    import torch

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise Fault(
            f"Model {name} was sent to {device}, which this torch ({torch.__version__}) cannot use: its build or the "
            f"driver does not fit. Set `device: cpu`, or install a torch that fits the driver."
        )
    return network.to(device)


def _fingerprint(spec: dict, network: "torch.nn.Module", preprocess: Preprocessing) -> str:
    """SHA-256 of the entry, the preprocessing and the weights."""
    import torch

    digest = _digest_of_entry(spec)
    digest.update(repr(dataclasses.replace(preprocess, channels_last=False)).encode())
    for key, tensor in network.state_dict().items():
        if not isinstance(tensor, torch.Tensor):  # extra state of a user's own module
            digest.update(f"{key} {tensor!r}".encode())
            continue
        tensor = tensor.detach().cpu().contiguous()
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _fingerprint_of_callable(spec: dict, built: Built) -> str:
    """SHA-256 of the entry and of the file that defines the callable."""
    digest = _digest_of_entry(spec)
    code = sys.modules.get(built.network.__module__)
    if getattr(code, "__file__", None):
        digest.update(Path(code.__file__).read_bytes())
    return digest.hexdigest()


def _digest_of_entry(spec: dict) -> "hashlib._Hash":
    keys = ("source", "architecture", "repository", "arguments")
    deciding = {key: spec[key] for key in keys if spec.get(key)}
    if "factory" in spec:
        deciding["factory"] = factory_name(spec["factory"])
    return hashlib.sha256(json.dumps(deciding, sort_keys=True, default=str).encode())
