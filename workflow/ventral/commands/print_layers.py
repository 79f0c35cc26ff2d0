"""`ventral layers`: prints the layers of a model."""

import argparse
import contextlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from ventral.commands.check_config import CONFIG
from ventral.config.study_file import read_study
from ventral.core.errors import Fault


def add(commands: Any) -> None:
    """Describe the command and its arguments."""
    layers = commands.add_parser("layers", help="print the layers of a model, with the shape of one response")
    layers.add_argument(
        "model",
        nargs="?",
        help="a name under models or networks in the config, an architecture of torchvision, or timm:NAME",
    )
    layers.add_argument("--config", type=Path, default=CONFIG, help="default: %(default)s")
    layers.add_argument("--size", type=pixels, help="side of the image in pixels; default: the model's, or 224")
    layers.add_argument("--json", action="store_true", help="print names only, as JSON")
    layers.add_argument("--entry", action="store_true", help=argparse.SUPPRESS)
    layers.set_defaults(run=print_layers)


def pixels(text: str) -> int:
    """The side of an image in pixels, 1 or more, from a text."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pixels of 1 or more")
    return int(text)


def print_layers(chosen: argparse.Namespace) -> None:
    """Print the layers of a model in the order in which they finish, with a star at those that `auto` means."""
    with contextlib.redirect_stdout(sys.stderr):  # keeps what user code prints out of the answer
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
    print("\n* `layers: auto` takes the last 5 of these, or the last n with `last: n`.")


def described(
    entry: dict, name: str | None, size: int | None = None
) -> tuple[list[tuple[str, tuple[int, ...], bool]], bool]:
    """Describe the layers of an entry's network.

    Returns
    -------
    list of (name, shape, auto)
        The name of each layer, the shape of its response to one image, and whether `layers: auto` means it.
    bool
        Whether the network is a torch module.
    """
    from ventral.models.load import load_untrained

    model = load_untrained(entry, name)
    if not model.is_module:
        from ventral.models.callables import shapes_of_callable

        return [(layer, shape, True) for layer, shape in shapes_of_callable(model.network, size or 224).items()], False
    from ventral.models.found_layers import describe
    from ventral.models.image_sizes import accepted_size

    accepted = accepted_size(model, size or model.preprocess.size or 224)
    if size not in (None, accepted):
        print(f"{name} does not accept images of {size} pixels; the shapes are of {accepted}.", file=sys.stderr)
    return [(layer.name, layer.shape, layer.auto) for layer in describe(model.network, accepted)], True


def entry_of(model: str | None, config: Path) -> dict:
    """The entry that a name means: of a model or of networks in the config, or else the architecture of this name."""
    if model is None:
        raise Fault("Name a model of the config, or an architecture.")
    if not config.is_file():
        if config != CONFIG:
            raise Fault(f"{config} does not exist; name the study with --config.")
        return {"source": "architecture", "architecture": model}
    study = read_study(config)
    for section in ("models", "networks"):
        entries = study.get(section) or {}
        if not isinstance(entries, dict):
            raise Fault(f"{section} in {config}: must be a mapping of names, not {entries!r}.")
        name = entry_named(model, entries)
        if name is None:
            continue
        entry = entries[name]
        if not isinstance(entry, dict):
            raise Fault(f"{model} in {config}: must be a mapping of names, not {entry!r}.")
        return entry_of_networks(entry) if section == "networks" else entry_of_model(model, entry, config)
    return {"source": "architecture", "architecture": model}


def entry_named(model: str, entries: dict) -> str | None:
    """The entry of this name, or the one that trains the network of this name; None if there is neither."""
    if model in entries:
        return model
    trained = re.fullmatch(r"(.+?)(_lambda[0-9.e+-]+)?_seed[0-9]+", model)
    return trained[1] if trained and "objective" in (entries.get(trained[1]) or {}) else None


def entry_of_model(model: str, entry: dict, config: Path) -> dict:
    """The entry of a model, with the model's name as its default architecture."""
    if "source" not in entry:
        raise Fault(f"{model} in {config}: needs the key 'source'.")
    from ventral.models.sources import named

    return named(entry, model)


def entry_of_networks(entry: dict) -> dict:
    """The entry of a model for networks that are to be trained, before training."""
    kept = {key: value for key, value in entry.items() if key in ("architecture", "arguments")}
    return {"source": "architecture", **kept, "preprocess": {"size": entry.get("size", 224)}}
