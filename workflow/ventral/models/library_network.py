"""Entries of networks of a library that publishes weights of them."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from ventral.config.entry import Key, PathText, caught
from ventral.models.model import Built
from ventral.models.model_entry import UNKNOWN, UNTRAINED
from ventral.models.named_network import WeightsInFiles
from ventral.models.packages import package_file, package_state, release

if TYPE_CHECKING:
    import torch

NOTHING = ("", "none", "nil", "nan", "~", "random")  # texts that people write and mean YAML's null
CHOOSING_WEIGHTS = ("weights", "weights_backbone", "pretrained", "checkpoint_path")


@dataclass(frozen=True, kw_only=True)
class LibraryNetwork(WeightsInFiles):
    """A network of a library, with published or random weights, or with those of a file."""

    source: str
    weights: Annotated[
        PathText | dict[str, str] | None,
        Key(
            "A name of the source's weights, a local file, the name of a Python package that holds one, or null for "
            "seeded random weights.",
            type=["string", "object", "null"],
            format="path",
            properties={"package": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$(?!\n)"}},
            required=["package"],
            additionalProperties=False,
        ),
    ] = None

    @abstractmethod
    def is_path(self, weights: str) -> bool:
        """Whether a text is the path of a file and not the name of published weights."""

    @abstractmethod
    def published_problems(self, weights: str) -> Iterator[str]:
        """What is wrong with the name of published weights, as far as it is known without the library."""

    @abstractmethod
    def check_published(self, weights: str, name: str) -> None:
        """Raise a Fault unless weights of this name are published and fit the network."""

    @abstractmethod
    def published_kind(self, weights: str) -> str:
        """How published weights were trained."""

    @abstractmethod
    def published(self, weights: str, name: str) -> Built:
        """The network with published weights."""

    @abstractmethod
    def randomly(self, name: str) -> Built:
        """The network with random weights."""

    @abstractmethod
    def own_size(self, network: "torch.nn.Module") -> int:
        """Side in pixels of the images that the network was made for."""

    @property
    def package(self) -> str | None:
        """The package that holds the weights, if they come from one."""
        return self.weights["package"] if isinstance(self.weights, dict) else None

    @property
    def published_name(self) -> str | None:
        """The name of published weights; None for those of a file or a package, and for random ones."""
        return self.weights if isinstance(self.weights, str) and not self.is_path(self.weights) else None

    def build(self, name: str) -> Built:
        """The network with the weights that `weights` chooses."""
        if self.weights is None:
            return self.randomly(name)
        if self.published_name is not None:
            return self.published(self.published_name, name)
        if self.package is not None:
            return self.from_package(self.package, name)
        return self.with_file(Path(str(self.weights)), name)

    def from_package(self, package: str, name: str) -> Built:
        """The network with the weights of a package, which is shown images of the size that it was made for."""
        built = self.with_file(package_file(package), name)
        preprocess = replace(built.preprocess, size=self.own_size(cast("torch.nn.Module", built.network)))
        return Built(built.network, f"{self.full_name()}, weights of the package {release(package)}", preprocess)

    def problems(self) -> Iterator[str]:
        """Weights that are chosen in `arguments`, that are a misspelled null, or that do not exist."""
        yield from super().problems()
        for key in sorted({*CHOOSING_WEIGHTS} & {*(self.arguments or {})}):
            yield f"arguments.{key}: leave this out and choose weights with `weights`, which the report shows."
        if self.weights is None and self.kind not in (None, UNTRAINED):
            yield f"kind: {self.kind} needs `weights`; without them the weights are random."
        if self.published_name is not None:
            yield from self.contradictions()
        if self.package is not None:
            yield from caught("weights.package", package_file, self.package)
        elif isinstance(self.weights, str):
            yield from self.text_problems(self.weights)

    def contradictions(self) -> Iterator[str]:
        """Keys that published weights do not have."""
        if self.kind == UNTRAINED:
            yield "kind: published weights are trained; leave `kind` out, or leave out `weights` for random ones."
        for key in self.keys_of_files():
            yield f"{key}: belongs to weights of a file or a package; leave it out, or name one with `weights`."

    def text_problems(self, weights: str) -> Iterator[str]:
        """What is wrong with a text that is the name of published weights or the path of a file."""
        if weights.strip().lower() in NOTHING:
            yield f"weights: {weights!r} is a text; for random weights write null, or leave the key out."
        elif not self.is_path(weights):
            yield from self.published_problems(weights)
        elif not Path(weights).is_file():
            yield f"weights: there is no file {weights!r}{self.aside(weights)}."

    def aside(self, weights: str) -> str:
        """What a text that is the path of no file may have meant, for messages."""
        return ""

    def check_weights(self, name: str) -> None:
        """Build the network with the weights of a file, or check that published weights exist and fit."""
        if self.published_name is not None:
            self.check_published(self.published_name, name)
        elif self.weights is not None:
            self.build(name)

    def needs_check(self, here: bool) -> bool:
        """A file can be read where the study runs."""
        return here and self.weights is not None and self.published_name is None

    def missing_weights(self) -> str | None:
        """The file or the package that is not there."""
        if self.package is not None:
            return next(caught("package", package_file, self.package), None)
        return super().missing_weights()

    def weights_file(self) -> Path | None:
        """The file that `weights` names; None for published and random weights and for those of a package."""
        named = isinstance(self.weights, str) and self.published_name is None
        return Path(str(self.weights)) if named else None

    def weights_release(self) -> str | None:
        """The package and its version, or the state of its file if it has none."""
        return package_state(self.package) if self.package else None

    def known_kind(self) -> str:
        """Random weights are untrained, and some published weights are known."""
        if self.weights is None:
            return UNTRAINED
        return UNKNOWN if self.published_name is None else self.published_kind(self.published_name)

    def without_weights(self) -> "LibraryNetwork":
        """The same network with random weights."""
        return replace(self, weights=None)

    def weights_in_words(self, seed: int) -> str:
        """The library and the name of the weights, or the seed of random ones."""
        if self.weights is None:
            return f"{self.source}, untrained, seed {seed if self.seed is None else self.seed}"
        return f"{self.source}, {f'package {self.package}' if self.package else self.weights}"
