"""Trains a network, from its settings to the weights of its encoder; resumes where a killed training stopped."""

import logging
import time
from pathlib import Path

import torch

from ventral.core.files import remove_partial, whole
from ventral.core.jobs import progress
from ventral.core.table_files import write_table
from ventral.training.batches import load_batches, steps_of
from ventral.training.checkpoint import digest_of, resumable, save
from ventral.training.image_sources import KEPT_BYTES, check_readable, open_source
from ventral.training.learner import Learner
from ventral.training.log import Log
from ventral.training.processes import in_processes

SAVING = 0.05  # share of the time that writing states may take


def train(
    spec: dict,
    folder: str | Path,
    stimuli: str | Path | None = None,
    device: str = "cpu",
    threads: int = 1,
    checkpoint_every: float = 60.0,
) -> None:
    """Train a network; write network.pth (its encoder, without a classifier) and log.csv into its folder.

    While it trains, the folder also holds state.pth. A training that was killed resumes from it, and ends with the
    same weights, bit for bit on the CPU with the same number of threads, as one that was not.

    Parameters
    ----------
    spec : dict
        entry, objective, lambda, seed, data, size, architecture, arguments, projector, augmentation, batch,
        accumulate, processes, epochs, optimizer, precision, factorization, ema: see docs/training.md.
    folder : path
        Its name is the network's.
    stimuli : path, optional
        The file of the stimulus set that `data` names.
    device : str
        "cpu" or "cuda:0".
    threads : int
        Cores, of the whole training.
    checkpoint_every : float
        Seconds between states; up to ten times as long where writing one takes more than a twentieth of that.

    Raises
    ------
    Fault
        Images that are missing, unreadable or too few, settings that do not go together, a loss that is no number, or
        embeddings that collapse.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    remove_partial(folder)
    stimuli = None if stimuli is None else str(stimuli)
    if spec["processes"] == 1:
        run(spec, str(folder), stimuli, device, threads, checkpoint_every)
    else:
        in_processes(spec, str(folder), stimuli, device, threads, checkpoint_every)


def run(
    spec: dict, folder: str, stimuli: str | None, device: str, threads: int, checkpoint_every: float, rank: int = 0
) -> None:
    """Train in this process, alone or as the rank-th of several that are connected already."""
    folder, name, on_gpu = Path(folder), Path(folder).name, torch.device(device).type == "cuda"
    workers = workers_of(threads, on_gpu)
    torch.set_num_threads(threads)
    source = open_source(spec["data"], stimuli)
    source.kept_bytes = min(source.kept_bytes, KEPT_BYTES // max(1, workers))
    steps = steps_of(source, spec, name)
    total, file, digest = spec["epochs"] * steps, folder / "state.pth", digest_of(spec, source.digest)
    state = resumable(file, digest, name)
    if state is None and rank == 0:
        check_readable(source)

    with torch.random.fork_rng(devices=[torch.device(device)] if on_gpu else []):
        learner, log = Learner(spec, source.classes, steps, name, device, rank), Log(spec, steps, name)
        if state is not None:
            learner.load_state_dict(state["learner"])
            log.load_state_dict(state["log"])
            logging.info("Network %s resumes after step %d of %d.", name, log.step, total)
        saved, cost = time.monotonic(), 0.0
        batches = load_batches(source, spec, log.step, workers=workers, rank=rank, only_crop=on_gpu)
        if rank == 0:
            batches = progress(batches, total=total, unit="steps", name=name)
            batches.initial = batches.n = log.step
        for parts in batches:
            with log.timed():
                measures = learner.learn(log.waited(parts), log.step)
            log.add(measures)
            if rank > 0 or log.step == total:
                continue
            if log.step % steps == 0:
                write_table(log.table(), folder / "log.csv")
            begun = time.monotonic()
            if begun - saved >= max(checkpoint_every, min(cost / SAVING, 10 * checkpoint_every)):
                save(file, {"digest": digest, "learner": learner.state_dict(), "log": log.state_dict()})
                saved = time.monotonic()
                cost = saved - begun
    if rank == 0:
        export(learner, folder / "network.pth")
        write_table(log.table(), folder / "log.csv")
        file.unlink(missing_ok=True)


def workers_of(threads: int, on_gpu: bool) -> int:
    """Processes that prepare images: beside a GPU all cores but one, else few, as networks take longer than images."""
    return threads - 1 if on_gpu or threads == 1 else -(-threads // 4)


def export(learner: Learner, path: Path) -> None:
    """Write the encoder's weights as the model bank reads them."""
    weights = learner.networks.encoder.state_dict()
    content = {"architecture": learner.spec["architecture"], "state_dict": {k: v.cpu() for k, v in weights.items()}}
    with whole(path) as partial, partial.open("wb") as file:  # given a path, torch would write its name into the file
        torch.save(content, file)
