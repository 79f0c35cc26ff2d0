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
    state_address: str = "",
) -> None:
    """Train a network; write network.pth (its encoder, without a classifier) and log.csv into its folder.

    While it trains, the folder also holds state.pth. A killed training resumes from it and ends with the same weights
    as one that was not killed, bit for bit on the CPU with the same number of threads.

    Parameters
    ----------
    spec : dict
        entry, lambda, seed, and the keys of the objective's entry in the configuration: see docs/training.md.
    folder : path
        Folder with the name of the network.
    stimuli : path, optional
        The file of the stimulus set that `data` names.
    device : str
        "cpu" or "cuda:0".
    threads : int
        Cores of the whole training.
    checkpoint_every : float
        Seconds between states; up to ten times as long if writing one takes more than a twentieth of this time.
    state_address : str
        An object of S3 that keeps a copy of state.pth, such as s3://bucket/study/state.pth; "" for none.

    Raises
    ------
    Fault
        Images are missing, unreadable or too few, settings contradict each other, the loss is not a number, or the
        embeddings collapse.
    """
    from ventral.training.loop import run
    from ventral.training.processes import in_processes

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    remove_partial(folder)
    start = run if spec["processes"] == 1 else in_processes
    start(
        spec, str(folder), None if stimuli is None else str(stimuli), device, threads, checkpoint_every, state_address
    )
