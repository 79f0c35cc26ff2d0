"""Entries of networks that are named by their architecture, and of those whose weights may come from a file."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from ventral.config.entry import Digest, Key, PathText, caught
from ventral.models.architectures import construct, is_of_a_library
from ventral.models.key_names import BY_ORDER, read_key_map
from ventral.models.model import Built
from ventral.models.model_entry import ModelEntry
from ventral.models.published import ARGUMENTS, of_file, of_network

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class NamedNetwork(ModelEntry):
    """A network of an architecture."""

    network_keys: ClassVar[tuple[str, ...]] = ("architecture", "arguments")

    architecture: Annotated[PathText | None, Key("Its name in the source; by default the model's own name.")] = None

    def constructed(self, name: str, arguments: dict[str, Any] | None = None, **keywords: Any) -> "torch.nn.Module":
        """The network with random weights.

        Parameters
        ----------
        name : str
            The model, for messages.
        arguments : dict, optional
            Other arguments than those of the entry.
        **keywords
            Further arguments, whose errors pass unchanged if they may come from a download.

        Raises
        ------
        Fault
            There is no such architecture, or it does not accept the arguments.
        """
        given = self.arguments if arguments is None else arguments
        spec = {"architecture": self.full_name(), "arguments": given or {}, "seed": self.seed or 0}
        return construct(spec, name, **keywords)

    def full_name(self) -> str:
        """The architecture as `construct` names it."""
        return str(self.architecture)

    def in_catalog(self) -> str | None:
        """The architecture, unless arguments change it."""
        return None if self.arguments else self.full_name()

    def accepts_channels_last(self) -> bool:
        """Networks of torchvision and timm do."""
        return is_of_a_library(self.full_name())


@dataclass(frozen=True, kw_only=True)
class WeightsInFiles(NamedNetwork):
    """A network whose weights may come from a file."""

    sha256: Annotated[Digest | None, Key("SHA-256 of the file of weights.")] = None
    state_dict: Annotated[str | None, Key("Key of the file that holds the weights.")] = None
    key_prefix: Annotated[
        Any,
        Key(
            "Prefix to remove from the names of weights, or a mapping of prefixes to replacements.",
            type=["string", "object"],
            additionalProperties={"type": "string"},
        ),
    ] = None
    key_map: Annotated[
        PathText | None,
        Key("A YAML or JSON file that maps names of tensors in the file to names in the network; other names stay."),
    ] = None
    keys: Annotated[
        Literal["by_name", "by_order"],
        Key("Whether tensors of the file and of the network are matched by their names, or by their order and shapes."),
    ] = "by_name"
    ignore: Annotated[list[str] | None, Key("Patterns of weights that the file may lack, such as fc.*")] = None

    @abstractmethod
    def weights_file(self) -> Path | None:
        """The local file of weights; None if the weights are published or random."""

    def keys_of_files(self) -> list[str]:
        """The keys given that say how a file of weights is read."""
        own = [field for field in fields(WeightsInFiles) if field.name in WeightsInFiles.__annotations__]
        return [field.name for field in own if getattr(self, field.name) != field.default]

    def missing_weights(self) -> str | None:
        """The file that is not there."""
        file = self.weights_file()
        return None if file is None or file.is_file() else f"there is no file {str(file)!r}."

    def weights_files(self) -> list[str]:
        """The files of weights and of their names that are there."""
        files = (self.weights_file(), self.key_map)
        return [str(file) for file in files if file and Path(file).is_file()]

    def problems(self) -> Iterator[str]:
        """A map of names that cannot be read, or that is of no use."""
        if self.key_map is None:
            return
        yield from caught("key_map", read_key_map, self.key_map)
        if self.keys == BY_ORDER:
            yield "key_map: gives names, and `keys: by_order` uses none; leave one of the two out."

    def needs_check(self, here: bool) -> bool:
        """A file can be read where the study runs."""
        return here and self.weights_file() is not None

    def check_weights(self, name: str) -> None:
        """Build the network with the weights of the file."""
        if file := self.weights_file():
            self.with_file(file, name)

    def with_file(self, path: Path, name: str) -> Built:
        """The network with the weights of a file, and the preprocessing that belongs to these weights."""
        from ventral.models.checkpoints import fit, verify

        architecture = self.full_name()
        network = self.constructed(name, ARGUMENTS.get(architecture, {}) | (self.arguments or {}))
        if self.sha256 and path.is_file():
            verify(path, self.sha256, name)
        fit(
            network,
            path,
            name,
            state_dict=self.state_dict,
            key_prefix=self.key_prefix,
            key_map=self.key_map,
            keys=self.keys,
            ignore=self.ignore or (),
        )
        preprocess = of_network(network) if ":" in architecture else of_file(architecture, path, name)
        return Built(network, f"{architecture}, weights of {path.name}", preprocess)
