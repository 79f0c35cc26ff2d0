"""Does any damage to a file of the workflow stay unnoticed, or make a reader hang?

    python tests/benchmarks/damage.py [damages of each kind of file]

Small files of every kind are written as the workflow writes them. Each is damaged in many random ways, one at a time,
and read in a separate process as the next stage reads it. The result is named (a sentence with the file's name),
harmless (the content is the same, bit for bit), silent (the content differs), hung, crashed, or unnamed (an error
without such a sentence). File, seed and way of each damage that is neither named nor harmless are printed.
"""

import hashlib
import logging
import multiprocessing
import os
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from damage_files import FILES
from damage_ways import WAYS

from ventral.core.errors import Fault

DAMAGES = 250
SECONDS = 60  # after which a reader counts as hanging
RESULTS = ("named", "harmless", "silent", "hung", "crashed", "unnamed")


def main(damages: int) -> None:
    logging.disable()
    print("| file | damages | " + " | ".join(RESULTS) + " |\n" + "|---" * (len(RESULTS) + 2) + "|")
    total = Counter()
    with tempfile.TemporaryDirectory() as place:
        for number, (name, (write, read, damaged)) in enumerate(FILES.items()):
            path = Path(place, str(number), name)
            path.parent.mkdir()
            write(path)
            counts = Counter(of_one(path, read, damaged, seed) for seed in range(damages))
            print(row(f"`{name}`" + (", its checksum" if damaged else ""), counts), flush=True)
            total += counts
    print(row("all", total))


def row(name: str, counts: Counter) -> str:
    return f"| {name} | {counts.total():,} | " + " | ".join(f"{counts[result]:,}" for result in RESULTS) + " |"


def of_one(path: Path, read: Callable, damaged: Callable | None, seed: int) -> str:
    """The result of one damage; the file is restored afterward."""
    target = damaged(path) if damaged else path
    content = target.read_bytes()
    truth = digest_of(read(path)) if seed == 0 else KNOWN[path]
    KNOWN[path] = truth
    rng = np.random.default_rng(seed)
    way = rng.choice(list(WAYS))
    spoilt = WAYS[way](bytearray(content), rng)
    if spoilt == content:
        return "harmless"
    try:
        target.write_bytes(spoilt)
        result = outcome(path, read, truth)
    finally:
        target.write_bytes(content)
    if result not in ("named", "harmless"):
        print(f"{path.name}, damage {seed} ({way}): {result}", file=sys.stderr)
    return result


KNOWN: dict[Path, str] = {}


def outcome(path: Path, read: Callable, truth: str) -> str:
    """Read a file in another process, and compare its content with the digest of the true one."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            sender.send("harmless" if digest_of(read(path)) == truth else "silent")
        except Fault as fault:
            sender.send("named" if path.name in str(fault) else "unnamed")
        except BaseException:
            sender.send("unnamed")
        os._exit(0)
    sender.close()
    try:
        return receiver.recv() if receiver.poll(SECONDS) else "hung"
    except EOFError:
        return "crashed"
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


def digest_of(content: object) -> str:
    """A digest of any content, including arrays and tables; equal if and only if the content is, bit for bit."""
    if isinstance(content, pd.DataFrame):
        content = [list(content), *(content[column].to_numpy() for column in content)]
    if isinstance(content, torch.Tensor):
        content = content.numpy()
    if isinstance(content, np.ndarray) and content.dtype != object:
        content = (str(content.dtype), content.shape, content.tobytes())
    if isinstance(content, np.ndarray | list | tuple):
        return hashlib.sha256("".join(map(digest_of, content)).encode()).hexdigest()
    if isinstance(content, dict):
        return digest_of([*content, *content.values()])
    return hashlib.sha256(pickle.dumps(content)).hexdigest()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DAMAGES)
