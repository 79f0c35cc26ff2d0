"""Trains a network, from its settings to the weights of its encoder. Light to import."""

from pathlib import Path

from ventral.core.files import remove_partial


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
        entry, lambda, seed, and the keys of the objective's entry in the configuration: see docs/training.md.
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
    from ventral.training.loop import run
    from ventral.training.processes import in_processes

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    remove_partial(folder)
    start = run if spec["processes"] == 1 else in_processes
    start(spec, str(folder), None if stimuli is None else str(stimuli), device, threads, checkpoint_every)
