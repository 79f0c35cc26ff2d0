"""Several processes train as one does, and a fault in one of them is one sentence."""

import json
import logging
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch
from training_results import COLUMNS, weights_of

from ventral.core.errors import Fault
from ventral.training import train


def test_two_processes_train_as_one_and_go_on_when_killed(small, tmp_path, caplog):
    """LARS moves weights in proportion to gradients, so rounding, in which sums differ, stays rounding."""
    caplog.set_level(logging.INFO)
    lars = {"kind": "lars", "lr": 0.02, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1}
    spec = small(optimizer=lars, epochs=8, batch=8, accumulate=2)
    train(spec, tmp_path / "one")
    spec["processes"] = 2
    train(spec, tmp_path / "two", threads=2)
    one, two = (pd.read_csv(tmp_path / name / "log.csv") for name in ("one", "two"))
    steady = [column for column in COLUMNS if column not in ("seconds", "waiting", "probe")]
    np.testing.assert_allclose(one[steady], two[steady], rtol=2e-4)
    for key, value in weights_of(tmp_path / "one").items():
        torch.testing.assert_close(weights_of(tmp_path / "two")[key], value, rtol=1e-3, atol=1e-5)

    arguments = f"{json.dumps(spec)!r}), {str(tmp_path / 'killed')!r}, threads=2, checkpoint_every=0"
    code = f"import json; from ventral.training import train; train(json.loads({arguments})"
    killed = subprocess.Popen([sys.executable, "-c", code])
    while not (tmp_path / "killed" / "state.pth").exists():
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    time.sleep(1)  # in which its processes end with it
    step = torch.load(tmp_path / "killed" / "state.pth", weights_only=True)["log"]["step"]
    assert 0 < step < 8
    train(spec, tmp_path / "killed", threads=2)
    assert f"Network killed resumes after step {step} of 8." in caplog.messages
    pd.testing.assert_frame_equal(two[steady], pd.read_csv(tmp_path / "killed" / "log.csv")[steady])
    trained, others = weights_of(tmp_path / "two"), weights_of(tmp_path / "killed")
    assert all(torch.equal(trained[key], others[key]) for key in trained)


@pytest.mark.parametrize("name", ["supervised", "rotation", "relative_patch"])
def test_two_processes_answer_as_one(small, tmp_path, name):
    lars = {"kind": "lars", "lr": 0.02, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1}
    size = {"size": 64} if name == "relative_patch" else {}
    spec = small(**{"objective": name, "lambda": 0.0, "optimizer": lars, "batch": 8, "epochs": 2, **size})
    train(spec, tmp_path / "one")
    train(spec | {"processes": 2}, tmp_path / "two", threads=2)
    one, two = (pd.read_csv(tmp_path / folder / "log.csv") for folder in ("one", "two"))
    steady = [column for column in COLUMNS if column not in ("seconds", "waiting", "probe")]
    np.testing.assert_allclose(one[steady], two[steady], rtol=2e-4)
    for key, value in weights_of(tmp_path / "one").items():
        torch.testing.assert_close(weights_of(tmp_path / "two")[key], value, rtol=1e-3, atol=1e-5)


def test_processes_need_as_many_gpus(small, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(Fault, match=r"Network small: `processes: 2` .* GPUs, and 1 "):
        train(small(processes=2), tmp_path / "small", device="cuda:0")


def test_a_fault_in_one_of_several_processes_is_the_faults_sentence(small, tmp_path):
    file = tmp_path / "images" / "a" / "4.png"
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(Fault, match=r"^The image .*4\.png cannot be read"):
        train(small(processes=2), tmp_path / "small")
