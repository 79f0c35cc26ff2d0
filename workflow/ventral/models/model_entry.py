"""An entry of `models`: a network or a baseline, by the source that it comes from."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Gt, Le, MaxLen, MinLen

from ventral.config.entry import Count, Digest, Entry, Key, PathText, Seed

Color = Annotated[list[float], MinLen(3), MaxLen(3)]
Divisors = Annotated[list[Annotated[float, Gt(0)]], MinLen(3), MaxLen(3)]
Files = Annotated[
    list[PathText],
    MinLen(1),
    Key(
        "Paths, folders or patterns of files that your own code reads; the results of the model are made again when "
        "one changes.",
        uniqueItems=True,
    ),
]
Layers = str | Annotated[list[str], MinLen(1), Key(uniqueItems=True)]


@dataclass(frozen=True, kw_only=True)
class Preprocessing(Entry):
    """Settings that replace those that belong to the weights."""

    size: Annotated[Count | None, Key("Pixels along each side; by default those of the stimuli.")] = None
    interpolation: Annotated[
        Literal["bilinear", "bicubic", "nearest"] | None, Key("How images are resampled to `size`.")
    ] = None
    crop: Annotated[
        Annotated[float, Gt(0), Le(1)] | None,
        Key("The central share of each side that is shown, such as 0.875; 1, the default, shows the whole image."),
    ] = None
    mean: Annotated[Color | None, Key("Subtracted from red, green and blue in [0, 1].")] = None
    std: Annotated[Divisors | None, Key("Divisors of red, green and blue.")] = None


@dataclass(frozen=True, kw_only=True)
class ModelEntry(Entry):
    """Keys that any source takes."""

    arguments: Annotated[dict[str, Any] | None, Key("Arguments of the architecture or the function.")] = None
    files: Files | None = None
    layers: Annotated[Layers, Key("auto, a list of module names, or patterns with * and ?.")] = "auto"
    last: Annotated[Count, Key("With auto, the number of deepest blocks.")] = 5
    preprocess: Preprocessing | None = None
    seed: Annotated[Seed | None, Key("Seed of random weights.")] = None
    max_units: Annotated[Count | None, Key("Keep a random subset of this many units per layer.")] = None
    baseline: Annotated[bool, Key("Whether this is a control, which figures draw apart from networks.")] = False


@dataclass(frozen=True, kw_only=True)
class WeightsInFiles(ModelEntry):
    """Keys of sources whose weights may come from a file."""

    architecture: Annotated[PathText | None, Key("The source's name for it; by default the model's own name.")] = None
    sha256: Annotated[Digest | None, Key("SHA-256 of the file of weights.")] = None
    state_dict: Annotated[str | None, Key("Key of the file that holds the weights.")] = None
    key_prefix: Annotated[
        Any,
        Key(
            "Start of each weight's name that is taken off, or a mapping of starts to what replaces them.",
            type=["string", "object"],
            additionalProperties={"type": "string"},
        ),
    ] = None
    ignore: Annotated[list[str] | None, Key("Patterns of weights that the file may lack, such as fc.*")] = None


@dataclass(frozen=True, kw_only=True)
class Library(WeightsInFiles):
    """A network of torchvision or timm."""

    source: Literal["torchvision", "timm"]
    weights: Annotated[
        PathText | None,
        Key(
            "A name of the source's weights, a local file, or null for seeded random weights.",
            type=["string", "null"],
            format="path",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Torchhub(ModelEntry):
    """A network of a torch hub repository, with the weights that its entry loads."""

    source: Literal["torchhub"]
    repository: Annotated[PathText, Key("owner/repository:branch, or a folder that holds one.")]
    architecture: Annotated[PathText | None, Key("The repository's entry; by default the model's own name.")] = None


@dataclass(frozen=True, kw_only=True)
class Checkpoint(WeightsInFiles):
    """A network of torchvision, of timm (timm:name) or your own, with weights from a file."""

    any_of: ClassVar[tuple[str, ...]] = ("file", "url")

    source: Literal["checkpoint"]
    file: Annotated[PathText | None, Key("The file of its weights.")] = None
    url: Annotated[str | None, Key("An https address that its weights are fetched from; it needs `sha256`.")] = None


@dataclass(frozen=True, kw_only=True)
class Python(ModelEntry):
    """A network or a baseline that a function makes."""

    source: Literal["python"]
    factory: Annotated[
        PathText,
        Key("package.module:function or folder/file.py:function.", pattern="^[^:]+:[A-Za-z_][A-Za-z0-9_]*$"),
    ]
