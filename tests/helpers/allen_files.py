"""Tiny NWB files of the Allen Brain Observatory, as AllenSDK downloads them."""

import h5py
import numpy as np

from ventral.recordings.kinds import allen_natural_scenes

SCENES, SWEEP = 4, 3  # frames of a presentation
ORDER = [2, -1, 0, 3, 1, 2, 0, -1, 3, 1, 0]  # scene 0 three times, the others twice
CELLS = {501: [517, 518, 519], 502: [600, 601]}


def value_of(cell, scene, repeat):
    """The response of a cell to one presentation of a scene."""
    return 1000 * cell + 10 * scene + repeat


def write_experiment(folder, number, area, order=ORDER, scenes=SCENES):
    """ΔF/F in the 2 × 3 frames from each onset averages to the number of cell, scene and repeat; it is −1 elsewhere."""
    gap = 3 * SWEEP
    start = 5 + gap * np.arange(len(order))
    traces = np.full((len(CELLS[number]), start[-1] + gap), -1.0, dtype=np.float32)
    for i, scene in enumerate(order):
        for row, cell in enumerate(CELLS[number]):
            around = np.tile([-2.0, 2.0], SWEEP)
            traces[row, start[i] : start[i] + 2 * SWEEP] = around + value_of(cell, scene, order[:i].count(scene))
    (folder / "ophys_experiment_data").mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / "ophys_experiment_data" / f"{number}.nwb", "w") as file:
        file[allen_natural_scenes.TRACES] = traces
        file[allen_natural_scenes.CELLS] = np.array(CELLS[number])
        file[allen_natural_scenes.AREA] = np.bytes_(area)
        file[f"{allen_natural_scenes.SHOWN}/data"] = np.array(order)
        file[f"{allen_natural_scenes.SHOWN}/frame_duration"] = np.column_stack([start, start + SWEEP])
        levels = np.ones((scenes, 18, 24), np.float32) * np.arange(scenes, dtype=np.float32)[:, None, None]
        file[allen_natural_scenes.SCENES] = levels  # gray levels are stored as floating point
