"""Relate geometry to scores across the models of any table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from ventral.across_models.associations import associations
from ventral.across_models.averages import average_of, with_averages
from ventral.across_models.chance import chance
from ventral.across_models.commonality import commonality
from ventral.across_models.complementarity import complementarity
from ventral.across_models.layer_table import layer_table
from ventral.across_models.mixed_model import mixed_models


@dataclass(frozen=True)
class Related:
    """How geometry goes with scores across models. Every attribute is a table, and the name of its file.

    Attributes
    ----------
    relations : DataFrame
        Correlations (`ventral.across_models.associations`).
    commonality : DataFrame
        R² of geometry and of other quantities, unique and shared (`ventral.across_models.commonality`).
    complementarity : DataFrame
        What geometry adds to accuracy in predicting other families (`ventral.across_models.complementarity`).
    mixed : DataFrame
        Slopes with a random intercept for each model (`ventral.across_models.mixed_model`).
    chance : DataFrame
        How many relations are found, and how many would be by chance (`ventral.across_models.chance`).
    """

    relations: pd.DataFrame
    commonality: pd.DataFrame
    complementarity: pd.DataFrame
    mixed: pd.DataFrame
    chance: pd.DataFrame


def relate(
    table: pd.DataFrame,
    geometry: Sequence[str],
    scores: Sequence[str],
    log: Collection[str] = (),
    given: Sequence[str] | None = None,
    accuracy: str = "accuracy",
    distinct: Collection[str] | None = None,
    pairs: Sequence[tuple[str, str]] | None = None,
    averages: Collection[str] | None = None,
    seed: int = 0,
) -> Related:
    """Relate every geometry column of a table to every score.

    Parameters
    ----------
    table, geometry, scores, log, given, accuracy, distinct, pairs
        See `ventral.across_models.layer_table.layer_table`.
    averages : names of scores, optional
        Scores that are averages of others. By default the table gets a further score, "average", of all scores, if
        there are several (`ventral.across_models.averages`).
    seed : int
        For permutations and splits.

    Raises
    ------
    Fault
        A column is missing, holds texts, or is named as geometry and as score; a model has two rows of one layer, or
        several families or kinds.

    Examples
    --------
    >>> import numpy as np
    >>> models = pd.DataFrame({"model": list("abcdef"), "dimension": np.arange(6.0), "r": np.arange(6.0) ** 2})
    >>> relate(models, ["dimension"], ["r"]).relations[["statistic", "value", "families"]].round(2).values.tolist()
    [['pearson', 0.96, 6], ['spearman', 1.0, 6]]
    """
    if averages is None:
        averages = average_of(table, scores)
        table, scores = with_averages(table, averages), [*scores, *averages]
        distinct = distinct if distinct is None else {*distinct, *averages}
    columns = layer_table(table, geometry, scores, log, given, accuracy, distinct, pairs, averages)
    relations = associations(columns)
    return Related(
        relations=relations,
        commonality=commonality(columns),
        complementarity=complementarity(columns, seed),
        mixed=mixed_models(columns),
        chance=chance(columns, relations, seed),
    )
