"""Loads a model: the network of its entry in the config with its weights, ready to be run, and its fingerprint."""

import dataclasses
import hashlib
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.core.errors import Fault
from ventral.models.model import Built, Model, Preprocessing
from ventral.models.model_entry import ModelEntry
from ventral.models.sources import model_entry

if TYPE_CHECKING:
    import torch


def load_model(spec: dict, name: str | None = None, device: str = "cpu") -> Model:
    """Build the network of a model's entry, with its weights, ready to be run.

    Parameters
    ----------
    spec : dict
        `source` and the keys that belong to it; see `ventral.models.sources`.
        Random weights depend on `seed` only (default 0). Each key of `preprocess` (size, mean, std, interpolation,
        crop) replaces a default: the settings that timm or torchvision publish for their weights, and ImageNet's
        mean and std with bilinear interpolation for all other networks.
    name : str, optional
        The model's name in the config; default: its architecture or factory.
    device : str
        "cpu" or "cuda:0".

    Returns
    -------
    Model

    Raises
    ------
    Fault
        The network or its weights cannot be found, downloaded or read, or do not fit together.
    """
    name = name or _default_name(spec)
    return _loaded(model_entry(spec, name), name, device)


def load_untrained(spec: dict, name: str | None = None) -> Model:
    """The model of an entry with random weights, which needs no file and no download; see `load_model`."""
    name = name or _default_name(spec)
    return _loaded(model_entry(spec, name).without_weights(), name, "cpu")


def _default_name(spec: dict) -> str:
    return str(spec.get("architecture") or spec.get("factory") or spec["source"])


def _loaded(entry: ModelEntry, name: str, device: str) -> Model:
    built = entry.build(name)
    if not hasattr(built.network, "named_modules"):
        given = [key for key in ("preprocess", "autocast", "channels_last") if getattr(entry, key)]
        if given:
            raise Fault(f"Model {name} is not a torch network and gets the images unchanged; remove its `{given[0]}`.")
        return Model(name, built.network, built.preprocess, _fingerprint_of_callable(entry, built), built.source)

    preprocess = _preprocessing(entry, built, device)
    network = _runnable(built.network, name)
    fingerprint = _fingerprint(entry, network, preprocess)
    network = _moved(network, device, name)
    if entry.channels_last:
        import torch

        network = network.to(memory_format=torch.channels_last)
    return Model(name, network, preprocess, fingerprint, built.source, entry.autocast)


def _preprocessing(entry: ModelEntry, built: Built, device: str) -> Preprocessing:
    """The settings that belong to the weights, with those that the entry replaces."""
    given = entry.preprocess.chosen() if entry.preprocess else {}
    own = {key: tuple(map(float, value)) if key in ("mean", "std") else value for key, value in given.items()}
    by_default = device == "cpu" and entry.accepts_channels_last()
    channels_last = by_default if entry.channels_last is None else entry.channels_last
    return dataclasses.replace(built.preprocess, channels_last=channels_last, **own)


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


def _fingerprint(entry: ModelEntry, network: "torch.nn.Module", preprocess: Preprocessing) -> str:
    """SHA-256 of the entry, the preprocessing and the weights."""
    import torch

    digest = _digest_of_entry(entry)
    digest.update(repr(dataclasses.replace(preprocess, channels_last=False)).encode())
    for key, tensor in network.state_dict().items():
        if not isinstance(tensor, torch.Tensor):  # extra state of a user's own module
            digest.update(f"{key} {tensor!r}".encode())
            continue
        tensor = tensor.detach().cpu().contiguous()
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _fingerprint_of_callable(entry: ModelEntry, built: Built) -> str:
    """SHA-256 of the entry and of the file that defines the callable."""
    digest = _digest_of_entry(entry)
    code = sys.modules.get(built.network.__module__)
    if getattr(code, "__file__", None):
        digest.update(Path(code.__file__).read_bytes())
    return digest.hexdigest()


def _digest_of_entry(entry: ModelEntry) -> "hashlib._Hash":
    return hashlib.sha256(json.dumps(entry.identity(), sort_keys=True, default=str).encode())
