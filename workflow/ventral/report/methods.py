"""Definitions and sources of the metrics, for those that a study measures."""

from dataclasses import dataclass

import pandas as pd

LINDSEY = "Lindsey & Issa, eLife 13:91685 (2024)."
ELMOZNINO = "Elmoznino & Bonner, PLoS Computational Biology 20(1):e1011792 (2024)."
YERXA = "Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024)."
OWN = "Ventral’s own."


@dataclass(frozen=True)
class Method:
    """One idea and the names of its metrics; a name with … at one end stands for all names with the other part."""

    heading: str
    names: tuple[str, ...]
    text: str
    source: str


METHODS = (
    Method(
        "Factorization",
        ("factorization", "n_components"),
        "Share of the variance caused by a parameter that is outside the leading principal components of the scenes’ "
        "mean responses. These are the fewest that reach a share of the variance of the means (threshold). Against "
        "another parameter, the components are those of the effects of that parameter on the same scenes.",
        LINDSEY,
    ),
    Method(
        "Invariance",
        ("invariance", "subspace_invariance"),
        "Share of all variance that the parameter does not cause, in the whole space or inside the scenes’ leading "
        "components.",
        LINDSEY,
    ),
    Method(
        "Covariance factorization",
        ("covariance_factorization",),
        "One minus the cosine between the covariance that the parameter causes and the covariance between scenes. It "
        "needs no threshold, but is biased if there are few scenes or levels.",
        LINDSEY,
    ),
    Method(
        "Corrected covariance factorization",
        ("corrected_covariance_factorization",),
        "Covariance factorization with unbiased estimates, over distinct scenes, of each inner product and squared "
        "norm. It does not depend on the number of scenes, nor on the number of levels if every scene has levels of "
        "its own; levels that are the same in all scenes (moments, augmentations) are held fixed. It is undefined if "
        "the estimate of a squared norm is negative.",
        OWN,
    ),
    Method(
        "Intervals over scenes and control",
        ("factorization_shuffled", "invariance_shuffled", "covariance_factorization_shuffled"),
        "In 1,000 antithetic resamples, every scene gets a random weight of 1 ± .5. The interval of a plug-in value "
        "describes its variation for this number of scenes, not the value for many scenes. For corrected values, "
        "scenes are left out one at a time (jackknife); with fewer than six scenes there is no interval. The control "
        "deals images to scenes and levels at random, 20 times.",
        OWN,
    ),
    Method(
        "Effective dimensionality",
        ("effective_dimensionality", "components_80", "alpha"),
        "ED = (Σλ)²/Σλ² of the eigenvalues λ of the covariance; the number of components with 80 % of the variance; "
        "and the exponent of a power law that is fitted to the eigenvalues.",
        ELMOZNINO,
    ),
    Method(
        "Corrected effective dimensionality",
        ("corrected_effective_dimensionality",),
        "The ratio of unbiased estimates of (tr Σ)² and tr Σ² over distinct images, with a jackknife over images. It "
        "is measured only if the images are independent.",
        "U-statistics of Chen, Zhang & Zhong, JASA 105:810 (2010).",
    ),
    Method(
        "Whitened and intrinsic dimensionality",
        ("whitened_effective_dimensionality", "intrinsic_dimension"),
        "ED of one half of the images after whitening by the other half; and TwoNN, from the ratio of each image’s "
        "distances to its second and first neighbors.",
        f"{ELMOZNINO} Facco et al., Scientific Reports 7:12140 (2017).",
    ),
    Method(
        "Few-shot classes",
        ("prototype_…", "logistic_…", "max_margin_…"),
        "Read-outs learn each class from 1, 5, 20 or 50 images and name others, by the nearest class mean, logistic "
        "regression, or the maximal margin. Values are the share of images that are named correctly (top 1, top 5) and "
        "the mean reciprocal rank, with ties in random order. The row top_1_floor is chance.",
        ELMOZNINO,
    ),
    Method(
        "Class manifolds",
        ("few_shot_snr", "projection_distance", "manifold_…"),
        "Radius and participation ratio of the responses to each class, distance and overlap between classes, and the "
        "resulting signal-to-noise ratio of few-shot learning; and the distance of images from their class mean along "
        "the line to another class, in units of the spread of the class.",
        f"Sorscher, Ganguli & Sompolinsky, PNAS 119:e2200800119 (2022). {ELMOZNINO}",
    ),
    Method(
        "Equivariance",
        ("augmentation_augmentation_…", "augmentation_content_…", "spatial_photometric_…"),
        "Comparisons of covariances of unit trace: the same augmentations of two images, an image’s augmentations and "
        "all clean images, and changes of place and of color. The floor of the Bures distance is the distance between "
        "two halves of one sample. The cosine from unbiased products has no floor, and its interval is over images and "
        "draws.",
        f"{YERXA} The cosine is Ventral’s own.",
    ),
    Method(
        "Augmentation decoding",
        ("decoding_…",),
        "Ridge regression from the responses to the clean and the augmented image to each augmentation parameter. r, "
        "pooled within test folds, and R² are computed for images and draws that the regression was not fitted to, and "
        "for augmentations in which the operation was applied.",
        YERXA,
    ),
    Method(
        "Equivariant training",
        ("equivariance.csv",),
        "In each epoch the images are dealt into two random halves, and each pair of rows gets the same two "
        "augmentations A and B. The loss is (1 − λ) · L([z₁A; z₂A], [z₁B; z₂B]) + λ · L(z̃₁A − z̃₁B, z̃₂A − z̃₂B), where "
        "z and z̃ are two projections of one encoder and L is Barlow Twins, NT-Xent or MMCR. λ = 0 is the invariant "
        "baseline. Networks of one seed see the same images and augmentations and start from the same weights, so "
        "differences are paired by seed. "
        "All measures are of the encoder without its projectors.",
        f"{YERXA[:-1]}, “Contrastive-equivariant self-supervised learning improves alignment with primate visual area "
        f"IT”.",
    ),
    Method(
        "Similarity",
        ("cka", "debiased_cka", "rsa", "procrustes_distance"),
        "Linear centered kernel alignment, plain and from unbiased products; Spearman’s correlation between Pearson "
        "distances of all pairs of images; and the Procrustes distance of responses of unit norm.",
        "Kornblith et al., ICML (2019); Song et al., JMLR 13:1393 (2012); Kriegeskorte et al., Frontiers in Systems "
        "Neuroscience 2:4 (2008); Williams et al., NeurIPS 34 (2021).",
    ),
    Method(
        "Predictivity",
        ("ridge_r…", "ceiling"),
        "Median over units of the correlation between held-out responses and their prediction by ridge regression from "
        "the layer. The ceiling is the reliability c of the responses to the test images, one minus the variance of "
        "their noise divided by their variance. A perfect model reaches r = √c. Its r²/c is 1, but its r/c = 1/√c and "
        "(r/c)² = 1/c exceed 1. Shuffled images are the control.",
        "Shrout & Fleiss, Psychological Bulletin 86:420 (1979), for c.",
    ),
    Method(
        "Other encoding models",
        ("pls_r…", "pcr300_r…", "pcr1000_r…"),
        "Predictivity with partial least squares of 25 components, and with least squares on the first 300 and 1,000 "
        "components of the training images, or on all components if there are fewer.",
        "Schrimpf et al., bioRxiv 407007 (2018), for partial least squares.",
    ),
    Method(
        "Observers’ choices",
        ("i1…", "i2n…", "read_out_accuracy"),
        "A multinomial logistic read-out of the layer names held-out images, and its probabilities of two objects are "
        "its choices between them. i1 correlates its sensitivity d′ against all distractors with that of observers, "
        "over images. i2n correlates sensitivities over images and distractors, after subtracting the mean of each "
        "object with each distractor. c is the split-half reliability of the observers.",
        "Rajalingham et al., Journal of Neuroscience 38:7255 (2018).",
    ),
    Method(
        "Noise ceiling of RSA",
        ("rsa_ceiling…",),
        "Bounds on the RSA of the true responses with the recorded ones. With h the correlation between the distances "
        "of two halves of the trials, and w that between the distances of a half and of all trials, the bounds are "
        "the 5 % point of √h and the 95 % point of √h / w over resampled images.",
        "",
    ),
    Method(
        "Recorded areas",
        ("…_crossed", "object_decoding…"),
        "The same metrics for the responses of an area, from the means over trials and from inner products across "
        "halves of the trials, which exclude their noise. Object decoding is the accuracy of a linear decoder of "
        "objects, before and after the variance within objects is rotated onto the axes between them.",
        f"{LINDSEY} Crossing after Walther et al., NeuroImage 137:188 (2016); applied to these metrics, Ventral’s own.",
    ),
)


def methods(summary: dict[str, pd.DataFrame]) -> list[Method]:
    """The methods that have a metric in any table of the study, or a table of their own."""
    tables = (table.metric for table in summary.values() if "metric" in table)
    measured = {metric for column in tables for metric in column.unique()} | {f"{name}.csv" for name in summary}
    return [method for method in METHODS if any(matches(name, metric) for name in method.names for metric in measured)]


def matches(name: str, metric: str) -> bool:
    """Whether a name, which may have … at one end, stands for a metric."""
    if name.startswith("…"):
        return metric.endswith(name[1:])
    return metric.startswith(name[:-1]) if name.endswith("…") else metric == name
