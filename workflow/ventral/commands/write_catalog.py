"""`ventral architectures`: updates the file of the layers of known architectures."""

import argparse
import json
from typing import Any

from ventral.commands.print_layers import described
from ventral.core.files import whole


def add(commands: Any) -> None:
    """Describe the command and its arguments."""
    known = commands.add_parser("architectures", help="update the file of the layers of known architectures")
    known.add_argument("architectures", nargs="*", help="architectures of torchvision to add to it")
    known.set_defaults(run=write_catalog)


def write_catalog(chosen: argparse.Namespace) -> None:
    """Write `models/layers.json`: the weights and layers of torchvision architectures, as texts to keep it small."""
    from ventral.models.architectures import torchvision_models
    from ventral.models.known_layers import CATALOG, known_architectures

    known = known_architectures()
    catalog = {}
    for architecture in sorted({*known, *chosen.architectures}):
        layers, _ = described({"source": "architecture", "architecture": architecture}, architecture)
        catalog[architecture] = {
            "weights": " ".join(torchvision_models().get_model_weights(architecture).__members__),
            "layers": " ".join(name for name, *_ in layers),
            "auto": " ".join(name for name, _, auto in layers if auto),
        }
    with whole(CATALOG) as partial:
        partial.write_text(json.dumps(catalog, indent=0) + "\n")
    print(f"{len(catalog)} architectures in {CATALOG}")
