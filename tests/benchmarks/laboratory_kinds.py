"""A whole study of all kinds of recordings that laboratories publish, on tiny made-up folders.

    python tests/benchmarks/laboratory_kinds.py FOLDER

Runs the workflow with one baseline, and fails unless every area is predicted and has its geometry.
"""

import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tests" / "workflow"), str(ROOT / "tests" / "helpers"), str(ROOT / "workflow")]

from laboratory_folders import FOLDERS, entry_of  # noqa: E402
from study import copy_project  # noqa: E402

PIXELS = {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"], "baseline": True}


def main(folder: Path) -> None:
    study = copy_project(folder / "study")
    recordings = {make.__name__: entry_of(make, folder / make.__name__) for make in FOLDERS}
    config = {
        "results": "results",
        "device": "cpu",
        "recordings": recordings,
        "models": {"pixels": PIXELS},
        "predictivity": {"splits": {"kind": "kfold", "folds": 2, "seed": 1}},
    }
    (study.folder / "config.yaml").write_text(yaml.safe_dump(config))
    study.run()
    tables = study.tables()
    both = (tables["summary/predictivity.csv"], tables["summary/recordings.csv"])
    areas = [{*zip(table.recording, table.area, strict=True)} for table in both]
    assert areas[0] == areas[1] and {recording for recording, _ in areas[0]} == {*recordings}, areas
    print(f"{len(areas[0])} areas of {len(recordings)} recordings are predicted and have their geometry.")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
