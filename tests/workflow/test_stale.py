"""A change of any file that a key of the configuration names makes the results that come from it again."""

import io
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from study import ROOT

SCHEMA = json.loads((ROOT / "workflow/ventral/config/config.schema.json").read_text())
STUB = "from pathlib import Path\nfor path in snakemake.output:\n    Path(path).touch()\n"
PLACED = "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path(__file__).parent))\n"
FACTORY = f"""{PLACED}
import helper

class Net:
    layers = ["a"]
    def __call__(self, images): ...

def net(**arguments):
    return Net()
"""
NETWORK = f"{PLACED}import blocks\n\ndef net():\n    return blocks.net()\n"
BLOCKS = "import torch\n\ndef net():\n    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())\n"
HUB = "dependencies = []\nfrom inside import net\n"
OWN = {"source": "python", "factory": "code/mine.py:net", "layers": ["a"]}
TORCH = {"architecture": "nets/mine.py:net", "layers": ["0"]}
TRAINED = {"objective": "mmcr", "lambda": [0], "size": 16, "batch": 2, "epochs": 1, "layers": ["0"]}
TRAINED |= {"architecture": "nets/mine.py:net", "projector": [4]}

# By what the schema calls a key: the entry that has it, the file behind it, and the job that makes the entry's result.
CASES = {
    "images.folder": ("stimuli", "listed", {"kind": "images", "folder": "lists/a.csv"}, "lists/a.csv"),
    "shards.folder": ("stimuli", "packed", {"kind": "shards", "folder": "shards"}, "shards/a.tar"),
    "movies.folder": ("stimuli", "clips", {"kind": "movies", "folder": "films"}, "films/a.mp4"),
    "augmentations.folder": ("stimuli", "varied", {"kind": "augmentations", "folder": "lists/b.txt"}, "lists/b.txt"),
    "scenes.meshes": ("stimuli", "meshes", {"kind": "scenes", "base_scenes": 4, "meshes": "meshes"}, "meshes/a.mtl"),
    "scenes.backgrounds": (
        *("stimuli", "behind", {"kind": "scenes", "base_scenes": 4, "backgrounds": "behind"}),
        "behind/a.png",
    ),
    "python.factory": ("models", "own", OWN, "code/helper.py"),
    "python.files": ("models", "reads", OWN | {"files": ["data/*.npy"]}, "data/a.npy"),
    "python.arguments": ("models", "argued", OWN | {"arguments": {"deep": ["data/b.npy"]}}, "data/b.npy"),
    "torchhub.repository": (
        *("models", "hub", {"source": "torchhub", "repository": "hub", "architecture": "net", "layers": ["0"]}),
        "hub/inside.py",
    ),
    "checkpoint.architecture": (
        "models",
        "built",
        TORCH | {"source": "checkpoint", "file": "w/a.pth"},
        "nets/blocks.py",
    ),
    "checkpoint.file": (
        *("models", "filed", {"source": "checkpoint", "architecture": "squeezenet1_1", "file": "w/b.pth"}),
        "w/b.pth",
    ),
    "checkpoint.key_map": (
        "models",
        "mapped",
        {"source": "checkpoint", "architecture": "squeezenet1_1", "file": "w/b.pth", "key_map": "w/names.yaml"},
        "w/names.yaml",
    ),
    "torchvision.weights": (
        *("models", "weighed", {"source": "torchvision", "architecture": "squeezenet1_1", "weights": "w/c.pth"}),
        "w/c.pth",
    ),
    "npz.file": ("recordings", "mine", {"kind": "npz", "file": "mine.npz", "stimuli": "still"}, "mine.npz"),
    "kay2008": ("recordings", "human", {"kind": "kay2008"}, "fetched/kay_images.npz"),
    "network.architecture": ("networks", "built_net", TRAINED | {"data": {"stimuli": "still_too"}}, "nets/blocks.py"),
    "network.files": (
        *("networks", "reading", TRAINED | {"data": {"stimuli": "still_too"}, "files": ["data/c.npy"]}),
        "data/c.npy",
    ),
    "network.data.folder": ("networks", "shown", TRAINED | {"data": {"folder": "lists/c.csv"}}, "lists/c.csv"),
    "network.data.root": (
        *("networks", "standard", TRAINED | {"data": {"torchvision": "CIFAR10", "root": "sets"}}),
        "sets/cifar-10-batches-py/data_batch_1",
    ),
    "accuracy.classes": ("accuracy", "classes", "classes.txt", "classes.txt"),
}
# Recordings in folders of their publishers' files, which their method `files` names
OF_FOLDERS = ("algonauts2023", "allen_natural_scenes", "bold5000", "nsd", "things_fmri", "tvsd")
# Keys of one meaning: the same entry in another source, what is written to, and names below a root.
SAME = {
    **{f"{source}.files": "python.files" for source in ("torchvision", "timm", "torchhub", "checkpoint")},
    **{f"{source}.architecture": "checkpoint.architecture" for source in ("torchvision", "timm", "torchhub")},
    **{f"{source}.key_map": "checkpoint.key_map" for source in ("torchvision", "timm")},
    "timm.weights": "torchvision.weights",
    **{f"{kind}.file": "npz.file" for kind in ("netcdf", "rdm", "trials")},
    **{f"{kind}.folder": "npz.file" for kind in OF_FOLDERS},
    **{f"{kind}.pictures": "npz.file" for kind in ("things_fmri", "tvsd")},
    "network.data.split": "network.data.root",
    "results": None,
}
STILL = {"kind": "scenes", "base_scenes": 4, "categories": ["car", "mug"], "size": 16}
CONTROL = {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"]}


def paths_in(schema, name=""):
    """Names of all keys of the schema that hold a path, by the definition that they stand in."""
    for key, value in schema.get("properties", {}).items():
        place = f"{name}.{key}" if name else key
        if "path" in (value.get("format"), value.get("items", {}).get("format")):
            yield place
        yield from paths_in(value, place)


def test_every_key_that_takes_a_path_has_a_case():
    objectives = SCHEMA["properties"]["networks"]["additionalProperties"]["properties"]["objective"]["enum"]
    parts = {"": SCHEMA, **SCHEMA["$defs"]}
    parts = [("network" if name in objectives else name, part) for name, part in parts.items()]
    named = {place for name, part in parts for place in paths_in(part, name)}
    extra = {"python.arguments", "kay2008"}  # texts that may be paths, and files without a key
    assert named == ({*CASES} - extra) | {*SAME}


@pytest.fixture
def everything(fresh, monkeypatch):
    """A study with every kind of file behind it, whose jobs only touch their outputs."""
    monkeypatch.setenv("VENTRAL_DATA", str(fresh.folder / "fetched"))
    monkeypatch.chdir(fresh.folder)
    texts = {"code/mine.py": FACTORY, "nets/mine.py": NETWORK, "nets/blocks.py": BLOCKS}
    texts |= {"hub/hubconf.py": HUB, "hub/inside.py": BLOCKS, "code/helper.py": "", "w/names.yaml": "{}"}
    texts |= {f"lists/{name}": "path,label\na.png,a\n" for name in ("a.csv", "c.csv")} | {"lists/b.txt": "a.png\n"}
    texts |= {"lists/c.csv": "path,label\n" + "".join(f"{k}.png,a\n" for k in range(4))}
    texts |= {"classes.txt": "car\nmug"}
    named = {file for *_, file in CASES.values()} | {"lists/a.png", "meshes/a.obj", "w/a.pth"}
    named |= {f"lists/{k}.png" for k in range(4)}
    for name in {*named, *texts}:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        write(Path(name), texts.get(name, "x"))
    for script in Path("workflow/scripts").glob("*.py"):
        script.write_text(STUB)
    study = {"stimuli": {"still": STILL, "still_too": STILL}, "models": {"control": CONTROL}}
    for section, name, entry, _ in CASES.values():
        study.setdefault(section, {})[name] = entry
    study["accuracy"]["stimuli"] = "still"
    Path("config.yaml").write_text(yaml.safe_dump({"device": "cpu"} | study))
    return fresh


def write(path, text):
    """A file of this text; .npz holds it as the name of its unit, .tar as a picture, and .pth new random weights."""
    if path.suffix == ".npz":
        np.savez(path, responses=np.zeros((1, 4)), stimulus_id=[f"{k}" for k in range(4)], unit=[text])
    elif path.suffix == ".tar":
        with tarfile.open(path, "w") as archive:
            member = tarfile.TarInfo("a.png")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    elif path.suffix == ".pth":
        import torch
        import torchvision

        one = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))
        torch.save((one if path.stem == "a" else torchvision.models.squeezenet1_1()).state_dict(), path)
    else:
        path.write_text(text)


def target(section, name):
    return {
        "stimuli": f"results/stimuli/{name}.h5",
        "models": f"results/activations/still/{name}.h5",
        "recordings": f"results/recordings/{name}.h5",
        "networks": f"results/networks/{name}_lambda0_seed0/network.pth",
        "accuracy": "results/accuracy/control.csv",
    }[section]


def test_an_edit_of_each_file_makes_its_results_again(everything):
    of_case = {key: target(section, name) for key, (section, name, *_) in CASES.items()}
    controls = [target("stimuli", "still"), target("models", "control"), target("stimuli", "still_too")]
    targets = [*of_case.values(), *controls]
    everything.run("--quiet", "all", "--", *targets)
    for file in {file for *_, file in CASES.values()}:
        if Path(file).stat().st_size < 2**20 and Path(file).suffix in (".py", ".csv", ".txt", ".npy", ".yaml"):
            os.utime(file)  # of a small file the content counts
    assert "Nothing to be done" in everything.run("--dry-run", "--", *targets)

    for file in {file for *_, file in CASES.values()}:
        text = "y" if file.endswith((".npz", ".pth", ".tar")) else Path(file).read_text()
        write(Path(file), text.replace(",a\n", ",b\n") if file.endswith(".csv") else text + "\n# changed")
        os.utime(file, (1, 1))  # older than every result, as a file that is copied in its place
    made = {f"results/{name}" for name in everything.planned("--", *targets)}
    assert {key for key, path in of_case.items() if path not in made} == set()
    assert not made & {*controls}
