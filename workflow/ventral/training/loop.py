"""Trains a network in one process, and resumes a killed training."""

import logging
from collections.abc import Iterator
from pathlib import Path

import torch

from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.jobs import progress
from ventral.core.table_files import write_table
from ventral.training.batches import Batch, load_batches, steps_of
from ventral.training.image_sources import KEPT_BYTES, Source, check_readable, open_source
from ventral.training.learner import Learner
from ventral.training.log import Log
from ventral.training.objectives import objective_of
from ventral.training.saved_state import States, digest_of


def run(
    spec: dict,
    folder: str,
    stimuli: str | None,
    device: str,
    threads: int,
    checkpoint_every: float,
    state_address: str,
    rank: int = 0,
) -> None:
    """Train in this process, alone or as the rank-th of several connected processes.

    Parameters and faults are those of `ventral.training.train`.
    """
    here, on_gpu = Path(folder), torch.device(device).type == "cuda"
    name, workers = here.name, workers_of(threads, on_gpu)
    torch.set_num_threads(threads)
    objective = objective_of(spec)
    source = opened(spec, stimuli, workers, name, objective.needs_labels)
    steps = steps_of(source, spec, name)
    states = States(here / "state.pth", digest_of(spec, source.digest), name, checkpoint_every, state_address)
    state = states.resumable()
    if state is None and rank == 0:
        check_readable(source)
    with torch.random.fork_rng(devices=[torch.device(device)] if on_gpu else []):
        learner = Learner(spec, source.classes, steps, name, device, rank)
        log = Log(spec, steps, name, objective.embedding)
        if state is not None:
            learner.load_state_dict(state["learner"])
            log.load_state_dict(state["log"])
            logging.info("Network %s resumes after step %d of %d.", name, log.step, log.total)
        batches = load_batches(source, spec, log.step, workers=workers, rank=rank, only_crop=on_gpu)
        for parts in shown(batches, log) if rank == 0 else batches:
            with log.timed():
                measures = learner.learn(log.waited(parts), log.step)
            log.add(measures)
            if rank == 0 and log.step < log.total:
                if log.step % steps == 0:
                    write_table(log.table(), here / "log.csv")
                states.save_if_due({"learner": learner.state_dict, "log": log.state_dict})
    if rank == 0:
        write_weights(learner.networks.encoder, spec, here / "network.pth")
        write_table(log.table(), here / "log.csv")
        states.remove()


def opened(spec: dict, stimuli: str | None, workers: int, name: str, needs_labels: bool) -> Source:
    """The images; all workers together keep no more decoded images than one process would.

    Raises
    ------
    Fault
        The images are missing, or they have no labels where labels are needed.
    """
    source = open_source(spec["data"], stimuli)
    if needs_labels and not source.classes:
        raise Fault(
            f"Network {name}: {spec['objective']} needs images of two classes or more. Put them into one folder "
            "for each class, or give their labels with them."
        )
    source.kept_bytes = min(source.kept_bytes, KEPT_BYTES // max(1, workers))
    return source


def shown(batches: Iterator[Iterator[Batch]], log: Log) -> Iterator[Iterator[Batch]]:
    """Batches with a progress bar, which begins at the first step."""
    bar = progress(batches, total=log.total, unit="steps", name=log.name)
    bar.initial = bar.n = log.step
    return bar


def workers_of(threads: int, on_gpu: bool) -> int:
    """Processes that prepare images: with a GPU all cores but one, otherwise few, because networks take longer."""
    return threads - 1 if on_gpu or threads == 1 else -(-threads // 4)


def write_weights(encoder: torch.nn.Module, spec: dict, path: Path) -> None:
    """Write the weights of an encoder in the form in which models are read."""
    weights = {key: value.cpu() for key, value in encoder.state_dict().items()}
    content = {"architecture": spec["architecture"], "state_dict": weights}
    with whole(path) as partial, partial.open("wb") as file:  # given a path, torch would write its name into the file
        torch.save(content, file)
