"""An entry of `models`: a network or a baseline, where it comes from, and how it is built."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, Literal, Self

from annotated_types import Gt, Le, MaxLen, MinLen

from ventral.config.entry import Count, Entry, Key, PathText, Seed
from ventral.models.model import Built

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
Kind = Annotated[
    Literal["supervised", "self_supervised", "auxiliary", "untrained", "other"],
    Key(
        "How the network was trained: on categories, without labels, on labels of another task such as depth, not at "
        "all, or otherwise. It is known for random weights, published weights, and networks that the study trains."
    ),
]
UNTRAINED = "untrained"
BASELINE, UNKNOWN = "baseline", "unknown"  # what tables say of models that have none of these kinds
Layers = str | Annotated[list[str], MinLen(1), Key(uniqueItems=True)]


@dataclass(frozen=True, kw_only=True)
class PreprocessingKeys(Entry):
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

    def chosen(self) -> dict[str, Any]:
        """The settings that are given."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}


@dataclass(frozen=True, kw_only=True)
class ModelEntry(Entry, ABC):
    """A model; each source is a subclass in a module of `ventral.models.sources`.

    A subclass has a field `source`. Its other fields determine what the model computes.

    Attributes
    ----------
    network_keys : tuple of str
        Keys that determine the network, whatever its weights.
    for_configs : bool
        Whether users can name this source in a configuration.
    brings_weights : bool
        Whether the network cannot be described without fetching its weights.
    """

    tag: ClassVar[str] = "source"
    network_keys: ClassVar[tuple[str, ...]]
    for_configs: ClassVar[bool] = True
    brings_weights: ClassVar[bool] = False

    arguments: Annotated[dict[str, Any] | None, Key("Arguments of the architecture or the function.")] = None
    files: Files | None = None
    layers: Annotated[Layers, Key("auto, a list of module names, or patterns with * and ?.")] = "auto"
    last: Annotated[Count, Key("With auto, the number of deepest blocks.")] = 5
    preprocess: PreprocessingKeys | None = None
    seed: Annotated[Seed | None, Key("Seed of random weights.")] = None
    max_units: Annotated[Count | None, Key("Keep a random subset of this many units per layer.")] = None
    cache: Annotated[
        Literal["float32", "float16"],
        Key(
            "How responses are stored until their Gram matrices exist. float16 takes half the disk; a layer that it "
            "cannot hold is a fault."
        ),
    ] = "float32"
    autocast: Annotated[
        Literal["bfloat16", "float16"] | None,
        Key("Type that torch multiplies in where it considers this safe, for speed; by default float32 everywhere."),
    ] = None
    channels_last: Annotated[
        bool | None,
        Key(
            "Memory layout of images and weights, which changes speed and last digits. By default, channels are last "
            "in images for networks of torchvision and timm on the CPU. Networks that reshape with `view` do not "
            "accept it."
        ),
    ] = None
    baseline: Annotated[bool, Key("Whether this is a control, which figures draw apart from networks.")] = False
    kind: Kind | None = None
    where: Annotated[
        str | None,
        Key("Where the weights are published, in words. The report repeats it for a model that is left out."),
    ] = None

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Self:
        """The entry that a checked mapping describes; its other keys are left out."""
        given = spec.get("preprocess")
        return super().of({**spec, "preprocess": PreprocessingKeys.of(given) if given else None})

    @classmethod
    def deciding_keys(cls) -> tuple[str, ...]:
        """Keys that determine the network and its weights, but not how images are prepared."""
        common = {field.name for field in fields(ModelEntry)} - {"arguments"}
        return tuple(field.name for field in fields(cls) if field.name not in common)

    @abstractmethod
    def build(self, name: str) -> Built:
        """The network with its weights.

        Parameters
        ----------
        name : str
            The model, for messages.

        Raises
        ------
        Fault
            The network or its weights cannot be found, downloaded or read, or do not fit together.
        """

    def known_kind(self) -> str:
        """How the network was trained, as far as the other keys of the entry show."""
        return BASELINE if self.baseline else UNKNOWN

    def training_kind(self) -> str:
        """How the network was trained: one of `Kind`, "baseline", or "unknown"."""
        return self.kind or self.known_kind()

    @abstractmethod
    def weights_in_words(self, seed: int) -> str:
        """Where the weights come from, as far as the entry shows; `seed` is that of the study."""

    def problems(self) -> Iterator[str]:
        """Faults that can be found without building the network, as `key: sentence`."""
        yield from ()

    def needs_check(self, here: bool) -> bool:
        """Whether `check_weights` can find a fault; `here` is whether files may be read, which takes seconds."""
        return False

    def check_weights(self, name: str) -> None:
        """Check that the weights exist and fit the network, without downloading any.

        Raises
        ------
        Fault
            They do not; the sentence names the model.
        """

    def missing_weights(self) -> str | None:
        """Why the weights are not there, as a sentence; None if they are there or can be downloaded."""
        return None

    def weights_files(self) -> list[str]:
        """The user's own files that the weights come from."""
        return []

    def weights_release(self) -> str | None:
        """The package and its version that the weights come from."""
        return None

    def without_weights(self) -> "ModelEntry":
        """The same network with random weights, which is described without a file or a download."""
        return self

    def in_catalog(self) -> str | None:
        """The architecture under which `ventral.models.layer_choice` may know the layers."""
        return None

    def accepts_channels_last(self) -> bool:
        """Whether the network may be given images whose channels lie side by side."""
        return False

    def identity(self) -> dict[str, Any]:
        """What the fingerprint of the model contains beside its preprocessing and its weights."""
        return {key: value for key in ("source", "autocast", *self.network_keys) if (value := getattr(self, key))}


def trained_families(layers: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The family of every network, by its model, from rows of `Study.layer_table`; without baselines and untrained."""
    return {str(row["model"]): str(row["family"]) for row in layers if not row["baseline"] and row["kind"] != UNTRAINED}
