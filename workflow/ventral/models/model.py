"""Defines a model: a network, how its images are prepared, and a fingerprint of both."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from ventral.core.errors import Fault

if TYPE_CHECKING:
    import torch

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
MODES = {"bilinear": "bilinear", "bicubic": "bicubic", "nearest": "nearest-exact"}  # torch's names for them


@dataclass(frozen=True)
class Preprocessing:
    """How uint8 images become a network's input.

    Attributes
    ----------
    size : int or None
        Side in pixels of the images that the network is shown; None keeps the size of the stimuli.
    mean, std : three floats
        Subtracted from, and divisors of, red, green and blue in [0, 1].
    interpolation : {"bilinear", "bicubic", "nearest"}
        How images are resampled to `size`; bilinear and bicubic are antialiased, on the CPU and on a GPU.
    crop : float
        The central share of each side that the network is shown, in (0, 1]; 1 shows the whole image. timm calls it
        `crop_pct`; torchvision's 224 pixels out of 256 are a share of 0.875.
    channels_last : bool
        Memory layout. Convolutions on the CPU run up to twice as fast when a pixel's channels lie side by side, and
        networks that reshape with `view` do not accept it.

    Raises
    ------
    Fault
        The interpolation is unknown, or `crop` is outside (0, 1].
    """

    size: int | None = None
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    interpolation: str = "bilinear"
    crop: float = 1.0
    channels_last: bool = False

    def __post_init__(self) -> None:
        if self.interpolation not in MODES:
            raise Fault(f"`interpolation` must be one of {', '.join(MODES)}, not {self.interpolation!r}.")
        if not 0 < self.crop <= 1:
            raise Fault(f"`crop` must be a share of each side, above 0 and at most 1, not {self.crop}.")

    def __call__(self, images: np.ndarray, device: str = "cpu") -> "torch.Tensor":
        """Turn uint8 images (n, H, W, 3) into a float32 tensor (n, 3, size, size)."""
        import torch

        from ventral.models.transfers import to_device

        x = to_device(torch.from_numpy(np.ascontiguousarray(images)), device)
        x = self._resampled(x.permute(0, 3, 1, 2).float() / 255)
        height, width = self.shown(*images.shape[1:3])
        top, left = round((x.shape[2] - height) / 2), round((x.shape[3] - width) / 2)
        return self.normalized(x[:, :, top : top + height, left : left + width])

    def shown(self, height: int, width: int) -> tuple[int, int]:
        """Height and width in pixels of the network's input for images of this height and width."""
        if self.size is not None:
            return self.size, self.size
        return max(1, round(self.crop * height)), max(1, round(self.crop * width))

    def normalized(self, x: "torch.Tensor") -> "torch.Tensor":
        """Images of values in [0, 1] and shape (n, 3, H, W) as the network takes them, on the same device."""
        import torch

        mean, std = (torch.tensor(values, device=x.device).view(3, 1, 1) for values in (self.mean, self.std))
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return ((x - mean) / std).contiguous(memory_format=layout)

    def __str__(self) -> str:
        size = "size of the stimuli" if self.size is None else f"size {self.size}"
        crop = "crop 1 (whole image)" if self.crop == 1 else f"crop {self.crop:.4g}"
        mean, std = (", ".join(f"{value:.4g}" for value in values) for values in (self.mean, self.std))
        return f"{size}, {self.interpolation}, {crop}, mean ({mean}), std ({std})"

    def _resampled(self, x: "torch.Tensor") -> "torch.Tensor":
        """The images resampled so that their central `crop` has the side `size`, with values in [0, 1]."""
        import torch

        if self.size is None:
            return x
        side = math.floor(self.size / self.crop + 1e-6)  # as in timm, and 224 / (224 / 256) is 256 despite rounding
        if x.shape[2:] == (side, side):
            return x
        smooth = {"antialias": True, "align_corners": False} if self.interpolation != "nearest" else {}
        x = torch.nn.functional.interpolate(x, (side, side), mode=MODES[self.interpolation], **smooth)
        return x.clamp(0, 1)  # some bicubic weights are negative, so values may exceed black and white


IMAGENET = Preprocessing()


class ImageFunction(Protocol):
    """A model that is not a torch network: maps uint8 images (n, H, W, 3) to {layer: array (n, d...)}."""

    layers: Iterable[str]

    def __call__(self, images: np.ndarray) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class Built:
    """A network as its source provides it, before it is prepared to be run.

    Attributes
    ----------
    network : torch.nn.Module or ImageFunction
    source : str
        Where the network and its weights come from, in words.
    preprocess : Preprocessing
        The settings that belong to the weights.
    """

    network: "torch.nn.Module | ImageFunction"
    source: str
    preprocess: Preprocessing = IMAGENET


@dataclass(frozen=True)
class Model:
    """A network that can be run over a stimulus set.

    Attributes
    ----------
    name : str
    network : torch.nn.Module or ImageFunction
    preprocess : Preprocessing
        Not used by a function, which gets the images unchanged.
    fingerprint : str
        SHA-256 of the source, the preprocessing and every weight.
    source : str
        Where the network and its weights come from, in words.
    autocast : {"bfloat16", "float16"} or None
        The type that torch computes products in where it considers this safe; None for float32.
    """

    name: str
    network: "torch.nn.Module | ImageFunction"
    preprocess: Preprocessing
    fingerprint: str
    source: str
    autocast: str | None = None

    @property
    def is_module(self) -> bool:
        """Whether the network is a torch module (and not a function of images)."""
        return hasattr(self.network, "named_modules")

    @property
    def preparation(self) -> str:
        """How its images are prepared, and what the network computes in if this is not float32, in words."""
        computed = f"; computed in {self.autocast}" if self.autocast else ""
        return f"{self.preprocess}{computed}" if self.is_module else "the unchanged uint8 images"


def layer_names(model: Model, size: int | None = None) -> list[str]:
    """All layers whose responses can be extracted, in the order in which they finish.

    Parameters
    ----------
    model : Model
    size : int, optional
        Side in pixels of the image that is passed through the network once; default: what the model's
        preprocessing asks for, or 224.

    Returns
    -------
    list of str
    """
    if not model.is_module:
        return list(cast(ImageFunction, model.network).layers)
    from ventral.models.found_layers import describe

    network = cast("torch.nn.Module", model.network)
    return [layer.name for layer in describe(network, size or model.preprocess.size or 224)]
