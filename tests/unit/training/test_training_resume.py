"""A training that is killed again and again ends as one that never was; as a script, this is the one that is killed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest
import torch
from checkout import HELPERS
from small_training import small_spec, write_images
from tqdm import tqdm
from training_results import COLUMNS

from ventral.training import factorization_term, learner, saved_state, train

STEADY = [column for column in COLUMNS if column not in ("seconds", "waiting")]
LARS = {"kind": "lars", "lr": 0.3, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1}
KINDS = {
    "everything": {"arguments": {"dropout": 0.5}, "factorization": 0.2, "accumulate": 2, "epochs": 6},
    "averaged": {"objective": "mmcr", "ema": 0.9, "precision": "mixed", "optimizer": LARS, "epochs": 6},
    "scrambled": {"objective": "supervised", "labels": "scrambled", "arguments": {"dropout": 0.5}, "epochs": 6},
    "rotation": {"objective": "rotation", "accumulate": 2, "precision": "mixed", "epochs": 6},
    "patches": {"objective": "relative_patch", "size": 64, "arguments": {"dropout": 0.5}, "epochs": 6},
}


def result(folder):
    """All weights of a finished training, and what its log says that does not depend on the clock."""
    weights = torch.load(folder / "network.pth", weights_only=True)["state_dict"]
    return weights, pd.read_csv(folder / "log.csv", dtype=str)[STEADY]


def assert_same(one, other):
    (weights, log), (others, other_log) = result(one), result(other)
    assert weights.keys() == others.keys() and all(torch.equal(weights[key], others[key]) for key in weights)
    pd.testing.assert_frame_equal(log, other_log)


@pytest.mark.parametrize(("kind", "threads"), [*((kind, 1) for kind in KINDS), ("everything", 2)])
def test_a_killed_training_ends_as_an_uninterrupted_one(tmp_path, kind, threads):
    write_images(tmp_path)
    spec = small_spec(tmp_path, **KINDS[kind])
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    command = [sys.executable, __file__, str(tmp_path), str(threads)]
    path = os.pathsep.join([str(HELPERS), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    kills = json.loads(done.stdout.splitlines()[-1])
    assert kills["at_steps"] == [[1, 0], [4, 3], [5, 3], [6, 6], [11, 9]]  # killed in step, resumed from step
    assert kills["while_saving"] == 2 and kills["at_any_time"] >= 1
    for folder in ("at_steps", "while_saving", "at_any_time"):
        assert_same(tmp_path / folder / "small", tmp_path / "whole" / "small")
        left = sorted(path.name for path in (tmp_path / folder / "small").iterdir())
        assert left == [".log.csv.sha256", "log.csv", "network.pth"]


def killed_by_turns(folder: Path, threads: int) -> dict:
    """Train one network whole, and thrice with kills; each attempt is a process of its own."""
    spec = json.loads((folder / "spec.json").read_text())
    tqdm.set_lock(threading.RLock())  # forks share its own lock, and one that is killed would never give it back
    factorization_term.FactorizationTerm.__init__.__defaults__ = (12,)  # else this few images never fill its queue
    real_save, real_torch_save, real_learn = saved_state.save, torch.save, learner.Learner.learn

    def attempt(where: str, every: float = 0.0) -> int:
        child = os.fork()
        if not child:
            torch.set_num_threads(threads)
            try:
                train(spec, folder / where / "small", threads=threads, checkpoint_every=every)
                os._exit(0)
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
        return child

    def signal_of(child: int) -> int | None:
        status = os.waitpid(child, 0)[1]
        assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else None

    train(spec, folder / "first" / "small")  # imports all that a training does, for all attempts
    assert signal_of(attempt("whole", every=1e9)) is None
    found = {"at_steps": [], "while_saving": 0, "at_any_time": 0}

    def save_each_third(path, state):
        if state["log"]["step"] % 3 == 0:
            real_save(path, state)

    saved_state.save = save_each_third
    for last in (1, 4, 5, 6, 11):

        def learn(self, parts, step, last=last):
            measures = real_learn(self, parts, step)
            if step == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return measures

        learner.Learner.learn = learn
        assert signal_of(attempt("at_steps")) == signal.SIGKILL
        state = folder / "at_steps" / "small" / "state.pth"
        resumed = torch.load(state, weights_only=True)["log"]["step"] if state.exists() else 0
        found["at_steps"].append([last, resumed])
    learner.Learner.learn = real_learn
    assert signal_of(attempt("at_steps")) is None

    saved_state.save = real_save
    for last in (2, 7):

        def save_half(state, file, last=last):
            real_torch_save(state, file)
            if state["log"]["step"] == last:
                file.truncate(file.tell() // 2)
                os.kill(os.getpid(), signal.SIGKILL)

        saved_state.torch.save = save_half
        assert signal_of(attempt("while_saving")) == signal.SIGKILL
        found["while_saving"] += 1
        assert any(path.name.startswith(".ventral-state") for path in (folder / "while_saving" / "small").iterdir())
    saved_state.torch.save = real_torch_save
    assert signal_of(attempt("while_saving")) is None

    delays = random.Random(0)
    while True:
        child = attempt("at_any_time")
        time.sleep(delays.uniform(0.05, 0.15))
        if found["at_any_time"] < 5:
            os.kill(child, signal.SIGKILL)
        if signal_of(child) is None:
            return found
        found["at_any_time"] += 1


if __name__ == "__main__":
    print(json.dumps(killed_by_turns(Path(sys.argv[1]), int(sys.argv[2]))))
