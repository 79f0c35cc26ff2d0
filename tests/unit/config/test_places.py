"""Folders, names and addresses that could do harm are refused before any job."""

from pathlib import Path

import pytest
from sound_config import GOOD, changed

from ventral.config.complete import complete
from ventral.config.places import ROOT, address_problem, path_problem, results_problems
from ventral.core.errors import Fault
from ventral.models.layer_choice import layer_problems

DIGITS = "0" * 64


def faults_of(config):
    with pytest.raises(Fault) as caught:
        complete(config)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


@pytest.mark.parametrize(
    "results",
    [
        *(
            "/",
            ".",
            "..",
            "./",
            "a/..",
            "workflow",
            "workflow/",
            ".git",
            ".git/a",
            "./workflow/rules",
            "docs",
            "tests/a",
        ),
        *(".snakemake", ".venv/a", "profiles", "envs", "~", "~/study", "s3://bucket/a", "README.md", "README.md/a"),
        *(str(ROOT), str(ROOT / "workflow"), str(ROOT.parent), str(Path.home()), "a\nb", "a\tb", "b" * 300, "", " "),
        *("a*", "{a}", "é" * 150, "/proc/self/status", "a/" * 2100),
    ],
)
def test_a_folder_that_must_not_hold_results_is_refused(results, monkeypatch):
    monkeypatch.chdir(ROOT)
    (fault,) = faults_of(changed("results", results))
    assert fault.startswith("results: ")


@pytest.mark.parametrize("results", ["results", "results/macaque", "my results", "workflows", "../sibling", "é", "a.b"])
def test_a_folder_for_results_is_free(results, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    assert complete(changed("results", results))["results"] == results
    assert complete(changed("results", str(tmp_path / results)))
    (tmp_path / "not_empty").mkdir()
    (tmp_path / "not_empty" / "a.txt").touch()
    assert complete(changed("results", str(tmp_path / "not_empty")))


def test_the_folder_of_the_results_is_named_once():
    assert faults_of(changed("pathvars", {"results": ".."}))[0].startswith("pathvars.results: ")
    assert complete(changed("pathvars", {"results": "results"}))


def test_a_link_to_the_project_is_seen_through(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("out").symlink_to(ROOT / "workflow")
    assert faults_of(changed("results", "out"))[0].startswith("results: 'out' is inside")


def test_results_inside_the_images_of_the_study_are_refused(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    Path("photos/a.png").touch()
    config = changed("stimuli/photos", {"kind": "images", "folder": "photos"})
    (fault,) = faults_of(config | {"results": "photos/results"})
    assert fault.startswith("results: ") and "stimuli.photos.folder" in fault
    assert list(results_problems("results", {"stimuli.photos.folder": "photos"})) == []


@pytest.mark.parametrize("section", ["stimuli", "models", "recordings"])
@pytest.mark.parametrize(
    "name", ["a" * 300, "a" * 101, "a\nb", "a\n", "\na", "a\tb", "a/b", "..", "", "a b", "\x00", "é"]
)
def test_a_name_that_no_file_can_have_is_refused(section, name):
    config = changed(f"{section}/{next(iter(GOOD[section]))}", next(iter(GOOD[section].values())))
    config[section] = config[section] | {name: next(iter(GOOD[section].values()))}
    (fault,) = faults_of(config)
    assert fault.startswith(f"{section}.") and fault.isprintable()


def test_a_name_of_a_hundred_letters_is_kept():
    name = "abcdefghij" * 10
    config = changed(f"stimuli/{name}", GOOD["stimuli"]["scenes"])
    config["models"][name] = {"source": "torchvision", "architecture": "alexnet"}
    assert name in complete(config)["models"]


@pytest.mark.parametrize("section", ["stimuli", "models", "recordings"])
@pytest.mark.parametrize(("name", "refused"), [("a" * 20, True), ("a" * 19, False), ("x" + "ab" * 20, True)])
def test_a_name_that_snakemake_takes_for_endless_is_refused(section, name, refused):
    entry = {"source": "torchvision", "architecture": "alexnet"}
    entry = entry if section == "models" else next(iter(GOOD[section].values()))
    config = changed(f"{section}/{name}", entry)
    if refused:
        assert [fault.partition(":")[0] for fault in faults_of(config)] == [f"{section}.{name}"]
    else:
        assert name in complete(config)[section]


@pytest.mark.parametrize("layer", ["a" * 300, "a" * 20, "a\nb", "a/b"])
def test_a_layer_that_no_file_can_be_named_for_is_refused(layer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = f"class Net:\n    layers = [{layer!r}]\n    def __call__(self, images): ...\n"
    Path("mine.py").write_text(f"{text}\n\ndef net():\n    return Net()\n")
    spec = {"source": "python", "factory": "mine.py:net", "layers": "*"}
    (problem,) = layer_problems("mine", spec, tmp_path / "cache")
    assert problem.startswith("layers: ") and problem.isprintable()


@pytest.mark.parametrize("number", [2**63, 10**30, 1e300, -1])
@pytest.mark.parametrize("path", ["seed", "stimuli/scenes/seed", "models/alexnet/seed", "recordings/simulated/seed"])
def test_a_seed_that_is_too_large_is_refused(path, number):
    (fault,) = faults_of(changed(path, number))
    assert fault.startswith(path.replace("/", "."))


@pytest.mark.parametrize(("kind", "seed"), [("brainscore", 2**32), ("kfold", 2**63), ("brainscore", 10**30)])
def test_a_seed_of_splits_that_is_too_large_is_refused(kind, seed):
    (fault,) = faults_of(changed("predictivity", {"splits": {"kind": kind, "seed": seed}}))
    assert fault.startswith("predictivity.splits.seed")


def test_the_largest_seeds_are_taken():
    config = changed("seed", 2**63 - 1) | {"predictivity": {"splits": {"kind": "brainscore", "seed": 2**32 - 1}}}
    assert complete(config)["seed"] == 2**63 - 1
    assert complete(changed("predictivity", {"splits": {"seed": 2**40}}))


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        ({"url": "https://example.org/w.pth"}, ["sha256"]),
        ({"url": "http://example.org/w.pth", "sha256": DIGITS}, ["url"]),
        ({"url": "HTTP://example.org/w.pth", "sha256": DIGITS}, ["url"]),
        ({"url": "ftp://example.org/w.pth", "sha256": DIGITS}, ["url"]),
        ({"url": "file:///folder/w.pth", "sha256": DIGITS}, ["url"]),
        ({"url": "/folder/w.pth", "sha256": DIGITS}, ["url"]),
        ({"url": "https:///w.pth", "sha256": DIGITS}, ["url"]),
        ({"url": "https://[w.pth", "sha256": DIGITS}, ["url"]),
        ({"url": "file:///folder/w.pth"}, ["sha256", "url"]),
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused(entry, keys):
    config = changed("models/h", {"source": "checkpoint", "architecture": "alexnet"} | entry)
    faults = faults_of(config)
    assert sorted(fault.split(":")[0] for fault in faults) == [f"models.h.{key}" for key in keys]


def test_an_address_with_a_checksum_is_taken():
    assert address_problem("HTTPS://example.org/w.pth?download=1") is None
    entry = {"source": "checkpoint", "architecture": "alexnet", "url": "https://example.org/w.pth", "sha256": DIGITS}
    assert complete(changed("models/h", entry))


@pytest.mark.parametrize("path", ["a" * 300, "é" * 150, "a\nb", "a\x00b", "a/" * 2500, "", "  "])
def test_a_text_that_is_no_path_is_named_for_every_key_that_takes_one(path):
    assert path_problem(path)
    entries = {
        "stimuli/x/folder": {"kind": "images", "folder": path},
        "stimuli/x/meshes": {"kind": "scenes", "base_scenes": 2, "meshes": path},
        "stimuli/x/backgrounds": {"kind": "scenes", "base_scenes": 2, "backgrounds": path},
        "models/x/file": {"source": "checkpoint", "architecture": "alexnet", "file": path},
        "models/x/weights": {"source": "torchvision", "architecture": "alexnet", "weights": path},
        "models/x/repository": {"source": "torchhub", "architecture": "net", "repository": path},
        "recordings/x/file": {"kind": "npz", "stimuli": "scenes", "file": path},
    }
    for key, entry in entries.items():
        place = key.rpartition("/")[0]
        assert faults_of(changed(place, entry))[0].startswith(key.replace("/", "."))
