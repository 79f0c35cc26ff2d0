"""Networks with the weights of a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from ventral.config.entry import Key, PathText
from ventral.config.places import address_problem
from ventral.core.errors import Fault
from ventral.models.model import Built
from ventral.models.model_entry import ModelEntry
from ventral.models.named_network import WeightsInFiles
from ventral.models.sources.random_weights import RandomWeights


@dataclass(frozen=True, kw_only=True)
class Checkpoint(WeightsInFiles):
    """A network of torchvision, of timm (timm:name) or your own, with weights from a file."""

    any_of: ClassVar[tuple[str, ...]] = ("file", "url")

    source: Literal["checkpoint"]
    file: Annotated[PathText | None, Key("The file of its weights.")] = None
    url: Annotated[str | None, Key("An https address that its weights are fetched from; it needs `sha256`.")] = None

    def build(self, name: str) -> Built:
        """The network with the weights of the file, which is fetched first if the entry gives an address."""
        from ventral.models.checkpoints import fetch

        if self.file:
            return self.with_file(Path(self.file), name)
        if not self.url:
            raise Fault(f"Model {name} needs `file` or `url`, the checkpoint with its weights.")
        if problem := address_problem(self.url):
            raise Fault(f"Model {name}: {self.url!r} {problem}.")
        return self.with_file(fetch(self.url, name), name)

    def problems(self) -> Iterator[str]:
        """A file that is not there, an address that is not valid, or one without a checksum."""
        yield from super().problems()
        if self.file and not Path(self.file).is_file():
            yield f"file: there is no file {self.file!r}."
        if self.url is None:
            return
        if problem := address_problem(self.url):
            yield f"url: {self.url!r} {problem}."
        if self.sha256 is None:
            yield "sha256: a file from an address needs a checksum; give its SHA-256, 64 digits."

    def weights_file(self) -> Path | None:
        """The file, if the entry names one."""
        return Path(self.file) if self.file else None

    def without_weights(self) -> ModelEntry:
        """The same network with random weights."""
        return RandomWeights.like(self)

    def weights_in_words(self, seed: int) -> str:
        """The file or the address."""
        return f"checkpoint, {self.file or self.url}"
