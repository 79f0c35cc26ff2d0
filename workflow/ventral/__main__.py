"""The command `ventral`: what a study needs beside its workflow."""

import argparse
import contextlib
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from ventral.faults import of_full_disk
from ventral.store import Fault, whole
from ventral.study_file import read_study

CONFIG = Path("config.yaml")


def main(arguments: list[str] | None = None) -> None:
    """Run a subcommand; a Fault becomes one sentence and exit status 1."""
    parser = argparse.ArgumentParser(prog="ventral", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    layers = commands.add_parser("layers", help="print the layers of a model, with the shape of one response")
    layers.add_argument(
        "model", nargs="?", help="a model or an entry of networks of the config, or torchvision's NAME, or timm:NAME"
    )
    layers.add_argument("--config", type=Path, default=CONFIG, help="default: %(default)s")
    layers.add_argument("--size", type=pixels, help="side of the image in pixels; default: the model's, or 224")
    layers.add_argument("--json", action="store_true", help="names only, for programs")
    layers.add_argument("--entry", action="store_true", help=argparse.SUPPRESS)
    layers.set_defaults(run=print_layers)

    weights = commands.add_parser("weights")  # for the workflow only
    weights.set_defaults(run=print_weights_problems)

    catalogue = commands.add_parser("catalogue", help="write the presets of `layers: auto` again")
    catalogue.add_argument("architectures", nargs="*", help="to be added to those that it has already")
    catalogue.set_defaults(run=write_catalogue)

    chosen = parser.parse_args(arguments)
    if "" not in sys.path:  # the user's modules lie in the working folder, as for the jobs of the workflow
        sys.path.insert(0, "")
    try:
        chosen.run(chosen)
        if sys.stdout:  # a shell may close it
            sys.stdout.flush()
    except Fault as fault:
        sys.exit(str(fault))
    except BrokenPipeError:  # whoever read this has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if not of_full_disk(error):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the rest is written again at the exit
        what = error.filename or "The output of `ventral`"
        sys.exit(f"{what} could not be written ({error.strerror}); make room and run the same command again.")


def pixels(text: str) -> int:
    """A side in pixels, one or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pixels of 1 or more")
    return int(text)


def print_layers(chosen: argparse.Namespace) -> None:
    """Print the layers of a model in the order in which they finish; the blocks that `auto` means have a star."""
    with contextlib.redirect_stdout(sys.stderr):  # what user code prints is no layer
        entry = json.load(sys.stdin) if chosen.entry else entry_of(chosen.model, chosen.config)
        layers, is_module = described(entry, chosen.model, chosen.size)
    if chosen.json:
        names = {"layers": [name for name, *_ in layers], "auto": [name for name, _, auto in layers if auto]}
        print(json.dumps(names | {"is_module": is_module}))
        return
    if not layers:
        raise Fault(f"{chosen.model} has no layer whose output can be extracted.")
    width = max(len(name) for name, *_ in layers)
    for name, shape, auto in layers:
        print(f"{'*' if auto else ' '} {name:{width}}  {' × '.join(map(str, shape))}".rstrip())
    print("\n* what `layers: auto` means; it takes the last 5 of them, or the last `last: n`.")


def described(
    entry: dict, name: str | None, size: int | None = None
) -> tuple[list[tuple[str, tuple[int, ...], bool]], bool]:
    """Name, shape and whether `auto` means it, for each layer of an entry's network; and whether torch runs it."""
    from ventral.models.sources import load_model, without_weights

    model = load_model(without_weights(entry), name)
    if not model.is_module:
        return [(layer, shape, True) for layer, shape in shapes_of_callable(model.network, size or 224).items()], False
    from ventral.models.catalogue import describe
    from ventral.models.passes import accepted_size

    accepted = accepted_size(model, size or model.preprocess.size or 224)
    if size not in (None, accepted):
        print(f"{name} cannot be run on images of {size} pixels; the shapes are of {accepted}.", file=sys.stderr)
    return [(layer.name, layer.shape, layer.auto) for layer in describe(model.network, accepted)], True


def shapes_of_callable(network: Callable, size: int) -> dict[str, tuple[int, ...]]:
    """Shape of each layer's response to one black image; empty where the callable does not take it."""
    import numpy as np

    try:
        given = network(np.zeros((2, size, size, 3), np.uint8))
        return {layer: tuple(given[layer].shape[1:]) for layer in network.layers}
    except Exception:  # user code refuses an image by any kind of error, and the names are known without it
        return dict.fromkeys(network.layers, ())


def entry_of(model: str | None, config: Path) -> dict:
    """The entry of a model, or of networks to be trained, in a config; or what an architecture's name stands for."""
    if model is None:
        raise Fault("Name a model of the config, or an architecture.")
    if not config.is_file():
        if config != CONFIG:
            raise Fault(f"{config} does not exist; name the study with --config.")
        return {"source": "architecture", "architecture": model}
    study = read_study(config)
    sections = {key: study.get(key) or {} for key in ("models", "networks")}
    for section, entries in sections.items():
        if not isinstance(entries, dict):
            raise Fault(f"{section} in {config}: must be a mapping of names, not {entries!r}.")
        name = entry_named(model, entries)
        if name is not None and not isinstance(entries[name], dict):
            raise Fault(f"{model} in {config}: must be a mapping of names, not {entries[name]!r}.")
        if name is not None:
            entry = entries[name]
            return entry_of_networks(entry) if section == "networks" else entry_of_model(model, entry, config)
    return {"source": "architecture", "architecture": model}


def entry_named(model: str, entries: dict) -> str | None:
    """The entry of this name, or the one that trains a network of this name; None where there is none."""
    if model in entries:
        return model
    trained = re.fullmatch(r"(.+)_lambda[0-9.e+-]+_seed[0-9]+", model)
    return trained[1] if trained and "objective" in (entries.get(trained[1]) or {}) else None


def entry_of_model(model: str, entry: dict, config: Path) -> dict:
    """The entry of a model with its architecture, which by default has the model's name."""
    if "source" not in entry:
        raise Fault(f"{model} in {config}: needs the key 'source'.")
    return entry if entry["source"] == "python" else {"architecture": model} | entry


def entry_of_networks(entry: dict) -> dict:
    """The entry of a network as it is before it is trained."""
    kept = {key: value for key, value in entry.items() if key in ("architecture", "arguments")}
    return {"source": "architecture", **kept, "preprocess": {"size": entry.get("size", 224)}}


def print_weights_problems(_: argparse.Namespace) -> None:
    """Print what is wrong with the weights of each entry on standard input, a sentence by name, for programs."""
    from ventral.models.sources import check_weights

    found = {}
    with contextlib.redirect_stdout(sys.stderr):
        for name, entry in json.load(sys.stdin).items():
            try:
                check_weights(entry, name)
            except Fault as fault:
                found[name] = str(fault)
    print(json.dumps(found))


def write_catalogue(chosen: argparse.Namespace) -> None:
    """Write `models/layers.json`: layers of torchvision architectures, as text to stay small."""
    from ventral.models.architectures import torchvision_models
    from ventral.models.layers import CATALOGUE

    known = json.loads(CATALOGUE.read_text()) if CATALOGUE.exists() else {}
    catalogue = {}
    for architecture in sorted({*known, *chosen.architectures}):
        layers, _ = described({"source": "architecture", "architecture": architecture}, architecture)
        catalogue[architecture] = {
            "weights": " ".join(torchvision_models().get_model_weights(architecture).__members__),
            "layers": " ".join(name for name, *_ in layers),
            "auto": " ".join(name for name, _, auto in layers if auto),
        }
    with whole(CATALOGUE) as partial:
        partial.write_text(json.dumps(catalogue, indent=0) + "\n")
    print(f"{len(catalogue)} architectures in {CATALOGUE}")


if __name__ == "__main__":
    main()
