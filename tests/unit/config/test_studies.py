"""The published studies: their networks and layers, and what happens if weights are missing."""

import csv
import re

import pytest
import yaml
from checkout import ROOT
from sound_config import changed

from ventral.config.complete import complete
from ventral.config.missing_weights import said
from ventral.core.errors import Fault
from ventral.study import Study

LOCAL = {"checkpoint": "file", "python": "factory"}
CATEGORIES = ("Object Classification", "Scene Classification")
GONE = {"source": "checkpoint", "architecture": "alexnet", "file": "absent.pth", "where": "The README of its authors."}


def study_file(name):
    return yaml.safe_load((ROOT / "workflow" / "studies" / f"{name}.yaml").read_text())


def model_named(row):
    """The name in the study of the network of a published row."""
    task = "untrained" if row["task"] == "None" else row["task"]
    parts = [row["architecture"], *([] if row["source"] == "PyTorch" else [row["source"]]), task]
    return re.sub(r"[^a-z0-9]+", "_", " ".join(parts).lower()).strip("_")


def kind_of(row):
    """How the network of a published row was trained, in the words of the configuration."""
    supervised = "supervised" if row["task"] in CATEGORIES else "auxiliary"
    return {"Untrained": "untrained", "Supervised": supervised, "Self-Supervised": "self_supervised"}[row["kind"]]


@pytest.fixture
def published(known_answers):
    with open(known_answers / "dimensionality" / "layers.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_dimensionality_has_the_published_networks_and_layers(published):
    models = study_file("dimensionality")["models"]
    layers = [(model, layer) for model, spec in models.items() if not spec.get("baseline") for layer in spec["layers"]]
    assert sorted(layers) == sorted((model_named(row), row["layer"]) for row in published)
    assert len(layers) == 568 and len({model for model, _ in layers}) == 46


def test_networks_of_dimensionality_say_how_they_were_trained(published):
    from ventral.models.sources import model_entry, named

    models = study_file("dimensionality")["models"]
    said = {model: model_entry(named(spec, model)).training_kind() for model, spec in models.items()}
    assert {model_named(row): kind_of(row) for row in published}.items() <= said.items()


@pytest.mark.parametrize(("name", "kept"), [("dimensionality", 10), ("factorization", 14)])
def test_a_published_study_runs_the_networks_that_it_has(name, kept, nothing_is_fetched):
    config = study_file(name)
    study = Study(complete(config))
    networks = [model for model, spec in study.models.items() if not spec["baseline"]]
    assert len(networks) == kept and len(study.config["left_out"]) == len(config["models"]) - len(study.models)
    assert all(study.layers[model] for model in networks)


@pytest.mark.parametrize("name", ["dimensionality", "factorization"])
def test_local_files_come_with_their_authors_words_and_without_addresses(name):
    models = study_file(name)["models"]
    local = [spec for spec in models.values() if "path/to" in str(spec.get(LOCAL.get(spec["source"], "weights")))]
    assert local and all(spec["where"] for spec in local)
    assert "://" not in (ROOT / "workflow" / "studies" / f"{name}.yaml").read_text()


def test_missing_weights_are_a_fault_unless_models_without_them_are_to_be_left_out(nothing_is_fetched):
    config = changed("models/gone", GONE)
    with pytest.raises(Fault, match="1 fault;"):
        complete(config)
    config["missing_weights"] = "leave_out"
    package = {"package": "no_such_package"}
    config["models"]["unpacked"] = {"source": "timm", "architecture": "test_vit", "weights": package}
    config["models"]["own"] = {"source": "python", "factory": "absent.py:network", "layers": ["a"]}
    config["models"]["hub"] = {"source": "torchhub", "repository": "nobody/nothing:main", "architecture": "net"}
    study = Study(complete(config))
    assert [*study.models] == ["alexnet"] and [*study.config["left_out"]] == ["gone", "unpacked", "own", "hub"]
    first = said(study.config["left_out"])[0]
    assert "absent.pth" in first and first.endswith("The README of its authors.")


def test_a_study_without_any_weights_is_a_fault():
    config = changed("missing_weights", "leave_out") | {"models": {"gone": GONE}}
    with pytest.raises(Fault, match=r"models: no model has its weights; gone: there is no file .absent\.pth"):
        complete(config)
