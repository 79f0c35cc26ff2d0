"""An entry of `networks`: what every objective has, and what training asks of an objective."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen

from ventral.config.entry import Count, Entry, Key, PathText, Seed, Several
from ventral.models.model_entry import Files, Layers
from ventral.training.training_data import TrainingData

if TYPE_CHECKING:
    from torch import Tensor, nn

Share = Annotated[float, Ge(0), Le(1)]
Positive = Annotated[float, Gt(0)]
NotNegative = Annotated[float, Ge(0)]


@dataclass(frozen=True, kw_only=True)
class Augmentation(Entry):
    """Values that replace the published probabilities, and range of the crop's area."""

    crop: Share | None = None
    flip: Share | None = None
    jitter: Share | None = None
    grey: Share | None = None
    blur: Share | None = None
    solarize: Share | None = None
    crop_area: Annotated[list[Annotated[float, Gt(0), Le(1)]], MinLen(2), MaxLen(2)] | None = None


@dataclass(frozen=True, kw_only=True)
class Optimizer(Entry):
    """How the weights of the networks are changed."""

    kind: Literal["adamw", "lars"] = "adamw"
    lr: Annotated[Positive, Key("Rate of the whole batch: linear warm-up, then cosine decay to lr/1000.")] = 0.001
    weight_decay: NotNegative = 1.0e-6
    momentum: Annotated[float, Ge(0), Lt(1), Key("Momentum of LARS.")] = 0.9
    warmup: Annotated[NotNegative, Key("Epochs of linear warm-up.")] = 1


@dataclass(frozen=True, kw_only=True)
class NetworkEntry(Entry, ABC):
    """An objective, for which a network is trained with each seed.

    Each objective is a subclass with a field `objective`, in a module of `ventral.training.objectives`. Training makes
    an instance of it that stands for a single network: see `ventral.training.objectives.objective_of`.

    Attributes
    ----------
    needs_labels : bool
        Whether it can be trained on images with labels only.
    reference : str
        The key of its paper in `ventral/report/references.bib`; "" without one.
    """

    tag: ClassVar[str] = "objective"
    needs_labels: ClassVar[bool] = False
    reference: ClassVar[str] = ""

    seeds: Annotated[
        list[Seed],
        MinLen(1),
        Key("Seeds of images, augmentations and initial weights. Networks of one seed see the same.", uniqueItems=True),
    ] = field(default_factory=lambda: [0])
    data: TrainingData
    size: Annotated[int, Ge(16), Le(512), Key("Pixels along each side of the augmented views.")] = 224
    architecture: Annotated[PathText, Key("A name of torchvision, timm:name, or your own package.module:function.")]
    arguments: Annotated[dict[str, Any], Key("Arguments of the architecture.")] = field(default_factory=dict)
    files: Files | None = None
    augmentation: Augmentation = field(default_factory=Augmentation)
    batch: Annotated[Several, Key("Pairs per step, over all processes and parts.")] = 256
    accumulate: Annotated[Count, Key("Parts that a batch is computed in.")] = 1
    processes: Annotated[Count, Key("Processes that share a batch, each with a GPU if there are any.")] = 1
    epochs: Count = 100
    optimizer: Optimizer = field(default_factory=Optimizer)
    precision: Annotated[
        Literal["float32", "mixed"], Key("Precision of the networks. Losses are always computed in float32.")
    ] = "float32"
    layers: Annotated[Layers, Key("As of a model.")] = "auto"
    last: Annotated[Count, Key("As of a model.")] = 5

    @property
    def training_kind(self) -> str:
        """How the network counts as trained, one of `ventral.models.model_entry.Kind`."""
        return "self_supervised"

    @abstractmethod
    def members(self, entry: str) -> dict[str, dict[str, float]]:
        """The networks that an entry of this name stands for: λ and seed of each, by its name."""

    @property
    @abstractmethod
    def embedding(self) -> int | None:
        """Dimensions of the embeddings, whose collapse stops the training; None if nothing can collapse."""

    @property
    def input_size(self) -> int:
        """Pixels along each side of what the encoder is shown in training."""
        return self.size

    def questions(self, rng: np.random.Generator, images: np.ndarray, labels: np.ndarray | None) -> np.ndarray | None:
        """What is asked about each view of an epoch; None if views are compared with each other alone.

        Parameters
        ----------
        rng : numpy.random.Generator
            Of the epoch.
        images : int array of shape (2, pairs)
            Numbers of the images, half by half.
        labels : int array of shape (n,) or None
            Classes of all images; -1 for none.

        Returns
        -------
        int array of shape (4, pairs, k) or None
            Of half 1 and half 2 under augmentations a, then of both under augmentations b.
        """
        return None

    def shown(self, views: "Tensor", questions: "Tensor | None") -> "Tensor":
        """What the encoder is shown of views, of shape (n, 3, size, size): one image each, or several, (n, m, 3, …)."""
        return views

    @abstractmethod
    def heads(self, features: int, classes: int) -> "dict[str, nn.Module]":
        """New parts on top of the encoder, by name; they are discarded after training.

        Parameters
        ----------
        features : int
            Number of features that the encoder gives for an image.
        classes : int
            Number of classes of the images; 0 if they have no labels.
        """

    @abstractmethod
    def criterion(self) -> "nn.Module":
        """A module that gives `loss`, and what is logged beside it, as a dict of numbers.

        It is called with the outputs of the heads by name, those of averaged copies of the networks (None without
        `ema`), and the questions of the views.
        """

    def problems(self, stimuli: Mapping[str, dict]) -> Iterator[str]:
        """Faults beyond the schema that can be found before any job runs, as `key: sentence`.

        Parameters
        ----------
        stimuli : mapping of dict
            The entries of all stimulus sets, by name.
        """
        yield from self.number_problems()
        yield from self.data.problems(stimuli, self.batch)

    def number_problems(self) -> Iterator[str]:
        """Numbers that do not go together."""
        batch, parts, processes = self.batch, self.accumulate, self.processes
        if batch % processes:
            yield f"processes: {processes} processes cannot share {batch} pairs evenly; let `processes` divide `batch`."
        elif batch // processes % parts:
            yield (
                f"accumulate: {batch // processes} pairs per process do not make {parts} equal parts; let `accumulate` "
                f"divide `batch` over `processes`."
            )
        elif batch // processes // parts < 2:
            yield "batch: leaves less than two pairs to each part, and every objective compares pairs."
        low, high = self.augmentation.crop_area or (0, 1)
        if low > high:
            yield f"augmentation.crop_area: [{low}, {high}] goes down; write [low, high]."
        if self.optimizer.warmup > self.epochs:
            yield f"optimizer.warmup: {self.optimizer.warmup} epochs are more than the {self.epochs} of training."
