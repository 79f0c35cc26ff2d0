"""How similar are two representations of the same images?

Three of the measures are cosines between vectors over pairs of images, one vector per Gram. The similarities of many
layers are therefore one matrix product. ::

    CKA           K = H X Xᵀ H
    debiased CKA  K without its diagonal, centered on the other entries
    RSA           ranks of the Pearson distances 1 − r(x_i, x_j), minus their mean

The fourth is the distance between two centered sets of responses of norm 1 after rotating one onto the other,
d² = min ‖X − Y R‖² = 2 − 2 ‖Xᵀ Y‖_*. It follows from square roots of the two Grams.

Sources: Kornblith, Norouzi, Lee & Hinton, "Similarity of neural network representations revisited", ICML 2019; the
debiased form after Song, Smola, Gretton, Bedo & Borgwardt, "Feature selection via dependence maximization", JMLR 13:
1393-1434 (2012), Eq. 5, in the U-centered form of Székely & Rizzo, Annals of Statistics 42: 2382-2412 (2014);
Kriegeskorte, Mur & Bandettini, "Representational similarity analysis", Frontiers in Systems Neuroscience 2: 4 (2008);
Williams, Kunz, Kornblith & Linderman, "Generalized shape metrics on neural representations", NeurIPS 34 (2021), and
Ding, Denain & Steinhardt, "Grounding representation similarity through statistical testing", NeurIPS 34 (2021), whose
distance is the square of ours.
"""

import numpy as np

from ventral.core.errors import Fault
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.pearson_distances import EVERY, distances_of_pairs, pearson_distances, row_blocks
from ventral.statistics.correlation import AT_ONCE, tie
from ventral.statistics.rank import rounding

EVEN = 1e-12  # of the norm of K; less is left of it if all images are equally far apart
CONSTANT = "The responses do not vary between images, so CKA is undefined."
EQUALLY_FAR = "All images are equally far apart, so debiased CKA is undefined."

SIMILARITY = Method(
    "Similarity",
    "Linear centered kernel alignment, plain and from unbiased products; Spearman’s correlation between Pearson "
    "distances of all pairs of images; and the Procrustes distance of responses of unit norm.",
    "Kornblith et al., ICML (2019); Song et al., JMLR 13:1393 (2012); Kriegeskorte et al., Frontiers in Systems "
    "Neuroscience 2:4 (2008); Williams et al., NeurIPS 34 (2021).",
    ("kornblith2019", "song2012", "kriegeskorte2008", "williams2021"),
)
METRICS = (
    Metric(
        "rsa",
        "RSA",
        Role.SCORE,
        "Spearman’s correlation between the Pearson distances of all pairs of images.",
        SIMILARITY,
        (-1, 1),
        heading="RSA",
        counts="unit",
    ),
    Metric(
        "debiased_cka",
        "debiased CKA",
        Role.SCORE,
        "Linear centered kernel alignment from unbiased products: 0 for unrelated responses, 1 for those that differ "
        "by a rotation and a scale.",
        SIMILARITY,
        (-1, 1),
        heading="CKA",
        counts="unit",
    ),
    Metric(
        "cka",
        "CKA",
        Role.SCORE,
        "Linear centered kernel alignment; too large if there are few images.",
        SIMILARITY,
        (0, 1),
        counts="unit",
    ),
    Metric(
        "procrustes_distance",
        "Procrustes distance",
        Role.SCORE,
        "Distance between two centered sets of responses of unit norm after the best rotation: 0 for the same shape.",
        SIMILARITY,
        (0, 2**0.5),
    ),
)


def linear_cka(G: Gram, H: Gram) -> float:
    """Centered kernel alignment ⟨K, L⟩ / (‖K‖ ‖L‖), in [0, 1].

    It is 1 for responses that differ by a rotation, a shift and a scale. Few images in many dimensions make it too
    large, even for unrelated responses.

    Parameters
    ----------
    G, H : Gram of the same n images

    Raises
    ------
    Fault
        The images differ, or responses do not vary.
    """
    expect_same_images(G, H)
    norms = [unit_norm(float(np.sqrt(one.squares_of_rows.sum())), 0, CONSTANT) for one in (G, H)]
    product = sum(np.vdot(G.block(rows, EVERY), H.block(rows, EVERY)) for rows in row_blocks(len(G)))
    return float(product / np.prod(norms))


def debiased_cka(G: Gram, H: Gram) -> float:
    """Centered kernel alignment from unbiased products, about 0 for unrelated responses and 1 for equal ones.

    Parameters
    ----------
    G, H : Gram of the same n ≥ 4 images, drawn independently

    Raises
    ------
    Fault
        The images differ or are fewer than four, or all pairs of images are equally far apart.
    """
    expect_same_images(G, H)
    sums = np.zeros(3)
    for rows in row_blocks(len(G)):
        A, B = (u_centered(one, rows) for one in (G, H))
        sums += np.vdot(A, B), np.vdot(A, A), np.vdot(B, B)
    for one, square in ((G, sums[1]), (H, sums[2])):
        size = float(np.sqrt(one.squares_of_rows.sum()))
        unit_norm(float(np.sqrt(square)), size, EQUALLY_FAR, max(EVEN, one.resolution))
    return float(sums[0] / np.sqrt(sums[1] * sums[2]))


def rsa(G: Gram, H: Gram) -> float:
    """Spearman's correlation between the Pearson-distance matrices, over all pairs of images, in [−1, 1].

    Parameters
    ----------
    G, H : Gram of the same n ≥ 3 images

    Raises
    ------
    Fault
        The images differ or are fewer than three, a distance is undefined (see `rdm`), or all distances are equal.
    """
    expect_same_images(G, H)
    return float(rsa_vector(G) @ rsa_vector(H))


def procrustes_distance(G: Gram, H: Gram) -> float:
    """Distance √(2 − 2 ‖Xᵀ Y‖_*) between centered responses of norm 1 after the best rotation, in [0, √2].

    It is 0 for responses that differ by a rotation, a shift and a scale, and √2 for responses that share nothing. It
    satisfies the triangle inequality.

    Parameters
    ----------
    G, H : Gram of the same n images

    Raises
    ------
    Fault
        The images differ, or responses do not vary.
    """
    expect_same_images(G, H)
    return distance_of_roots(root(G), root(H))


def rdm(G: Gram) -> np.ndarray:
    """Pearson distances 1 − r between the responses to all pairs of images.

    Correlations are over the d features. They follow from the inner products before centering and the row sums s_i::

        r_ij = (x_i · x_j − s_i s_j / d) / √((x_i · x_i − s_i² / d) (x_j · x_j − s_j² / d))

    Parameters
    ----------
    G : Gram of n images

    Returns
    -------
    array of shape (n, n)
        In [0, 2], symmetric, with zeros on the diagonal.

    Raises
    ------
    Fault
        All features have the same response to an image, within rounding, so its correlations are undefined.
    """
    distances = np.zeros((len(G), len(G)))
    for rows, block, _ in pearson_distances(G):
        distances[rows, rows.start :] = np.triu(block, 1)
        distances[rows.start :, rows] += np.triu(block, 1).T
    return distances


def cka_vector(G: Gram) -> np.ndarray:
    """Vector of norm 1 and length n (n + 1) / 2 whose inner products are CKA."""
    i, j = np.triu_indices(len(G))
    vector = G.centered[i, j] * np.where(i == j, 1, np.sqrt(2))  # entries off the diagonal occur twice in K
    return unit(vector, 0, CONSTANT)


def u_centered(G: Gram, rows: slice) -> np.ndarray:
    """Some rows of K without its diagonal, centered on the other entries, (rows, n).

    The entries of a row of K off its diagonal sum to minus the diagonal.
    """
    n, diagonal = len(G), G.squares
    if n < 4:
        raise Fault(f"Debiased CKA needs four images or more, not {n}.")
    K = G.block(rows, EVERY) + (diagonal[rows, None] + diagonal) / (n - 2) - diagonal.sum() / ((n - 1) * (n - 2))
    K[np.arange(len(K)), np.arange(n)[rows]] = 0
    return K


def debiased_cka_vector(G: Gram) -> np.ndarray:
    """Vector of norm 1 and length n (n − 1) / 2 whose inner products are debiased CKA."""
    upper = u_centered(G, EVERY)[np.triu_indices(len(G), 1)]
    return unit(upper, float(np.linalg.norm(G.centered)), EQUALLY_FAR, max(EVEN, G.resolution))


def rsa_vector(G: Gram) -> np.ndarray:
    """Vector of norm 1 and length n (n − 1) / 2 whose inner products are Spearman's correlations of distances.

    Distances that differ only by rounding have the same rank. The distances of two features, or of features that are
    multiples of each other, are all 0 or 2.
    """
    return vector_of_ranks(*distances_of_pairs(G))


def vector_of_ranks(distances: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """`rsa_vector`, from the result of `distances_of_pairs`, in the memory of the distances."""
    return vector_of(ranks_of_pairs(distances, errors))


def ranks_of_pairs(distances: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Ranks from 1, with the mean rank for ties, from the result of `distances_of_pairs`, in its memory."""
    tie(distances, errors)
    return mean_ranks(distances, out=distances)


def vector_of(ranks: np.ndarray) -> np.ndarray:
    """`rsa_vector` from ranks of distances, in their memory."""
    ranks -= ranks.mean()
    return unit(ranks, 0, "The Pearson distances of all pairs of images are equal.")


def mean_ranks(values: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Ranks from 1, with the mean rank for ties, written to `out`, which may be `values`.

    `scipy.stats.rankdata` has no `out`, and its import takes a third of a second.
    """
    order = np.argsort(values)
    ordered, ranks = values[order], np.empty(len(values)) if out is None else out
    for start in range(0, len(values), AT_ONCE):
        part = ordered[start : start + AT_ONCE]
        ends = np.searchsorted(ordered, part, "right")
        ranks[order[start : start + AT_ONCE]] = (np.searchsorted(ordered, part) + 1 + ends) / 2
    return ranks


def root(G: Gram) -> np.ndarray:
    """Responses of norm 1 whose Gram is proportional to K, of shape (n, rank)."""
    eigenvalues, vectors = np.linalg.eigh(G.centered)
    kept = eigenvalues > rounding(eigenvalues)  # square roots of rounding errors are not small
    if not G.varies() or not kept.any():
        raise Fault("The responses do not vary between images, so the Procrustes distance is undefined.")
    return vectors[:, kept] * np.sqrt(eigenvalues[kept] / eigenvalues[kept].sum())


def distance_of_roots(A: np.ndarray, B: np.ndarray) -> float:
    """Procrustes distance between two results of `root`."""
    return float(np.sqrt(max(0.0, 2 - 2 * np.linalg.svd(A.T @ B, compute_uv=False).sum())))


def expect_same_images(G: Gram, H: Gram) -> None:
    """Raise a `Fault` unless both Grams describe the same images in the same order, if they name them."""
    if len(G) != len(H):
        raise Fault(
            f"Representations of {len(G)} and of {len(H)} images cannot be compared; use the same images for both."
        )
    if G.stimulus_id is None or H.stimulus_id is None:
        return
    differ = np.flatnonzero(np.asarray(G.stimulus_id) != np.asarray(H.stimulus_id))
    if len(differ):
        pairs = [f"{G.stimulus_id[i]} and {H.stimulus_id[i]}" for i in differ[:3]]
        raise Fault(
            f"The representations differ in {len(differ)} of {len(G)} images: {'; '.join(pairs)}"
            f"{'; …' if len(differ) > 3 else ''}. Use the same images for both, in the same order."
        )


def unit(vector: np.ndarray, scale: float, sentence: str, share: float = EVEN) -> np.ndarray:
    """The vector, scaled in place to norm 1; a `Fault` with the sentence if its norm is at most a share of `scale`."""
    vector /= unit_norm(float(np.linalg.norm(vector)), scale, sentence, share)
    return vector


def unit_norm(norm: float, scale: float, sentence: str, share: float = EVEN) -> float:
    """The norm; a `Fault` with the sentence if it is at most a share of `scale`."""
    if norm <= share * scale:
        raise Fault(sentence)
    return norm
