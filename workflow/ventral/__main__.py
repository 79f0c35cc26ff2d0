"""The command `ventral`: checks configurations, prints layers of models, and answers the workflow about networks."""

import argparse
import contextlib
import json
import os
import re
import sys
from pathlib import Path

from ventral.config.study_file import read_study
from ventral.core.errors import Fault, of_full_disk
from ventral.core.files import whole

CONFIG = Path("config.yaml")


def main(arguments: list[str] | None = None) -> None:
    """Run a subcommand; a Fault or a full disk ends it with one sentence and exit status 1."""
    chosen = _parser().parse_args(arguments)
    if "" not in sys.path:  # the user's modules are in the working folder, as for the jobs of the workflow
        sys.path.insert(0, "")
    try:
        chosen.run(chosen)
        if sys.stdout:  # a shell may close it
            sys.stdout.flush()
    except Fault as fault:
        sys.exit(str(fault))
    except BrokenPipeError:  # the program that reads the output has ended
        _discard_output()
    except OSError as error:
        if not of_full_disk(error):
            raise
        _discard_output()
        what = error.filename or "The output of `ventral`"
        sys.exit(f"{what} could not be written ({error.strerror}); make room and run the same command again.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ventral", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="check the configuration of a study and name all its faults")
    check.add_argument("config", nargs="?", type=Path, default=CONFIG, help="default: %(default)s")
    check.set_defaults(run=check_config)

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

    weights = commands.add_parser("weights")  # for the workflow only
    weights.set_defaults(run=print_weights_problems)

    known = commands.add_parser("architectures", help="update the file of the layers of known architectures")
    known.add_argument("architectures", nargs="*", help="architectures of torchvision to add to it")
    known.set_defaults(run=write_catalog)
    return parser


def _discard_output() -> None:
    """Send standard output nowhere, so that Python does not try to write the rest of it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def pixels(text: str) -> int:
    """The side of an image in pixels, 1 or more, from a text."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pixels of 1 or more")
    return int(text)


def check_config(chosen: argparse.Namespace) -> None:
    """Check a configuration as the workflow does before any job, but without its GPU and without opening weights."""
    from ventral.config.complete import complete

    complete(read_study(chosen.config), [chosen.config])
    print(f"{chosen.config} has no faults.")


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


def print_weights_problems(_: argparse.Namespace) -> None:
    """Print what is wrong with the weights of each entry on standard input, as JSON: a sentence for each name."""
    from ventral.models.sources import model_entry

    problems = {}
    with contextlib.redirect_stdout(sys.stderr):
        for name, entry in json.load(sys.stdin).items():
            try:
                model_entry(entry, name).check_weights(name)
            except Fault as fault:
                problems[name] = str(fault)
    print(json.dumps(problems))


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


if __name__ == "__main__":
    main()
