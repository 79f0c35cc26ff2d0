"""Memory and processor time of reading an observer of the Natural Scenes Dataset of the true size.

    python tests/benchmarks/nsd_size.py FOLDER [VOXELS]

A session of the true size (750 × 83 × 104 × 81 integers in chunks of one voxel, 1.1 GB) is made up in the folder. The
other 39 sessions are links to it, so 30,000 trials of 10,000 images are read, at 15,000 voxels by default. Every
thirtieth voxel along x has no data, as at the edge of the volume. Prints the processor time and the peak memory of a
job that is stopped after 39 sessions, and of the next one, which continues.
"""

import resource
import sys
import time
from pathlib import Path

import h5py
import nibabel
import numpy as np
from scipy.io import savemat

from ventral.recordings import nsd_spaces
from ventral.recordings.kinds import nsd
from ventral.recordings.prepare import make

SHAPE = (81, 104, 83)  # x, y, z
SESSIONS, TRIALS, IMAGES = 40, 750, 10_000
SPACE = "ppdata/subj01/func1pt8mm"
BETAS = f"nsddata_betas/{SPACE}/betas_fithrf_GLMdenoise_RR"


def make_folder(folder: Path, voxels: int) -> None:
    """An observer of forty sessions, of which 39 are links, with one area of so many voxels."""
    rng = np.random.default_rng(0)
    general = np.zeros(SHAPE, dtype=np.int16)
    chosen = np.sort(rng.permutation(general.size // 8)[:voxels]) + general.size // 3  # most have neighbors
    general.ravel(order="F")[:] = 0
    x, y, z = np.unravel_index(chosen, SHAPE, order="F")
    general[x, y, z] = 1
    for name in ("nsddata/experiments/nsd", f"nsddata/{SPACE}/roi", BETAS, "nsddata_stimuli/stimuli/nsd"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(general, np.eye(4)), folder / f"nsddata/{SPACE}/roi/nsdgeneral.nii.gz")
    order = rng.permutation(np.repeat(np.arange(IMAGES), 3))[None] + 1
    images = np.array([rng.permutation(73_000)[:IMAGES] + 1 for _ in range(8)])
    design = {"masterordering": order, "subjectim": images, "sharedix": images[:1, :1000]}
    savemat(folder / nsd.DESIGN, design)
    (folder / nsd.PICTURES).touch()
    first = folder / BETAS / "betas_session01.hdf5"
    if not first.exists():
        write_session(first, rng)
    for session in range(2, SESSIONS + 1):
        link = folder / BETAS / f"betas_session{session:02d}.hdf5"
        link.unlink(missing_ok=True)
        link.symlink_to(first.name)


def write_session(path: Path, rng: np.random.Generator) -> None:
    """Noise around zero in chunks of one voxel; every thirtieth voxel along x is zero."""
    with h5py.File(path, "w") as file:
        betas = file.create_dataset("betas", (TRIALS, *SHAPE[::-1]), np.int16, chunks=(TRIALS, 1, 1, 1))
        for z in range(SHAPE[2]):
            values = rng.normal(0, 300, (TRIALS, *SHAPE[1::-1])).astype(np.int16)
            values[..., ::30] = 0
            betas[:, z] = values


def measured(what: str, run) -> None:
    """Run and print the processor time and the peak of this process."""
    start = time.process_time()
    try:
        run()
    except KeyboardInterrupt:
        what += ", killed"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what}: {time.process_time() - start:.1f} s of processor time, peak {peak:.2f} GB", flush=True)


def killed_after(sessions: int):
    """A reader of sessions that is interrupted after so many."""
    read, left = nsd_spaces.read_trials, iter(range(sessions))

    def reading(*args, **keys):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return read(*args, **keys)

    return reading


if __name__ == "__main__":
    folder, voxels = Path(sys.argv[1]), int((sys.argv[2:] or ["15000"])[0])
    make_folder(folder, voxels)
    spec = {"kind": "nsd", "folder": str(folder), "subject": 1, "areas": ["nsdgeneral"]}
    reader, path = nsd_spaces.read_trials, folder / "nsd.h5"
    nsd_spaces.read_trials = killed_after(SESSIONS - 1)
    measured(f"{voxels} voxels", lambda: make("nsd", spec, path, path))
    nsd_spaces.read_trials = reader
    measured(f"{voxels} voxels, continued", lambda: make("nsd", spec, path, path))
    print(f"The recording has {path.stat().st_size / 1e9:.2f} GB.")
