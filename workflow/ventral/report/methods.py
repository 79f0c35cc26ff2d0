"""What each metric is and where it comes from, as far as a study measures it."""

from dataclasses import dataclass

import pandas as pd

LINDSEY = "Lindsey & Issa, eLife 13:91685 (2024)."
ELMOZNINO = "Elmoznino & Bonner, PLoS Computational Biology 20(1):e1011792 (2024)."
YERXA = "Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024)."
OWN = "Ventral’s own."


@dataclass(frozen=True)
class Method:
    """One idea, and the names under which tables hold it; a name ending in … stands for all that begin so."""

    heading: str
    names: tuple[str, ...]
    text: str
    source: str


METHODS = (
    Method(
        "Factorization",
        ("factorization", "n_components"),
        "Share of the variance caused by a parameter that lies outside the leading principal components of the scenes’ "
        "mean responses, as many as reach a share of their variance (threshold); against another parameter, outside "
        "those of what that one adds to the same scenes.",
        LINDSEY,
    ),
    Method(
        "Invariance",
        ("invariance", "subspace_invariance"),
        "Share of all variance that the parameter does not cause; the same inside the scenes’ leading components.",
        LINDSEY,
    ),
    Method(
        "Covariance factorization",
        ("covariance_factorization",),
        "One minus the cosine between the covariance that the parameter causes and that between scenes. It needs no "
        "threshold, but few scenes and few levels shift it.",
        LINDSEY,
    ),
    Method(
        "Corrected covariance factorization",
        ("corrected_covariance_factorization",),
        "The same with each inner product and squared norm replaced by an unbiased estimate over distinct scenes, so "
        "that it does not depend on how many were shown, nor on the number of levels where these are drawn anew in "
        "every scene; those that are the same in all (moments, augmentations) are held. It is undefined where a "
        "squared norm is estimated to be negative.",
        OWN,
    ),
    Method(
        "Intervals over scenes and control",
        ("factorization_shuffled", "invariance_shuffled", "covariance_factorization_shuffled"),
        "Every scene is weighted with 1 ± .5 at random, in 1,000 antithetic resamples; a plug-in value’s interval says "
        "how it varies with as many scenes as there are, not where many scenes would lead. For corrected values, "
        "scenes are left out one at a time (jackknife); with fewer than six scenes they have no interval. The control "
        "deals images to scenes and levels at random, 20 times.",
        OWN,
    ),
    Method(
        "Effective dimensionality",
        ("effective_dimensionality", "components_80", "alpha"),
        "ED = (Σλ)²/Σλ² of the eigenvalues λ of the covariance; how many components hold 80 % of the variance; and the "
        "exponent of the power law that the eigenvalues follow.",
        ELMOZNINO,
    ),
    Method(
        "Corrected effective dimensionality",
        ("corrected_effective_dimensionality",),
        "The ratio of unbiased estimates of (tr Σ)² and tr Σ² over distinct images, with a jackknife over images. Only "
        "of sets whose images are independent.",
        "U-statistics of Chen, Zhang & Zhong, JASA 105:810 (2010).",
    ),
    Method(
        "Whitened and intrinsic dimensionality",
        ("whitened_effective_dimensionality", "intrinsic_dimension"),
        "ED of one half of the images after whitening by the other half; and TwoNN, from the ratio of each image’s "
        "distances to its second and its first neighbour.",
        f"{ELMOZNINO} Facco et al., Scientific Reports 7:12140 (2017).",
    ),
    Method(
        "Few-shot classes",
        ("prototype_…", "logistic_…", "max_margin_…"),
        "Read-outs learn each class from 1, 5, 20 or 50 images and name others: by the nearest class mean, by logistic "
        "regression, or by the maximal margin. Share named right (top 1, top 5) and mean reciprocal rank, ties in "
        "random order; chance is in the row top_1_floor.",
        ELMOZNINO,
    ),
    Method(
        "Class manifolds",
        ("few_shot_snr", "projection_distance", "manifold_…"),
        "Radius and participation ratio of the responses to each class, distance and overlap between classes, and the "
        "signal-to-noise ratio of few-shot learning that follows; distance of images from their class mean along the "
        "line to another class, in units of the class’s spread.",
        f"Sorscher, Ganguli & Sompolinsky, PNAS 119:e2200800119 (2022). {ELMOZNINO}",
    ),
    Method(
        "Equivariance",
        ("augmentation_augmentation_…", "augmentation_content_…", "spatial_photometric_…"),
        "Covariances of unit trace compared: of the same augmentations of two images, of an image’s augmentations and "
        "all clean images, of changes of place and of colour. Bures distance, whose floor is that between two halves "
        "of one sample; and the cosine from unbiased products, which has no floor and whose interval is over images "
        "and draws.",
        f"{YERXA} The cosine is Ventral’s own.",
    ),
    Method(
        "Augmentation decoding",
        ("decoding_…",),
        "Ridge regression from the responses to the clean and the augmented image to each augmentation parameter; r, "
        "pooled within test folds, and R² on images and draws that it was not fitted to, where the operation was on.",
        YERXA,
    ),
    Method(
        "Equivariant training",
        ("equivariance.csv",),
        "Two halves of the images, drawn anew in each epoch; rows of both get the same two augmentations A and B. The "
        "loss is (1 − λ) · L([z₁A; z₂A], [z₁B; z₂B]) + λ · L(z̃₁A − z̃₁B, z̃₂A − z̃₂B), where z and z̃ are two projections "
        "of one encoder and L is Barlow Twins, NT-Xent or MMCR. λ = 0 is the invariant baseline. Networks of one seed "
        "see the same images and augmentations and start from the same weights, so differences are paired by seed. "
        "Measured is the encoder, without its projectors.",
        f"{YERXA[:-1]}, “Contrastive-equivariant self-supervised learning improves alignment with primate visual area "
        f"IT”.",
    ),
    Method(
        "Similarity",
        ("cka", "debiased_cka", "rsa", "procrustes_distance"),
        "Linear centred kernel alignment, plain and from unbiased products; Spearman’s correlation between Pearson "
        "distances of all pairs of images; Procrustes distance of unit-norm responses.",
        "Kornblith et al., ICML (2019); Song et al., JMLR 13:1393 (2012); Kriegeskorte et al., Frontiers in Systems "
        "Neuroscience 2:4 (2008); Williams et al., NeurIPS 34 (2021).",
    ),
    Method(
        "Predictivity",
        ("ridge_r…", "ceiling"),
        "Correlation between held-out responses and those predicted by ridge regression from the layer, the median "
        "over units. The ceiling is the reliability c of the responses to the test images, one minus the variance of "
        "their noise over their variance. A perfect model reaches r = √c, so its r²/c is 1, but its r/c and (r/c)² "
        "are 1/√c and 1/c, which pass 1. Shuffled images are the control.",
        "Shrout & Fleiss, Psychological Bulletin 86:420 (1979), for c.",
    ),
    Method(
        "Other encoding models",
        ("pls_r…", "pcr300_r…", "pcr1000_r…"),
        "The same with partial least squares of 25 components, and with least squares on the first 300 and 1,000 "
        "components of the training images, or as many as they have.",
        "Schrimpf et al., bioRxiv 407007 (2018), for partial least squares.",
    ),
    Method(
        "Observers’ choices",
        ("i1…", "i2n…", "read_out_accuracy"),
        "A multinomial logistic read-out of the layer names held-out images; its probabilities of two objects are its "
        "choices between them. i1 is the correlation over images of its sensitivity d′ against all distractors with "
        "the observers’, i2n that over images and distractors after the mean of each object beside each distractor is "
        "taken out; c is the split-half reliability of the observers.",
        "Rajalingham et al., Journal of Neuroscience 38:7255 (2018).",
    ),
    Method(
        "Noise ceiling of RSA",
        ("rsa_ceiling…",),
        "Bounds on the RSA that the true responses reach with the recorded ones. With h the correlation between the "
        "distances of two halves of the trials, and w that of a half with all trials: √h below and √h / w above, at "
        "the 5 % and 95 % points over resampled images.",
        "",
    ),
    Method(
        "Recorded areas",
        ("…_crossed", "object_decoding…"),
        "The same metrics of the responses of an area: of the means over trials, and with inner products taken across "
        "halves of the trials, which takes their noise out. Accuracy of a linear decoder of objects, also after the "
        "variance within objects is rotated onto the axes between them.",
        f"{LINDSEY} Crossing after Walther et al., NeuroImage 137:188 (2016); applied to these metrics, Ventral’s own.",
    ),
)


def methods(summary: dict[str, pd.DataFrame]) -> list[Method]:
    """Those with a metric in any table of the study, or with a table of their own."""
    tables = (table.metric for table in summary.values() if "metric" in table)
    measured = {metric for column in tables for metric in column.unique()} | {f"{name}.csv" for name in summary}
    return [method for method in METHODS if any(matches(name, metric) for name in method.names for metric in measured)]


def matches(name: str, metric: str) -> bool:
    """Whether a name, perhaps with … at one end, stands for a metric."""
    if name.startswith("…"):
        return metric.endswith(name[1:])
    return metric.startswith(name[:-1]) if name.endswith("…") else metric == name
