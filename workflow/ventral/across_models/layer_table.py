"""What the columns of a table are: one row per model and layer, columns to be related, and columns to be held fixed.

The table may be a study's `layers.csv`, those of several studies, or a published one. Only the column `model` is
necessary. Baselines are left out, because they are no networks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.names import did_you_mean, listed
from ventral.statistics.family_jackknife import FEWEST_FAMILIES

UNTRAINED, UNKNOWN = "untrained", ("", "unknown")  # kinds, in lower case
TRAINED = "trained"  # all networks whose kind is known and not "untrained"
USUAL = ("depth", "n_features", "accuracy")  # given, unless columns are named
SIZES = ("n_features",)  # given on a logarithmic scale
DERIVED = ("kind", "trained", "layer")  # labels of what is held fixed that are no columns
FIFTHS = 5
SMALL = 1e-100


@dataclass(frozen=True)
class LayerTable:
    """The layers of networks, and what is related among them.

    Attributes
    ----------
    rows : DataFrame
        One row per layer: model, layer, family, kind (text), position and depth.
    x : DataFrame
        Geometry, with the same index; logarithms of the columns in `log`.
    y : DataFrame
        Scores.
    given : dict of DataFrame
        Columns to be held fixed, by their label: "depth", "log n_features", "accuracy", "kind", "trained", "layer".
    log : list of str
        Columns of x that are logarithms.
    accuracy : str
        The column of x or of `given` with the accuracy of the networks; "" if there is none.
    distinct : set of str
        Columns of x and y whose relations count as separate questions.
    pairs : list of pairs of str
        Columns of x that are compared with each other in how much of the scores they explain.
    averages : set of str
        Columns of y that are averages of others.
    """

    rows: pd.DataFrame
    x: pd.DataFrame
    y: pd.DataFrame
    given: dict[str, pd.DataFrame]
    log: list[str]
    accuracy: str
    distinct: set[str]
    pairs: list[tuple[str, str]]
    averages: set[str]

    @property
    def counted(self) -> set[str]:
        """Distinct columns that are no averages."""
        return self.distinct - self.averages

    @cached_property
    def models(self) -> pd.DataFrame:
        """Family and kind of each model, indexed by its name."""
        return self.rows.groupby("model", sort=False)[["family", "kind"]].first()

    @cached_property
    def kinds(self) -> list[str]:
        """What relations are computed within: every kind, if there are several, and all trained networks together."""
        kinds = [kind for kind in self.models.kind.unique() if kind]
        several = (trained(pd.Series(kinds, dtype=str)) == 1).sum() > 1
        together = [TRAINED] if "trained" in self.given and several and TRAINED not in kinds else []
        return [*kinds, *together] if "kind" in self.given else []

    def within(self, kind: str) -> pd.Series:
        """Which models are of a kind; all of them for ""."""
        kinds = self.models.kind
        if kind == TRAINED and not (kinds == TRAINED).any():
            return trained(kinds) == 1
        return (kinds == kind) | (kind == "")

    @cached_property
    def places(self) -> pd.Series:
        """Which layers of different models correspond; "" for those that correspond to none.

        Names of layers count if networks of at least four families share them. If most layers have no such name, layers
        correspond if they are in the same fifth of relative depth.
        """
        if not self.rows.model.duplicated().any():
            return pd.Series("", self.rows.index)
        shared = self.rows.groupby("layer").family.transform("nunique") >= FEWEST_FAMILIES
        return self.rows.layer.where(shared, "") if shared.mean() > 0.5 else self.fifths

    @cached_property
    def fifths(self) -> pd.Series:
        """The fifth of relative depth that each layer is in."""
        fifth = np.minimum((self.rows.depth.clip(0, 1) * FIFTHS).fillna(0).astype(int), FIFTHS - 1)
        return fifth.map(lambda i: f"depth {i / FIFTHS:.1f}–{(i + 1) / FIFTHS:.1f}")


def layer_table(
    table: pd.DataFrame,
    geometry: Sequence[str],
    scores: Sequence[str],
    log: Collection[str] = (),
    given: Sequence[str] | None = None,
    accuracy: str = "accuracy",
    distinct: Collection[str] | None = None,
    pairs: Sequence[tuple[str, str]] | None = None,
    averages: Collection[str] = (),
) -> LayerTable:
    """Sort the columns of a table.

    Parameters
    ----------
    table : DataFrame
        One row per model and layer. Besides `model`, it may have the columns layer, family (networks that share data
        and initial weights; by default every model is its own), kind (how the network was trained), position (of the
        layer in its model; by default the order of the rows), depth (from 0 to 1; by default from the position),
        baseline, n_features and accuracy.
    geometry, scores : names of columns
    log : names of columns
        Geometry, and columns of `given`, of which the logarithm is taken. That of n_features always is.
    given : names of columns, optional
        To be held fixed in partial correlations, beside kinds and layers: numbers or texts. By default depth,
        n_features and accuracy, if the table has them.
    accuracy : str
        The column that holds the accuracy of the networks.
    distinct : names of columns, optional
        See `LayerTable`; by default all.
    pairs : pairs of names of geometry columns, optional
        See `LayerTable`; by default all pairs of distinct columns.
    averages : names of scores
        See `LayerTable`.

    Raises
    ------
    Fault
        A column is missing, holds texts, or is named as geometry and as score; a model has two rows of one layer, or
        several families or kinds.
    """
    expect_columns(table, ["model", *geometry, *scores, *(given or ())])
    if both := sorted({*geometry} & {*scores}):
        raise Fault(f"{listed(both)}: named as geometry and as score; name each column once.")
    rows = described(table)
    chosen = {*geometry, *scores} if distinct is None else {*distinct}
    usual = [accuracy if column == "accuracy" else column for column in USUAL]
    held = [column for column in usual if column in table or column == "depth"] if given is None else list(given)
    scale = {*log, *SIZES}
    whole = table.assign(depth=rows.depth)
    fixed = {label(column, scale, accuracy): fixable(whole, column, scale, usual).loc[rows.index] for column in held}
    fixed |= {"kind": indicators(rows.kind), "trained": trained(rows.kind).to_frame("trained")}
    named = LayerTable(
        rows,
        pd.DataFrame({column: scaled(table, column, log)[rows.index] for column in geometry}, rows.index),
        pd.DataFrame({column: scaled(table, column, ())[rows.index] for column in scores}, rows.index),
        {name: columns for name, columns in fixed.items() if varies(columns)},
        [column for column in geometry if column in log],
        accuracy if accuracy in {*held, *geometry} else "",
        chosen,
        [*combinations([column for column in geometry if column in chosen], 2)] if pairs is None else [*pairs],
        {*averages},
    )
    places = indicators(named.places.where(named.places != "", named.fifths))
    corresponding = named.places.any() and varies(places)
    return replace(named, given=named.given | {"layer": places}) if corresponding else named


def expect_columns(table: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise a `Fault` if the table lacks one of these columns."""
    if lacking := [name for name in names if name not in table and name != "depth"]:
        first = did_you_mean(lacking[0], table)
        raise Fault(f"The table has no column {listed(lacking)}{first}. Its columns are {listed([*table], 20)}.")


def described(table: pd.DataFrame) -> pd.DataFrame:
    """The networks' rows: model, layer, family, kind, position and depth."""
    keys = pd.DataFrame({"model": table.model.astype(str)})
    keys["layer"] = table.layer.astype(str) if "layer" in table else ""
    keys["family"] = table.family.astype(str) if "family" in table else keys.model
    keys["kind"] = table.kind.fillna("").astype(str) if "kind" in table else ""
    if (again := keys.duplicated(["model", "layer"])).any():
        first = keys[again].iloc[0]
        raise Fault(f"The table has two rows of the model {first.model}, layer {first.layer!r}; keep one.")
    for column in ("family", "kind"):
        several = keys.groupby("model")[column].unique().loc[lambda values: values.str.len() > 1]
        if len(several):
            raise Fault(f"The model {several.index[0]} has the {column} {listed(several.iloc[0])}; give it one.")
    order = scaled(table, "position", ()) if "position" in table else pd.Series(np.arange(len(table)), table.index)
    keys["position"] = order.groupby(keys.model).rank(method="first") - 1
    last = keys.groupby("model").position.transform("max")
    keys["depth"] = scaled(table, "depth", ()) if "depth" in table else keys.position / last.where(last > 0)
    return keys[~table.baseline.astype(bool)] if "baseline" in table else keys


def scaled(table: pd.DataFrame, column: str, log: Collection[str]) -> pd.Series:
    """A column as numbers, or their logarithms; values without a logarithm are missing."""
    numbers = pd.to_numeric(table[column], errors="coerce").astype(float)
    if (wrong := ~np.isfinite(numbers) & table[column].notna()).any():
        where = f"model {table.model[wrong].iloc[0]}"
        raise Fault(f"The column {column} holds {table[column][wrong].iloc[0]!r} ({where}), which is no finite number.")
    return np.log(numbers.where(numbers > 0)) if column in log else moderate(numbers)


def moderate(numbers: pd.Series) -> pd.Series:
    """Numbers in another unit, a power of two, if their squares would overflow or vanish; relations have no units."""
    largest = numbers.abs().max()
    usual = not largest > 0 or SMALL < largest < 1 / SMALL
    return numbers if usual else pd.Series(np.ldexp(numbers, -np.frexp(largest)[1]), numbers.index)


def fixable(table: pd.DataFrame, column: str, log: Collection[str], usual: Collection[str]) -> pd.DataFrame:
    """A column to be held fixed as numbers, or one column per text that it holds; those in `usual` are numbers."""
    texts = column not in usual and not pd.api.types.is_numeric_dtype(table[column])
    return indicators(table[column].astype(str)) if texts else scaled(table, column, log).to_frame(column)


def label(column: str, log: Collection[str], accuracy: str) -> str:
    """What a column that is held fixed is called in the column `given`."""
    return "accuracy" if column == accuracy else f"log {column}" if column in log else column


def trained(kind: pd.Series) -> pd.Series:
    """1 for trained and 0 for untrained networks; missing for those of which it is not known."""
    lower = kind.str.lower()
    return (lower != UNTRAINED).astype(float).where(~lower.isin(UNKNOWN))


def indicators(texts: pd.Series) -> pd.DataFrame:
    """One column per text, with 1 in the rows that have it."""
    return pd.get_dummies(texts, dtype=float)


def varies(columns: pd.DataFrame) -> bool:
    """Whether any of the columns has two values."""
    return bool((columns.nunique() > 1).any())
