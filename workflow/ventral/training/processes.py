"""Starts several processes on one machine that train one network together.

They are new interpreters, not forks, and not processes of `multiprocessing`, which would run the workflow's script
again in each. Their standard input is a pipe that nothing writes to. It closes when this process ends, however it ends,
and then they end too.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist

from ventral.core.errors import Fault
from ventral.core.files import whole

PAUSE = 0.2
PATIENCE = timedelta(hours=6)  # rank 0 checks all images first; the death of a process is noticed without it
CODE = f"import sys; from {__name__} import main; main(sys.argv[1], int(sys.argv[2]))"


def in_processes(
    spec: dict, folder: str, stimuli: str | None, device: str, threads: int, *further: float | str
) -> None:
    """Call `ventral.training.loop.run` in each of `processes` processes, on the GPUs or the CPU.

    Raises
    ------
    Fault
        One of them raised it, or there are fewer GPUs than processes.
    """
    count, name = spec["processes"], Path(folder).name
    on_gpu = torch.device(device).type == "cuda"
    if on_gpu and torch.cuda.device_count() < count:
        raise Fault(
            f"Network {name}: `processes: {count}` needs as many GPUs, and {torch.cuda.device_count()} can be used "
            f"here. Lower `processes`, and raise `accumulate` by as much if memory is too small; or set `device: cpu`."
        )
    share = max(1, threads // count)
    with tempfile.TemporaryDirectory(prefix="ventral-") as meeting:
        commands = []
        for rank in range(count):
            arguments = [spec, folder, stimuli, f"cuda:{rank}" if on_gpu else "cpu", share, *further, rank]
            with whole(Path(meeting, f"{rank}.json")) as partial:
                partial.write_text(json.dumps(arguments))
            commands.append([sys.executable, "-c", CODE, meeting, str(rank)])
        started = []
        try:
            for command in commands:
                started.append(subprocess.Popen(command, stdin=subprocess.PIPE, env=environment_of(share)))
            failed = first_failure(started)
        finally:
            for process in started:
                process.kill()
                process.wait()
                process.stdin.close()
        for line in Path(meeting, "0.log").read_text().splitlines() if Path(meeting, "0.log").exists() else ():
            logging.info("%s", line)
        if failed is not None:
            sentence = Path(meeting, f"{failed}.fault")
            if sentence.exists():
                raise Fault(sentence.read_text())
            raise RuntimeError(f"Process {failed} of the training of {name} ended with {started[failed].returncode}.")


def environment_of(threads: int) -> dict[str, str]:
    """Environment of a process with this many threads that finds the library and modules in the working folder."""
    library = str(Path(__file__).parents[2])
    path = os.pathsep.join([library, os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"GLOO_SOCKET_IFNAME": "lo", **os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": str(threads)}


def first_failure(started: list[subprocess.Popen]) -> int | None:
    """Wait until all have succeeded or one has failed; return the number of the failed one."""
    while True:
        codes = [process.poll() for process in started]
        failed = [rank for rank, code in enumerate(codes) if code]
        if failed:
            time.sleep(PAUSE)  # others may end with it, and only one of them says why
            told = [rank for rank, process in enumerate(started) if process.poll() == 1]
            return (told or failed)[0]
        if None not in codes:
            return None
        time.sleep(PAUSE)


def main(meeting: str, rank: int) -> None:
    """Run one of the processes."""
    from ventral.training.loop import run

    threading.Thread(target=end_with_the_parent, daemon=True).start()
    logging.basicConfig(filename=Path(meeting, f"{rank}.log"), level=logging.INFO, format="%(message)s")
    arguments = json.loads(Path(meeting, f"{rank}.json").read_text())
    spec, device = arguments[0], arguments[3]
    backend = "nccl" if device.startswith("cuda") else "gloo"
    if backend == "nccl":
        torch.cuda.set_device(device)
    place = f"file://{Path(meeting, 'rendezvous')}"
    dist.init_process_group(backend, init_method=place, rank=rank, world_size=spec["processes"], timeout=PATIENCE)
    try:
        run(*arguments)
    except Fault as fault:
        Path(meeting, f"{rank}.fault").write_text(str(fault))
        os._exit(1)  # without waiting for the others
    dist.destroy_process_group()


def end_with_the_parent() -> None:
    os.read(0, 1)  # not by sys.stdin, whose lock this thread would hold when the interpreter ends
    os._exit(1)
