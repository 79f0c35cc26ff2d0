"""Tiny folders of published recordings, with the names, types, axes and numbers of the true files.

Every response tells the image that was shown: it is `OF_IMAGE` times the image's number plus the place of its voxel.
Every picture has one color, which tells its number.
"""

import h5py
import nibabel
import numpy as np
from PIL import Image
from scipy.io import savemat

VOLUME = (3, 4, 4)  # x, y, z
PLACES = np.arange(48).reshape(VOLUME, order="F")  # x + 3 y + 12 z
OF_IMAGE = 50
NSD_SPACE = "ppdata/subj01/func1pt8mm"
NSD_IMAGES = 600
SHARED = np.arange(3, 43)  # numbers counted from 0


def color(number):
    """The color of a picture by its image's number."""
    return [number // 256, number % 256, 7]


def nifti(path, values):
    """Write a NIfTI file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)


def nsd_folder(folder, sessions=2, compressed=()):
    """Sessions of observer 1 of the Natural Scenes Dataset, 500 images shown three times in two sessions.

    Returns
    -------
    array of shape (1500,)
        The number of the image of each trial, counted from 0.
    """
    rng = np.random.default_rng(0)
    numbers = rng.permutation(NSD_IMAGES)[:500]
    of_observers = np.array([numbers, *(rng.permutation(NSD_IMAGES)[:500] for _ in range(7))])
    order = rng.permutation(np.repeat(np.arange(500), 3))
    design = folder / "nsddata/experiments/nsd/nsd_expdesign.mat"
    design.parent.mkdir(parents=True)
    savemat(design, {"masterordering": order[None] + 1, "subjectim": of_observers + 1, "sharedix": SHARED[None] + 1})
    shown = numbers[order]

    betas = folder / f"nsddata_betas/{NSD_SPACE}/betas_fithrf_GLMdenoise_RR"
    betas.mkdir(parents=True)
    for session in range(1, sessions + 1):
        of_session = shown[750 * (session - 1) : 750 * session]
        values = (OF_IMAGE * of_session + PLACES[..., None]).astype(np.int16)  # x, y, z, trials
        if session in compressed:
            nifti(betas / f"betas_session{session:02d}.nii.gz", values)
        else:
            with h5py.File(betas / f"betas_session{session:02d}.hdf5", "w") as file:
                file.create_dataset("betas", data=values.T, chunks=(750, 1, 1, 1))
    ncsnr = np.linspace(0, 2, 48).reshape(VOLUME)
    ncsnr[0, 0, 0] = np.nan
    nifti(betas / "ncsnr.nii.gz", ncsnr)

    visual, general = np.zeros((2, *VOLUME), dtype=np.int16)
    visual[:, 0], visual[:, 1], visual[:, 2], visual[:, 3, 3] = 1, 2, -1, 7  # V1v, V1d, outside the cortex, hV4
    general[:, :2] = 1
    general[:, 2] = -1
    for name, roi in (("prf-visualrois", visual), ("nsdgeneral", general)):
        nifti(folder / f"nsddata/{NSD_SPACE}/roi/{name}.nii.gz", roi)

    pictures = folder / "nsddata_stimuli/stimuli/nsd/nsd_stimuli.hdf5"
    pictures.parent.mkdir(parents=True)
    brick = np.array([color(number) for number in range(NSD_IMAGES)], dtype=np.uint8)
    with h5py.File(pictures, "w") as file:
        file["imgBrick"] = np.broadcast_to(brick[:, None, None], (NSD_IMAGES, 5, 5, 3))
    return shown


def nsd_surfaces(folder, shown):
    """Add the surfaces of observer 1, six vertices on the left and five on the right, to what `nsd_folder` has made.

    The response of vertex v is `OF_IMAGE` times the image's number plus v, or plus 20 + v on the right. Right vertex 1
    has no data in session 2.
    """
    betas = folder / "nsddata_betas/ppdata/subj01/nativesurface/betas_fithrf_GLMdenoise_RR"
    label = folder / "nsddata/freesurfer/subj01/label"
    betas.mkdir(parents=True)
    label.mkdir(parents=True)
    for side, offset, visual in (("lh", 0, [1, 2, 0, 7, -1, 1]), ("rh", 20, [0, 1, 7, 2, -1])):
        n = len(visual)
        for session in range(1, 1 + len(shown) // 750):
            of_session = shown[750 * (session - 1) : 750 * session]
            values = (OF_IMAGE * of_session[:, None] + offset + np.arange(n)).astype(np.int16)  # trials, vertices
            values[:, 1] *= side == "lh" or session == 1
            with h5py.File(betas / f"{side}.betas_session{session:02d}.hdf5", "w") as file:
                file["betas"] = values
        for path, values, dtype in (
            (label / f"{side}.prf-visualrois.mgz", visual, np.int32),
            (betas / f"{side}.ncsnr.mgh", np.arange(n) / 4, np.float32),
        ):
            nibabel.save(nibabel.MGHImage(np.array(values, dtype=dtype).reshape(n, 1, 1), np.eye(4)), path)


def algonauts_folder(folder):
    """Observer 1 of the Algonauts Project 2023, with 12 images, 6 left and 5 right vertices.

    Returns
    -------
    array of shape (12,)
        The number of the image of each row, counted from 0.
    """
    numbers = np.sort(np.random.default_rng(1).permutation(NSD_IMAGES)[:12])
    observer = folder / "subj01"
    for name in ("training_split/training_images", "training_split/training_fmri", "roi_masks"):
        (observer / name).mkdir(parents=True)
    for i, number in enumerate(numbers, 1):
        name = f"train-{i:04d}_nsd-{number:05d}.png"
        Image.new("RGB", (6, 6), tuple(color(number))).save(observer / "training_split/training_images" / name)
    for hemisphere, visual, streams in (
        ("lh", [1, 2, 0, 7, 3, 1], [1, 1, 5, 2, 1, 0]),
        ("rh", [0, 0, 2, 6, 4], [5, 0, 1, 1, 1]),
    ):
        responses = numbers[:, None] + np.arange(len(visual)) / 10
        np.save(observer / f"training_split/training_fmri/{hemisphere}_training_fmri.npy", responses.astype(np.float32))
        for name, labels in (("prf-visualrois", visual), ("streams", streams)):
            np.save(observer / f"roi_masks/{hemisphere}.{name}_challenge_space.npy", np.array(labels))
    np.save(observer / "roi_masks/mapping_streams.npy", {1: "early"}, allow_pickle=True)
    return numbers


def bold5000_folder(folder):
    """Observer 4 of BOLD5000 in both forms, 9 sessions of four trials, with pictures shown from one to five times.

    Returns
    -------
    list of str
        The name of the picture of each trial.
    """
    names = [f"COCO_train2014_{i:012d}.jpg" for i in range(8)] + [f"n{i:08d}_{i}.JPEG" for i in range(8, 16)]
    names += [f"kitchen{i}.jpg" for i in range(16, 21)]
    repeats = [5, 4, 3, 2, 2, 2, 2, 2, 2] + [1] * 12
    numbers = np.random.default_rng(2).permutation(np.repeat(np.arange(21), repeats))
    (folder / "CSI4_imgnames.txt").write_text("".join(f"{names[number]}\n" for number in numbers))
    for number, name in enumerate(names):
        collection = "COCO" if "COCO" in name else "Scene" if "kitchen" in name else "ImageNet"
        path = folder / "BOLD5000_Stimuli/Scene_Stimuli/Presented_Stimuli" / collection / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (10 * number, 0, 0)).save(path, "png")

    version = "CSI4_GLMbetas-TYPED-FITHRF-GLMDENOISE-RR"
    values = (OF_IMAGE * numbers + PLACES[..., None]).astype(np.float32)
    for session, of_session in enumerate(np.split(values, 9, axis=3), 1):
        nifti(folder / f"{version}_ses-{session:02d}.nii.gz", of_session)
    arrays = folder / "BOLD5000_GLMsingle_ROI_betas/py"
    arrays.mkdir(parents=True)
    for region, x, y in (("LHEarlyVis", 0, 1), ("RHEarlyVis", 2, 1), ("LHLOC", 0, 3), ("RHLOC", 2, 3)):
        mask = np.zeros(VOLUME, dtype=np.int16)
        mask[x, y, 1:3] = 1
        np.save(arrays / f"{version}_allses_{region}.npy", values[mask > 0].T)
        other = "RHLO" if region == "RHLOC" else region  # as the publisher misspelled some
        nifti(folder / f"sub-CSI4/sub-CSI4_mask-{other}.nii.gz", mask)
    return [names[number] for number in numbers]
