"""A sound configuration, and changes that each introduce one fault.

A change consists of the path of a key, its new value, and what the message must name, by default the path of the key.
"""

import copy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import yaml
from PIL import Image

GONE = SimpleNamespace()  # a value that means that the key is left out

SOUND = {
    "title": "A study",
    "results": "results",
    "seed": 0,
    "device": "cpu",
    "keep_activations": True,
    "stimuli": {
        "scenes": {"kind": "scenes", "base_scenes": 4, "levels": 3, "parameters": ["pose"], "size": 32},
        "like": {"kind": "scenes", "base_scenes": 4, "like": "scenes", "grayscale": True},
        "photos": {"kind": "images", "folder": "photos", "size": 32},
        "clips": {"kind": "movies", "folder": "clips", "frames": 3},
        "augmented": {"kind": "augmentations", "stimuli": "photos", "images": 4, "levels": 5},
        "training": {"kind": "scenes", "base_scenes": 64, "size": 32},
    },
    "models": {
        "alexnet": {"source": "torchvision", "layers": ["features.3", "features.1*"]},
        "vit": {"source": "torchvision", "architecture": "vit_b_16", "layers": "auto", "last": 2},
        "weights": {"source": "checkpoint", "architecture": "resnet18", "file": "weights.pth"},
        "pixels": {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"]},
    },
    "networks": {
        "sweep": {
            "objective": "barlow_twins",
            "lambda": [0, 0.5],
            "seeds": [0, 1],
            "data": {"stimuli": "training"},
            "size": 32,
            "architecture": "resnet18",
            "projector": [16, 16],
            "augmentation": {"crop_area": [0.2, 1]},
            "batch": 8,
            "epochs": 2,
            "optimizer": {"kind": "adamw", "lr": 0.001, "warmup": 1},
        }
    },
    "recordings": {
        "simulated": {"kind": "simulated", "stimuli": "scenes", "units": 4, "repeats": 3},
        "mine": {"kind": "npz", "file": "mine.npz", "stimuli": "photos"},
        "choices": {"kind": "trials", "file": "choices.csv", "stimuli": "photos"},
        "macaque": {"kind": "macaque_v4", "session": 210325},
    },
    "geometry": {"thresholds": [0.5, 0.9]},
    "predictivity": {"splits": {"kind": "kfold", "folds": 3, "seed": 1}},
}

NO_NUMBER = ("many", [1], {"a": 1}, None, True)
WRONG_TYPES = [
    *[(("seed",), value) for value in (*NO_NUMBER, -1, 0.5)],
    *[(("title",), value) for value in (3, ["A", "study"], {"a": 1})],
    *[(("results",), value) for value in (3, ["results"], "a*b", "{results}", "a<b")],
    *[(("device",), value) for value in ("gpu", "CPU", 0, None, "cuda:0")],
    *[(("keep_activations",), value) for value in ("yes please", 1, None)],
    *[((section,), value) for section in ("stimuli", "models", "recordings", "geometry") for value in ([], "all", 3)],
    *[(("stimuli", "scenes"), value) for value in (None, [], "scenes", 4)],
    *[(("models", "alexnet"), value) for value in (None, [], "torchvision")],
    *[(("networks", "sweep"), value) for value in (None, "barlow_twins")],
    *[(("recordings", "simulated"), value) for value in (None, "simulated")],
    *[(("stimuli", "scenes", "base_scenes"), value) for value in (*NO_NUMBER, 1, 0, -4, 4.5)],
    *[(("stimuli", "scenes", "levels"), value) for value in ("ten", 1, 2.5)],
    *[(("stimuli", "scenes", "size"), value) for value in ("big", 8, 4096, [32, 32])],
    *[(("stimuli", "scenes", "parameters"), value) for value in ("pose", {"pose": 1}, ["pose", "pose"])],
    *[(("stimuli", "scenes", "seed"), value) for value in (-1, "zero")],
    *[(("stimuli", "photos", "folder"), value) for value in (3, ["photos"])],
    *[(("stimuli", "photos", "grayscale"), value) for value in ("no colour", 0)],
    *[(("stimuli", "clips", "frames"), value) for value in (1, "all")],
    *[(("stimuli", "clips", "step"), value) for value in (0, -1, 1.5)],
    *[(("stimuli", "augmented", "levels"), value) for value in (4, "many")],
    *[(("stimuli", "augmented", "images"), value) for value in (3, 0)],
    *[(("models", "alexnet", "layers"), value) for value in ([], 3, {"features.3": 1}, ["features.3", "features.3"])],
    *[(("models", "vit", "last"), value) for value in (0, -1, "all")],
    *[(("models", "alexnet", "max_units"), value) for value in (0, "all", 1.5)],
    *[(("models", "alexnet", "baseline"), value) for value in ("perhaps", 1)],
    *[(("networks", "sweep", "batch"), value) for value in (1, "big")],
    *[(("networks", "sweep", "epochs"), value) for value in (0, "many")],
    *[(("networks", "sweep", "seeds"), value) for value in ([], [-1], [0, 0], 3, ["a"])],
    *[(("networks", "sweep", "lambda"), value) for value in ([], 0.5, [2], [-0.1], [0, 0], ["a"])],
    *[(("networks", "sweep", "projector"), value) for value in ([], 16, [1])],
    *[(("networks", "sweep", "precision"), value) for value in ("half", 16)],
    *[(("networks", "sweep", "optimizer", "lr"), value) for value in (0, "fast", "1e-3")],
    *[(("networks", "sweep", "optimizer", "momentum"), value) for value in (1, -0.1)],
    *[(("networks", "sweep", "augmentation", "crop_area"), value) for value in ([0.2], 0.2, [0, 1])],
    *[(("recordings", "simulated", "units"), value) for value in (1, "many")],
    *[(("recordings", "macaque", "session"), value) for value in ("210325", None, [210325])],
    *[(("recordings", "mine", "file"), value) for value in (3, ["mine.npz"])],
    *[(("geometry", "thresholds"), value) for value in ([], 0.9, [1.0], [0], ["most"], [0.5, 0.5])],
    *[(("predictivity", "splits", "folds"), value) for value in (1, "five", 2.5)],
    *[(("predictivity", "splits", "seed"), value) for value in (-1, "one")],
]
NOT_FINITE = [
    (("geometry", "thresholds"), [float("nan")]),
    (("networks", "sweep", "lambda"), [float("inf")]),
    (("networks", "sweep", "optimizer", "weight_decay"), float("nan")),
    (("stimuli", "scenes", "base_scenes"), float("inf")),
]
UNKNOWN_KEYS = [
    (("devise",), "cpu"),
    (("stimulus",), {}),
    (("stimuli", "scenes", "parameter"), ["pose"]),
    (("stimuli", "photos", "frames"), 3),
    (("stimuli", "clips", "folders"), "clips"),
    (("stimuli", "augmented", "level"), 5),
    (("models", "alexnet", "wieghts"), None),
    (("models", "pixels", "weights"), None),
    (("models", "weights", "files"), "weights.pth"),
    (("models", "alexnet", "preprocess", "sise"), 224),
    (("networks", "sweep", "lambdas"), [0]),
    (("networks", "sweep", "data", "folders"), "photos"),
    (("networks", "sweep", "augmentation", "rotate"), 0.5),
    (("networks", "sweep", "optimizer", "rate"), 0.1),
    (("recordings", "simulated", "unit"), 4),
    (("recordings", "mine", "responses"), "r"),
    (("recordings", "macaque", "sessions"), [210325]),
    (("geometry", "threshold"), [0.9]),
    (("predictivity", "split"), {}),
    (("predictivity", "splits", "fold"), 3),
]
WRONG_NAMES = [
    (("stimuli", "scenes", "kind"), "scene"),
    (("stimuli", "scenes", "parameters"), ["poze"], "stimuli.scenes.parameters.0"),
    (("stimuli", "scenes", "categories"), ["carr"], "stimuli.scenes.categories"),
    (("stimuli", "scenes", "pooling"), "mean"),
    (("stimuli", "scenes", "ranges"), {"poze": [0, 1]}),
    (("stimuli", "like", "like"), "scnes"),
    (("stimuli", "augmented", "stimuli"), "photoz"),
    (("models", "alexnet", "source"), "torchvison"),
    (("models", "alexnet", "architecture"), "alexnett", "models.alexnet"),
    (("models", "alexnet", "layers"), ["features.99"]),
    (("models", "alexnet", "layers"), ["nothing.*"]),
    (("models", "alexnet", "layers"), "featurs.3"),
    (("models", "pixels", "factory"), "ventral.models.baselines:pixel", "models.pixels"),
    (("models", "pixels", "factory"), "ventral.models.baseline:pixels", "models.pixels"),
    (("models", "pixels", "factory"), "no_file.py:make", "models.pixels"),
    (("models", "pixels", "factory"), "baselines"),
    (("models", "pixels", "layers"), ["pixel"]),
    (("models", "weights", "architecture"), "resnet19", "models.weights"),
    (("networks", "sweep", "objective"), "barlow"),
    (("networks", "sweep", "architecture"), "resnet19"),
    (("networks", "sweep", "data"), {"stimuli": "trainings"}, "networks.sweep.data.stimuli"),
    (("networks", "sweep", "data"), {"torchvision": "CIFAR11", "root": "."}, "networks.sweep.data.torchvision"),
    (("networks", "sweep", "optimizer", "kind"), "adam"),
    (("networks", "sweep", "layers"), ["layer9"]),
    (("recordings", "simulated", "kind"), "simulate"),
    (("recordings", "simulated", "stimuli"), "scnes"),
    (("recordings", "mine", "stimuli"), "photo"),
    (("recordings", "macaque", "session"), 21325),
    (("recordings", "macaque", "session"), 190924),
    (("recordings", "macaque", "session"), 210224),
    (("recordings", "macaque", "sha256"), {"images_210325.zip": "0" * 64}),
    (("recordings", "human"), {"kind": "kay2008"}, "recordings.human.sha256"),
    (("predictivity", "splits", "kind"), "kfolds"),
]
MISSING = [
    (("models",), GONE, "models"),
    (("stimuli", "scenes", "kind"), GONE, "stimuli.scenes"),
    (("stimuli", "scenes", "base_scenes"), GONE, "stimuli.scenes"),
    (("stimuli", "photos", "folder"), GONE, "stimuli.photos"),
    (("stimuli", "augmented", "stimuli"), GONE, "stimuli.augmented"),
    (("models", "alexnet", "source"), GONE, "models.alexnet"),
    (("models", "pixels", "factory"), GONE, "models.pixels"),
    (("models", "weights", "file"), GONE, "models.weights"),
    (("networks", "sweep", "objective"), GONE, "networks.sweep"),
    (("networks", "sweep", "data"), GONE, "networks.sweep"),
    (("networks", "sweep", "data"), {}, "networks.sweep.data"),
    (("recordings", "simulated", "kind"), GONE, "recordings.simulated"),
    (("recordings", "simulated", "stimuli"), GONE, "recordings.simulated"),
    (("recordings", "mine", "file"), GONE, "recordings.mine"),
    (("recordings", "macaque", "session"), GONE, "recordings.macaque"),
]
FILES = [
    (("stimuli", "photos", "folder"), "no_such_folder"),
    (("stimuli", "photos", "folder"), "empty"),
    (("stimuli", "photos", "folder"), "weights.pth"),
    (("stimuli", "photos", "folder"), "list.csv"),
    (("stimuli", "photos", "folder"), "absent.txt"),
    (("stimuli", "clips", "folder"), "photos"),
    (("stimuli", "clips", "folder"), "photos/0.png"),
    (("stimuli", "scenes", "backgrounds"), "empty"),
    (("stimuli", "scenes", "meshes"), "empty"),
    (("stimuli", "scenes", "meshes"), "no_such_folder"),
    (("models", "weights", "file"), "no_such_file.pth"),
    (("models", "weights", "file"), "empty"),
    (("models", "alexnet", "weights"), "no/such/file.pth"),
    (("models", "weights", "sha256"), "123"),
    (("recordings", "mine", "file"), "no_such_file.npz"),
    (("recordings", "mine", "file"), "choices.csv"),
    (("recordings", "mine", "file"), "page.npz"),
    (("recordings", "mine", "file"), "no_ids.npz"),
    (("recordings", "mine", "file"), "transposed.npz"),
    (("recordings", "choices", "file"), "mine.npz"),
    (("networks", "sweep", "data"), {"folder": "empty"}, "networks.sweep.data.folder"),
    (("networks", "sweep", "data"), {"torchvision": "CIFAR10"}, "networks.sweep.data.root"),
    (("networks", "sweep", "data"), {"torchvision": "CIFAR10", "root": "empty"}, "networks.sweep.data.root"),
]
CONTRADICTIONS = [
    (("stimuli", "scenes", "ranges"), {"elevation": [30, 10]}),
    (("stimuli", "scenes", "ranges"), {"elevation": [10]}, "stimuli.scenes.ranges.elevation"),
    (("stimuli", "augmented", "folder"), "photos", "stimuli.augmented"),
    (("stimuli", "macaque"), {"kind": "images", "folder": "photos"}, "recordings.macaque"),
    (("stimuli", "augmented", "stimuli"), "training"),
    (("stimuli", "twice"), {"kind": "augmentations", "stimuli": "augmented"}, "stimuli.twice.stimuli"),
    (("recordings", "simulated", "stimuli"), "training"),
    (("models", "sweep"), {"source": "torchvision", "architecture": "alexnet"}, "networks.sweep"),
    (("networks", "sweep", "batch"), 1000),
    (("networks", "sweep", "accumulate"), 3),
    (("networks", "sweep", "processes"), 3),
    (("networks", "sweep", "ema"), 0.9),
    (("networks", "sweep", "augmentation", "crop_area"), [0.9, 0.2]),
    (("networks", "sweep", "optimizer", "warmup"), 20),
    (("networks", "sweep", "data"), {"stimuli": "training", "folder": "photos"}, "networks.sweep.data"),
    (("networks", "sweep", "lambda"), [0.1, 0.1000000001]),
    (("models", "alexnet", "preprocess", "mean"), [0.5, 0.5]),
    (("models", "alexnet", "preprocess", "std"), [0.5, 0, 0.5], "models.alexnet.preprocess.std"),
]
BAD_NAMES = [
    ((section, name), value, "name")
    for section, value in (
        ("stimuli", {"kind": "scenes", "base_scenes": 4}),
        ("models", {"source": "torchvision", "architecture": "alexnet"}),
    )
    for name in ("a/b", "../up", ".hidden", "two words", "", "ü", "-x", 3, True)
]
TABLES = (WRONG_TYPES, NOT_FINITE, UNKNOWN_KEYS, WRONG_NAMES, MISSING, FILES, CONTRADICTIONS, BAD_NAMES)

TEXTS = {
    "an unclosed list": ("models: [unclosed\n", "config.yaml"),
    "tabs": ("models:\n\talexnet: {source: torchvision}\n", "config.yaml"),
    "a wrong indent": ("models:\n  a: {source: torchvision}\n b: {}\n", "config.yaml"),
    "a colon without a space": ("models:\n  alexnet:{source: torchvision}\n", "models.alexnet:{source"),
    "an unclosed quote": ('title: "A study\nmodels: {}\n', "config.yaml"),
    "an unknown anchor": ("models: {alexnet: *base}\n", "config.yaml"),
    "two documents": ("models: {}\n---\nmodels: {}\n", "config.yaml"),
    "a Python object": ("models: !!python/object/apply:os.system ['true']\n", "config.yaml"),
    "a list": ("- models\n- stimuli\n", ""),
    "a text": ("models\n", ""),
    "a key twice": ("models: {a: {source: torchvision, architecture: alexnet}}\nmodels: {}\n", "models: written twice"),
    "a binary file": ("\x00\x01\x02\x03", "config.yaml"),
}


def furnish(folder: Path) -> None:
    """Write the files that the sound configuration names, and some that faulty ones name."""
    for name in ("photos", "clips", "empty"):
        (folder / name).mkdir(parents=True)
    for i in range(6):
        Image.fromarray(np.full((32, 32, 3), 20 * i, dtype=np.uint8)).save(folder / f"photos/{i}.png")
    (folder / "clips/a.mp4").touch()
    (folder / "weights.pth").touch()
    ids = [f"{i}.png" for i in range(6)]
    responses = np.random.default_rng(0).standard_normal((3, 6))
    np.savez(folder / "mine.npz", responses=responses, stimulus_id=ids)
    np.savez(folder / "no_ids.npz", responses=responses)
    np.savez(folder / "transposed.npz", responses=responses.T, stimulus_id=ids)
    (folder / "page.npz").write_text("<!DOCTYPE html><html>404</html>")
    (folder / "choices.csv").write_text("stimulus_id,sample,distractor,choice\n0.png,dog,cat,dog\n1.png,cat,dog,cat\n")
    (folder / "list.csv").write_text("file\nphotos/0.png\n")
    (folder / "absent.txt").write_text("photos/0.png\nphotos/99.png\n")


def changed(path: tuple, value: object) -> dict:
    """The sound configuration with one value changed or left out."""
    config = copy.deepcopy(SOUND)
    place = config
    for key in path[:-1]:
        place = place.setdefault(key, {})
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    if path == ("models",) and value is GONE:
        del config["networks"]
    return config


def bad_configs() -> dict[str, tuple[str, str]]:
    """YAML texts with one fault each, by the name of the fault, and what the message must name."""
    found = {}
    for path, value, *named in (case for table in TABLES for case in table):
        shown = "left out" if value is GONE else repr(value)
        text = yaml.safe_dump(changed(path, value), sort_keys=False)
        found[f"{'.'.join(map(str, path))}: {shown}"] = (text, named[0] if named else ".".join(path))
    return found | {f"YAML: {name}": case for name, case in TEXTS.items()}
