"""What reruns when a study or the code changes, and nothing else."""

import contextlib
import os
import re
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.stimuli import read_table

FIGURES = (
    *("factorization", "corrected_factorization", "parameter_pairs", "invariance", "dimensionality", "depth"),
    *(
        "orthogonal_information",
        "kinds_of_change",
        "prediction_errors",
        "components",
        "areas",
        "spectra",
        "sample_size",
        "classes",
    ),
    *("similarity", "universal_components"),
)
TABLES = (
    *(
        "geometry",
        "predictivity",
        "layers",
        "spectra",
        "relations",
        "commonality",
        "complementarity",
        "mixed",
        "chance",
    ),
    *("similarity", "paired", "universality"),
)
PROVENANCE = {"summary/provenance.json"}  # of what was measured
STUDY = {"summary/study.json"}  # the study's own settings
AGGREGATIONS = {
    "report.html",
    *(f"summary/{name}.csv" for name in TABLES),
    *PROVENANCE,
    *(f"figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "png")),
}
SETS = ("scenes", "naturalistic")
OF_GRAMS = {"summary/similarity.csv", "summary/universality.csv"}
OF_RECORDINGS = {"geometry/simulated.csv", "summary/recordings.csv"}


def of_model(model, *layers):
    """Every result that belongs to one model alone."""
    return (
        {f"activations/{stimuli}/{model}.h5" for stimuli in SETS}
        | {f"gram/{stimuli}/{model}/{layer}.h5" for stimuli in SETS for layer in layers}
        | {
            f"geometry/{stimuli}/{model}/{layer}.{kind}"
            for stimuli in SETS
            for layer in layers
            for kind in ("csv", "h5")
        }
        | {f"predictivity/simulated/{model}/{layer}.{kind}" for layer in layers for kind in ("csv", "parquet")}
    )


def test_a_fresh_run_makes_everything_and_the_next_one_nothing(finished):
    squeezenet = [path.stem for path in (finished.folder / "results/gram/scenes/squeezenet").iterdir()]
    assert len(squeezenet) == 2
    sources = {f"stimuli/{stimuli}.{kind}" for stimuli in SETS for kind in ("h5", "png")}
    expected = of_model("squeezenet", *squeezenet) | of_model("pixels", "pixels") | AGGREGATIONS | sources
    assert set(finished.files()) - {"README.md"} == expected | {"recordings/simulated.h5"} | OF_RECORDINGS | STUDY
    assert "Nothing to be done" in finished.run()


def test_the_last_line_says_what_was_made(finished):
    (finished.folder / "results/report.html").unlink()
    last = finished.run().strip().splitlines()[-3:]
    assert "Done: 2 stimulus sets, 2 models, 3 layers, 1 recording. Report: results/report.html" in last


def test_one_model_more_runs_its_jobs_and_the_aggregations(finished):
    finished.configure(
        lambda config: config["models"].update(
            gabor={"source": "python", "factory": "ventral.models.baselines:gabor_energy", "layers": ["energy"]}
        )
    )
    assert finished.planned() == of_model("gabor", "energy") | AGGREGATIONS


def test_choices_and_distances_of_observers_run_their_jobs_and_the_aggregations(finished):
    ids = read_table(finished.folder / "results/stimuli/naturalistic.h5").stimulus_id
    trials = pd.DataFrame(
        {"stimulus_id": np.repeat(ids, 2 * 4), "sample": np.repeat(np.resize(list("abc"), 24), 2 * 4)}
    )
    others = {"a": "bc", "b": "ca", "c": "ab"}  # four trials with each of two distractors
    trials["distractor"] = [distractor for one in trials["sample"][:: 2 * 4] for distractor in others[one] * 4]
    trials["choice"] = trials["sample"].where(np.random.default_rng(0).random(len(trials)) < 0.8, trials.distractor)
    trials.to_csv(finished.folder / "choices.csv", index=False)
    spec = {"kind": "trials", "file": "choices.csv", "stimuli": "naturalistic"}
    finished.configure(lambda config: config["recordings"].update(choices=spec))
    of_choices = {name.replace("/simulated/", "/choices/") for name in finished.files() if "predictivity/sim" in name}
    expected = {"recordings/choices.h5"} | of_choices | AGGREGATIONS
    assert finished.planned() == expected - OF_GRAMS - {"summary/paired.csv"}

    rng = np.random.default_rng(0)
    for observer in "ab":
        order = rng.permutation(ids)
        X = rng.normal(size=(len(ids), 5))
        distances = np.sum((X[:, None] - X) ** 2, axis=2)
        pd.DataFrame(distances, order, order).to_csv(finished.folder / f"people_{observer}.csv")
    people = {"kind": "rdm", "file": "people_{observer}.csv", "stimuli": "naturalistic", "measure": "judged"}
    finished.configure(lambda config: config["recordings"].update(people=people))
    of_people = {name.replace("choices", "people") for name in {"recordings/choices.h5"} | of_choices}
    expected = expected - {"summary/paired.csv"} | of_people
    assert finished.planned() == expected  # so that other tests may ask for the plan alone
    assert finished.rewritten() == expected | STUDY

    table = finished.tables()["summary/predictivity.csv"].query("recording == 'choices'")
    assert set(table.area) == {"behaviour"} and {"i1", "i2n/sqrt(c)", "i2n_shuffled"} <= set(table.metric)
    assert set(finished.tables()["summary/recordings.csv"].recording) == {"simulated"}  # choices have no geometry
    signatures = pd.read_parquet(finished.folder / "results/predictivity/choices/pixels/pixels.parquet")
    assert len(signatures) == 2 * 24 and (signatures.trials == 4).all()
    assert "192 choices" in (finished.folder / "results/report.html").read_text()

    table = finished.tables()["summary/predictivity.csv"].query("recording == 'people'")
    assert set(table.n.astype(int)) == {2} and {"observed_rsa", "observed_rsa_upper"} <= set(table.metric)
    similar = finished.tables()["summary/similarity.csv"].query("other_model == 'people'")
    known = similar.value != ""
    assert set(similar.metric[known]) == {"rsa"} and {*similar.model} >= {"squeezenet", "pixels"}


def test_one_model_less_reruns_the_aggregations(finished):
    finished.configure(lambda config: config["models"].pop("pixels"))
    assert finished.planned() == AGGREGATIONS


def test_one_layer_more_reruns_its_model(finished):
    finished.configure(lambda config: config["models"]["squeezenet"].update(last=3))
    planned = finished.planned()
    layers = {Path(name).stem for name in planned if name.startswith("gram/scenes/squeezenet/")}
    assert len(layers) == 3
    assert planned == of_model("squeezenet", *layers) | AGGREGATIONS


def test_components_of_another_set_rerun_the_predictivity(finished):
    finished.configure(lambda config: config["predictivity"].update(components_from="scenes"))
    expected = {name for name in finished.files() if name.startswith("predictivity/")}
    components = {name.replace("gram/", "components/") for name in finished.files() if "gram/naturalistic/" in name}
    assert finished.planned() == expected | components | AGGREGATIONS - OF_GRAMS


def test_touching_sources_reruns_nothing(finished):
    for path in [
        *finished.folder.glob("workflow/**/*.*"),
        finished.folder / "Snakefile",
        finished.folder / "config.yaml",
    ]:
        os.utime(path)
    assert "Nothing to be done" in finished.run()


def test_changing_one_stage_reruns_it_and_what_depends_on_it(finished):
    source = finished.folder / "workflow/ventral/geometry/spectrum.py"
    source.write_text(source.read_text() + "\n# changed\n")
    expected = {name for name in finished.files() if name.startswith("geometry/")}
    assert finished.planned() == expected | AGGREGATIONS - OF_GRAMS - PROVENANCE | OF_RECORDINGS


def test_changing_the_predictivity_stage_leaves_geometry(finished):
    script = finished.folder / "workflow/scripts/predictivity.py"
    script.write_text(script.read_text() + "\n# changed\n")
    expected = {name for name in finished.files() if name.startswith("predictivity/")}
    assert finished.planned() == expected | AGGREGATIONS - OF_GRAMS - PROVENANCE


def test_activations_that_are_dropped_are_those_of_one_model_at_a_time(fresh):
    def change(config):
        config["keep_activations"] = False
        config["models"]["halves"] = config["models"]["pixels"] | {"cache": "float16"}
        config["predictivity"]["components_from"] = "scenes"  # whose activations are needed at the same time

    fresh.configure(change)
    tables = [f"results/summary/{name}.csv" for name in ("layers", "similarity", "recordings")]
    folder, seen = fresh.folder / "results/activations", set()
    run = fresh.start(*tables, stdout=subprocess.DEVNULL)
    while run.poll() is None:
        with contextlib.suppress(FileNotFoundError):  # Snakemake removes a folder that has become empty
            files = {path.name.removeprefix(".") for path in folder.glob("**/*.h5")}  # unfinished ones are hidden
            seen.add(frozenset(name.partition(".")[0] for name in files))
        time.sleep(0.005)
    assert run.returncode == 0
    assert seen == {frozenset(), *(frozenset([model]) for model in ("squeezenet", "pixels", "halves"))}
    assert not [name for name in fresh.files() if name.startswith("activations/")]
    columns = fresh.tables()["summary/layers.csv"].columns
    assert "pcr_r_other_images[5 components of scenes]@simulated/simulated V4" in columns
    assert "Nothing to be done" in fresh.run(*tables)


def test_a_dry_run_shows_every_job(fresh):
    printed = fresh.run("--dry-run")
    total = int(re.search(r"^total\s+(\d+)", printed, re.MULTILINE)[1])
    # 2 sets, 1 recording, activations, Grams, geometries and predictivities of 2 models, the geometry of the recording
    # and its summary, three summaries of layers, provenance, all figures, the report, and the rule `all`.
    assert total == 2 + 1 + 2 + 2 + 2 + 2 + 2 + 3 + 1 + 1 + 1 + 1
