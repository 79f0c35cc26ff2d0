"""Networks that the workflow trains: what reruns, what a kill costs, and that training images are not measured."""

import os
import re
import signal
import time

import pandas as pd
import pytest
import yaml
from study import ROOT

NETWORK = """
from torch import nn

def network():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2), nn.BatchNorm2d(16), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )
"""
STUDY = {
    "seed": 1,
    "device": "cpu",
    "stimuli": {
        "scenes": {"kind": "scenes", "base_scenes": 8, "size": 32},
        "augmentations": {"kind": "augmentations", "stimuli": "scenes", "images": 6, "levels": 5, "size": 32},
        "training": {"kind": "scenes", "base_scenes": 16, "size": 32},
    },
    "networks": {
        "small": {
            **{"objective": "barlow_twins", "lambda": [0, 0.2], "data": {"stimuli": "training"}, "size": 16},
            **{"architecture": "small.py:network", "projector": [12, 12], "batch": 4, "epochs": 3},
            **{"optimizer": {"kind": "adamw", "lr": 0.001}, "layers": ["5"]},
        }
    },
}
FIGURES = ("factorization", "corrected_factorization", "parameter_pairs", "invariance", "spectra", "sample_size")
FIGURES += ("orthogonal_information", "kinds_of_change", "classes", "similarity", "equivariance", "curve")
AGGREGATIONS = {
    "report.html",
    *(f"summary/{name}.csv" for name in ("geometry", "predictivity", "layers", "spectra", "relations", "similarity")),
    "summary/universality.csv",
    *(f"summary/{name}.csv" for name in ("commonality", "complementarity", "mixed", "chance")),
    *(f"summary/{name}.csv" for name in ("equivariance", "training")),
    "summary/provenance.json",
    *(f"figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "png")),
}


def of_network(name):
    """Every result that belongs to one network alone."""
    trained = {f"networks/{name}/{file}" for file in ("network.pth", "log.csv", "curve.svg", "curve.png")}
    for stimuli in ("scenes", "augmentations"):
        trained |= {f"activations/{stimuli}/{name}.h5", f"gram/{stimuli}/{name}/5.h5"}
        trained |= {f"geometry/{stimuli}/{name}/5.{kind}" for kind in ("csv", "h5")}
    return trained


@pytest.fixture
def training(fresh):
    """A study that trains two networks and lists no models, before its first run."""
    (fresh.folder / "small.py").write_text(NETWORK)
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(STUDY, sort_keys=False))
    return fresh


def test_what_a_change_reruns(training):
    printed = training.run()
    assert "Done: 3 stimulus sets, 2 trained networks, 2 models, 2 layers, 0 recordings." in printed
    made = set(training.files()) - {"README.md"}
    stimuli = {f"stimuli/{name}.{kind}" for name in STUDY["stimuli"] for kind in ("h5", "png")}
    networks = of_network("small_lambda0_seed0") | of_network("small_lambda0.2_seed0")
    of_study = {"summary/recordings.csv", "summary/study.json"}
    assert made == networks | stimuli | AGGREGATIONS | of_study  # nothing of “training”, no state
    table = training.tables()["summary/equivariance.csv"]
    assert set(table["lambda"].astype(float)) == {0, 0.2} and "decoding_r" in set(table.metric)
    page = (training.folder / "results/report.html").read_text()
    assert "Networks are trained on it" in page and "There is one seed" in page
    assert "Nothing to be done" in training.run()

    training.configure(lambda config: config["networks"]["small"].update({"lambda": [0, 0.2, 0.5]}))
    assert training.planned() == of_network("small_lambda0.5_seed0") | AGGREGATIONS

    training.configure(lambda config: config["stimuli"]["training"].update(base_scenes=20))
    everything = networks | of_network("small_lambda0.5_seed0")
    assert training.planned() == everything | AGGREGATIONS | {"stimuli/training.h5", "stimuli/training.png"}


def test_a_killed_training_goes_on_and_ends_as_if_nothing_had_happened(training, tmp_path):
    script = training.folder / "workflow/scripts/training.py"
    script.write_text(script.read_text().replace("threads=", "checkpoint_every=0.0, threads="))
    training.configure(lambda config: config["networks"]["small"].update({"lambda": [0.2], "epochs": 60}))
    network = training.folder / "results/networks/small_lambda0.2_seed0"
    targets = [f"results/networks/small_lambda0.2_seed0/{file}" for file in ("network.pth", "log.csv")]
    training.run(*targets)
    weights, log = (network / "network.pth").read_bytes(), pd.read_csv(network / "log.csv")
    assert not (network / "state.pth").exists()
    for path in (network / "network.pth", network / "log.csv"):
        path.unlink()

    process, end = training.start(*targets), time.monotonic() + 120
    while not (network / "state.pth").exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.3)
    running = process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert running and (network / "state.pth").exists() and not (network / "network.pth").exists()

    training.run(*targets)
    told = (training.folder / "results/logs/training/small_lambda0.2_seed0.log").read_text()
    assert re.search(r"resumes after step [1-9]\d*", told)
    assert (network / "network.pth").read_bytes() == weights and not (network / "state.pth").exists()
    timed = ["seconds", "waiting"]
    pd.testing.assert_frame_equal(pd.read_csv(network / "log.csv").drop(columns=timed), log.drop(columns=timed))


def test_the_published_study_is_planned(fresh):
    folder = fresh.folder / "photographs" / "class"
    folder.mkdir(parents=True)
    for i in range(2048):
        (folder / f"{i}.jpg").touch()
    text = (ROOT / "workflow/studies/equivariance.yaml").read_text()
    text = text.replace("path/to/imagenet/train", "photographs").replace("device: cuda", "device: auto")
    (fresh.folder / "config.yaml").write_text(text)
    printed = fresh.run("--dry-run")
    jobs = {rule: int(n) for rule, n in re.findall(r"^(\S+)\s+(\d+)$", printed, re.MULTILINE)}
    assert jobs["training"] == jobs["curve"] == 21
    assert jobs["activations"] == sum(n for rule, n in jobs.items() if rule.startswith("gram_")) == 3 * (21 + 2)
    assert "mmcr_lambda0.001_seed0" in printed
