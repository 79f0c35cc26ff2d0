"""Does every bad configuration and input lead to one clear sentence, without leaving a partial result?

    python tests/benchmarks/bad_inputs.py [configs | inputs | snakemake]

Each case has one fault. `configs` checks each configuration as the workflow does before any job; `inputs` passes each
file or array to the function that a job calls; `snakemake` runs one in twenty configurations, all invalid YAML texts
and some studies with a bad file through Snakemake itself. Without an argument, all three run. Cases that fail are
printed with their message.

A clear sentence is a Fault of one line that names the key or the file and contains no Python name. For arrays that are
passed to the library, a ValueError raised by the library counts as well.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from bad_arrays import bad_arrays
from bad_configs import SOUND, TEXTS, bad_configs, furnish
from bad_networks import bad_networks
from bad_pictures import bad_pictures
from bad_recordings import bad_recordings

ROOT = Path(__file__).parents[2]
LONG = 700  # characters
OF_USER_CODE = re.compile(r"\(\w+(Error|Exception)\b.*\)")  # says what the user's own code raised
UNCLEAR = re.compile(r"\b[A-Za-z]+(Error|Exception)\b|Traceback|NoneType|<class|object at 0x|\bNone\b")
EVERY = 20  # configurations, of which one goes through Snakemake
STUDY = {
    "device": "cpu",
    "stimuli": {"photos": {"kind": "images", "folder": "photos", "size": 64}},
    "models": {"pixels": {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"]}},
}
FAILING = """
def make():
    def respond(images):
        raise RuntimeError("broken here")
    respond.layers = ["a"]
    return respond
"""
OWN = {"recordings": {"mine": {"kind": "npz", "file": "bad.npz", "stimuli": "photos"}}}
STUDIES = {  # file, its content, changes of the study, target, and what the message must name
    "a cut picture": ("photos/6.png", b"\x89PNG\r\n\x1a\n", {}, "stimuli/photos.h5", "photos/6.png"),
    "an empty picture": ("photos/6.jpg", b"", {}, "stimuli/photos.h5", "photos/6.jpg"),
    "an empty recording": ("bad.npz", b"", OWN, "recordings/mine.h5", "bad.npz"),
    "a recording that is cut": ("bad.npz", b"PK\x03\x04", OWN, "recordings/mine.h5", "bad.npz"),
    "a function that fails": (
        "failing.py",
        FAILING.encode(),
        {"models": {"failing": {"source": "python", "factory": "failing.py:make", "layers": ["a"]}}},
        "activations/photos/failing.h5",
        "broken here",
    ),
    "weights that are a web page": (
        "bad.pth",
        b"<html></html>",
        {"models": {"squeezenet": {"source": "checkpoint", "architecture": "squeezenet1_1", "file": "bad.pth"}}},
        "activations/photos/squeezenet.h5",
        "bad.pth",
    ),
}


def main(parts: list[str]) -> int:
    """Run these parts, or all of them, and return the number of cases that failed."""
    failed = 0
    with contextlib.chdir(tempfile.mkdtemp(prefix="bad_inputs.")):
        furnish(Path("study"))
        for part, run in PARTS.items():
            if not parts or part in parts:
                cases = dict(run())
                wrong = {name: said for name, said in cases.items() if said}
                print(f"{part}: {len(cases) - len(wrong)} of {len(cases)} answered with one clear sentence", flush=True)
                for name, said in wrong.items():
                    print(f"  {name}\n    {said}", flush=True)
                failed += len(wrong)
    return failed


def configs() -> Iterator[tuple[str, str | None]]:
    """Check each configuration as the Snakefile does."""
    with contextlib.chdir("study"):
        answer = answered(lambda: check(yaml.safe_dump(SOUND)), Path("nothing"))
        if answer is not None:
            raise SystemExit(f"The sound configuration is refused: {answer}")
        for name, (text, named) in bad_configs().items():
            if name.startswith("YAML"):  # Snakemake reads the file first, and answers many of these itself
                continue
            before = listed(Path())
            answer = answered(lambda text=text: check(text), Path("nothing"))
            yield name, judged(answer, named, config=True) or new(before)


def check(text: str) -> None:
    """Check the text of a configuration as the workflow does before any job."""
    from snakemake.common.configfile import load_configfile

    from ventral.config.complete import complete
    from ventral.study import Study

    Path("config.yaml").write_text(text)
    Study(complete(load_configfile("config.yaml"), ["config.yaml"]))


def inputs() -> Iterator[tuple[str, str | None]]:
    """Pass each bad file or array to the function that reads it."""
    for kind in (bad_pictures, bad_recordings, bad_networks, bad_arrays):
        for i, (name, (prepare, named)) in enumerate(kind().items()):
            folder = Path(f"{kind.__name__}/{i}")
            (folder / "out").mkdir(parents=True)
            with contextlib.chdir(folder):
                try:
                    run = prepare(Path())
                except Exception:
                    yield f"{kind.__name__}: {name}", f"the case itself fails: {traceback.format_exc(limit=-1)}"
                    continue
                yield f"{kind.__name__}: {name}", judged(answered(run, Path("out")), named)


def answered(run: Callable[[], object], out: Path) -> str | tuple[str, str] | None:
    """The sentence of a Fault; type and message of any other error, or of files left behind; None without an error."""
    from ventral.core.errors import Fault

    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            run()
    except Fault as fault:
        left = [str(path) for path in out.rglob("*") if path.is_file()]
        return ("left behind", ", ".join(left)) if left else str(fault)
    except BaseException as error:
        raised = traceback.extract_tb(error.__traceback__)[-1]
        if type(error) is ValueError and "/workflow/ventral/" in raised.filename:
            return str(error)
        return type(error).__name__, f"{str(error)[:300]} ({Path(raised.filename).name}:{raised.lineno})"
    return None


def judged(answer: str | tuple[str, str] | None, named: str, config: bool = False) -> str | None:
    """What is wrong with an answer; None if it is one clear sentence."""
    if answer is None:
        return "accepted"
    if isinstance(answer, tuple):
        return " ".join(answer)
    sentence = answer
    if config:
        head, *lines = answer.splitlines()
        if "1 fault;" not in head or len(lines) != 1:
            return f"several sentences: {answer}"
        (sentence,) = lines
    if (
        named not in sentence
        or len(sentence) > LONG
        or "\n" in sentence.strip()
        or UNCLEAR.search(OF_USER_CODE.sub("", sentence))
    ):
        return f"not clear: {sentence}"
    return None


def snakemake() -> Iterator[tuple[str, str | None]]:
    """Run some configurations, all invalid YAML texts, and studies with a bad file."""
    with contextlib.chdir("study"):
        cases, before = list(bad_configs().items()), listed(Path())
        for name, (text, named) in [*cases[::EVERY], *cases[-len(TEXTS) :]]:
            yield name, through_snakemake(text, named) or new(before)
        for name, (file, content, change, target, named) in STUDIES.items():
            Path(file).write_bytes(content)
            text = yaml.safe_dump(STUDY | change)
            yield name, through_snakemake(text, named, f"results/{target}") or unfinished(Path(f"results/{target}"))
            Path(file).unlink()


def through_snakemake(text: str, named: str, *targets: str) -> str | None:
    """What is wrong with the output of Snakemake; None if it names what it should without a traceback."""
    Path("config.yaml").write_text(text)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *targets, "--configfile", "config.yaml"]
    run = subprocess.run(
        [*command, "--snakefile", ROOT / "Snakefile"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
    )
    printed = run.stdout + run.stderr
    if run.returncode != 1 or "Traceback" in printed or named not in printed:
        return f"exit status {run.returncode}: {printed[-600:]}"
    return None


def unfinished(target: Path) -> str | None:
    """Files with the name of a result, or with its temporary name."""
    left = [str(path) for path in target.parent.glob("*") if target.stem in path.name] if target.parent.exists() else []
    return f"left behind: {', '.join(left)}" if left else None


def listed(folder: Path) -> set[str]:
    """All files but those in the caches of Snakemake and the library."""
    return {str(path) for path in folder.rglob("*") if path.is_file() and path.parts[0] not in (".snakemake", ".cache")}


def new(before: set[str]) -> str | None:
    left = listed(Path()) - before - {"config.yaml"}
    return f"left behind: {', '.join(sorted(left))}" if left else None


PARTS = {"configs": configs, "inputs": inputs, "snakemake": snakemake}

if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
