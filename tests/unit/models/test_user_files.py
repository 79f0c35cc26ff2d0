"""Whatever a model's entry depends on changes its hash, and nothing else does."""

import os
from pathlib import Path

import numpy as np
import pytest

from ventral.core.code_hash import LIBRARY
from ventral.core.imports import Finder, modules_behind, search_path
from ventral.core.stamps import SMALL, hash_of, listing_hash
from ventral.models.layer_choice import resolve_layers
from ventral.models.user_files import code_hash, file_problems, user_files
from ventral.stimuli.kinds import stimulus_entry

NETWORK = "import torch\n\n\ndef net():\n    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder."""
    (tmp_path / "study").mkdir()
    monkeypatch.chdir(tmp_path / "study")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path / "study"


def write(path, text=""):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("statement", "file"),
    [
        ("import helper", "code/helper.py"),
        ("import helper as h, os", "code/helper.py"),
        ("from helper import net", "code/helper.py"),
        ("def make():\n    import helper", "code/helper.py"),
        ("import helper", "helper.py"),  # of the working folder
        ("import package.part", "code/package/part.py"),
        ("import package.part", "code/package/__init__.py"),
        ("from package import part", "code/package/part.py"),
        ("from package import *", "code/package/part.py"),
        ("import space.part", "code/space/part.py"),  # a package without __init__
        ("import package.deep.part", "code/package/deep/__init__.py"),
        ("import importlib\nimportlib.import_module('helper')", "code/helper.py"),
        ("from importlib import import_module\nimport_module(f'package.{name}')", "code/package/part.py"),
        ("__import__('helper')", "code/helper.py"),
        ("import sys\nsys.path.insert(0, 'code/lib')\nimport hidden", "code/lib/hidden.py"),
        (
            "import sys, pathlib\nsys.path.append(str(pathlib.Path(__file__).parents[1] / 'lib'))\nimport far",
            "lib/far.py",
        ),
        ("import sys, pathlib\nsys.path.append(str(pathlib.Path(__file__).parents[1]))\nimport above", "above.py"),
        ("from sys import path\npath.append('code/lib')\nimport hidden", "code/lib/hidden.py"),
        ("import sys, os\nsys.path.append(f'{os.path.dirname(__file__)}/lib')\nimport hidden", "code/lib/hidden.py"),
        ("import sys, os\nsys.path.append(os.path.dirname(__file__) + '/lib')\nimport hidden", "code/lib/hidden.py"),
        ("import paths\nimport hidden", "code/lib/hidden.py"),  # whose helper changes the search path
        ("import importlib\nimportlib.import_module(name='helper')", "code/helper.py"),
        ("from importlib import import_module as load\nload('helper')", "code/helper.py"),
        ("import importlib\nimportlib.import_module('package.' + name)", "code/package/part.py"),
        ("import importlib\nimportlib.import_module('package.%s' % name)", "code/package/part.py"),
        ("import importlib\nimportlib.import_module('package.{}'.format(name))", "code/package/part.py"),
        ("import importlib\nimportlib.import_module('.part', package='package')", "code/package/part.py"),
        ("import importlib\nimportlib.import_module(f'.{name}', 'package')", "code/package/part.py"),
        ("import package.lazy", "code/package/part.py"),
        ("import runpy\nrunpy.run_path('code/lib/hidden.py')", "code/lib/hidden.py"),
        (
            "from pathlib import Path\nexec((Path(__file__).parent / 'lib' / 'hidden.py').read_text())",
            "code/lib/hidden.py",
        ),
        ("import compiled", "code/compiled.so"),
    ],
)
def test_a_module_that_a_factory_imports_is_followed(folder, statement, file):
    for name in (
        "package/part",
        "package/__init__",
        "package/deep/__init__",
        "package/deep/part",
        "space/part",
        "helper",
    ):
        write(f"code/{name}.py")
    write("code/paths.py", "import sys\nsys.path.append('code/lib')")
    write(
        "code/package/lazy.py",
        "import importlib\n\ndef get(name):\n    importlib.import_module('.' + name, __package__)",
    )
    factory, module = write("code/mine.py", statement), write(file)
    assert {factory.absolute(), module.absolute()} <= modules_behind([factory])
    spec = {"source": "python", "factory": "code/mine.py:net"}
    before = code_hash(spec)
    os.utime(module, (1, 1))
    assert code_hash(spec) == before
    module.write_text("changed = 1")
    assert code_hash(spec) != before


def test_modules_are_followed_through_each_other_and_through_packages(folder):
    write("mine.py", "import package.one")
    write("package/__init__.py", "from . import shared")
    write("package/one.py", "from .two import two\nfrom .deep import three")
    write("package/two.py", "from . import one")  # back again
    write("package/deep/__init__.py", "from ..four import four")
    for name in ("shared", "deep/three", "four", "unused"):
        write(f"package/{name}.py")
    found = {path.relative_to(folder).as_posix() for path in modules_behind([Path("mine.py")])}
    names = ("__init__", "one", "two", "shared", "deep/__init__", "deep/three", "four")
    assert found == {"mine.py", *(f"package/{name}.py" for name in names)}


def test_installed_packages_and_broken_files_are_not_followed(folder):
    write("mine.py", "import os, json, numpy, torch, yaml\nimport broken")
    write("broken.py", "def (")
    assert {path.name for path in modules_behind([Path("mine.py")])} == {"mine.py", "broken.py"}


def test_a_factory_in_a_package_on_the_python_path_is_followed(folder, monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("PYTHONPATH", str(elsewhere))
    write(elsewhere / "lab/__init__.py")
    write(elsewhere / "lab/nets.py", "from lab.blocks import block")
    block = write(elsewhere / "lab/blocks.py")
    for key, source in (("factory", "python"), ("architecture", "checkpoint")):
        spec = {"source": source, key: "lab.nets:net"}
        before = code_hash(spec)
        block.write_text(f"# {key}")
        assert code_hash(spec) != before != ""


@pytest.mark.parametrize("file", ["hubconf.py", "nets/block.py", "settings.json", "weights.bin"])
def test_every_file_of_a_local_hub_folder_counts(folder, file):
    write("hub/hubconf.py", "from nets.block import net")
    path = write(f"hub/{file}", "from nets.block import net")
    spec = {"source": "torchhub", "repository": "hub", "architecture": "net"}
    before = code_hash(spec)
    write("hub/__pycache__/block.pyc", "1")
    write("hub/.git/index", "1")
    assert code_hash(spec) == before
    path.write_text("changed = 1")
    assert code_hash(spec) != before


def test_a_hub_folder_around_the_study_counts_by_its_python_files(folder):
    write("hubconf.py")
    spec = {"source": "torchhub", "repository": ".", "architecture": "net"}
    before = code_hash(spec)
    write("results/report.html")
    assert code_hash(spec) == before
    write("block.py")
    assert code_hash(spec) != before
    assert code_hash({"source": "torchhub", "repository": "owner/name:main", "architecture": "net"}) == ""


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        ({"weights": "w.pth"}, "w.pth"),
        ({"nested": [{"deep": "data/w.npy"}]}, "data/w.npy"),
        ({"folder": "data"}, "data/inside/w.npy"),
        ({"weights": "beside.pth"}, "code/beside.pth"),  # as seen from the factory
        ({"block": "blocks.Block"}, "code/blocks.py"),
        ({"block": "blocks:Block"}, "blocks.py"),
        ({"block": "code/blocks.py:Block"}, "code/blocks.py"),
        ({"block": "code/blocks.py"}, "code/blocks.py"),
    ],
)
def test_a_file_that_arguments_name_counts(folder, arguments, file):
    write("code/mine.py", "def net(**arguments): ...")
    path = write(file)
    spec = {"source": "python", "factory": "code/mine.py:net", "arguments": arguments | {"act": "relu", "n": 3}}
    before = code_hash(spec)
    path.write_text("changed = 1")
    assert code_hash(spec) != before


@pytest.mark.parametrize("pattern", ["data/a.npy", "data/*.npy", "data", "**/*.npy"])
def test_a_file_that_the_entry_names_counts(folder, pattern):
    path = write("data/a.npy")
    spec = {"source": "python", "factory": "mine.py:net", "files": [pattern]}
    before = code_hash(spec)
    path.write_text("1")
    changed = code_hash(spec)
    write("data/b.npy")
    assert before != changed and (code_hash(spec) != changed) == (pattern != "data/a.npy")
    assert not list(file_problems(spec, "results"))


def test_files_that_are_not_there_and_results_are_problems(folder):
    Path("results").mkdir()
    spec = {"files": ["no/*.npy", "results"], "arguments": {"folder": "results"}}
    write("results/report.html")
    problems = list(file_problems(spec, "results"))
    assert [problem.partition(":")[0] for problem in problems] == ["files.0", "arguments", "files"]


def test_layers_are_found_again_when_a_helper_changes(folder):
    write("mine.py", "import helper\n\n\ndef net():\n    return helper.net()\n")
    write("helper.py", NETWORK)
    spec = {"source": "python", "factory": "mine.py:net", "layers": "*"}
    assert resolve_layers(spec) == ["0", "1"]
    write("helper.py", NETWORK.replace("ReLU()", "ReLU(), torch.nn.Tanh()"))
    assert resolve_layers(spec) == ["0", "1", "2"]


def test_small_files_count_by_content_and_large_ones_by_size_and_time(folder):
    small, large = write("small"), write("large", "x" * (SMALL + 1))
    for path, same in ((small, True), (large, False)):
        before = hash_of([path])
        os.utime(path, (1, 1))
        assert (hash_of([path]) == before) == same
    assert hash_of([]) is None is listing_hash([])
    assert user_files({"source": "torchvision", "architecture": "alexnet"}) == set()


def test_folders_count_by_content_and_large_ones_by_sizes_and_times(folder, monkeypatch):
    files = [write("pictures/a.png", "1"), write("pictures/b.png", "2"), write("pictures/list.txt", "a.png")]
    state, before = files[0].stat(), listing_hash(files)
    os.utime(files[0], (1, 1))
    assert listing_hash(files) == before
    files[0].write_text("3")  # as many bytes, at the same time
    os.utime(files[0], ns=(state.st_atime_ns, state.st_mtime_ns))
    assert listing_hash(files) != before
    monkeypatch.setattr("ventral.core.stamps.SMALL_LISTING", 2)
    before = listing_hash(files)
    os.utime(files[2], (1, 1))
    assert listing_hash(files) == before
    os.utime(files[0], (1, 1))
    assert listing_hash(files) != before


@pytest.mark.parametrize(
    ("spec", "file"),
    [
        ({"kind": "images", "folder": "list.csv"}, "list.csv"),
        ({"kind": "images", "folder": "list.txt"}, "list.txt"),
        ({"kind": "augmentations", "folder": "list.csv"}, "list.csv"),
        ({"kind": "images", "folder": "pictures"}, "pictures/a.png"),
        ({"kind": "images", "folder": "images.npz"}, "images.npz"),
        ({"kind": "movies", "folder": "films"}, "films/a.mp4"),
        ({"kind": "scenes", "base_scenes": 2, "backgrounds": "list.txt"}, "list.txt"),
        ({"kind": "scenes", "base_scenes": 2, "backgrounds": "pictures"}, "pictures/a.png"),
        ({"kind": "scenes", "base_scenes": 2, "meshes": "meshes"}, "meshes/car/car.obj"),
        ({"kind": "scenes", "base_scenes": 2, "meshes": "meshes"}, "meshes/car/car.mtl"),
        ({"kind": "scenes", "base_scenes": 2, "meshes": "meshes"}, "meshes/textures/wood.png"),
    ],
)
def test_every_file_behind_a_stimulus_set_counts(folder, spec, file):
    write("list.csv", "path,label\npictures/a.png,a\n")
    write("list.txt", "pictures/a.png\n")
    np.savez("images.npz", images=np.zeros((1, 8, 8, 3), np.uint8))
    for name in (
        "pictures/a.png",
        "films/a.mp4",
        "meshes/car/car.obj",
        "meshes/car/car.mtl",
        "meshes/textures/wood.png",
    ):
        write(name)
    before = listing_hash(stimulus_entry(spec).files())
    path, state = Path(file), os.stat(file)
    content = path.read_bytes()
    path.write_bytes(content.replace(b",a", b",b") if path.suffix == ".csv" else content + b"# changed\n")
    if path.suffix in (".csv", ".txt"):
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert listing_hash(stimulus_entry(spec).files()) != before


def test_another_copy_of_the_library_does_not_count(tmp_path, monkeypatch):
    (tmp_path / "ventral" / "core").mkdir(parents=True)
    (tmp_path / "ventral" / "core" / "names.py").write_text("other = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    files = {LIBRARY / "__init__.py", LIBRARY / "core" / "__init__.py", LIBRARY / "core" / "names.py"}
    assert Finder(search_path()).files("ventral.core.names") == files
