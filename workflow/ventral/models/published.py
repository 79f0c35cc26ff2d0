"""Finds the preprocessing and the arguments that belong to published weights.

A file of weights has the same preprocessing in every entry of a config that names it.
"""

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.models.architectures import torchvision_models
from ventral.models.model import IMAGENET, Preprocessing

if TYPE_CHECKING:
    import torch
    from torchvision.models import Weights

# torchvision's weights of these networks come from TensorFlow, so the networks convert ImageNet's normalization.
ARGUMENTS = {"googlenet": {"transform_input": True}, "inception_v3": {"transform_input": True}}


def of_network(network: "torch.nn.Module") -> Preprocessing:
    """The settings (mean, std, interpolation) of a network.

    They are timm's if the network is one of timm's or wraps one, and ImageNet's for other networks. If it wraps several
    networks of timm with different settings, they are ImageNet's too.
    """
    found = {_of_timm(part) for part in network.modules() if _is_of_timm(part)}
    return found.pop() if len(found) == 1 else IMAGENET


def size_of_timm(network: "torch.nn.Module") -> int:
    """Side in pixels of the images that a network of timm was made for."""
    from timm.data import resolve_model_data_config

    return int(resolve_model_data_config(network)["input_size"][-1])


def size_of_torchvision(architecture: str) -> int:
    """Side in pixels of the images that the default weights of a network of torchvision are shown."""
    return int(torchvision_models().get_model_weights(architecture).DEFAULT.transforms().crop_size[0])


def _is_of_timm(network: "torch.nn.Module") -> bool:
    """Whether the network is of one of timm's classes and has timm's settings."""
    named = any(kind.__module__.startswith("timm.") for kind in type(network).__mro__)
    return named and bool(getattr(network, "pretrained_cfg", None))


def _of_timm(network: "torch.nn.Module") -> Preprocessing:
    from timm.data import resolve_model_data_config

    settings = resolve_model_data_config(network)
    interpolation = settings["interpolation"] if settings["interpolation"] in ("nearest", "bicubic") else "bilinear"
    return Preprocessing(mean=tuple(settings["mean"]), std=tuple(settings["std"]), interpolation=interpolation)


def of_weights(weights: "Weights") -> Preprocessing:
    """The settings of weights that torchvision publishes, from their transforms."""
    transforms = weights.transforms()
    mean, std = tuple(transforms.mean), tuple(transforms.std)
    return Preprocessing(mean=mean, std=std, interpolation=transforms.interpolation.value)


def of_file(architecture: str, path: Path, name: str) -> Preprocessing:
    """The settings of a file of weights for a network of torchvision.

    Files that torchvision publishes are recognized by their name, or by the digits of their SHA-256 in that name. Other
    files get the settings of the architecture's default weights.

    Parameters
    ----------
    architecture : str
    path : Path
    name : str
        The model, for messages.
    """
    known = list(torchvision_models().get_model_weights(architecture))
    settings = {weights: of_weights(weights) for weights in known}
    if len(set(settings.values())) < 2:
        return next(iter(settings.values()), IMAGENET)
    own = next((weights for weights in known if _is_named(path, weights)), None) or _with_digest(path, known)
    if own is None:
        own = torchvision_models().get_model_weights(architecture).DEFAULT
        logging.info(
            "Model %s: torchvision does not publish the file %s; its images are prepared as for %s.", name, path, own
        )
    return settings[own]


def _file_name(weights: "Weights") -> str:
    return weights.url.rpartition("/")[2]


def _is_named(path: Path, weights: "Weights") -> bool:
    """Whether a file has the published name, perhaps after the digits that `ventral.models.checkpoints.fetch` adds."""
    return path.name == _file_name(weights) or path.name.endswith(f"-{_file_name(weights)}")


def _with_digest(path: Path, known: list["Weights"]) -> "Weights | None":
    """The published weights that have the digits of the file's SHA-256 in their name."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    published = {_file_name(weights).rpartition(".")[0].rpartition("-")[2]: weights for weights in known}
    return next(
        (weights for digits, weights in published.items() if len(digits) >= 8 and digest.startswith(digits)), None
    )
