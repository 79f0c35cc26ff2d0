"""Results on geometry in sentences, most of them on the deepest layers of networks."""

from collections.abc import Iterator

import pandas as pd

from ventral.figures import classes, corrected_factorization, parameter_pairs, sample_size
from ventral.figures.labels import count, number
from ventral.figures.parameters import Shown, values
from ventral.figures.rows import deepest, of_networks, placed
from ventral.figures.spectra import chosen_stimuli
from ventral.geometry.augmentation_geometry import COMPARED
from ventral.metrics import Quantity

ED = "effective_dimensionality"
COSINES = {f"{name}_cosine": compared for name, (_, compared) in COMPARED.items()}
USUAL = 5  # images per class


def dimensionality_sentence(summary: dict[str, pd.DataFrame]) -> Iterator[str]:
    """The range of effective dimensionality over the layers of networks."""
    stimuli, layers = chosen_stimuli(summary), summary["layers"]
    column = str(Quantity(ED, stimuli=stimuli)) if stimuli else ""
    if column not in layers or layers[column][~layers.baseline].isna().all():
        return
    networks = layers[~layers.baseline].dropna(subset=column)
    least, most = networks.loc[networks[column].idxmin()], networks.loc[networks[column].idxmax()]
    geometry = summary["geometry"]
    n = int(geometry.n[(geometry.stimuli == stimuli) & (geometry.metric == ED)].max())
    yield (
        f"Effective dimensionality on the {n:,} images of {stimuli} ranges from {number(least[column], 1)} "
        f"({least.layer} of {least.model}) to {number(most[column], 1)} ({most.layer} of {most.model}). "
        f"Few images make it too small; the corrected values are in the tables."
    )


def sample_sentence(summary: dict[str, pd.DataFrame]) -> Iterator[str]:
    """How dimensionality depends on the number of images, without and with the correction."""
    table = of_networks(sample_size.values(summary))
    fewest = table.n.min()
    if table.empty or fewest == table.n.max():
        return
    values = table.set_index(["metric", "n", "model"]).value.sort_index()
    kept = {
        metric: (values[metric + sample_size.OF_SAMPLE, fewest] / values[metric].droplevel("n")).dropna()
        for metric in (sample_size.PLAIN, sample_size.CORRECTED)
        if metric + sample_size.OF_SAMPLE in values.index.get_level_values("metric")
    }
    if len(kept) == 2:
        yield (
            f"With {int(fewest):,} of the {int(table.n.max()):,} images of {table.stimuli.iloc[0]}, effective "
            f"dimensionality of the deepest layers is {spread(kept[sample_size.PLAIN])} of its value with all of them, "
            f"and {spread(kept[sample_size.CORRECTED])} when corrected (median over networks, and range)."
        )


def parameter_sentences(summary: dict[str, pd.DataFrame], shown: Shown) -> Iterator[str]:
    """The parameters with the highest and lowest value in the deepest layers, and whether it rises with depth."""
    table = of_networks(values(summary, shown.metric)).sort_values("position", kind="stable")
    for stimuli, part in table.groupby("stimuli", sort=False):
        ends = part.groupby(["parameter", "model"], sort=False).value.agg(["first", "last", "size"])
        last = ends["last"].groupby("parameter", sort=False).median().sort_values()
        text = f"In the deepest layers, {shown.metric} on {stimuli} is "
        if len(last) > 1:
            text += f"highest for {last.index[-1]} (median over networks {number(last.iloc[-1])}) and lowest for "
            text += f"{last.index[0]} ({number(last.iloc[0])})."
        else:
            text += f"{number(last.iloc[0])} for {last.index[0]} (median over networks)."
        several = ends[ends["size"] > 1]
        if len(several):
            grows = several["last"] > several["first"]
            text += f" From the first to the last measured layer it rises in {grows.sum()} of {len(grows)} cases "
            text += "(networks × parameters)."
        yield text


def corrected_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[str]:
    """How much the correction changes factorization, and how often by more than the interval."""
    table = of_networks(corrected_factorization.values(summary)).set_index(["stimuli", "parameter", "model", "metric"])
    for stimuli, part in table.groupby("stimuli", sort=False):
        metrics = part.index.get_level_values("metric")
        plain = part[metrics == corrected_factorization.PLAIN].droplevel("metric")
        unbiased = part[metrics == corrected_factorization.CORRECTED].droplevel("metric")
        if unbiased.empty:
            continue
        plain = plain.value.reindex(unbiased.index)
        lower, known = int((unbiased.value < plain).sum()), unbiased[["low", "high"]].notna().all(axis=1)
        outside = int(((plain < unbiased.low) | (plain > unbiased.high)).sum())
        change = number((unbiased.value - plain).abs().median())
        yield (
            f"In the deepest layers on {stimuli}, correcting covariance factorization for the number of scenes and "
            f"levels changes it by {change} (median of {count(len(unbiased), 'case')}, networks × parameters); it "
            f"becomes lower in {lower}. In {outside} of the {int(known.sum())} cases with an interval, "
            f"the plug-in value lies outside the 95 % interval of the corrected one."
        )


def pair_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[str]:
    """The pairs of parameters that share most and fewest axes."""
    table = of_networks(parameter_pairs.values(summary))
    for stimuli, part in table[table.against != "scene"].groupby("stimuli", sort=False):
        shares = part.groupby(["parameter", "against"], sort=False).value
        order = shares.median().sort_values()
        (row, column), (other_row, other_column) = order.index[[0, -1]]
        yield (
            f"Of {len(order)} ordered pairs of parameters on {stimuli}, {row} shares most axes with {column}: "
            f"{spread(shares.get_group((row, column)))} of its variance is outside them. {other_row} shares fewest "
            f"axes with {other_column}: {spread(shares.get_group((other_row, other_column)))} (deepest layers; median "
            f"over networks, and range)."
        )


def class_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Accuracy of the nearest class mean, compared with chance and the best baseline."""
    for stimuli, part in classes.values(summary).groupby("stimuli", sort=False):
        chance = part.value[part.metric == classes.CHANCE].iloc[0]
        rows = part[part.metric == classes.NEAREST_MEAN]
        shots = USUAL if (rows.shots == USUAL).any() else rows.shots.max()
        rows = rows[rows.shots == shots]
        networks, baselines = of_networks(rows), rows.drop(of_networks(rows).index)
        if networks.empty:
            continue
        best = networks.loc[networks.value.idxmax()]
        extent = " to ".join(dict.fromkeys(map(percent, (networks.value.min(), best.value))))
        text = (
            f"After learning {round(1 / chance)} classes of {stimuli} from {count(int(shots), 'image')} each, nearest "
            f"class means in the deepest layers name {extent} of other images right (chance {percent(chance)}); the "
            f"best is {best.model}, with {percent(best.low)} to {percent(best.high)} over draws."
        )
        if len(baselines):
            rival = baselines.loc[baselines.value.idxmax()]
            text += f" The best baseline, {rival.model}, names {percent(rival.value)}"
            text += ", which is more." if rival.value > best.value else "."
        yield text


def equivariance_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Whether augmentations share axes, and which of their parameters can be decoded."""
    geometry = summary["geometry"]
    table = of_networks(deepest(placed(summary, geometry.metric.isin([*COSINES, "decoding_r"]))))
    for stimuli, part in table.groupby("stimuli", sort=False):
        cosines = {name: part.value[part.metric == name] for name in COSINES}
        shown = [f"{spread(cosine)} for {COSINES[name]}" for name, cosine in cosines.items() if len(cosine)]
        if shown:
            yield (
                f"On {stimuli}, the cosine between covariances is {'; '.join(shown)} (1 for the same axes, "
                f"which sampling error can exceed; deepest layers, median over networks, and range)."
            )
        decoded = part[part.metric == "decoding_r"].groupby("parameter", sort=False).value.median().sort_values()
        if len(decoded) > 1:
            yield (
                f"On {stimuli}, {decoded.index[-1].replace('_', ' ')} is decoded best (median r over networks "
                f"{number(decoded.iloc[-1])}) and {decoded.index[0].replace('_', ' ')} worst "
                f"({number(decoded.iloc[0])})."
            )


def spread(values: pd.Series) -> str:
    """A median, and the range of several values."""
    text = number(values.median())
    return text + (f" ({number(values.min())} to {number(values.max())})" if len(values) > 1 else "")


def percent(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.0f} %"
