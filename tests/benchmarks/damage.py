"""Is any damage to a file of the workflow silent, or does any make a reader hang?

    python tests/benchmarks/damage.py [damages of each kind of file]

Small files of every kind are written as the workflow writes them, each is damaged in many random ways, one at a time,
and read again as the next stage reads it, in a process of its own. A damage is named (a sentence with the file's name),
harmless (what is read is the same, to the bit), silent (what is read is another), or it made the reader hang or crash,
or fail without a sentence. The seed and the number of each damage that is neither named nor harmless are printed.
"""

import functools
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

from ventral.gram import gram, read_gram, write_gram
from ventral.models.checkpoints import read as read_weights
from ventral.recordings import Recording, read_recording, write_recording
from ventral.recordings.behaviour import Behaviour, read_behaviour, write_behaviour
from ventral.recordings.registry import Source, fetch
from ventral.stimuli import open_images, read_contents, read_table, write_stimuli
from ventral.store import (
    Fault,
    checksum_beside,
    create_hdf5,
    open_hdf5,
    read_texts,
    write_array,
    write_table,
    write_texts,
)
from ventral.store import read_table as read_results
from ventral.summary.tables import gather_spectra, read_summary
from ventral.training.checkpoint import resumable, save

DAMAGES = 250
SECONDS = 60  # after which a reader counts as hanging
IDS = [f"photo-{i}-é" for i in range(90)]
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
    """What comes of one damage; the file is whole again afterwards."""
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
    """Read a file in another process."""
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
    """The same for what is the same to the bit, arrays and tables of any kind included."""
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


# Ways of damage: of a file's bytes, and of chance.


def place_of(content: bytearray, size: int, rng: np.random.Generator) -> slice:
    """A block, at a multiple of its size as on a disk or anywhere."""
    start = int(rng.integers(max(1, len(content) - size)))
    start = start // size * size if rng.random() < 0.5 else start
    return slice(start, min(start + size, len(content)))


def size_of(rng: np.random.Generator) -> int:
    return int(rng.choice([1, 2, 8, 64, 512, 4096, 65536]))


def flipped(content: bytearray, rng: np.random.Generator) -> bytes:
    content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    return bytes(content)


def filled(content: bytearray, rng: np.random.Generator, value: int) -> bytes:
    place = place_of(content, size_of(rng), rng)
    content[place] = bytes([value]) * len(content[place])
    return bytes(content)


def overwritten(content: bytearray, rng: np.random.Generator) -> bytes:
    place = place_of(content, size_of(rng), rng)
    content[place] = rng.bytes(len(content[place]))
    return bytes(content)


def inverted(content: bytearray, rng: np.random.Generator) -> bytes:
    """Words of zeros become words of ones and the reverse, which Fletcher's checksum does not see."""
    words = np.frombuffer(bytes(content[: len(content) // 2 * 2]), np.uint16).copy()
    chosen = np.flatnonzero((words == 0) | (words == 0xFFFF))
    if not len(chosen):
        return bytes(content)
    start = int(rng.integers(len(chosen)))
    chosen = chosen[start : start + int(rng.integers(1, 64))]
    words[chosen] ^= 0xFFFF
    return words.tobytes() + bytes(content[2 * len(words) :])


def exchanged(content: bytearray, rng: np.random.Generator) -> bytes:
    size = min(size_of(rng), max(1, len(content) // 2))
    one, other = place_of(content, size, rng), place_of(content, size, rng)
    kept = bytes(content[one]), bytes(content[other])
    if len(kept[0]) == len(kept[1]):
        content[one], content[other] = kept[1], kept[0]
    return bytes(content)


def copied(content: bytearray, rng: np.random.Generator) -> bytes:
    """A block is written over another, as when a disk writes to a wrong place."""
    size = min(size_of(rng), max(1, len(content) // 2))
    one, other = place_of(content, size, rng), place_of(content, size, rng)
    if len(content[one]) == len(content[other]):
        content[one] = content[other]
    return bytes(content)


def cut(content: bytearray, rng: np.random.Generator) -> bytes:
    kept = rng.integers(len(content)) if rng.random() < 0.7 else len(content) - min(len(content), rng.integers(1, 80))
    return bytes(content[: int(kept)])


def lengthened(content: bytearray, rng: np.random.Generator) -> bytes:
    more = [bytes(size_of(rng)), rng.bytes(size_of(rng)), bytes(content), b"\n"][int(rng.integers(4))]
    return bytes(content) + more


def without_lines(content: bytearray, rng: np.random.Generator) -> bytes:
    """Some lines are lost or in another order, as no parser of a table notices; of other files, some bytes."""
    lines = bytes(content).split(b"\n")
    start = int(rng.integers(len(lines)))
    if rng.random() < 0.5:
        del lines[start : start + int(rng.integers(1, 4))]
    else:
        lines[start:] = lines[start:][::-1]
    return b"\n".join(lines)


def shifted(content: bytearray, rng: np.random.Generator) -> bytes:
    place = place_of(content, size_of(rng), rng)
    if rng.random() < 0.5:
        del content[place]
    else:
        content[place.start : place.start] = content[place]
    return bytes(content)


WAYS = {
    "a flipped bit": flipped,
    "zeros": functools.partial(filled, value=0),
    "ones": functools.partial(filled, value=0xFF),
    "random bytes": overwritten,
    "inverted words": inverted,
    "exchanged blocks": exchanged,
    "a copied block": copied,
    "cut": cut,
    "lengthened": lengthened,
    "lost lines": without_lines,
    "shifted bytes": shifted,
}


# Files: how each is written, and how the next stage reads it.


def responses(*shape: int) -> np.ndarray:
    """Numbers with many words of zeros and ones among their bytes, as rectified responses have."""
    drawn = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    drawn[drawn < 0] = 0
    drawn[:, ::7] = -1.0
    return drawn


def frame() -> pd.DataFrame:
    X = responses(90, 6).astype(np.float64)
    table = pd.DataFrame(X, columns=["value", "low", "high", "n", "threshold", "depth"])
    return table.assign(model="squeezenet", layer="1.10", metric=["factorization", "invariance", "alpha"] * 30)


def stimuli(path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (90, 24, 24, 3), np.uint8)
    images[:, :8] = 255
    table = pd.DataFrame({"stimulus_id": IDS, "scene": "", "parameter": "", "level": -1, "label": "a cat"})
    write_stimuli(path, images, table, "images", "Photographs of cats.")


def all_of_stimuli(path: Path) -> object:
    with open_images(path) as images:
        shown = [images[start : start + 16] for start in range(0, len(images), 16)]
    return [shown, read_table(path), read_contents(path), attributes(path)]


def attributes(path: Path) -> dict:
    with open_hdf5(path) as file:
        return dict(file.attrs)


def recording(path: Path) -> None:
    units = pd.DataFrame({"unit": [f"u{i}" for i in range(12)], "area": "V4", "noise_ceiling": np.linspace(0, 1, 12)})
    trials = np.random.default_rng(0).normal(size=(12, 90, 3)).astype(np.float32)
    about = {"simulated": False, "licence": "CC0", "citation": "Nobody (1900)", "source": "a file"}
    part = np.array(["train", "test"] * 45, dtype=object)
    ids = np.array(IDS, dtype=object)
    write_recording(path, Recording("r", trials.mean(axis=2), trials, units, ids, part=part, **about))


def all_of_recording(path: Path) -> object:
    return vars(read_recording(path))


def choices(path: Path) -> None:
    trials = pd.DataFrame({"stimulus_id": np.repeat(IDS, 2), "sample": np.repeat(np.resize(["a", "b"], 90), 2)})
    trials = trials.assign(distractor=trials["sample"].map({"a": "b", "b": "a"}), choice=trials["sample"])
    about = {"simulated": False, "licence": "CC0", "citation": "Nobody (1900)", "source": "a file"}
    write_behaviour(path, Behaviour(name="r", trials=trials, **about))


def activations(path: Path) -> None:
    with create_hdf5(path) as file:
        write_texts(file, "stimulus_id", IDS)
        file.attrs.update(model="net", source="nowhere", fingerprint="0" * 16)
        for layer in ("conv1", "conv2"):
            data = responses(90, 3000)
            file.create_dataset(layer, data=data, chunks=(32, 1024), fletcher32=True).attrs["shape"] = (3, 10, 100)


def all_of_activations(path: Path) -> object:
    with open_hdf5(path) as file:
        found = [dict(file.attrs), read_texts(file, "stimulus_id")]
        for layer in ("conv1", "conv2"):
            blocks = [file[layer][:, start : start + 1000] for start in range(0, 3000, 1000)]
            found += [dict(file[layer].attrs), blocks]
        return found


def grams(path: Path) -> None:
    G = gram(responses(90, 300))
    G.origin.update(model="net", source="nowhere", fingerprint="0" * 16)
    write_gram(G.subset(np.arange(90)), path)


def spectrum(path: Path) -> None:
    with create_hdf5(path) as file:
        write_array(file, "eigenvalues", np.arange(3000.0, 0, -1))


def weights(path: Path) -> None:
    content = {"architecture": "small", "state_dict": {"a": torch.from_numpy(responses(90, 300)), "b": torch.zeros(9)}}
    with path.open("wb") as file:
        torch.save(content, file)


def state_of(path: Path) -> object:
    state = resumable(path, "digest", "small")
    if state is None:
        raise Fault(f"{path.name} begins anew")
    return state


def download(path: Path) -> None:
    path.write_bytes(responses(90, 300).tobytes())


def fetched(path: Path) -> object:
    """Read a published file that lies there; where its checksum differs, there is no network to fetch it again."""
    os.environ["VENTRAL_DATA"] = str(path.parent)
    digest = hashlib.sha256(responses(90, 300).tobytes()).hexdigest()
    return fetch(path.name, {path.name: Source("http://127.0.0.1:9/nothing", f"sha256:{digest}")}).read_bytes()


FILES = {
    "stimuli.h5": (stimuli, all_of_stimuli, None),
    "recording.h5": (recording, all_of_recording, None),
    "choices.h5": (choices, lambda path: vars(read_behaviour(path)), None),
    "activations.h5": (activations, all_of_activations, None),
    "gram.h5": (grams, lambda path: vars(read_gram(path)), None),
    "spectrum.h5": (spectrum, lambda path: gather_spectra([path]), None),
    "layers.csv": (lambda path: write_table(frame(), path), read_summary, None),
    "geometry.csv": (lambda path: write_table(frame(), path), read_summary, checksum_beside),
    "units.parquet": (lambda path: write_table(frame(), path), read_results, None),
    "network.pth": (weights, lambda path: read_weights(path, "small"), None),
    "state.pth": (lambda path: save(path, {"digest": "digest", "x": torch.ones(90, 90)}), state_of, None),
    "published.npy": (download, fetched, None),
}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DAMAGES)
