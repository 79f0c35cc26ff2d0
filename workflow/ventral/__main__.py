"""The command `ventral`: what a study needs beside its workflow."""

import argparse
import json
import sys
from pathlib import Path

from ventral.store import Fault, whole

ARCHITECTURES = """
    alexnet convnext_tiny densenet121 densenet169 efficientnet_b0 googlenet inception_v3 mnasnet1_0
    mobilenet_v2 mobilenet_v3_large mobilenet_v3_small regnet_y_400mf resnet18 resnet34 resnet50 resnet101
    resnet152 resnext50_32x4d shufflenet_v2_x1_0 squeezenet1_0 squeezenet1_1 swin_t vgg11 vgg11_bn vgg13 vgg16
    vgg16_bn vgg19 vit_b_16 wide_resnet50_2
""".split()


def main(arguments: list[str] | None = None) -> None:
    """Run a subcommand; a Fault becomes one sentence and exit status 1."""
    parser = argparse.ArgumentParser(prog="ventral", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    layers = commands.add_parser("layers", help="print the layers of a model, with the shape of one response")
    layers.add_argument("model", nargs="?", help="a model of the config, or an architecture of torchvision or timm:NAME")
    layers.add_argument("--config", type=Path, default=Path("config.yaml"), help="default: %(default)s")
    layers.add_argument("--size", type=int, help="side of the image in pixels; default: the model's, or 224")
    layers.add_argument("--json", action="store_true", help="names only, for programs")
    layers.add_argument("--entry", type=json.loads, help=argparse.SUPPRESS)
    layers.set_defaults(run=print_layers)

    catalogue = commands.add_parser("catalogue", help="write the layers of torchvision's networks again")
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
    """The entry of a model in a config, or the entry that an architecture's name stands for."""
    if model is None:
        raise Fault("Name a model of the config, or an architecture.")
    if config.is_file():
        import yaml

        models = (yaml.safe_load(config.read_text()) or {}).get("models") or {}
        if model in models:
            return models[model]
    return {"source": "architecture", "architecture": model}


def write_catalogue(chosen: argparse.Namespace) -> None:
    """Write `models/layers.json`: layers of every architecture of `ARCHITECTURES`, as text to stay small."""
    from ventral.models.layers import CATALOGUE

    catalogue = {}
    for architecture in ARCHITECTURES:
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
