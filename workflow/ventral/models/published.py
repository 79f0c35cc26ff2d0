"""What belongs to published weights: how their images are prepared, and arguments of their networks.

One file of weights has one preprocessing, whichever entry of a config names it.
"""

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.models.architectures import torchvision_models
from ventral.models.model import Preprocessing

if TYPE_CHECKING:
    import torch
    from torchvision.models import Weights

# torchvision's weights of these networks were ported from TensorFlow and convert ImageNet's normalization to theirs.
ARGUMENTS = {"googlenet": {"transform_input": True}, "inception_v3": {"transform_input": True}}
IMAGENET = Preprocessing()


def of_network(network: "torch.nn.Module") -> Preprocessing:
    """The settings (mean, std, interpolation) of the network of timm that this one is or wraps; ImageNet's of others.

    They are ImageNet's too where networks of timm with different settings are wrapped.
    """
    found = {_of_timm(part) for part in network.modules() if _is_of_timm(part)}
    return found.pop() if len(found) == 1 else IMAGENET


def _is_of_timm(network: "torch.nn.Module") -> bool:
    """Whether it is of a class of timm, and knows its settings."""
    named = any(kind.__module__.startswith("timm.") for kind in type(network).__mro__)
    return named and bool(getattr(network, "pretrained_cfg", None))


def _of_timm(network: "torch.nn.Module") -> Preprocessing:
    from timm.data import resolve_model_data_config

    settings = resolve_model_data_config(network)
    interpolation = settings["interpolation"] if settings["interpolation"] in ("nearest", "bicubic") else "bilinear"
    return Preprocessing(mean=tuple(settings["mean"]), std=tuple(settings["std"]), interpolation=interpolation)


def of_weights(weights: "Weights") -> Preprocessing:
    """The settings of weights that torchvision publishes."""
    transforms = weights.transforms()
    mean, std = tuple(transforms.mean), tuple(transforms.std)
    return Preprocessing(mean=mean, std=std, interpolation=transforms.interpolation.value)


def of_file(architecture: str, path: Path, name: str) -> Preprocessing:
    """The settings of a file of weights of a network of torchvision.

    A file that torchvision publishes is known by its name or by the digits of its SHA-256 in that name. Other files
    get the settings of the architecture's default weights.
    """
    known = list(torchvision_models().get_model_weights(architecture))
    settings = {weights: of_weights(weights) for weights in known}
    if len(set(settings.values())) < 2:
        return next(iter(settings.values()), IMAGENET)
    own = next((weights for weights in known if _is_named(path, weights)), None) or _with_digest(path, known)
    if own is None:
        own = torchvision_models().get_model_weights(architecture).DEFAULT
        logging.info(
            "Model %s: %s is not a file that torchvision publishes; its images are prepared as for %s.", name, path, own
        )
    return settings[own]


def _file_name(weights: "Weights") -> str:
    return weights.url.rpartition("/")[2]


def _is_named(path: Path, weights: "Weights") -> bool:
    """Whether a file has the published name, perhaps after the digits of an address that it was fetched from."""
    return path.name == _file_name(weights) or path.name.endswith(f"-{_file_name(weights)}")


def _with_digest(path: Path, known: list["Weights"]) -> "Weights | None":
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    published = {_file_name(weights).rpartition(".")[0].rpartition("-")[2]: weights for weights in known}
    return next(
        (weights for digits, weights in published.items() if len(digits) >= 8 and digest.startswith(digits)), None
    )
