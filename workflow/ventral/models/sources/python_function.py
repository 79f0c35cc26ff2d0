"""Networks and baselines that a Python function makes."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from ventral.config.entry import Key, PathText
from ventral.models.architectures import imported, seeded
from ventral.models.foreign import as_fault
from ventral.models.model import Built
from ventral.models.model_entry import ModelEntry
from ventral.models.returned import checked


@dataclass(frozen=True, kw_only=True)
class PythonFunction(ModelEntry):
    """A network or a baseline that a function makes."""

    network_keys: ClassVar[tuple[str, ...]] = ("factory", "arguments")

    source: Literal["python"]
    factory: Annotated[
        PathText,
        Key("package.module:function or folder/file.py:function.", pattern="^[^:]+:[A-Za-z_][A-Za-z0-9_]*$"),
    ]

    def build(self, name: str) -> Built:
        """The network that the function returns.

        Raises
        ------
        Fault
            The function cannot be imported, raises an error, or returns neither a torch network nor a callable with
            names of layers.
        """
        factory: Callable = imported(self.factory, name) if isinstance(self.factory, str) else self.factory
        arguments, source = self.arguments or {}, f"python {self.function_name()}"
        with as_fault(f"Model {name}: {source} failed with `arguments` {arguments}"):
            if "torch" not in sys.modules:
                network = factory(**arguments)
                if not hasattr(network, "named_modules"):
                    return checked(network, source, name)
            # A factory that was the first to import torch runs again, so that its random weights are seeded.
            network = seeded(lambda: factory(**arguments), {"seed": self.seed or 0})
        return checked(network, source, name)

    def missing_weights(self) -> str | None:
        """The file of the function that is not there; it is the user's own and loads weights by itself."""
        file = self.function_name().rpartition(":")[0]
        return f"there is no file {file!r}." if file.endswith(".py") and not Path(file).is_file() else None

    def function_name(self) -> str:
        """`package.module:function` for a function, which code may give, and the text of a config as it is."""
        factory: Any = self.factory
        return factory if isinstance(factory, str) else f"{factory.__module__}:{factory.__qualname__}"

    def identity(self) -> dict[str, Any]:
        """The name of the function and its arguments."""
        return super().identity() | {"factory": self.function_name()}

    def weights_in_words(self, seed: int) -> str:
        """The function."""
        return f"Python function {self.function_name()}"
