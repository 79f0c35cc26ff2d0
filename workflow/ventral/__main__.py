"""The command `ventral`: what a study needs beside its workflow."""

import argparse
import json
import sys
from pathlib import Path

from ventral.store import Fault, whole
from ventral.study_file import read_study


def main(arguments: list[str] | None = None) -> None:
    """Run a subcommand; a Fault becomes one sentence and exit status 1."""
    parser = argparse.ArgumentParser(prog="ventral", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    layers = commands.add_parser("layers", help="print the layers of a model, with the shape of one response")
    layers.add_argument(
        "model", nargs="?", help="a model or an entry of networks of the config, or torchvision's NAME, or timm:NAME"
    )
    layers.add_argument("--config", type=Path, default=Path("config.yaml"), help="default: %(default)s")
    layers.add_argument("--size", type=int, help="side of the image in pixels; default: the model's, or 224")
    layers.add_argument("--json", action="store_true", help="names only, for programs")
    layers.add_argument("--entry", type=json.loads, help=argparse.SUPPRESS)
    layers.set_defaults(run=print_layers)

    catalogue = commands.add_parser("catalogue", help="write the presets of `layers: auto` again")
    catalogue.add_argument("architectures", nargs="*", help="to be added to those that it has already")
    catalogue.set_defaults(run=write_catalogue)

    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except Fault as fault:
        sys.exit(str(fault))


def print_layers(chosen: argparse.Namespace) -> None:
    """Print the layers of a model in the order in which they finish; the blocks that `auto` means have a star."""
    layers = described(chosen.entry or entry_of(chosen.model, chosen.config), chosen.model, chosen.size)
    if chosen.json:
        names = {"layers": [name for name, *_ in layers], "auto": [name for name, _, auto in layers if auto]}
        print(json.dumps(names))
        return
    width = max(len(name) for name, *_ in layers)
    for name, shape, auto in layers:
        print(f"{'*' if auto else ' '} {name:{width}}  {' × '.join(map(str, shape))}".rstrip())
    print("\n* what `layers: auto` means; it takes the last 5 of them, or the last `last: n`.")


def described(entry: dict, name: str | None, size: int | None = None) -> list[tuple[str, tuple[int, ...], bool]]:
    """Name, shape and whether `auto` means it, for each layer of an entry's network."""
    from ventral.models.sources import load_model, without_weights

    model = load_model(without_weights(entry), name)
    if not model.is_module:
        return [(layer, (), True) for layer in model.network.layers]
    from ventral.models.catalogue import describe
    from ventral.models.passes import accepted_size

    size = accepted_size(model, size or model.preprocess.size or 224)
    return [(layer.name, layer.shape, layer.auto) for layer in describe(model.network, size)]


def entry_of(model: str | None, config: Path) -> dict:
    """The entry of a model, or of networks to be trained, in a config; or what an architecture's name stands for."""
    if model is None:
        raise Fault("Name a model of the config, or an architecture.")
    if config.is_file():
        study = read_study(config)
        models, networks = (study.get(section) or {} for section in ("models", "networks"))
        spec = models.get(model, networks.get(model, {}))
        if not isinstance(spec, dict):
            raise Fault(f"{model} in {config}: must be a mapping of names, not {spec!r}.")
        if model in models:
            return spec
        if model in networks:
            entry = {key: value for key, value in spec.items() if key in ("architecture", "arguments")}
            return {"source": "architecture", **entry, "preprocess": {"size": spec.get("size", 224)}}
    return {"source": "architecture", "architecture": model}


def write_catalogue(chosen: argparse.Namespace) -> None:
    """Write `models/layers.json`: layers of torchvision architectures, as text to stay small."""
    from ventral.models.layers import CATALOGUE

    known = json.loads(CATALOGUE.read_text()) if CATALOGUE.exists() else {}
    catalogue = {}
    for architecture in sorted({*known, *chosen.architectures}):
        layers = described({"source": "architecture", "architecture": architecture}, architecture)
        catalogue[architecture] = {
            "layers": " ".join(name for name, *_ in layers),
            "auto": " ".join(name for name, _, auto in layers if auto),
        }
    with whole(CATALOGUE) as partial:
        partial.write_text(json.dumps(catalogue, indent=0) + "\n")
    print(f"{len(catalogue)} architectures in {CATALOGUE}")


if __name__ == "__main__":
    main()
