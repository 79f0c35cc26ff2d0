"""Rows of the long table that a figure or a table of the report shows, with the place of their layers."""

import pandas as pd

PLACE = ["model", "layer", "depth", "position", "baseline"]


def placed(tables: dict[str, pd.DataFrame], chosen: pd.Series) -> pd.DataFrame:
    """The chosen rows of the geometry table with depth, position and baseline of their layers."""
    rows = tables["geometry"][chosen]
    return rows.merge(tables["layers"][PLACE], on=["model", "layer"], validate="many_to_one")


def deepest(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the deepest layer of each model on each stimulus set, without undefined values."""
    last = rows.groupby(["stimuli", "model"]).position.transform("max")
    return rows[(rows.position == last) & rows.value.notna()]


def of_networks(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of networks, without baselines."""
    return rows[~rows.baseline.astype(bool)]
