"""Tables of a study that never ran, with the columns of a real one, for tests of what comes after."""

import numpy as np
import pandas as pd

from ventral.geometry.covariance_comparisons import COMPARISONS
from ventral.summary.layers import summarize
from ventral.summary.summarize_recordings import AREAS
from ventral.summary.sweep import sweep
from ventral.summary.tables import LAYER, RECORDED, SIMILARITY, SIMULATED, with_text_keys
from ventral.summary.universality import COLUMNS as UNIVERSALITY

PARAMETERS = ("pose", "background", "lighting", "viewpoint")
SPECTRAL = ("effective_dimensionality", "corrected_effective_dimensionality", "components_80", "alpha")
CHOICES = "choices"  # the name of a recording of observers
ALEXNET = {"source": "torchvision", "architecture": "alexnet", "weights": None, "baseline": False}
NETWORKS = {f"network{i}": ALEXNET for i in range(8)}
BASELINES = {
    name: {"source": "python", "factory": "package:function", "baseline": True} for name in ("gabor", "pixels")
}


def models(count=8, layers=4, baselines=2):
    """One row per layer of `count` networks and of some baselines with one layer each."""
    rows = [
        (f"network{i}", f"features.{j}", j, j / max(1, layers - 1), False, "torchvision")
        for i in range(count)
        for j in range(layers)
    ]
    rows += [([*BASELINES][i], "energy", 0, 1.0, True, "python") for i in range(baselines)]
    places = pd.DataFrame(rows, columns=["model", "layer", "position", "depth", "baseline", "source"])
    kinds = places.baseline.map({True: "baseline", False: "untrained"})
    return places.assign(family=places.model, kind=kinds, n_features=1000 // (1 + places.position))


def recordings(*names):
    """Simulated recordings see the naturalistic set, others bring their own images."""
    rows = [
        (name, *(("naturalistic", True, "") if "simulated" in name else (name, False, "macaque"))) for name in names
    ]
    return pd.DataFrame(rows, columns=["recording", "stimuli", "simulated", "species"])


def geometry(places, stimuli=("scenes", "naturalistic"), parameters=PARAMETERS, seed=0):
    """Geometry of every layer; the parameters vary in the first set only, and the images of the others have classes."""
    rng = np.random.default_rng(seed)
    rows = []
    for name in stimuli:
        for place in places.itertuples():
            ed = np.exp(rng.normal(1.5 + 2 * place.depth, 0.4))
            values = zip(SPECTRAL, (ed, 1.2 * ed, ed // 1 + 1, 1.5), strict=True)
            own = [{"metric": metric, "value": value, "n": 400} for metric, value in values]
            own += crossed_rows(parameters, place.depth, rng) if name == stimuli[0] else independent_rows(ed)
            key = {"stimuli": name, "model": place.model, "layer": place.layer}
            rows += [key | row for row in own]
    columns = ["stimuli", "model", "layer", "metric", "parameter", "against", "threshold", "value", "low", "high", "n"]
    return with_text_keys(pd.DataFrame(rows, columns=columns))


def crossed_rows(parameters, depth, rng):
    """Factorization of every parameter against the scenes, with a control, and against every other parameter."""
    rows = []
    for parameter in parameters:
        key = {"parameter": parameter, "against": "scene", "n": 400}
        rows.append(key | {"metric": "invariance", "value": rng.beta(6, 2)})
        value = np.clip(0.6 + 0.2 * depth + rng.normal(0, 0.08), 0, 1)
        for threshold in (0.5, 0.9):
            rows.append(key | {"metric": "factorization", "threshold": threshold, "value": value + 0.1 - threshold / 9})
        for metric, shift, half in (("", 0, 0.05), ("corrected_", 0.1, 0.15)):
            ends = {"value": value + shift, "low": value + shift - half, "high": value + shift + half}
            rows.append(key | {"metric": f"{metric}covariance_factorization"} | ends)
        ends = {"value": 0.1, "low": 0.05, "high": 0.2}
        rows.append(key | {"metric": "covariance_factorization_shuffled"} | ends)
        for other in parameters:
            if other != parameter:
                value = rng.uniform(0.2, 1)
                at = {"against": other, "threshold": 0.9, "value": value, "low": value - 0.1, "high": value + 0.1}
                rows.append(key | {"metric": "factorization"} | at)
    if parameters:
        r = 0.3 + 0.2 * depth
        for variable in ("", "yaw", "size", "brightness"):
            key = {"parameter": variable, "against": "held-out categories" if variable else "", "n": 120}
            rows.append(key | {"metric": "category_orthogonal_r", "value": r, "low": r - 0.1, "high": r + 0.1})
        rows.append({"metric": "category_orthogonal_r_shuffled", "value": -0.02, "n": 120})
    return rows


def independent_rows(ed):
    """Dimensionality of fewer images, and ten classes."""
    rows = [
        {"metric": f"{kind}effective_dimensionality_of_sample", "parameter": f"{n} images", "n": n}
        | {"value": value, "low": 0.9 * value, "high": 1.1 * value}
        for n in (50, 100, 200)
        for kind, value in (("", ed * n / (n + 60)), ("corrected_", 1.2 * ed))
    ]
    for shots in (1, 5, 20):
        for i, readout in enumerate(("prototype", "logistic", "max_margin")):
            value = 0.15 + 0.02 * i + 0.004 * shots * ed**0.5
            spread = {"value": value, "low": value - 0.03, "high": value + 0.03}
            rows.append({"metric": f"{readout}_top_1", "parameter": f"{shots}-shot", "n": 400} | spread)
        rows.append({"metric": "few_shot_snr", "parameter": f"{shots}-shot", "value": 0.4 + 0.01 * shots, "n": 400})
    rows += [{"metric": metric, "value": 3.0, "n": 400} for metric in ("projection_distance", "manifold_dimension")]
    return [*rows, {"metric": "top_1_floor", "value": 0.1, "n": 400}]


def augmented(places, stimuli="augmented"):
    """Equivariance of every layer on a set of augmented images."""
    rows = []
    for place in places.itertuples():
        key = {"stimuli": stimuli, "model": place.model, "layer": place.layer, "n": 400}
        for i, name in enumerate(COMPARISONS):
            for part, value in (("bures", 0.8), ("bures_floor", 0.5), ("cosine", 0.2 + 0.2 * i + 0.1 * place.depth)):
                rows.append(key | {"metric": f"{name}_{part}", "value": value, "low": value - 0.1, "high": value + 0.1})
        for parameter, value in (("crop_x", 0.7), ("hue", 0.1)):
            for metric in ("decoding_r", "decoding_r2"):
                rows.append(key | {"metric": metric, "parameter": parameter, "value": value, "low": 0.0, "high": 0.9})
    return with_text_keys(pd.DataFrame(rows).reindex(columns=geometry(places.head(0)).columns))


def predictivity(places, shown, areas=("V1", "V4", "IT"), seed=1):
    """Scores of every layer for every area, or for choices, with intervals, a shuffled control and a ceiling."""
    rng = np.random.default_rng(seed)
    rows = []
    for recording in shown.recording[shown.recording == CHOICES]:
        for place in places.itertuples():
            key = {"recording": recording, "area": "behaviour", "model": place.model, "layer": place.layer, "n": 900}
            i2n = 0.2 + 0.1 * place.depth
            for metric, value in (("i2n", i2n), ("i2n_shuffled", 0.02), ("i2n_ceiling", 0.3), ("i1", 2 * i2n)):
                rows.append(key | {"metric": metric, "value": value, "low": value - 0.04, "high": value + 0.04})
    for recording in shown.recording[shown.recording != CHOICES]:
        for place in places.itertuples():
            for area in areas if "simulated" in recording else ("V4",):
                r = 0.3 + 0.2 * place.depth + rng.normal(0, 0.04)
                key = {"recording": recording, "area": area, "model": place.model, "layer": place.layer, "n": 60}
                for metric, value in (
                    ("ridge_r", r),
                    ("ridge_r_shuffled", 0.01),
                    ("ceiling", 0.75),
                    ("ridge_r^2/c", r**2 / 0.75),
                ):
                    rows.append(key | {"metric": metric, "value": value, "low": value - 0.05, "high": value + 0.05})
                if (recording, area) == ("simulated", areas[-1]):  # one area, as relations of more take their time
                    rows += [key | row for row in (*why(1 - r**2), *by_components(r))]
    columns = [
        "recording",
        "area",
        "model",
        "layer",
        "metric",
        "parameter",
        "against",
        "threshold",
        "value",
        "low",
        "high",
        "n",
    ]
    return with_text_keys(pd.DataFrame(rows, columns=columns))


def why(error, images=400):
    """Error modes with this error from 80 % of the images, the alignment, and both learning curves."""
    modes = {"spectral_alignment": 1 - error, "error_radius": error / images**0.5, "error_dimension": images * 0.9}
    for metric, value in modes.items():
        yield {"metric": metric, "value": value, "low": 0.95 * value, "high": 1.05 * value}
    for share in (0.05, 0.2, 0.8):
        for metric, factor in (("predicted_error", 1), ("measured_error", 1.02)):
            value = factor * error * (0.8 / share) ** 0.1
            parameter = f"{round(share * images)} images"
            yield {"metric": metric, "parameter": parameter, "value": value, "low": 0.9 * value, "high": 1.1 * value}


def by_components(r):
    """Scores of the first components, and of the whitened layer."""
    for count in (1, 20, 200):
        value = r * (1 - 0.5 / count**0.5)
        yield {"metric": "pcr_r", "parameter": f"{count} components", "value": value}
        yield {
            "metric": "pcr_r_other_images",
            "parameter": f"{count} components of photographs",
            "value": 0.9 * value,
        }
    yield {"metric": "whitened_r", "value": 0.8 * r}


def spectra(places, stimuli=("scenes", "naturalistic")):
    """Power laws, steeper in earlier layers."""
    ranks = np.unique(np.round(np.logspace(0, np.log10(399), 50)).astype(int))
    tables = [
        pd.DataFrame({"rank": ranks, "eigenvalue": 50.0 * ranks ** (-2.0 + place.depth)}).assign(
            stimuli=name, model=place.model, layer=place.layer
        )
        for name in stimuli
        for place in places.itertuples()
    ]
    return pd.concat(tables)[["stimuli", "model", "layer", "rank", "eigenvalue"]]


def similarity(places, shown, stimuli=("scenes", "naturalistic"), areas=("V1", "V4", "IT"), seed=2):
    """Layers at the same depth are alike, baselines are not, areas are like nothing; one value is undefined."""
    rng = np.random.default_rng(seed)
    rows = []
    for name in stimuli:
        nodes = [(LAYER, place.model, place.layer, place.depth) for place in places.itertuples()]
        for row in shown[(shown.stimuli == name) & (shown.recording != CHOICES)].itertuples():
            here = areas if row.simulated else ("V4",)
            nodes += [(SIMULATED if row.simulated else RECORDED, row.recording, area, -1) for area in here]
        for i, j in zip(*np.triu_indices(len(nodes), 1), strict=True):
            (*first, depth), (*second, other_depth) = nodes[i], nodes[j]
            for metric in ("cka", "debiased_cka", "rsa", "procrustes_distance"):
                value = np.exp(-2 * abs(depth - other_depth)) - 0.1 * rng.uniform()
                rows.append((name, *first, *second, metric, value, 256))
    table = pd.DataFrame(rows, columns=list(SIMILARITY))
    table.loc[table.index[table.metric == "rsa"][-1:], "value"] = np.nan
    return with_text_keys(table)


def universality(places, shown, areas=("V1", "V4", "IT")):
    """Twelve components of every layer, which areas share less the more networks do."""
    rows = []
    for row in shown[shown.recording != CHOICES].itertuples():
        for place in places.itertuples():
            key = {"stimuli": row.stimuli, "model": place.model, "layer": place.layer}
            rows.append(key | {"metric": "universality_shuffled", "value": 0.0, "low": -0.1, "high": 0.1, "n": 2})
            for k in range(1, 13):
                of_component = key | {"parameter": str(k), "n": 8}
                rows.append(of_component | {"metric": "universality", "value": 0.9 / k})
                inside = [{"recording": row.recording, "area": area} for area in areas]
                rows += [of_component | area | {"metric": "component_r", "value": 0.4 / k} for area in inside]
    return with_text_keys(pd.DataFrame(rows, columns=list(UNIVERSALITY)))


def recorded_geometry(shown, areas=("V1", "V4", "IT")):
    """Geometry of every area: spectra of all, objects and their variation in recordings that bring their images."""
    rows = []
    for row in shown[shown.recording != CHOICES].itertuples():
        for area in areas if row.simulated else ("V4",):
            key = {"recording": row.recording, "area": area, "stimuli": row.stimuli, "simulated": row.simulated}
            key |= {"n": 400, "low": 0.5, "high": 20.0}
            rows.append(key | {"metric": "effective_dimensionality", "value": 14.0})
            rows.append(key | {"metric": "effective_dimensionality_crossed", "value": 11.5})
            rows.append(key | {"metric": "effective_dimensionality_at_equal_units", "value": 9.0})
            rows.append(key | {"metric": "object_decoding", "value": 0.35})
            if row.simulated and area != "IT":
                rows.append(key | {"metric": "two_way_cka", "against": "IT", "value": 0.7})
            for threshold in () if row.simulated else (0.5, 0.9):
                at = {"parameter": "variation", "against": "scene", "threshold": threshold, "value": threshold - 0.12}
                rows += [key | at | {"metric": f"factorization{ending}"} for ending in ("", "_crossed")]
    return with_text_keys(pd.DataFrame(rows, columns=[*AREAS, "stimuli", "simulated"]))


def study(count=8, layers=4, baselines=2, recorded=("simulated",), parameters=PARAMETERS, augmentations=False):
    """The summary of a whole study."""
    places, shown = models(count, layers, baselines), recordings(*recorded)
    sets = ("scenes", *dict.fromkeys(["naturalistic", *shown.stimuli]))
    measured = pd.concat([geometry(places, sets, parameters), *([augmented(places)] if augmentations else [])])
    tables = summarize(measured, predictivity(places, shown), places, shown)
    tables |= {"spectra": spectra(places, sets), "similarity": similarity(places, shown, sets)}
    tables["universality"] = universality(places, shown)
    return tables | {"areas": recorded_geometry(shown)}


def trained(entries=("sweep",), weights=(0.0, 0.2, 0.5), seeds=(0,), recorded=("simulated",)):
    """The summary of a study that trains networks with two layers each, beside a model and a baseline."""
    about = [
        {"network": f"{entry}_lambda{weight:g}_seed{seed}", "entry": entry, "objective": "barlow_twins"}
        | {"lambda": weight, "seed": seed}
        for entry in entries
        for weight in weights
        for seed in seeds
    ]
    rows = [
        (one["network"], f"layer{j}", j, float(j), False, "trained", one["entry"], "self_supervised", 64)
        for one in about
        for j in range(2)
    ]
    others = models(1, 2, 1)
    places, shown = (
        pd.concat([others, pd.DataFrame(rows, columns=others.columns)], ignore_index=True),
        recordings(*recorded),
    )
    sets = ("scenes", *dict.fromkeys(["naturalistic", *shown.stimuli]))
    measured = pd.concat([geometry(places, sets, ("pose",)), augmented(places)])
    tables = summarize(measured, predictivity(places, shown), places, shown)
    logs = [
        one
        | {"epoch": epoch, "loss": 1 + 2 / epoch, "invariant": 3 / epoch, "rank": 8.0 + epoch, "probe": epoch / 20}
        | {"equivariant": 4 / epoch if one["lambda"] else np.nan}
        for one in about
        for epoch in range(1, 11)
    ]
    tables |= {"training": pd.DataFrame(logs), "areas": recorded_geometry(shown)}
    tables |= {"spectra": spectra(places, sets), "similarity": similarity(places, shown, sets)}
    tables["universality"] = universality(places, shown)
    return tables | {"equivariance": sweep(tables, tables["training"])}
