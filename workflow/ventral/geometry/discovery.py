"""Unsupervised discovery: which changes does a layer tell apart, if nobody says what changed?

Groups of images, such as clips, each change one thing, and the groups are known but not what changed in them. Kinds of
change are found from the covariances of the groups (`ventral.geometry.hidden_kinds`), and a subspace for each of them
that is orthogonal to content, which is the mean responses to scenes, and to the others (`joint_subspaces`). The
parameters that the images do vary are compared with what was found afterwards; only how many there are is used before.

Everything is measured along the leading axes of the changes, with all groups in units of their own variance: kinds
along as many as the changes allow, subspaces along 16. Axes, and the coordinates of changes and of content along them,
come from the Gram.

Ventral's own, after the question of Lindsey & Issa, eLife 13:91685 (2024), whether what is factorized can be found
without labels.
"""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.geometry.balanced_kinds import places
from ventral.geometry.changes import Changes, Groups, changes, groups_of, varying
from ventral.geometry.covariances import FEWEST_SCENES, corrected_terms, factorization_of
from ventral.geometry.decomposition import decompose
from ventral.geometry.family import Family, Layer
from ventral.geometry.hidden_kinds import FOLDS, hidden_kinds, mixture, relative
from ventral.geometry.joint_subspaces import joint_subspaces, overlap
from ventral.metrics import Method, Metric, Role
from ventral.statistics.intervals import jackknife_interval, within
from ventral.stimuli.design import independent, parameters_with_shared_levels, varied_parameters

PARTS = 10  # of the scenes, which are left out one after another
SHUFFLES = 10
WINDOW = 16  # leading axes within which subspaces lie
PRINCIPAL = 3  # leading axes of a parameter that are its subspace
STEPS_AGAIN = 10  # of the joint diagonalization of other scenes or shuffled groups
CHANGE, CONTENT, OTHERS = "change", "content", "other change"

DISCOVERY = Method(
    "Unsupervised discovery of kinds of change",
    "In each group of images (a scene of which one parameter varies, a clip), what changes is hidden. A mixture of "
    "covariances divides the groups into kinds of change, along at most 64 leading axes. Changes are relative to those "
    "of all groups of the scene, and each scene’s groups are divided among the kinds as evenly as possible. The number "
    "of kinds, at most that of the parameters of the set (or 6 if most scenes have one group), is the smallest that "
    "describes other scenes as well as the best, within one standard error. Content (the scenes’ means) and each kind "
    "have a subspace, all orthogonal to each other, from joint diagonalization along 16 axes. Of the true parameters, "
    "only the number is used before they are compared with what was found. Intervals leave out tenths of the scenes, "
    "with the number of kinds and, except for agreement, the groups of each kind held fixed. The floor shuffles the "
    "kinds of the groups within and between scenes, 10 times, with the division of each scene’s groups kept even.",
    "Ventral’s own; the question is that of Lindsey & Issa, eLife 13:91685 (2024).",
    ("lindsey2024",),
)
OVERLAP = Metric(
    "discovered_overlap",
    "overlap of discovered and true subspaces",
    Role.GEOMETRY,
    "Mean squared cosine of the principal angles between the three leading axes of a parameter and the subspace of "
    "the discovered kind that holds most of its groups: 1 if they lie inside.",
    DISCOVERY,
    (0, 1),
    control="discovered_overlap_shuffled",
)
METRICS = (
    Metric(
        "discovered_kinds",
        "kinds of change found without labels",
        Role.GEOMETRY,
        "Number of kinds of change that groups of images show, without knowing what changed: 1 if they are all alike.",
        DISCOVERY,
        (1, 6),
    ),
    Metric(
        "discovered_agreement",
        "agreement of discovered kinds with the parameters",
        Role.GEOMETRY,
        "Adjusted Rand index between the discovered kinds of change and the parameters that really varied, over pairs "
        "of groups of different scenes: 1 for the same groups, 0 for chance.",
        DISCOVERY,
        (-1, 1),
    ),
    Metric(
        "discovered_factorization",
        "factorization of discovered kinds",
        Role.GEOMETRY,
        "One minus the cosine between the covariances of a discovered kind of change and of content, or of two kinds, "
        "from unbiased products, mean over kinds or pairs: 1 for separate axes, 0 for the same.",
        DISCOVERY,
    ),
    OVERLAP,
    OVERLAP.as_control(
        OVERLAP.control,
        "overlap with subspaces of shuffled groups",
        "The metric discovered_overlap with the kinds of the groups shuffled.",
    ),
)


def discovery_rows(layer: Layer) -> list[dict[str, object]]:
    """Rows of one layer; no rows with too few scenes, too few groups in which responses change, or a single axis."""
    rng = generator("discovery", layer.seed)
    groups = varying(layer.G, groups_of(layer.table, rng))
    if too_few(groups):
        return []
    C = changes(layer.G, groups)
    groups, C = groups.subset(C.along_axes), C.subset(C.along_axes, groups.scene)
    if too_few(groups):
        return []
    part = rng.permutation(np.arange(groups.scene.max() + 1) % PARTS)[groups.scene]
    kept = np.vstack([np.ones(len(part), dtype=bool), part != np.unique(part)[:, None]])
    n_axes = C.scatter.shape[1]
    if n_axes < 2:
        logging.warning("No kinds of change: all changes are along one axis.")
        return []
    S = relative(C.scatter, groups.scene)
    found = hidden_kinds(S, groups.freedom, groups.scene, rng, len(np.unique(groups.parameter)))
    kinds = in_order(found.kinds(S, groups.freedom, groups.scene))
    C = replace(C, scatter=C.scatter[:, :WINDOW, :WINDOW], content=C.content[:, :WINDOW])
    rows = [{"metric": "discovered_kinds", "value": float(kinds.max() + 1)}]
    shared = set(groups.parameter) <= parameters_with_shared_levels(layer.table)
    from_content = np.array([of_content(layer, groups, kinds == kind, kept, shared) for kind in range(kinds.max() + 1)])
    rows += factorization_row(CONTENT, from_content.T)
    rows += factorization_row(OTHERS, of_pairs(C.products, groups.scene, kinds, kept))
    if len(np.unique(groups.parameter)) > 1:
        rows.append(agreement_row(S, groups, kinds, kept))
        if n_axes > PRINCIPAL:  # otherwise every parameter has all axes
            rows += overlap_rows(C, groups, kinds, kept, rng)
    return [row | {"n": len(groups.images)} for row in rows]


def too_few(groups: Groups) -> bool:
    """Whether there are too few scenes or groups for kinds of change, which the log then says."""
    n_scenes = len(np.unique(groups.scene))
    few = n_scenes < FOLDS or groups.n_axes < 2
    if few:
        logging.warning("No kinds of change: %d groups of %d scenes are too few.", len(groups.scene), n_scenes)
    return few


def of_content(layer: Layer, groups: Groups, chosen: np.ndarray, kept: np.ndarray, shared_levels: bool) -> np.ndarray:
    """Corrected factorization of the groups of one kind against content, for each selection of groups.

    Groups of one scene show the same content, and only products of different scenes are unbiased. The terms are
    therefore those of `rounds`, added with the numbers of scenes as weights.
    """
    terms = np.zeros((3, len(kept)))
    for part in rounds(groups.scene, groups.sizes, chosen, layer.seed):
        W = kept[:, part].astype(float)
        n_scenes = W.sum(axis=1)
        enough = n_scenes >= FEWEST_SCENES
        if enough.any():
            some = groups.subset(np.isin(np.arange(len(groups.sizes)), part))
            K = layer.G.block(some.images)
            D = decompose(K, some.of_images(np.arange(len(part))), shared_levels)
            terms[:, enough] += n_scenes[enough] * np.array(corrected_terms(D, W[enough]))
    return factorization_of((terms[0], terms[1], terms[2]))


def rounds(scene: np.ndarray, sizes: np.ndarray, chosen: np.ndarray, seed: int) -> list[np.ndarray]:
    """The indices of the chosen groups, divided at random so that no part has two sizes or two groups of a scene."""
    if len(several := np.unique(sizes[chosen])) > 1:
        return [part for size in several for part in rounds(scene, sizes, chosen & (sizes == size), seed)]
    order = generator("rounds", seed).permutation(np.flatnonzero(chosen))
    order = order[np.argsort(scene[order], kind="stable")]
    place = np.arange(len(order)) - np.searchsorted(scene[order], scene[order])
    return [np.sort(order[place == number]) for number in range(place.max() + 1)]


def of_pairs(products: np.ndarray, scene: np.ndarray, kinds: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Factorization of each pair of kinds from products of groups of different scenes, (selections, pairs)."""
    apart = scene[:, None] != scene
    of_kind = np.eye(kinds.max() + 1)[kinds] * kept[..., None]
    sums, counts = (np.swapaxes(of_kind, 1, 2) @ each @ of_kind for each in (products * apart, apart.astype(float)))
    P = sums / np.where(counts > 0, counts, np.nan)
    first, second = np.triu_indices(kinds.max() + 1, 1)
    return factorization_of((P[:, first, second], P[:, first, first], P[:, second, second]))


def factorization_row(against: str, values: np.ndarray) -> list[dict[str, object]]:
    """The mean over kinds or pairs that are defined in all selections, of which the first has all groups."""
    values = values[:, np.isfinite(values).all(axis=0)]
    if not values.size:
        return []
    low, high = within(*jackknife_interval(values[0].mean(), values[1:].mean(axis=1)), 0, 2)
    key = {"metric": "discovered_factorization", "parameter": CHANGE, "against": against}
    return [key | {"value": float(values[0].mean()), "low": float(low), "high": float(high)}]


def agreement_row(S: np.ndarray, groups: Groups, kinds: np.ndarray, kept: np.ndarray) -> dict[str, object]:
    """Agreement of the kinds with the parameters; the mixture is fitted again without each part of the scenes.

    There is no interval if every part gives the same, as perfect agreement does.
    """
    without = []
    for each in kept[1:]:
        freedom, scene = groups.freedom[each], in_order(groups.scene[each])
        again = mixture(S[each], freedom, scene, in_order(kinds[each])).kinds(S[each], freedom, scene)
        without.append(adjusted_rand_index(again, groups.parameter[each], scene))
    value = adjusted_rand_index(kinds, groups.parameter, groups.scene)
    low, high = (
        within(*jackknife_interval(np.array(value), np.array(without)), -1, 1) if np.ptp(without) > 0 else [np.nan] * 2
    )
    return {"metric": "discovered_agreement", "value": value, "low": float(low), "high": float(high)}


def overlap_rows(
    C: Changes, groups: Groups, kinds: np.ndarray, kept: np.ndarray, rng: np.random.Generator
) -> list[dict[str, object]]:
    """Rows of the overlap of every parameter with the kind that holds most of its groups, and of its floor."""
    by_chance = np.array([shuffled(kinds, groups.scene, rng) for _ in range(SHUFFLES)])
    labels = np.vstack([np.tile(kinds, (len(kept), 1)), by_chance])
    selected = np.vstack([kept, np.repeat(kept[:1], SHUFFLES, axis=0)])
    basis, owner = subspaces(C, groups.scene, labels, selected)
    names, parameter = np.unique(groups.parameter, return_inverse=True)
    axes = np.linalg.eigh(mean_scatter(C, np.tile(parameter, (len(selected), 1)), selected))[1][..., -PRINCIPAL:]
    rows = []
    for p, name in enumerate(names):
        main = np.array([np.bincount(each[parameter == p]).argmax() for each in labels])
        values = overlap(axes[:, p], basis, owner == main[:, None])
        key = {"parameter": name, "against": CHANGE}
        low, high = within(*jackknife_interval(values[0], values[1 : len(kept)]), 0, 1)
        ends = {"value": float(values[0]), "low": float(low), "high": float(high)}
        rows.append(key | {"metric": "discovered_overlap"} | ends)
        chance = values[len(kept) :]
        ends = {"value": float(chance.mean()), "low": float(chance.min()), "high": float(chance.max())}
        rows.append(key | {"metric": "discovered_overlap_shuffled"} | ends)
    return rows


def shuffled(kinds: np.ndarray, scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The kinds shuffled within scenes, and those of whole scenes between scenes with as many groups.

    All scenes therefore have as even a division among the kinds as before.
    """
    found = kinds.copy()
    for groups in places(scene):
        found[groups] = rng.permuted(rng.permutation(kinds[groups]), axis=1)
    return found


def subspaces(C: Changes, scene: np.ndarray, labels: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Joint subspaces of kinds and, as the last owner, of content, for each row of labels and of selected groups.

    All but the first start from the first.
    """
    shown = np.array([np.isin(np.arange(len(C.content)), scene[each]) for each in kept])
    M = np.concatenate([mean_scatter(C, labels, kept), content_covariances(C.content, shown)[:, None]], axis=1)
    first = joint_subspaces(M[:1])
    others = joint_subspaces(M[1:], np.repeat(first[0], len(M) - 1, axis=0), STEPS_AGAIN)
    return np.concatenate([first[0], others[0]]), np.concatenate([first[1], others[1]])


def mean_scatter(C: Changes, labels: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Mean scatter of the groups with each label, for each row of labels and selection, (rows, labels, q, q)."""
    members = np.eye(labels.max() + 1)[labels] * kept[..., None]
    means = members / np.maximum(members.sum(axis=1, keepdims=True), 1)
    return np.tensordot(np.swapaxes(means, 1, 2), C.scatter, 1)


def content_covariances(content: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Covariance of the means of some of the scenes, in units of the total of all, (selections, q, q)."""
    share = shown / shown.sum(axis=1, keepdims=True)
    means = content - (share @ content)[:, None]
    return np.einsum("rn,rni,rnj->rij", share * len(content), means, means, optimize=True)


def in_order(labels: np.ndarray) -> np.ndarray:
    """Labels as numbers 0 … K − 1 without gaps."""
    return np.unique(labels, return_inverse=True)[1]


def adjusted_rand_index(first: np.ndarray, second: np.ndarray, scene: np.ndarray) -> float:
    """Agreement of two groupings, over the pairs of groups of different scenes.

    Groups of one scene have different parameters, and different kinds as far as possible. Pairs of them would therefore
    agree by chance. If every group has a scene of its own, the index is that of scikit-learn.

    Source: Hubert & Arabie, "Comparing partitions", Journal of Classification 2: 193-218 (1985), Eq. 5; the
    restriction to some of the pairs is Ventral's own.
    """
    apart = np.triu(scene[:, None] != scene)
    alike, also = ((labels[:, None] == labels)[apart] for labels in (first, second))
    expected, most = alike.mean() * also.mean(), (alike.mean() + also.mean()) / 2
    return float((np.mean(alike & also) - expected) / (most - expected)) if most > expected else 1.0


def applies(table: pd.DataFrame) -> bool:
    """Whether something changes within scenes."""
    return not independent(table) and bool((varied_parameters(table) != "").any())


FAMILY = Family(8, applies, discovery_rows)
