"""The metrics of the factorization family, and their rows for a stimulus set."""

from ventral.geometry.family import Family, Layer
from ventral.geometry.left_out_draws import draws_of
from ventral.geometry.parameter_factorization import factorization_family
from ventral.geometry.scene_factorization import CORRECTED
from ventral.metrics import Method, Metric, Role
from ventral.stimuli.design import parameters_with_shared_levels, varied_parameters

LINDSEY = "Lindsey & Issa, eLife 13:91685 (2024)."
OWN = "Ventral’s own."
ON_SUBSPACES = Method(
    "Factorization",
    "Share of the variance caused by a parameter that is outside the leading principal components of the scenes’ "
    "mean responses. These are the fewest that reach a share of the variance of the means (threshold). Against "
    "another parameter, the components are those of the effects of that parameter on the same scenes.",
    LINDSEY,
    ("lindsey2024",),
)
INVARIANCE = Method(
    "Invariance",
    "Share of all variance that the parameter does not cause, in the whole space or inside the scenes’ leading "
    "components.",
    LINDSEY,
    ("lindsey2024",),
)
OF_COVARIANCES = Method(
    "Covariance factorization",
    "One minus the cosine between the covariance that the parameter causes and the covariance between scenes. It "
    "needs no threshold, but is biased if there are few scenes or levels.",
    LINDSEY,
    ("lindsey2024",),
)
UNBIASED = Method(
    "Corrected covariance factorization",
    "Covariance factorization with unbiased estimates, over distinct scenes, of each inner product and squared "
    "norm. It does not depend on the number of scenes, nor on the number of levels if every scene has levels of "
    "its own; levels that are the same in all scenes (moments, augmentations) are held fixed. It is undefined if "
    "the estimate of a squared norm is negative.",
    OWN,
)
RESAMPLED = Method(
    "Intervals over scenes and control",
    "The interval of a plug-in value describes its variation for this number of scenes, not the value for many "
    "scenes. For metrics with a threshold, every scene gets a random weight of 1 ± .5 in 1,000 antithetic resamples. "
    "For all others, scenes are left out one at a time (jackknife), from the log-odds of plug-in values; corrected "
    "values have no interval with fewer than six scenes. If levels are "
    "random draws that all scenes share, as those of augmentation sets are, the error of the draws is added: a "
    "jackknife that leaves out each of five groups of draws. The interval of a count of components is that of the "
    "count with the last component in part, rounded outward. The control deals images to scenes and levels at "
    "random, 20 times.",
    OWN,
)
WITH_CONTROL = (
    Metric(
        "factorization",
        "factorization",
        Role.GEOMETRY,
        "Share of the parameter’s variance outside the leading components of the scenes’ means: 1 for separate axes, 0 "
        "for the same.",
        ON_SUBSPACES,
        (0, 1),
        heading="factorization",
        control="factorization_shuffled",
    ),
    Metric(
        "invariance",
        "invariance",
        Role.GEOMETRY,
        "Share of all variance that the parameter does not cause: 1 if it changes nothing.",
        INVARIANCE,
        (0, 1),
        heading="invariance",
        control="invariance_shuffled",
    ),
    Metric(
        "covariance_factorization",
        "covariance factorization",
        Role.GEOMETRY,
        "One minus the cosine between the covariance that the parameter causes and that between scenes: 1 for separate "
        "axes, 0 for the same.",
        OF_COVARIANCES,
        (0, 1),
        heading="covariance factorization",
        control="covariance_factorization_shuffled",
    ),
)
METRICS = (
    *WITH_CONTROL,
    Metric(
        CORRECTED,
        "corrected covariance factorization",
        Role.GEOMETRY,
        "Covariance factorization from unbiased products, which does not depend on the number of scenes.",
        UNBIASED,
        heading="corrected covariance factorization",
    ),
    Metric(
        "subspace_invariance",
        "subspace invariance",
        Role.GEOMETRY,
        "Invariance inside the leading components of the scenes’ means.",
        INVARIANCE,
        (0, 1),
    ),
    Metric(
        "n_components",
        "components of the scenes",
        Role.GEOMETRY,
        "Number of leading components of the scenes’ means that reach the threshold.",
        ON_SUBSPACES,
        (1, None),
    ),
    *(
        metric.as_control(
            metric.control,
            f"{metric.label} of shuffled images",
            f"The metric {metric.name} with images dealt to scenes and levels at random.",
            method=RESAMPLED,
        )
        for metric in WITH_CONTROL
    ),
)


def factorization_rows(layer: Layer) -> list[dict[str, object]]:
    """Rows of the whole family for a stimulus table."""
    table, varied = layer.table, varied_parameters(layer.table)
    rows = factorization_family(
        layer.G,
        table.scene,
        varied,
        layer.thresholds,
        layer.seed,
        parameters_with_shared_levels(table),
        draws_of(table),
    )
    return rows.to_dict("records")


FAMILY = Family(1, lambda table: bool((varied_parameters(table) != "").any()), factorization_rows)
