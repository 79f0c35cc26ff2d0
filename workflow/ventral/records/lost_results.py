"""Which files of a study are gone, although the tables of its summary hold it whole."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ventral.core.names import listed


def lost_results(folder: Path, record: dict[str, Any]) -> list[str]:
    """Sentences on files that were deleted since the summary was made; none for joined studies, which have no others.

    Parameters
    ----------
    folder : path of the results folder
    record : dict
        See `ventral.records.study_record.record_of`.
    """
    if record.get("joined"):
        return []
    sentences = []
    if lost := counted(folder, measured(record)):
        sentences.append(
            "The tables of the summary are those of the whole study, but files that they were made from are no longer "
            f"there: {listed(lost)}."
        )
    if lost := counted(folder, shown(record)):
        sentences.append(f"The page lacks what these files hold, which are no longer there: {listed(lost)}.")
    return sentences


def measured(record: dict[str, Any]) -> dict[str, list[str]]:
    """The files that the tables of the summary are made from, by their folder."""
    layers, sets, recordings = record["layers"], record["measured_sets"], record["recordings"]
    models = dict.fromkeys(row["model"] for row in layers)
    files = {
        f"geometry/{name}": [f"{row['model']}/{row['layer']}{end}" for row in layers for end in (".csv", ".h5")]
        for name in sets
    }
    files |= {f"predictivity/{name}": [f"{row['model']}/{row['layer']}.csv" for row in layers] for name in recordings}
    files["accuracy"] = [f"{model}.csv" for model in models] if "accuracy" in record["tables"] else []
    return files | {f"networks/{name}": ["log.csv"] for name in record["networks"]}


def shown(record: dict[str, Any]) -> dict[str, list[str]]:
    """The files that the page shows or describes, by their folder."""
    sets = dict.fromkeys([*record["config"]["stimuli"], *record["measured_sets"]])
    return {
        "recordings": [f"{name}.h5" for name in record["recordings"]],
        "stimuli": [f"{name}{end}" for name in sets for end in (".h5", ".png")],
        "figures": [f"{name}.svg" for name in record["figures"]],
    }


def counted(folder: Path, files: Mapping[str, Iterable[str]]) -> list[str]:
    """The folders that lack files, and how many of them, or which one."""
    told = []
    for place, names in files.items():
        names = [*names]
        lost = [name for name in names if not (folder / place / name).exists()]
        if len(lost) == 1:
            told.append(f"{place}/{lost[0]}")
        elif lost:
            told.append(f"{len(lost):,} of {len(names):,} files in {place}")
    return told
