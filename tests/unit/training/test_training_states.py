"""States of a training: one that does not fit, is damaged or holds code is not resumed from."""

import logging

import pandas as pd
import pytest
import torch
from training_results import weights_of

from ventral.training import learner, train
from ventral.training.learner import Learner
from ventral.training.saved_state import resumable, save


def interrupted(monkeypatch, spec, folder, after=3):
    """Train until a step, with a state after each."""
    real = Learner.learn

    def learn(self, parts, step):
        if step == after:
            raise KeyboardInterrupt
        return real(self, parts, step)

    with monkeypatch.context() as patch:
        patch.setattr(learner.Learner, "learn", learn)
        with pytest.raises(KeyboardInterrupt):
            train(spec, folder, checkpoint_every=0)
    assert (folder / "state.pth").exists()


@pytest.mark.parametrize("change", ["damage", "spec", "code", "images", "none"])
def test_a_state_that_does_not_fit_is_begun_anew(small, tmp_path, monkeypatch, caplog, change):
    caplog.set_level(logging.INFO)
    spec, folder = small(), tmp_path / "small"
    interrupted(monkeypatch, spec, folder)
    if change == "damage":
        content = bytearray((folder / "state.pth").read_bytes())
        (folder / "state.pth").write_bytes(content[: len(content) // 2])
    elif change == "spec":
        spec = small(epochs=4)
    elif change == "code":
        code = (tmp_path / "mine.py").read_text()
        (tmp_path / "mine.py").write_text(code.replace("8, 16, 3", "8, 12, 3").replace("(16)", "(12)"))
    elif change == "images":
        (tmp_path / "images" / "a" / "0.png").rename(tmp_path / "images" / "a" / "zero.png")
    train(spec, folder)
    said = {
        "damage": "Network small: .*state.pth is damaged .*",
        "spec": "Network small: .*state.pth .* other settings",
        "code": "state.pth .* other settings",
        "images": "state.pth .* other settings",
        "none": "Network small resumes after step 3 of 6",
    }
    assert pd.Series(caplog.messages).str.contains(said[change]).sum() == 1
    train(spec, tmp_path / "again")
    one, other = weights_of(folder), weights_of(tmp_path / "again")
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert not (folder / "state.pth").exists()


def test_a_flipped_bit_of_a_state_is_noticed(tmp_path, caplog):
    path = tmp_path / "state.pth"
    save(path, {"digest": "x", "weights": torch.ones(50)})
    assert resumable(path, "x", "small") is not None
    content = bytearray(path.read_bytes())
    content[content.find(torch.ones(50).numpy().tobytes()) + 2] ^= 1
    path.write_bytes(content)
    assert resumable(path, "x", "small") is None and "state.pth is damaged" in caplog.text


def test_states_are_read_without_running_code(small, tmp_path, monkeypatch, caplog):
    spec, folder = small(), tmp_path / "small"
    folder.mkdir()

    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"digest": Evil()}, folder / "state.pth")
    train(spec, folder)
    assert "is damaged" in caplog.text and not (tmp_path / "ran").exists()
