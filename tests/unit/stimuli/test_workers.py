"""Images are made in this process unless others are worth their start."""

import os

import numpy as np
import pytest

from ventral.stimuli.workers import in_workers


def made_by(number):
    return [np.array([number, os.getpid()])]


def test_few_images_are_made_in_this_process():
    made = np.array(list(in_workers(made_by, [(number,) for number in range(5)], threads=2)))
    assert made[:, 0].tolist() == [0, 1, 2, 3, 4] and set(made[:, 1]) == {os.getpid()}


@pytest.mark.usefixtures("processes_at_once")
def test_many_images_are_made_in_other_processes_in_order():
    made = np.array(list(in_workers(made_by, [(number,) for number in range(5)], threads=2)))
    assert made[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert made[0, 1] == os.getpid() and os.getpid() not in made[1:, 1]
