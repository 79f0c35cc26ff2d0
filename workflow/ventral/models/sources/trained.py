"""Networks that the study trains."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from ventral.config.entry import PathText
from ventral.core.errors import AGAIN, Fault
from ventral.models.architectures import headless
from ventral.models.model import Built
from ventral.models.model_entry import ModelEntry
from ventral.models.named_network import NamedNetwork
from ventral.models.sources.random_weights import RandomWeights


@dataclass(frozen=True, kw_only=True)
class Trained(NamedNetwork):
    """A network that the study trains; `networks` of the configuration make these entries."""

    for_configs: ClassVar[bool] = False

    source: Literal["trained"]
    file: PathText

    def build(self, name: str) -> Built:
        """The encoder that training wrote to the file."""
        from ventral.models.checkpoints import fit, read

        content = read(Path(self.file), name, AGAIN)
        trained = content.get("architecture") if isinstance(content, dict) else None
        if trained != self.architecture:
            raise Fault(
                f"{self.file} holds a trained network of architecture {trained}, and model {name} says "
                f"{self.architecture}; correct `architecture`."
            )
        network = headless(self.constructed(name))
        fit(network, Path(self.file), name, state_dict="state_dict")
        return Built(network, f"{self.architecture}, weights of {Path(self.file).name}")

    def weights_files(self) -> list[str]:
        """The file, which training may still have to write."""
        return [self.file]

    def without_weights(self) -> ModelEntry:
        """The same network with random weights."""
        return RandomWeights.like(self)

    def weights_in_words(self, seed: int) -> str:
        """The file."""
        return f"trained, {self.file}"
