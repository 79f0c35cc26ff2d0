"""Results on geometry in sentences, most of them on the last measured layer of each network.

Networks that were trained in different ways are never in one number, and a single network has no median.
"""

from collections.abc import Callable, Iterator

import pandas as pd

from ventral.figures import classes, corrected_factorization, parameter_pairs, sample_size
from ventral.figures.labels import count, number
from ventral.figures.parameters import Shown, values
from ventral.figures.rows import deepest, of_networks, placed
from ventral.figures.spectra import chosen_stimuli
from ventral.geometry.augmentation_geometry import COMPARED
from ventral.metrics import Quantity
from ventral.report.claims import Claim, rows_of

ED = "effective_dimensionality"
COSINES = {f"{name}_cosine": compared for name, (_, compared) in COMPARED.items()}
USUAL = 5  # images per class


def dimensionality_sentence(summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
    """The range of effective dimensionality over the layers of networks."""
    stimuli, layers = chosen_stimuli(summary), summary["layers"]
    column = str(Quantity(ED, stimuli=stimuli)) if stimuli else ""
    if column not in layers or layers[column][~layers.baseline].isna().all():
        return

    def extent(own: pd.DataFrame) -> str:
        least, most = own.loc[own[column].idxmin()], own.loc[own[column].idxmax()]
        ends = (
            f"{number(row[column], 1)} ({row.layer}{f' of {row.model}' if own.model.nunique() > 1 else ''})"
            for row in (least, most)
        )
        return " to ".join(ends)

    geometry = summary["geometry"]
    n = int(geometry.n[(geometry.stimuli == stimuli) & (geometry.metric == ED)].max())
    yield Claim(
        f"Effective dimensionality over layers, on the {n:,} images of {stimuli}, which few images make too small: "
        f"{of_each_kind(of_networks(layers).dropna(subset=column), extent)}.",
        "table-layers",
        rows_of("layers.csv", column=column),
    )


def sample_sentence(summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
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
    if len(kept) < 2:
        return
    shares = table.drop_duplicates("model")[["model", "kind"]].set_index("model").assign(**kept).dropna().reset_index()
    stimuli = table.stimuli.iloc[0]
    told = of_each_kind(
        shares, lambda own: f"{spread(own[sample_size.PLAIN])}, corrected {spread(own[sample_size.CORRECTED])}"
    )
    yield Claim(
        f"Share of effective dimensionality that remains with {int(fewest):,} of the {int(table.n.max()):,} images of "
        f"{stimuli}, in the last measured layers: {told}.",
        rows=rows_of("geometry.csv", metric=f"{ED}{sample_size.OF_SAMPLE}", stimuli=stimuli),
    )


def parameter_sentences(summary: dict[str, pd.DataFrame], shown: Shown) -> Iterator[Claim]:
    """The parameters with the highest and lowest value in the last measured layers, and whether it rises with depth."""
    table = of_networks(values(summary, shown.metric)).sort_values("position", kind="stable")

    def told(own: pd.DataFrame) -> str:
        ends = own.groupby(["parameter", "model"], sort=False).value.agg(["first", "last", "size"])
        last, several = ends["last"].groupby("parameter", sort=False).median().sort_values(), ends[ends["size"] > 1]
        low, high = (f"{name} ({number(last[name])})" for name in last.index[[0, -1]])
        text = f"highest for {high}, lowest for {low}" if len(last) > 1 else low
        if several.empty:
            return text
        rises = int((several["last"] > several["first"]).sum())
        return f"{text}, higher than in the first in {rises} of {count(len(several), 'case')}"

    for stimuli, part in table.groupby("stimuli", sort=False):
        yield Claim(
            f"{shown.metric.capitalize()} on {stimuli} in the last measured layers (medians of networks; cases are "
            f"networks × parameters): {of_each_kind(part, told)}.",
            "table-deepest-layers",
            rows_of("geometry.csv", metric=shown.metric, stimuli=stimuli),
        )


def corrected_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
    """How much the correction changes factorization, and how often by more than the interval."""
    table = of_networks(corrected_factorization.values(summary))
    keys = ["stimuli", "parameter", "model", "kind"]
    plain, unbiased = (
        table[table.metric == metric].set_index(keys)[["value", "low", "high"]]
        for metric in (corrected_factorization.PLAIN, corrected_factorization.CORRECTED)
    )
    both = unbiased.join(plain.value.rename("plain"), how="inner").reset_index()

    def told(own: pd.DataFrame) -> str:
        known = own[["low", "high"]].notna().all(axis=1)
        outside = int(((own.plain < own.low) | (own.plain > own.high)).sum())
        change, lower = number((own.value - own.plain).abs().median()), int((own.value < own.plain).sum())
        return f"{change}, lower in {lower} of {len(own)}, outside the interval in {outside} of {int(known.sum())}"

    for stimuli, part in both.groupby("stimuli", sort=False):
        yield Claim(
            f"Change of covariance factorization by its correction for the number of scenes and levels, on {stimuli} "
            f"in the last measured layers (median of networks × parameters; how often it becomes lower; how often the "
            f"plug-in value is outside the 95 % interval of the corrected one): {of_each_kind(part, told)}.",
            rows=rows_of("geometry.csv", metric=corrected_factorization.CORRECTED, stimuli=stimuli),
        )


def pair_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
    """The pairs of parameters that share most and fewest axes."""
    table = of_networks(parameter_pairs.values(summary))

    def told(own: pd.DataFrame) -> str:
        shares = own.groupby(["parameter", "against"], sort=False).value
        order = shares.median().sort_values()
        ends = [f"{pair[0]} against {pair[1]} {spread(shares.get_group(pair))}" for pair in order.index[[0, -1]]]
        return f"smallest for {ends[0]}, largest for {ends[1]}"

    for stimuli, part in table[table.against != "scene"].groupby("stimuli", sort=False):
        pairs = len(part[["parameter", "against"]].drop_duplicates())
        yield Claim(
            f"Share of a parameter’s variance that lies outside of the axes of another, over {pairs} ordered pairs on "
            f"{stimuli}, in the last measured layers: {of_each_kind(part, told)}.",
            rows=rows_of("geometry.csv", metric=parameter_pairs.METRIC, stimuli=stimuli, against="another parameter"),
        )


def class_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
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
        text = (
            f"Share of other images that nearest class means name right after learning {round(1 / chance)} classes of "
            f"{stimuli} from {count(int(shots), 'image')} each (last measured layers; chance {percent(chance)}): "
            f"{of_each_kind(networks, lambda own: spread(own.value, percent))}. The best is {best.model}, with "
            f"{percent(best.low)} to {percent(best.high)} over draws."
        )
        if len(baselines):
            rival = baselines.loc[baselines.value.idxmax()]
            text += f" The best baseline, {rival.model}, names {percent(rival.value)}"
            text += ", which is more." if rival.value > best.value else "."
        yield Claim(
            text, f"table-classes-{stimuli}", rows_of("geometry.csv", metric=classes.NEAREST_MEAN, stimuli=stimuli)
        )


def equivariance_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
    """Whether augmentations share axes, and which of their parameters can be decoded."""
    geometry = summary["geometry"]
    table = of_networks(deepest(placed(summary, geometry.metric.isin([*COSINES, "decoding_r"]))))

    def decoded(own: pd.DataFrame) -> str:
        order = own.groupby("parameter", sort=False).value.median().sort_values()
        (worst, least), (best, most) = ((name.replace("_", " "), number(order[name])) for name in order.index[[0, -1]])
        return f"{best} best (r = {most}), {worst} worst ({least})"

    for stimuli, part in table.groupby("stimuli", sort=False):
        for name, compared in COSINES.items():
            cosines = part[part.metric == name]
            if len(cosines):
                yield Claim(
                    f"Cosine between covariances for {compared}, on {stimuli} in the last measured layers (1 for the "
                    f"same axes, which sampling error can exceed): "
                    f"{of_each_kind(cosines, lambda own: spread(own.value))}.",
                    f"table-equivariance-{stimuli}",
                    rows_of("geometry.csv", metric=name, stimuli=stimuli),
                )
        of_decoding = part[part.metric == "decoding_r"]
        if of_decoding.parameter.nunique() > 1:
            yield Claim(
                f"Decoding of the parameters of augmentations from the last measured layers on {stimuli} (medians of "
                f"networks): {of_each_kind(of_decoding, decoded)}.",
                f"table-decoding-{stimuli}",
                rows_of("geometry.csv", metric="decoding_r", stimuli=stimuli),
            )


def of_each_kind(networks: pd.DataFrame, told: Callable[[pd.DataFrame], str]) -> str:
    """What is told of the networks of each kind of training: "lite0 (supervised): 0.4; 3 untrained networks: 0.2"."""
    return "; ".join(f"{named(own)}: {told(own)}" for _, own in networks.groupby("kind", sort=False))


def named(networks: pd.DataFrame) -> str:
    """The networks of one kind: "3 supervised networks", or the name of the only one."""
    kind, models = networks.kind.iloc[0].replace("_", "-"), networks.model.unique()
    return f"{models[0]} ({kind})" if len(models) == 1 else count(len(models), f"{kind} network")


def spread(values: pd.Series, text: Callable[[float], str] = number) -> str:
    """One value, or the median and the range of several."""
    if len(values) == 1:
        return text(values.iloc[0])
    return f"{text(values.median())} ({text(values.min())} to {text(values.max())})"


def percent(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.0f} %"
