"""Each quantity against λ, the share of the equivariant term, over the seeds of an objective.

Networks of one seed see the same images and augmentations and start from the same weights, so differences from λ = 0
are taken within a seed. The 95 % intervals are those of Student's t over seeds; a single seed has no interval. Signs:

- `decoding_r`, `decoding_r2` are larger if augmentations are easier to decode, and `category_orthogonal_r` if variables
  of scenes are, within categories that the decoder has not seen.
- `augmentation_augmentation_cosine` is larger (and `…_bures` smaller) if images share more of the variability that
  augmentations cause.
- `augmentation_content_cosine` and `spatial_photometric_cosine` are smaller (and `…_bures` larger) if augmentations are
  more factorized from content, or changes of place from changes of color.

Source: the analyses of Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024).
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.catalog import METRICS, MODULES
from ventral.core.errors import Fault
from ventral.metrics import Role
from ventral.summary.tables import read_summary

NETWORK = ["network", "entry", "objective", "lambda", "seed"]
DECODING = [metric.name for metric in MODULES["geometry.decoding"]]
ORTHOGONAL = "category_orthogonal_r"
ANALYSES = [*(metric.name for metric in MODULES["geometry.augmentation_geometry"]), *DECODING, ORTHOGONAL]
SCORES = [metric.name for metric in METRICS.values() if metric.role is Role.SCORE]
MEAN = "mean"  # over the augmentation parameters
KEYS = ["entry", "objective", "stimuli", "recording", "simulated", "area", "layer", "position", "metric", "parameter"]
COLUMNS = [*KEYS[:2], "lambda", *KEYS[2:], "value", "low", "high", "n"]
COLUMNS += ["difference", "difference_low", "difference_high", "difference_n"]


def gather_logs(paths: Iterable[str | Path], networks: dict[str, dict]) -> pd.DataFrame:
    """Logs of all networks, from files …/{network}/log.csv: the keys of the network, then the columns of the log.

    Parameters
    ----------
    paths : paths of CSV tables
    networks : dict of dict
        The entry, objective, lambda and seed of each network.
    """
    tables = []
    for path in map(Path, paths):
        about = {"network": path.parent.name} | networks[path.parent.name]
        tables.append(read_summary(path).assign(**{key: about[key] for key in NETWORK}))
    table = pd.concat(tables, ignore_index=True)
    return table[[*NETWORK, *table.columns.drop(NETWORK)]]


def sweep(tables: dict[str, pd.DataFrame], networks: pd.DataFrame) -> pd.DataFrame:
    """Every quantity against λ.

    Parameters
    ----------
    tables : dict of DataFrames
        The summary: geometry, predictivity, layers.
    networks : DataFrame
        Columns network, entry, objective, lambda, seed; rows may repeat.

    Returns
    -------
    DataFrame
        `value` is a mean over `n` seeds, and `difference` a mean over the `difference_n` seeds that also have λ = 0,
        each with the limits of its interval. Rows with λ = 0 have no difference.
    """
    rows = with_differences(measured(tables, networks))
    groups = rows.groupby([*KEYS, "lambda"], sort=False)
    parts = [
        interval(groups[column]).set_axis(names, axis="columns")
        for column, names in (("value", COLUMNS[-8:-4]), ("difference", COLUMNS[-4:]))
    ]
    return pd.concat(parts, axis="columns").reset_index()[COLUMNS]


def measured(tables: dict[str, pd.DataFrame], networks: pd.DataFrame) -> pd.DataFrame:
    """One row per trained network, layer and quantity, including means over augmentation parameters."""
    networks = networks[NETWORK].drop_duplicates().rename(columns={"network": "model"})
    place = tables["layers"][["model", "layer", "position"]].merge(networks, on="model")
    geometry, predictivity = tables["geometry"], tables["predictivity"]
    geometry = geometry[geometry.metric.isin(ANALYSES)]
    geometry = geometry.merge(place, on=["model", "layer"], validate="many_to_one")
    geometry = pd.concat([geometry, decoding_means(geometry)], ignore_index=True)
    scores = predictivity[predictivity.metric.isin(SCORES)].merge(place, on=["model", "layer"], validate="many_to_one")
    rows = pd.concat([scores, geometry.assign(recording="", area="", simulated=False)], ignore_index=True)
    if rows.duplicated([*KEYS, "lambda", "seed"]).any():
        raise Fault("A quantity of a trained network is measured twice; delete its tables and run again.")
    return rows[[*KEYS, "lambda", "seed", "value"]].astype({"value": float, "simulated": bool})


def decoding_means(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean over the augmentation parameters that are known for all networks of an entry."""
    rows = rows[rows.metric.isin(DECODING)]
    shared = ["entry", "objective", "stimuli", "layer", "position", "metric"]
    known = rows.value.notna().groupby([rows[key] for key in (*shared, "parameter")], sort=False).transform("all")
    means = rows[known].groupby([*shared, "model", "lambda", "seed"], sort=False).value.mean()
    return means.reset_index().assign(parameter=MEAN)


def with_differences(rows: pd.DataFrame) -> pd.DataFrame:
    """Each value minus that of the network with λ = 0 and the same seed; missing for this network itself."""
    baseline = rows[rows["lambda"] == 0].drop(columns="lambda").rename(columns={"value": "baseline"})
    joined = rows.merge(baseline, on=[*KEYS, "seed"], how="left", validate="many_to_one")
    return joined.assign(difference=(joined.value - joined.baseline).where(joined["lambda"] != 0))


def interval(groups) -> pd.DataFrame:
    """Mean, limits of the 95 % interval of Student's t, and number of known values of each group."""
    from scipy.special import stdtrit  # figures import this module for its metrics, and need no scipy

    mean, spread, n = groups.mean(), groups.std(ddof=1), groups.count()
    half = stdtrit(np.maximum(n - 1, 1), 0.975) * spread / np.sqrt(n)
    return pd.concat([mean, mean - half, mean + half, n], axis="columns")
