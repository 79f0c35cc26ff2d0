"""Every metric that a stage can emit, and the page of the documentation that lists them.

`python -m ventral.catalog > docs/metrics.md` writes the page again.
"""

import textwrap
from collections.abc import Iterable
from itertools import chain

from ventral import representational_similarity, shared_components
from ventral.accuracy import head_accuracy
from ventral.core.discover import discover
from ventral.core.errors import Fault
from ventral.metrics import Method, Metric

INTRODUCTION = """\
# Metrics

This page lists every metric that a table of a study can hold. It is made from the records in the library, by
`python -m ventral.catalog > docs/metrics.md`. Bounds are those of the quantity; unbiased estimates can exceed them
because of sampling error.

The column `metric` of every table holds the name of a metric. The columns of `layers.csv` are named
`metric@stimuli`, `metric[parameter]@stimuli` or `metric[parameter|against]@stimuli` for geometry and accuracy, and
`metric@recording/area` for predictivity. `ventral.metrics.Quantity` writes and parses these names.

## What `relations.csv` asks

Every metric with the role `geometry` or `accuracy` is correlated with every metric with the role `score`, with the
logarithm of the former where the tables below say “log”. Left out are

- ceilings, controls and floors, which are the same for all layers or describe no property of a layer;
- one parameter against another, and shares of predictions along parameters, of which there are many;
- what only repeats another metric. The ceiling c of an area is the same for all layers, so these scores are fixed
  increasing functions of the one beside them, and have the same correlations. The curvature of pixels is also the same
  for all layers, so the correlations of `straightening` are those of `curvature` with the other sign:

{map}

[Relations across models](ideas/across_models.md) says what is correlated, within what and given what. Relations of
metrics that measure the same quantity with another threshold or read-out (“counted with” in the tables below) are one
question, and so are those of numbers of images per class.

The correlations of `(r/c)²` equal those of `r²/c`, and so do the rank correlations of `r/c`, if every layer has a
score of every unit. Pearson's correlations of `r/c` equal those of `r` if all units also have a ceiling of .1 or more;
otherwise `r/c` leaves out the others. In the same way, `i1/sqrt(c)` and `i2n/sqrt(c)` leave out choices with a single
trial. All scores are in `predictivity.csv` and `layers.csv`.
"""
HEADLINE, BEHAVIOR, DISTANCES = "ridge_r", "i2n", "observed_rsa"
HEADLINES = (HEADLINE, BEHAVIOR, DISTANCES)  # of units, observers' choices and distances: one score for all of an area
HEAD = "| name | label | role | bounds | relations | what it says |"
RULE = "|---|---|---|---|---|---|"


def _modules() -> dict[str, tuple[Metric, ...]]:
    """Metrics by module: families of geometry in their order, the rest of geometry, and then the other stages."""
    geometry, families = discover("ventral.geometry", "METRICS"), discover("ventral.geometry", "FAMILY")
    places = {module: family.place for module, family in families.items()}
    ordered = sorted(geometry, key=lambda module: places.get(module, len(geometry)))
    modules = {f"geometry.{module}": geometry[module] for module in ordered}
    modules |= {
        f"predictivity.{name}": metrics for name, metrics in discover("ventral.predictivity", "METRICS").items()
    }
    modules["accuracy.head_accuracy"] = head_accuracy.METRICS
    return modules | {
        "similarity": representational_similarity.METRICS,
        "universality": shared_components.METRICS,
    }


MODULES = _modules()
METRICS: dict[str, Metric] = {metric.name: metric for metric in chain.from_iterable(MODULES.values())}


def record(name: str) -> Metric:
    """The record of a metric.

    Raises
    ------
    Fault
        No module lists the metric in `METRICS`.
    """
    if name not in METRICS:
        raise Fault(f"The metric {name} has no record. Add one to METRICS of the module that measures it.")
    return METRICS[name]


def methods(names: Iterable[str]) -> dict[Method, list[Metric]]:
    """The methods behind some metrics, each with its metrics, in the order of the catalog."""
    of_methods: dict[Method, list[Metric]] = {}
    wanted = {*names}
    for metric in METRICS.values():
        if metric.name in wanted:
            of_methods.setdefault(metric.method, []).append(metric)
    return of_methods


def page() -> str:
    """The page of the documentation that lists every metric."""
    repeated = [f"| `{metric.name}` | `{metric.same_as}` |" for metric in METRICS.values() if metric.same_as]
    parts = [INTRODUCTION.format(map="\n".join(["| left out | asked instead |", "|---|---|", *repeated]))]
    for method, metrics in methods(METRICS).items():
        parts += [f"## {method.heading}\n", textwrap.fill(f"{method.text} {method.source}".strip(), 120) + "\n"]
        parts += [HEAD, RULE, *map(line, metrics), ""]
    return "\n".join(parts).rstrip() + "\n"


def line(metric: Metric) -> str:
    """One row of the page."""
    cells = [f"`{metric.name}`", metric.label, metric.role.value, bounds(metric), scale(metric), metric.text]
    return f"| {' | '.join(cells)} |"


def bounds(metric: Metric) -> str:
    """The bounds of a metric and its unit."""
    low, high = ("" if end is None else f"{end:.3g}" for end in metric.bounds)
    ends = f"{low} to {high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""
    return ", ".join(filter(None, (ends, metric.unit)))


def scale(metric: Metric) -> str:
    """How relations use a metric."""
    if metric.same_as:
        return f"as `{metric.same_as}`"
    if not metric.related:
        return "–"
    return ("log" if metric.log else "linear") + (f", counted with `{metric.variant_of}`" * bool(metric.variant_of))


if __name__ == "__main__":
    print(page(), end="")
