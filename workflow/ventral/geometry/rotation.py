"""What would object decoding lose if a representation were less factorized?

A response is its object's mean plus a residual, x_ik = m_i + c_ik. Only the residuals are rotated, so that the
principal axes of their covariance coincide with those of the means::

    x'_ik = m_i + V Uᵀ c_ik,        C_c = U Λ_c Uᵀ,   C_m = V Λ_m Vᵀ,   both with the largest eigenvalue first

No other rotation of the residuals puts more of their variance on the leading axes of the means, at any threshold, or
makes ⟨C_c, C_m⟩ larger. Factorization is therefore the smallest that the two spectra allow, while both spectra, and
with them invariance, stay the same. The loss of accuracy of a linear decoder shows how much it gains from
factorization.

Source: Lindsey & Issa, "Factorized visual representations in the primate visual system and deep neural networks",
eLife 13:91685 (2024), who find that decoding from macaque V4 and IT falls.
"""

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.geometry.few_shot_readouts import scores_of_each_class
from ventral.metrics import Method, Metric, Role
from ventral.regression.splits import Splits, stratified_kfold_splits
from ventral.statistics.ties import credit

FOLDS = 5
REPEATS = 4
PENALTIES = np.logspace(-3, 5, 17)  # for responses whose variance is 1, averaged over units

OBJECTS = Method(
    "Object decoding from recorded areas",
    "The accuracy of a linear decoder of objects on held-out images, before and after the variance within objects is "
    "rotated onto the axes between them.",
    "Lindsey & Issa, eLife 13:91685 (2024).",
    ("lindsey2024",),
    of_labels=True,
)
METRICS = (
    Metric(
        "object_decoding",
        "object decoding",
        Role.GEOMETRY,
        "Share of held-out images of a recording whose object a linear decoder names.",
        OBJECTS,
        (0, 1),
        heading="object decoding",
    ),
    Metric(
        "object_decoding_rotated",
        "object decoding, factorization reduced",
        Role.CONTROL,
        "The same after the variance within objects is rotated onto the axes between objects: lower if decoding needs "
        "factorization.",
        OBJECTS,
        (0, 1),
        heading="object decoding, factorization reduced",
    ),
)


def reduced_factorization(X: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Rotate what varies within objects onto the axes along which objects differ.

    Parameters
    ----------
    X : array of shape (n images, d units)
        More or fewer units than images.
    labels : array of shape (n,)
        The object of each image.

    Returns
    -------
    array of shape (n, d)
        The covariances of the objects' means and of the residuals have the same eigenvalues as those of X.

    Raises
    ------
    Fault
        Fewer than two objects.
    """
    _, objects = np.unique(np.asarray(labels), return_inverse=True)
    if objects.max(initial=0) < 1:
        raise Fault("Reducing factorization needs two objects or more.")
    coordinates, axes = principal_coordinates(X)
    means = means_of(coordinates, objects)
    residuals = coordinates - means
    U, V = (principal_axes(part) for part in (residuals, means))
    return X.mean(axis=0) + (means + residuals @ U @ V.T) @ axes


def object_decoding(
    X: np.ndarray, labels: np.ndarray, rng: np.random.Generator, scenes: np.ndarray | None = None
) -> np.ndarray:
    """How often a linear decoder names the object of an image that it was not fitted to.

    The decoder is a ridge classifier with one output per object. Its penalty is chosen by leave-one-out inside the
    training images. Rotating or scaling all responses does not change its answers. Images are dealt into five
    stratified folds, four times, and every image is tested each time by a decoder of the other folds.

    All variants of a scene are in the same fold, because a decoder that was fitted to the scene could recognize its
    object by anything that the variants share. There are then as many folds as the object with the fewest scenes has
    scenes, up to five.

    Parameters
    ----------
    X : array of shape (n images, d units)
        One row per image. No two rows may show the same image, see `ventral.geometry.distinct`.
    labels : array of shape (n,)
        The object of each image.
    rng : Generator
        For the folds.
    scenes : array of shape (n,), optional
        The scene that each image is a variant of; a scene shows one object. By default images are independent.

    Returns
    -------
    array of shape (n,)
        Share of the four deals in which the image's object is named. If k objects have the highest score, each counts
        as named by 1/k. The mean is the accuracy.

    Raises
    ------
    Fault
        There are fewer than two objects, an object has fewer than five images or a single scene, or the responses do
        not vary.
    """
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    labels = np.asarray(labels)
    _, objects = np.unique(labels, return_inverse=True)
    counts = pd.Series(labels).value_counts()
    if len(counts) < 2 or counts.min() < FOLDS:
        raise Fault(
            f"Decoding needs two objects or more with {FOLDS} images or more of each: there are {len(counts)} objects, "
            f"and {counts.index[-1]!r} has {counts.min()} images."
        )
    if (X[:1] == X).all():
        raise Fault("Nothing can be decoded from responses that do not vary.")
    coordinates, _ = principal_coordinates(X)
    scale = np.sqrt(np.mean(np.sum(coordinates**2, axis=1)) / X.shape[1])
    decoder = RidgeClassifierCV(PENALTIES)
    named = []
    for _ in range(REPEATS):
        seed = int(rng.integers(2**31))
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        if scenes is not None:
            folds = scene_splits(scenes, labels, seed)
        scores = cross_val_predict(decoder, coordinates / scale, objects, cv=folds, method="decision_function")
        named.append(credit(scores_of_each_class(scores), objects))
    return np.mean(named, axis=0)


def scene_splits(scenes: np.ndarray, labels: np.ndarray, seed: int) -> Splits:
    """Stratified folds that keep scenes whole: the scenes of every object are dealt over all folds."""
    table = pd.DataFrame({"scene": scenes, "label": labels}).drop_duplicates()
    fewest = table.label.value_counts().min()
    if fewest < 2:
        raise Fault("Objects cannot be decoded in held-out scenes, because an object has only one scene.")
    return stratified_kfold_splits(scenes, labels, min(FOLDS, fewest), seed)


def principal_coordinates(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (n, r) of the centered responses, and the orthonormal axes (r, d) that span them."""
    X = np.asarray(X, dtype=np.float64)
    left, singular, axes = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return left * singular, axes


def principal_axes(X: np.ndarray) -> np.ndarray:
    """Orthonormal principal axes of the rows of X in columns, as many as X has columns, largest variance first."""
    return np.linalg.eigh(X.T @ X)[1][:, ::-1]


def means_of(X: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Every image's row replaced by the mean of its object's rows."""
    member = objects == np.arange(objects.max() + 1)[:, None]
    return (member @ X / member.sum(axis=1, keepdims=True))[objects]
