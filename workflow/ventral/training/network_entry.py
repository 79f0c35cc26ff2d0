"""An entry of `networks`: one objective, trained once for each share of its equivariant term and for each seed."""

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen

from ventral.config.entry import Count, Entry, ImageFolder, Key, PathText, Seed, Several
from ventral.models.model_entry import Files, Layers

Share = Annotated[float, Ge(0), Le(1)]
Positive = Annotated[float, Gt(0)]
NotNegative = Annotated[float, Ge(0)]


@dataclass(frozen=True, kw_only=True)
class TrainingData(Entry):
    """Images to train on."""

    any_of: ClassVar[tuple[str, ...]] = ("stimuli", "folder", "torchvision")

    stimuli: Annotated[str | None, Key("A stimulus set of the study. It is shown to no model.")] = None
    folder: ImageFolder | None = None
    torchvision: Annotated[
        Literal["CIFAR10", "CIFAR100", "STL10", "ImageFolder"] | None, Key("A data set in the folder `root`.")
    ] = None
    root: Annotated[PathText | None, Key("Folder of torchvision's files.")] = None
    split: Annotated[PathText | None, Key("train, test, or unlabeled (STL10); train by default.")] = None


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
class Network(Entry):
    """One objective, trained once for each share of its equivariant term and for each seed."""

    objective: Literal["barlow_twins", "nt_xent", "mmcr"]
    lambda_: Annotated[
        list[Share],
        MinLen(1),
        Key(
            "Shares of the equivariant term; 0 is the invariant baseline that differences are taken from.",
            uniqueItems=True,
        ),
    ]
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
    projector: Annotated[
        list[Several],
        MinLen(1),
        Key("Widths of the two projectors, one for each term. They are discarded after training."),
    ] = field(default_factory=lambda: [2048, 2048, 2048])
    augmentation: Augmentation = field(default_factory=Augmentation)
    batch: Annotated[Several, Key("Pairs per step, over all processes and parts.")] = 256
    accumulate: Annotated[Count, Key("Parts that a batch is computed in.")] = 1
    processes: Annotated[Count, Key("Processes that share a batch, each with a GPU where there are any.")] = 1
    epochs: Count = 100
    optimizer: Optimizer = field(default_factory=Optimizer)
    precision: Annotated[
        Literal["float32", "mixed"], Key("Precision of the networks. Losses are always computed in float32.")
    ] = "float32"
    factorization: Annotated[NotNegative, Key("Weight of the term that factorizes augmentations from images.")] = 0
    ema: Annotated[
        float | None,
        Key(
            "Decay of averaged copies of the network that add views (mmcr only).",
            type=["number", "null"],
            exclusiveMinimum=0,
            exclusiveMaximum=1,
        ),
    ] = None
    layers: Annotated[Layers, Key("As of a model.")] = "auto"
    last: Annotated[Count, Key("As of a model.")] = 5
