"""What a study consists of, as a small file in its results, so that its page can be made again without Snakemake.

The file is written when a run begins: a study of which some jobs failed has it too.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.object_store import Place, store
from ventral.recordings.kinds import recording_entry

if TYPE_CHECKING:
    from ventral.study import Study

FILE = Path("summary", "study.json")  # in the results folder
SETTINGS = ("seed", "geometry", "predictivity", "accuracy")


def record_of(study: "Study") -> dict[str, Any]:
    """What a study consists of, as values that JSON can hold.

    Returns
    -------
    dict
        config (complete), layers (one row per layer), measured_sets, recordings (the stimulus set of each), species (of
        the observers of each recording), neural (recordings of units), networks (that the study trains), tables and
        figures (their names).
    """
    return {
        "config": study.config,
        "layers": study.layer_table(),
        "measured_sets": study.measured_sets,
        "recordings": {recording: study.stimuli_of(recording) for recording in study.recordings},
        "species": study.species,
        "neural": study.neural,
        "networks": study.networks,
        "tables": study.summary_tables,
        "figures": study.figures,
    }


def write_record(study: "Study", results: str | Path) -> None:
    """Write the record of a study into its results folder."""
    with whole(Path(results, FILE)) as partial:
        partial.write_text(json.dumps(record_of(study), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def store_record(results: Place) -> None:
    """Store a copy of the record with the results in S3, if they are kept there, when a run has made their bucket."""
    if results.address:
        store(Path(results.folder, FILE), results.of(FILE.as_posix()))


def read_record(results: str | Path) -> dict[str, Any]:
    """Read the record of a study from its results folder.

    Raises
    ------
    Fault
        The folder holds no results of a study, or those of an earlier version of Ventral.
    """
    path = Path(results) / FILE
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Fault(
            f"{results} has no {FILE}. Name the results folder of a study; if this is one, run Snakemake once more."
        ) from error
    except ValueError as error:
        raise Fault(f"{path} is damaged. Run Snakemake once more, which writes it again.") from error


def settings_of(study: "Study") -> dict[str, Any]:
    """The settings on which every number of a study depends, and how responses to each stimulus set are pooled."""
    chosen = {key: study.config[key] for key in SETTINGS if key in study.config}
    return chosen | {"pooling": study.poolings(study.measured_sets)}


def own_files(study: "Study") -> dict[str, dict[str, list[str]]]:
    """The user's own files that models and recordings come from; published files have checksums in the library."""
    return {
        "models": {model: study.weights_of(model) for model in study.models},
        "recordings": {
            name: [str(file) for file in recording_entry(entry).files()] for name, entry in study.recordings.items()
        },
    }
