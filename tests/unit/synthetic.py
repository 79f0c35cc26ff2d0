"""Tables of a study that never ran, with the columns of a real one, for tests of what comes after."""

import numpy as np
import pandas as pd

from ventral.summary import summarise
from ventral.summary.recorded import AREAS
from ventral.summary.tables import LAYER, RECORDED, SIMILARITY, SIMULATED, with_text_keys

PARAMETERS = ("pose", "background", "lighting", "viewpoint")
SPECTRAL = ("effective_dimensionality", "corrected_effective_dimensionality", "components_80", "alpha")


def models(count=8, layers=4, baselines=2):
    """One row per layer of `count` networks and of some baselines with one layer each."""
    rows = [
        (f"network{i}", f"features.{j}", j, j / max(1, layers - 1), False, "torchvision")
        for i in range(count)
        for j in range(layers)
    ]
    rows += [(("gabor", "pixels")[i], "energy", 0, 1.0, True, "python") for i in range(baselines)]
    return pd.DataFrame(rows, columns=["model", "layer", "position", "depth", "baseline", "source"])


def recordings(*names):
    """Simulated recordings see the naturalistic set, others bring their own images."""
    rows = [(name, "naturalistic" if "simulated" in name else name, "simulated" in name) for name in names]
    return pd.DataFrame(rows, columns=["recording", "stimuli", "simulated"])


def geometry(places, stimuli=("scenes", "naturalistic"), parameters=PARAMETERS, seed=0):
    """Geometry of every layer; the parameters vary in the first set only."""
    rng = np.random.default_rng(seed)
    rows = []
    for name in stimuli:
        for place in places.itertuples():
            key = {"stimuli": name, "model": place.model, "layer": place.layer, "n": 400}
            ed = np.exp(rng.normal(1.5 + 2 * place.depth, 0.4))
            for metric, value in zip(SPECTRAL, (ed, 1.2 * ed, ed // 1 + 1, 1.5), strict=True):
                rows.append(key | {"metric": metric, "value": value})
            for parameter in parameters if name == stimuli[0] else ():
                key |= {"parameter": parameter, "against": "scene"}
                rows.append(key | {"metric": "invariance", "value": rng.beta(6, 2)})
                for threshold in (0.5, 0.9):
                    value = np.clip(0.5 + 0.3 * place.depth + rng.normal(0, 0.08), 0, 1)
                    rows.append(key | {"metric": "factorization", "threshold": threshold, "value": value})
    columns = ["stimuli", "model", "layer", "metric", "parameter", "against", "threshold", "value", "low", "high", "n"]
    return with_text_keys(pd.DataFrame(rows, columns=columns))


def predictivity(places, shown, areas=("V1", "V4", "IT"), seed=1):
    """Scores of every layer for every area, with intervals, a shuffled control and a ceiling."""
    rng = np.random.default_rng(seed)
    rows = []
    for recording in shown.recording:
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
        for row in shown[shown.stimuli == name].itertuples():
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


def recorded_geometry(shown, areas=("V1", "V4", "IT")):
    """Geometry of every area: spectra of all, objects and their variation in recordings that bring their images."""
    rows = []
    for row in shown.itertuples():
        for area in areas if row.simulated else ("V4",):
            key = {"recording": row.recording, "area": area, "stimuli": row.stimuli, "simulated": row.simulated}
            key |= {"n": 400, "low": 0.5, "high": 20.0}
            rows.append(key | {"metric": "effective_dimensionality", "value": 14.0})
            rows.append(key | {"metric": "effective_dimensionality_crossed", "value": 11.5})
            rows.append(key | {"metric": "object_decoding", "value": 0.35})
            for threshold in () if row.simulated else (0.5, 0.9):
                at = {"parameter": "variation", "against": "scene", "threshold": threshold, "value": threshold - 0.12}
                rows += [key | at | {"metric": f"factorization{ending}"} for ending in ("", "_crossed")]
    return with_text_keys(pd.DataFrame(rows, columns=[*AREAS, "stimuli", "simulated"]))


def study(count=8, layers=4, baselines=2, recorded=("simulated",), parameters=PARAMETERS):
    """The summary of a whole study."""
    places, shown = models(count, layers, baselines), recordings(*recorded)
    sets = ("scenes", *dict.fromkeys(["naturalistic", *shown.stimuli]))
    tables = summarise(geometry(places, sets, parameters), predictivity(places, shown), places, shown)
    tables |= {"spectra": spectra(places, sets), "similarity": similarity(places, shown, sets)}
    return tables | {"areas": recorded_geometry(shown)}
