"""Learning from few examples as factorization is reduced: does a read-out need what is within classes to be elsewhere?

A response is the mean of its class plus a residual, x_i = m_i + c_i. The residuals alone are rotated, so that their
leading axes u_j turn to the axes v_j along which class means vary, for j = 1 … classes − 1::

    x_i(t) = m_i + T^t c_i,      T u_j = v_j,      T the identity outside the span of all u and v

T is a rotation, and T^t goes a share t of each of its angles. The spectra of means and residuals stay the same, and
with them the signal and the variance that a read-out has to cope with. Only factorization falls, and at t = 1 it is the
smallest that the spectra allow. Classes are then learned from few examples, as in `ventral.geometry.few_shot`.

With K the Gram, Q an orthonormal basis of all u and v, Y = X Q and Z the coordinates of the residuals, a rotation
changes K by few dimensions: X(t) = X + Z (T^t − 1)ᵀ Qᵀ, so K(t) follows from K, Y and Z.

Source: Lindsey & Issa, "Factorized visual representations in the primate visual system and deep neural networks",
eLife 13:91685 (2024), who turn all axes at once and find that decoding falls (`ventral.geometry.rotation`).
"""

import logging
from collections.abc import Sequence

import numpy as np

from ventral.core.centering import center, group_means
from ventral.core.random import generator
from ventral.geometry.family import Family, Layer
from ventral.geometry.few_shot import SHOTS, draws_of, expected_ranks
from ventral.geometry.held_out_scores import correlation
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.stimuli.design import independent
from ventral.stimuli.scene_variables import CATEGORY, scene_variables

SHARES = {"no rotation": 0.0, "half rotation": 0.5, "full rotation": 1.0}
IMAGES = 300  # largest number that is used
CLASSES = 50
DRAWS = 5
FEW = 5  # most examples of a class from which variables are decoded, so that many images are left for the test
RANK = 1e-9  # smaller shares of the largest eigenvalue are rounding

FEW_EXAMPLES = Method(
    "Few examples under reduced factorization",
    "The variance within classes is rotated halfway or fully onto the axes along which class means vary; both spectra "
    "stay the same. Values are the shares of images that are named correctly by the nearest class mean of 1, 5, 20 or "
    "50 examples, the mean correlation of the other variables of these images with their predictions by a ridge "
    "regression to the same 1 or 5 examples, with the lowest and the highest of five draws, and the covariance "
    "factorization of the variance within classes from class means. At most 300 images are drawn.",
    "After Lindsey & Issa, eLife 13:91685 (2024).",
    ("lindsey2024",),
    of_labels=True,
)
TOP_1 = Metric(
    "rotated_few_shot_top_1",
    "few-shot accuracy, factorization reduced",
    Role.CONTROL,
    "Share of new images that the nearest class mean names correctly, without and with a rotation that reduces "
    "factorization.",
    FEW_EXAMPLES,
    (0, 1),
)
R_OF_VARIABLES = Metric(
    "rotated_few_shot_r",
    "decoding of variables from few examples, factorization reduced",
    Role.CONTROL,
    "Mean correlation of variables with their predictions from few examples, without and with a rotation that "
    "reduces factorization.",
    FEW_EXAMPLES,
    (-1, 1),
)
FACTORIZATION = Metric(
    "rotated_class_factorization",
    "factorization of classes, reduced",
    Role.CONTROL,
    "Covariance factorization of the variance within classes from class means, without and with a rotation.",
    FEW_EXAMPLES,
    (0, 1),
)
METRICS = (TOP_1, R_OF_VARIABLES, FACTORIZATION)


def rotated_grams(K: np.ndarray, classes: np.ndarray, shares: list[float]) -> list[np.ndarray]:
    """Gram matrices after the residuals are rotated by shares of the way onto the axes of the class means.

    Parameters
    ----------
    K : array of shape (n, n)
        Inner products, centered.
    classes : integer array of shape (n,)
        From 0; every class has two images or more.
    shares : list of float
        From 0, no rotation, to 1, the smallest factorization.

    Returns
    -------
    list of arrays of shape (n, n)
    """
    A, B = residual_and_mean_axes(K, classes)
    weights = np.hstack([A, B])
    values, axes = np.linalg.eigh(weights.T @ K @ weights)
    basis = weights @ (axes[:, values > RANK] / np.sqrt(values[values > RANK]))
    Y = K @ basis
    Z = Y - group_means(Y, classes)
    T = rotation(Y.T @ A, Y.T @ B)
    grams = []
    for share in shares:
        moved = Z @ (power(T, share) - np.eye(len(T))).T
        cross = moved @ Y.T
        grams.append(K + cross + cross.T + moved @ moved.T)
    return grams


def residual_and_mean_axes(K: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The leading axes of residuals and of class means, (n, k) each, as weights of images; all have length 1.

    The k-th axes of both do not point away from each other.
    """
    from scipy.linalg import eigh

    n, counts = len(K), np.bincount(classes)
    k = min(len(counts) - 1, n - len(counts))
    within = K - group_means(K, classes)
    within -= group_means(within.T, classes).T
    of_residuals, u = eigh(within, subset_by_index=[n - k, n - 1])
    member = np.sqrt(1 / counts) * np.eye(len(counts))[classes]
    of_means, v = (part[..., -k:] for part in np.linalg.eigh(member.T @ K @ member))
    kept = (of_residuals > RANK * of_residuals[-1]) & (of_means > RANK * of_means[-1])
    A = u[:, kept] / np.sqrt(of_residuals[kept])
    A -= group_means(A, classes)
    B = member @ v[:, kept] / np.sqrt(of_means[kept])
    return A, B * np.where(np.sum(A * (K @ B), axis=0) < 0, -1, 1)


def rotation(U: np.ndarray, V: np.ndarray) -> np.ndarray:
    """The rotation of q dimensions that turns each column of U to that of V, and the rest as little as possible.

    Parameters
    ----------
    U, V : arrays of shape (q, k)
        Orthonormal columns.
    """
    rest_of_U, rest_of_V = (np.linalg.qr(one, mode="complete")[0][:, one.shape[1] :] for one in (U, V))
    left, _, right = np.linalg.svd(rest_of_V.T @ rest_of_U)
    T = V @ U.T + rest_of_V @ left @ right @ rest_of_U.T
    if np.linalg.det(T) < 0:  # a reflection: the least axis turns the other way round
        T -= 2 * np.outer(V[:, 0], U[:, 0])
    return T


def power(T: np.ndarray, share: float) -> np.ndarray:
    """The rotation by a share of each angle of T; two axes that T reverses are a plane that it turns by 180°.

    Parameters
    ----------
    T : array of shape (q, q)
        A rotation, with determinant 1.
    share : float
    """
    from scipy.linalg import schur

    blocks, vectors = schur(T, output="real")  # of 1 or 2 dimensions
    first = np.flatnonzero(np.diag(blocks, -1))
    alone = np.delete(np.arange(len(T)), [*first, *(first + 1)])
    reversed_axes = alone[np.diag(blocks)[alone] < 0]
    angles = np.arctan2(blocks[first + 1, first], blocks[first, first])
    angles = share * np.append(angles, np.full(len(reversed_axes) // 2, np.pi))
    first, second = np.append(first, reversed_axes[::2]), np.append(first + 1, reversed_axes[1::2])
    turned = np.eye(len(T))
    turned[first, first] = turned[second, second] = np.cos(angles)
    turned[second, first], turned[first, second] = np.sin(angles), -np.sin(angles)
    return vectors @ turned @ vectors.T


def class_factorization(K: np.ndarray, classes: np.ndarray) -> float:
    """Covariance factorization of residuals from class means: 1 − ⟨C_m, C_c⟩ / (‖C_m‖ ‖C_c‖)."""
    counts, member = np.bincount(classes), np.eye(classes.max() + 1)[classes]
    of_means = member.T @ K / counts[:, None]  # products of each class mean with each response
    between = of_means @ member / counts
    mm = counts @ between**2 @ counts
    mc = counts @ np.sum((of_means - between[:, classes]) ** 2, axis=1)
    cc = np.sum(K**2) - mm - 2 * mc
    return float(1 - mc / np.sqrt(mm * cc))


def prototype_accuracies(K: np.ndarray, draws: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Share of test images whose class has the nearest mean of training images, for each draw of `few_shot`."""
    scale, found = np.trace(K) / len(K), []
    for train, test in draws:
        W = np.zeros((len(K), len(train)))
        np.put_along_axis(W, train.T, 1 / train.shape[1], axis=0)
        KW = K @ W
        scores = (KW - np.sum(W * KW, axis=0) / 2)[test] / scale
        found.append(expected_ranks(scores)[0])
    return np.array(found)


def few_shot_r(
    K: np.ndarray, variables: Sequence[np.ndarray], draws: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Mean over variables of r between values and predictions of the test images, for each draw of `few_shot`.

    Predictions are those of a ridge regression to the training images of all classes, whose penalty is the mean
    eigenvalue of their Gram. A variable has one column or several, over which r is pooled.
    """
    Y, found = np.hstack(variables), []
    belongs = np.repeat(np.eye(len(variables)), [one.shape[1] for one in variables], axis=0)
    for train, test in (tuple(map(np.ravel, draw)) for draw in draws):
        inside = center(K[np.ix_(train, train)])
        across = K[np.ix_(test, train)] - K[np.ix_(train, train)].mean(axis=0)
        across -= across.mean(axis=1, keepdims=True)
        penalty = (np.trace(inside) / len(train) or 1.0) * np.eye(len(train))
        predictions = across @ np.linalg.solve(inside + penalty, Y[train] - Y[train].mean(axis=0))
        y, p = (one - one.mean(axis=0) for one in (Y[test], predictions))
        found.append(np.nanmean(correlation(np.sum([y * y, p * p, y * p], axis=1) @ belongs)))
    return np.array(found)


def rotated_rows(
    G: Gram, labels: np.ndarray, seed: int, variables: Sequence[np.ndarray] = ()
) -> list[dict[str, object]]:
    """Rows of what few examples teach, and of factorization, for each rotation.

    None unless two classes have two images or more.

    Parameters
    ----------
    G : Gram of n images
    labels : array of shape (n,)
        The class of each image, '' for none.
    seed : int
        For the images and the draws, which are the same for every layer and rotation.
    variables : sequence of arrays of shape (n, columns)
        Numbers, or sine and cosine of angles, which are decoded too.
    """
    rows, classes = drawn_classes(np.asarray(labels).astype(str), seed)
    if classes.max(initial=0) < 1 or not G.varies(rows):
        return []
    members = [np.flatnonzero(classes == c) for c in range(classes.max() + 1)]
    smallest = min(map(len, members))
    K, inside = G.subset(rows).centered, [one[rows] for one in variables]
    grams = dict(zip(SHARES, rotated_grams(K, classes, [*SHARES.values()]), strict=True))
    draws = {
        shots: draws_of(np.arange(len(members)), members, shots, generator("few-shot rotated", seed), DRAWS)
        for shots in SHOTS
        if shots < smallest
    }
    found: list[dict[str, object]] = []
    for name, of_rotation in grams.items():
        found.append(
            {"metric": FACTORIZATION.name, "parameter": name, "value": class_factorization(of_rotation, classes)}
        )
        for shots, of_shots in draws.items():
            learned = {TOP_1.name: prototype_accuracies(of_rotation, of_shots)}
            if inside and shots <= FEW:
                learned[R_OF_VARIABLES.name] = few_shot_r(of_rotation, inside, of_shots)
            for metric, drawn in learned.items():
                key = {"metric": metric, "parameter": f"{shots}-shot after {name}"}
                found.append(key | {"value": drawn.mean(), "low": drawn.min(), "high": drawn.max()})
    return [row | {"n": len(rows)} for row in found]


def drawn_classes(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of at most 50 classes of two images or more and 300 images, and the number of the class of each."""
    rng = generator("rotated classes", seed)
    names, counts = np.unique(labels[labels != ""], return_counts=True)
    if (counts == 1).any():
        logging.info("Classes with a single image are left out of the rotation.")
    chosen = rng.permutation(names[counts > 1])[:CLASSES]
    members = [rng.permutation(np.flatnonzero(labels == name))[: IMAGES // len(chosen)] for name in chosen]
    classes = np.repeat(np.arange(len(members)), [len(rows) for rows in members])
    return np.concatenate([np.array([], dtype=int), *members]), classes


def rows_of(layer: Layer) -> list[dict[str, object]]:
    """Rows of one layer."""
    without_classes = layer.table.drop(columns=CATEGORY, errors="ignore").assign(label="")
    numbers = [one.targets for one in scene_variables(without_classes) if not one.classes and not one.parameter]
    return rotated_rows(layer.G, layer.table.label.to_numpy(), layer.seed, numbers)


FAMILY = Family(7, lambda table: independent(table) and bool((table.label != "").any()), rows_of)
