"""The studies of recordings of laboratories run on tiny folders of the publishers' format, that of NSD to its page."""

import re

import numpy as np
import pytest
import yaml
from published_folders import nsd_folder
from study import ROOT
from things_files import write_animal, write_pictures

from ventral.commands.list_recordings import kinds

TRAIN, TEST, REPEATS = 40, 12, 4
NAMES = [f"object{i // 4}/object{i // 4}_{i:02d}b.jpg" for i in range(TRAIN + TEST)]
NSD = {"areas": ["V1", "hV4"], "images": 60, "sessions": 2, "reliability": 0}
TVSD = {"images": TRAIN, "areas": ["V4", "IT"], "reliability": 0.98}  # few of the electrodes


def study_of(name):
    """The study, with small images and two models."""
    study = yaml.safe_load((ROOT / "workflow/studies" / f"{name}.yaml").read_text())
    study["results"], study["device"] = "results", "cpu"
    study["stimuli"]["scenes"] |= {"base_scenes": 5, "levels": 3, "parameters": ["pose"], "size": 32}
    lite0 = study["models"]["lite0_random"] | {"preprocess": {"size": 32}, "layers": ["blocks.1.1", "conv_head"]}
    study["models"] = {"lite0_random": lite0, "pixels": study["models"]["pixels"]}
    return study


def run(study, fresh, target):
    """Run the study up to a target and return its tables."""
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(study))
    fresh.run(f"results/{target}")
    assert (fresh.folder / "results" / target).exists()
    return fresh.tables()


def areas_of(table):
    return {*zip(table.recording, table.area, strict=True)}


@pytest.mark.slow
def test_nsd_predicts_areas_and_has_their_geometry(fresh):
    nsd_folder(fresh.folder / "nsd")
    study = study_of("nsd")
    study["recordings"]["nsd_1"] |= {"folder": "nsd", "size": 16} | NSD
    tables = run(study, fresh, "report.html")
    areas = {("nsd_1", "V1"), ("nsd_1", "hV4")}
    assert areas_of(tables["summary/predictivity.csv"]) == areas
    spectra = tables["summary/recordings.csv"]
    assert areas_of(spectra[spectra.metric == "effective_dimensionality"]) == areas
    assert "factorization" in set(tables["summary/geometry.csv"].metric)


@pytest.mark.slow
def test_tvsd_predicts_areas_of_both_animals_from_what_the_images_show(fresh):
    rng = np.random.default_rng(0)
    levels = np.arange(TRAIN + TEST) * 3.0
    for animal in "FN":
        gains = rng.uniform(-1, 1, 1024)
        trials = levels[:, None] * gains + rng.normal(size=(REPEATS, TRAIN + TEST, 1024))
        reliab = np.where(np.arange(1024) % 32 == 0, 0.99, 0.5) * np.ones((6, 1))
        write_animal(fresh.folder / f"TVSD/monkey{animal}", NAMES, trials[0, :TRAIN], trials[:, TRAIN:], reliab)
    write_pictures(fresh.folder / "object_images", NAMES, 3)
    study = study_of("tvsd")
    for spec in study["recordings"].values():
        spec |= {"folder": "TVSD", "pictures": "object_images", "size": 16} | TVSD
    tables = run(study, fresh, "summary/predictivity.csv")
    scores = tables["summary/predictivity.csv"]
    assert areas_of(scores) == {(f"tvsd_{animal}", area) for animal in "fn" for area in ("V4", "IT")}
    r = scores[(scores.model == "pixels") & (scores.metric == "ridge_r")].value.astype(float)
    assert len(r) == 4 and r.min() > 0.8  # test images are brighter than all training images
    assert "rsa" in " ".join(scores.metric)


@pytest.mark.parametrize("name", ["nsd", "tvsd"])
def test_the_folders_that_users_must_write_are_named(name, fresh):
    study = yaml.safe_load((ROOT / "workflow/studies" / f"{name}.yaml").read_text())
    study["models"] = {"pixels": study["models"]["pixels"]}
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(study))
    printed = fresh.run("--dry-run", status=1)
    assert set(re.findall(r"recordings\.(\w+)\.folder", printed)) == {*study["recordings"]}
    assert {spec["kind"] for spec in study["recordings"].values()} <= {kind for kind, *_ in kinds()}
