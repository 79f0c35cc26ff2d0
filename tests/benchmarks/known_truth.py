"""Every registered metric on layers, areas, observers and networks whose geometry is known: bias, spread and coverage.

    PYTHONPATH=tests/helpers python tests/benchmarks/known_truth.py [BLOCK …] [--draws N]

Every draw samples images and units anew from a population with the same law (`known_truth_layers`,
`known_truth_areas`), and measures them as the workflow does, so that a new metric appears by itself. The program names
metrics that no block has measured.

What a metric estimates (its estimand) is

- the population: the exact value for many images, scenes and units, which a formula gives for corrected metrics;
- this sample size: the mean over draws, for metrics that depend on the numbers of images or units by their definition.

A cell holds the estimand, bias ± spread (standard deviation over draws), and the share of intervals that hold the
estimand. It is empty if fewer than five draws gave a value. Parameters after the first of a metric are left out, and so
is what is over classes where these are fixed (or the reverse). Limits of some metrics are the lowest and highest of
several draws within the study, which is no interval.
"""

import argparse
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import known_truth_areas as areas
import known_truth_layers as layers
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ventral.catalog import METRICS
from ventral.metrics import Role

OVER_CLASSES = ("manifold_", "capacity_", "center_", "class_class_", "few_shot_snr", "projection_")
RANGES = ("prototype_", "logistic_", "max_margin_", "rotated_", "effective_dimensionality_of_sample")
RANGES += ("corrected_effective_dimensionality_of_sample", "reverse_R2_equal")
AT_EQUAL_UNITS = "_at_equal_units"  # its limits are the lowest and highest of draws of units
CHANCE = ("_shuffled", "_floor")  # levels of chance, from shuffled images or halves, which the tables leave out
FEWEST = 5  # values of a cell
EVERY = ("discovered_factorization",)  # has one row for each of what it is against


@dataclass(frozen=True)
class Block:
    """One block of the table.

    Attributes
    ----------
    regimes : sequence of str
        Columns.
    rows : function of a regime, a Generator and a seed
        The rows of one draw: metric, parameter, against, value, low, high.
    exact : function of a regime, optional
        Values of the population, by metric or by "metric[against]".
    shown : function of the name of a metric, optional
    """

    regimes: tuple[str, ...]
    rows: Callable[..., pd.DataFrame]
    exact: Callable[[str], dict[str, float]] = lambda regime: {}
    shown: Callable[[str], bool] = lambda name: True


def main(blocks: list[str], draws: int) -> None:
    logging.disable(logging.WARNING)
    found: set[str] = set()
    for name in blocks:
        block, start = BLOCKS[name], time.process_time()
        part = pd.concat([rows_of(block, regime, draws) for regime in block.regimes], ignore_index=True)
        found |= {*part.metric.str.split("[").str[0]}
        cells = part.pivot(index=["metric", "estimand"], columns="regime", values="cell")
        cells = cells.reindex(columns=block.regimes, index=part.set_index(["metric", "estimand"]).index.unique())
        print(f"\n{name}: {draws} draws, {time.process_time() - start:.0f} s\n")
        print(f"| metric | estimand | {' | '.join(cells)} |\n|{'---|' * (2 + len(cells.columns))}")
        for (metric, estimand), row in cells.iterrows():
            print(f"| `{metric}` | {estimand} | {' | '.join(row.fillna(''))} |", flush=True)
    if {*blocks} == {*BLOCKS}:
        lacking = [name for name in METRICS if name not in found and not name.endswith(CHANCE)]
        print("\nMetrics of no block:", ", ".join(lacking) or "none")


def rows_of(block: Block, regime: str, draws: int) -> pd.DataFrame:
    """One row per metric of a block in a regime, with its cell of the table."""
    drawn = pd.concat(measured(block, regime, seed) for seed in range(draws))
    known = block.exact(regime)
    rows = []
    for metric, part in drawn[drawn.value.notna()].groupby("metric", sort=False):
        if len(part) < min(FEWEST, draws):
            continue
        truth = known.get(metric, part.value.mean())
        estimand = "population" if metric in known else "this size"
        rows.append({"metric": metric, "estimand": estimand, "cell": cell(part, float(truth), draws)})
    return pd.DataFrame(rows).assign(regime=regime)


def cell(part: pd.DataFrame, truth: float, draws: int) -> str:
    """Truth, bias, spread and coverage, of as many intervals as there are, from the draws with a value."""
    value, metric = part.value, part.metric.iloc[0]
    known = part.low.notna()
    held = ((part.low - 1e-9 <= truth) & (truth <= part.high + 1e-9))[known].mean()
    covered = f"{100 * held:.0f} %" if known.any() else "none"
    if known.any() and known.sum() < draws:
        covered += f" of {known.sum()}"
    if metric.startswith(RANGES) or metric.endswith(AT_EQUAL_UNITS):
        covered = "range"
    bias = f"{value.mean() - truth:+.2g} " if abs(value.mean() - truth) > 1e-12 else ""
    return f"{truth:.3g}: {bias}± {value.std():.2g}, {covered}".replace("-", "−")


def measured(block: Block, regime: str, seed: int) -> pd.DataFrame:
    """Rows of one draw, the first of each metric: metric, value, low, high."""
    rng = np.random.default_rng([seed, *map(ord, regime)])
    with threadpool_limits(1):
        rows = block.rows(regime, rng, seed)
    rows = rows[rows.metric.map(lambda name: block.shown(name) and not name.endswith(CHANCE))]
    names = [f"{row.metric}[{row.against}]" if row.metric in EVERY else row.metric for row in rows.itertuples()]
    rows = rows.assign(metric=names).reindex(columns=["metric", "value", "low", "high"])
    return rows.astype({"low": float, "high": float}).drop_duplicates("metric")


def not_over_classes(name: str) -> bool:
    return not name.startswith(OVER_CLASSES)


def of_scores(name: str) -> bool:
    return METRICS[name].role is Role.SCORE


def over_classes(name: str) -> bool:
    return name.startswith(OVER_CLASSES)


def of_sets(made, exact, without, regimes=layers.LAYERS, **others) -> Block:
    """A block of layers, without families that others have."""
    return Block(regimes, layers.of_layer(made, without), exact, **others)


OF_IMAGES = ("linear_probe", "parallelism", "variable_decoding", "few_shot_rotated", "dimensionality_rows")
BLOCKS = {
    "scenes": of_sets(layers.scenes, layers.exact_scenes, ["discovery"]),
    "images": of_sets(
        layers.images, layers.exact_images, ["manifold_capacity", "class_covariances"], shown=not_over_classes
    ),
    "classes": of_sets(layers.classes, layers.exact_classes, OF_IMAGES, shown=over_classes),
    "augmentations": of_sets(
        layers.augmentations,
        layers.exact_augmentations,
        ["discovery"],
        regimes=layers.LAYERS[1:],
    ),
    "clips": Block(("Gaussian", "heavy tails"), layers.clips, layers.exact_clips),
    "kinds": Block((*layers.KINDS,), layers.kinds, layers.exact_kinds),
    "areas of scenes": Block((*areas.AREAS,), areas.areas, areas.exact_areas),
    "areas of images": Block((*areas.AREAS,), areas.areas_of_images, areas.exact_areas_of_images),
    "spectra": Block((*areas.SPECTRA,), areas.spectra, areas.exact_spectra),
    "noisy clips": Block((*areas.NOISY_CLIPS,), areas.noisy_clips, areas.exact_noisy_clips),
    "new units": Block((*areas.PREDICTED,), areas.new_units),
    "new images": Block((*areas.PREDICTED,), areas.new_images),
    "observers and images": Block((*areas.OBSERVERS,), areas.distances),
    "images of observers": Block((*areas.OBSERVERS,), areas.distances_of_same_observers, shown=of_scores),
    "observers of images": Block((*areas.OBSERVERS,), areas.distances_of_same_images, shown=of_scores),
    "choices": Block((*areas.CHOICES,), areas.choices),
    "networks": Block(areas.SHARING, areas.networks),
    "classifier": Block((*layers.LABELED,), layers.classifier, layers.exact_classifier),
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Bias, spread and coverage of every metric where the truth is known.")
    parser.add_argument("blocks", nargs="*", metavar="BLOCK", help=f"all without it; {', '.join(BLOCKS)}")
    parser.add_argument("--draws", type=int, default=100)
    given = parser.parse_args()
    if unknown := {*given.blocks} - {*BLOCKS}:
        parser.error(f"no block is named {', '.join(sorted(unknown))}")
    main(given.blocks or [*BLOCKS], given.draws)
