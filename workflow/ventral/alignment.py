"""How alike are two representations of the same images?

Three of the measures are cosines: each turns a Gram into a vector over pairs of images, and two representations are
as alike as their vectors point the same way, so that a map of many layers is one matrix product. ::

    CKA           K = H X Xᵀ H
    debiased CKA  K with its diagonal left out, centred on what remains
    RSA           ranks of the Pearson distances 1 − r(x_i, x_j), less their mean

The fourth is the distance that remains between two centred sets of responses of norm 1 when the one is rotated onto
the other, d² = min ‖X − Y R‖² = 2 − 2 ‖Xᵀ Y‖_*, which two square roots of the Grams give.

Sources: Kornblith, Norouzi, Lee & Hinton, "Similarity of neural network representations revisited", ICML 2019; the
debiased form after Song, Smola, Gretton, Bedo & Borgwardt, "Feature selection via dependence maximization", JMLR 13:
1393-1434 (2012), Eq. 5, in the U-centred form of Székely & Rizzo, Annals of Statistics 42: 2382-2412 (2014);
Kriegeskorte, Mur & Bandettini, "Representational similarity analysis", Frontiers in Systems Neuroscience 2: 4 (2008);
Williams, Kunz, Kornblith & Linderman, "Generalized shape metrics on neural representations", NeurIPS 34 (2021), and
Ding, Denain & Steinhardt, "Grounding representation similarity through statistical testing", NeurIPS 34 (2021), whose
distance is the square of ours.
"""

import numpy as np

from ventral.correlation import tied
from ventral.gram import Gram
from ventral.rank import rounding
from ventral.store import Fault

ROUNDING = 8  # times the bound on a product's rounding error of `_product_errors`, which has always been enough
EVEN = 1e-12  # of the norm of K: less is left of it where all images are equally far apart


def linear_cka(G: Gram, H: Gram) -> float:
    """Centred kernel alignment ⟨K, L⟩ / (‖K‖ ‖L‖), in [0, 1].

    1 for responses that a rotation, a shift and a scale turn into each other. Few images in many dimensions make it
    too large, also between unrelated responses.

    Parameters
    ----------
    G, H : Gram of the same n images

    Raises
    ------
    Fault
        The images differ, or responses do not vary.
    """
    expect_same_images(G, H)
    return float(cka_vector(G) @ cka_vector(H))


def debiased_cka(G: Gram, H: Gram) -> float:
    """Centred kernel alignment from unbiased products, around 0 for unrelated responses and 1 for equal ones.

    Parameters
    ----------
    G, H : Gram of the same n ≥ 4 images, drawn independently

    Raises
    ------
    Fault
        The images differ or are fewer than four, or all pairs of images are equally far apart.
    """
    expect_same_images(G, H)
    return float(debiased_cka_vector(G) @ debiased_cka_vector(H))


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
    """Distance √(2 − 2 ‖Xᵀ Y‖_*) between centred responses of norm 1 after the best rotation, in [0, √2].

    0 for responses that a rotation, a shift and a scale turn into each other, √2 for those that share nothing. It
    obeys the triangle inequality.

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

    Correlations run over the d features, and follow from the inner products before centring and the row sums s_i::

        r_ij = (x_i · x_j − s_i s_j / d) / √((x_i · x_i − s_i² / d) (x_j · x_j − s_j² / d))

    Parameters
    ----------
    G : Gram of n images

    Returns
    -------
    array of shape (n, n)
        In [0, 2], symmetric, with zeros in its diagonal.

    Raises
    ------
    Fault
        All features respond alike to an image, as far as rounding lets tell, so its correlations are undefined.
    """
    return _distances(G)[0]


def _distances(G: Gram) -> tuple[np.ndarray, np.ndarray]:
    """Pearson distances, and how far rounding may have moved each, both (n, n)."""
    s, d = G.row_sums, G.n_features
    covariance = G.products - np.outer(s, s) / d
    variance, error = np.diag(covariance), _product_errors(G)
    flat = variance <= np.diag(error)
    if flat.any():
        names = np.flatnonzero(flat) if G.stimulus_id is None else G.stimulus_id[flat]
        raise Fault(
            f"The Pearson distances of {flat.sum()} images are undefined, because all {d} features give the same "
            f"response: {', '.join(map(str, names[:5]))}{', …' if len(names) > 5 else ''}."
        )
    scale = np.sqrt(variance)
    distances = np.clip(1 - covariance / np.outer(scale, scale), 0, 2)
    np.fill_diagonal(distances, 0)
    relative = np.diag(error) / variance
    return distances, error / np.outer(scale, scale) + (relative[:, None] + relative) / 2


def _product_errors(G: Gram) -> np.ndarray:
    """How far rounding may have moved each inner product before centring, (n, n).

    `gram` multiplies deviations c_i from the mean response μ, in float32 or float64, and adds the rest in float64. With
    ε and ε₆₄ their relative precisions, and ν what is left of μ without the level that all features share, errors of
    x_i · x_j are of the order ε (|c_i| |c_j| + |ν| (|c_i| + |c_j|) / 8) + ε₆₄ (|c_i| + |μ|) (|c_j| + |μ|), where
    centering spreads a share 1/n of the mean |c|² over all images. Responses of one direction, whose distances are 0
    and 2, stay within `ROUNDING` times this for 2 to 100,000 features and means from 0 to 10,000 standard deviations.
    """
    double = np.finfo(np.float64).eps
    epsilon = np.finfo(np.float32).eps if G.resolution else double
    squares = np.clip(np.diag(G.centered), 0, None)
    c, mean = np.sqrt(squares + squares.mean() / len(G)), np.sqrt(max(G.mean_square, 0.0))
    uneven = np.sqrt(max(G.mean_square - G.row_sums.mean() ** 2 / G.n_features, double * G.mean_square))
    error = epsilon * (np.outer(c, c) + uneven * (c[:, None] + c) / 8) + double * np.outer(c + mean, c + mean)
    return ROUNDING * error


def cka_vector(G: Gram) -> np.ndarray:
    """Vector of norm 1 and length n (n + 1) / 2 whose inner products are CKA."""
    i, j = np.triu_indices(len(G))
    vector = G.centered[i, j] * np.where(i == j, 1, np.sqrt(2))  # an entry off the diagonal stands twice in K
    return unit(vector, 0, "The responses do not vary between images, so they are similar to nothing.")


def debiased_cka_vector(G: Gram) -> np.ndarray:
    """Vector of norm 1 and length n (n − 1) / 2 whose inner products are debiased CKA."""
    n = len(G)
    if n < 4:
        raise Fault(f"Debiased CKA needs four images or more, not {n}.")
    K = G.centered - np.diag(np.diag(G.centered))
    sums = K.sum(axis=0)
    K -= (sums[:, None] + sums) / (n - 2) - sums.sum() / ((n - 1) * (n - 2))
    equal = "All images are equally far apart, so debiased CKA is undefined."
    return unit(K[np.triu_indices(n, 1)], np.linalg.norm(G.centered), equal, max(EVEN, G.resolution))


def rsa_vector(G: Gram) -> np.ndarray:
    """Vector of norm 1 and length n (n − 1) / 2 whose inner products are Spearman's correlations of distances.

    Distances that differ by no more than rounding share their rank: those of two features, or of features that are
    multiples of each other, are 0 and 2 and nothing between.
    """
    if len(G) < 3:
        raise Fault(f"A correlation of distances needs three images or more, not {len(G)}.")
    pairs = np.triu_indices(len(G), 1)
    ranks = mean_ranks(tied(*(values[pairs] for values in _distances(G))))
    return unit(ranks - ranks.mean(), 0, "The Pearson distances of all pairs of images are equal.")


def mean_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, ties sharing their mean rank; importing scipy.stats for it takes a third of a second."""
    order = np.argsort(values)
    ordered = values[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    ends = np.append(starts[1:], len(values))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((starts + 1 + ends) / 2, ends - starts)
    return ranks


def root(G: Gram) -> np.ndarray:
    """Responses of norm 1 whose Gram is proportional to K, of shape (n, rank)."""
    eigenvalues, vectors = np.linalg.eigh(G.centered)
    kept = eigenvalues > rounding(eigenvalues)  # roots of what rounding left are not small
    if not G.varies() or not kept.any():
        raise Fault("The responses do not vary between images, so they have no distance from others.")
    return vectors[:, kept] * np.sqrt(eigenvalues[kept] / eigenvalues[kept].sum())


def distance_of_roots(A: np.ndarray, B: np.ndarray) -> float:
    """Procrustes distance between two results of `root`."""
    return float(np.sqrt(max(0.0, 2 - 2 * np.linalg.svd(A.T @ B, compute_uv=False).sum())))


def expect_same_images(G: Gram, H: Gram) -> None:
    """Both Grams describe the same images in the same order, as far as they name them."""
    if len(G) != len(H):
        raise Fault(f"Representations of {len(G)} and of {len(H)} images cannot be compared; take the same of both.")
    if G.stimulus_id is None or H.stimulus_id is None:
        return
    differ = np.flatnonzero(np.asarray(G.stimulus_id) != np.asarray(H.stimulus_id))
    if len(differ):
        pairs = [f"{G.stimulus_id[i]} and {H.stimulus_id[i]}" for i in differ[:3]]
        raise Fault(
            f"The representations differ in {len(differ)} of {len(G)} images: {'; '.join(pairs)}"
            f"{'; …' if len(differ) > 3 else ''}. Take the same images of both, in the same order."
        )


def unit(vector: np.ndarray, scale: float, sentence: str, share: float = EVEN) -> np.ndarray:
    """The vector at norm 1; a fault where no more than a share of `scale`, which is rounding, is left of it."""
    norm = np.linalg.norm(vector)
    if norm <= share * scale:
        raise Fault(sentence)
    return vector / norm
