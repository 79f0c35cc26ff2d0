"""Files of published recordings: where they are, what they must contain, and where they are kept.

Nothing is redistributed: a file is fetched from its publisher when it is first needed, checked, and kept in the folder
that VENTRAL_DATA names. A file that is already there is checked and used without a network. When a connection is
interrupted, the received part is kept under the name of the file and `.part`, and the next run resumes from it. A file
without a known checksum is never fetched: it must already be there.
"""

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from ventral.core.errors import Fault, check_room, not_written, of_full_disk

V4_RESPONSES = (
    "https://raw.githubusercontent.com/cowleygroup/V4_compact_models/"
    "f4552ad9d34a466ebc66658f72a08a8e5038f1cf/data_V4_responses"
)
BRAIN_SCORE = "https://brainscore-storage.s3.amazonaws.com/brainio-brainscore"
TIMEOUT = 60  # seconds without a byte
BLOCK = 1 << 16  # bytes


@dataclass(frozen=True)
class Source:
    """Where a file comes from, and its checksum: "sha256:" or "sha1:" and the digits; None if there is none."""

    url: str
    checksum: str | None


FILES = {
    "images_210325.zip": Source(
        f"{V4_RESPONSES}/images/images_210325.zip",
        "sha256:992774eca3508a2ad01accb1a31f5f3e3d90248c49f4eec314f2a915a263e454",
    ),
    "responses_mean_210325.npy": Source(
        f"{V4_RESPONSES}/responses_repeat_averaged/responses_210325.npy",
        "sha256:555e67037182611969ab90da291dcc39601de4411f651a64ad60e90572cf59d3",
    ),
    "responses_trials_210325.npy": Source(
        f"{V4_RESPONSES}/responses_raw/responses_210325.npy",
        "sha256:4008dbbf31a47d9b1b8d8da609f4a7a3433c7071f0e45c611c220b217dd75b76",
    ),
    "images_201025.zip": Source(
        f"{V4_RESPONSES}/images/images_201025.zip",
        "sha256:3abb63679107665eab7220bdeaf7863832a1df943bf3d7792501f5082a55b2e8",
    ),
    "responses_mean_201025.npy": Source(
        f"{V4_RESPONSES}/responses_repeat_averaged/responses_201025.npy",
        "sha256:f729f3dc0d29aa38bd380c0da9e39aba916f9e2580949929b65d1714e7217a8a",
    ),
    "assy_dicarlo_MajajHong2015_public.nc": Source(
        f"{BRAIN_SCORE}/assy_dicarlo_MajajHong2015_public.nc", "sha1:13d28ca0ce88ee550b54db3004374ae19096e9b9"
    ),
    "stimulus_hvm-public.csv": Source(
        f"{BRAIN_SCORE}/stimulus_hvm-public.csv", "sha1:5ca7a3da00d8e9c694a9cd725df5ba0ad6d735af"
    ),
    "stimulus_hvm-public.zip": Source(
        f"{BRAIN_SCORE}/stimulus_hvm-public.zip", "sha1:8aa44e038d7b551efa8077467622f9d48d72e473"
    ),
    "assy_movshon_FreemanZiemba2013_public.nc": Source(
        f"{BRAIN_SCORE}/assy_movshon_FreemanZiemba2013_public.nc", "sha1:761c08f796db4e342555cdb60eef23a4f19ead43"
    ),
    "stimulus_FreemanZiemba2013_aperture-public.csv": Source(
        f"{BRAIN_SCORE}/stimulus_FreemanZiemba2013_aperture-public.csv", "sha1:194c9b301a4e3e9cff02481d4c19b39331d52660"
    ),
    "stimulus_FreemanZiemba2013_aperture-public.zip": Source(
        f"{BRAIN_SCORE}/stimulus_FreemanZiemba2013_aperture-public.zip", "sha1:3a6fec1fc28c212882d6833e267ea8654d289611"
    ),
    "assy_dicarlo_Rajalingham2018_public.nc": Source(
        f"{BRAIN_SCORE}/assy_dicarlo_Rajalingham2018_public.nc", "sha1:34c6a8b6f7c523589c1861e4123232e5f7c7df4c"
    ),
    "stimulus_objectome_public.csv": Source(
        f"{BRAIN_SCORE}/stimulus_objectome_public.csv", "sha1:47884e17106a3be471d6481279cab33889b80850"
    ),
    "stimulus_objectome_public.zip": Source(
        f"{BRAIN_SCORE}/stimulus_objectome_public.zip", "sha1:064f2955f98e63867755fee2e3ead8cddf6bfab8"
    ),
}


def fetch(name: str, files: dict[str, Source] = FILES) -> Path:
    """The path of a registered file, which is fetched first if necessary.

    Parameters
    ----------
    name : str
        Name of the file in the registry.
    files : dict of Source
        The registry.

    Raises
    ------
    Fault
        The file cannot be fetched, or the fetched file has a different checksum.
    """
    import pooch  # it takes a quarter of a second, and the configuration is read without it

    source, folder = files[name], data_folder()
    if source.checksum is None:
        return unchecked(folder / name, source.url)
    there = folder / name
    download = partial(fetch_on, part=folder / f"{name}.part")
    try:
        with alone(there):
            return Path(pooch.retrieve(source.url, source.checksum, name, folder, downloader=download))
    except Fault:
        raise
    except (OSError, ValueError) as error:  # requests' errors are OSErrors, a wrong checksum is a ValueError
        if full := of_full_disk(error):
            raise not_written(there, full) from error
        spoilt = f" The file that lies at {there} has another checksum and is not used." if there.exists() else ""
        raise Fault(
            f"{name} could not be fetched from {source.url}: {reason(error)}.{spoilt} Fetch it by other means and "
            f"put it at {there} ({source.checksum.replace(':', ' ')}), or set VENTRAL_DATA to the folder that holds it."
        ) from error


def absent(files: dict[str, Source]) -> list[str]:
    """Names of registered files that are not in the folder of fetched files."""
    return [name for name in files if not (data_folder() / name).is_file()]


def verify(name: str, source: Source) -> None:
    """Raise a Fault if a registered file is in the folder of fetched files and has another checksum."""
    path = data_folder() / name
    if source.checksum is None or not path.is_file():
        return
    algorithm, _, digits = source.checksum.partition(":")
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, algorithm).hexdigest()
    if found != digits:
        raise Fault(
            f"{path} has another checksum than the publisher's file ({algorithm} {found}, not {digits}); delete it, so "
            f"that it is fetched from {source.url} again."
        )


def unchecked(path: Path, url: str) -> Path:
    """A file that the user has put into the folder; no checksum is known, so the actual one goes to the log."""
    if not path.is_file():
        raise Fault(f"{path} is not there, and nothing is fetched without a checksum. Fetch it from {url}.")
    with open(path, "rb") as file:
        logging.info("%s is used as it is; its SHA-256 is %s", path, hashlib.file_digest(file, "sha256").hexdigest())
    return path


def unchecked_files(files: dict[str, Source]) -> list[Path]:
    """Files that are in the folder of fetched files and have no known checksum."""
    places = [data_folder() / name for name, source in files.items() if source.checksum is None]
    return [place for place in places if place.is_file()]


class Cut(OSError):
    """A connection that ended before the file did."""


def fetch_on(url: str, output_file: str, _pooch: object, part: Path) -> None:
    """Fetch a file over HTTP, resuming where an earlier run was interrupted; a downloader for pooch.

    Parameters
    ----------
    url : str
    output_file : path
        The complete file, which pooch then checks.
    part : path
        Holds the part that was received so far.

    Raises
    ------
    Cut
        The connection was interrupted; the received part is kept for the next run.
    requests.RequestException
        The server does not answer, or refuses the request.
    """
    import requests

    come = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={come}-"} if come else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:  # more was received than the file has
            part.unlink()
            return fetch_on(url, output_file, _pooch, part)
        answer.raise_for_status()
        if answer.status_code != requests.codes.partial_content:
            come = 0
        size = come + int(answer.headers["Content-Length"]) if "Content-Length" in answer.headers else None
        check_room(output_file, size - come if size else 0)
        bar = tqdm(desc=part.stem, total=size, initial=come, unit="B", unit_scale=True, delay=3, leave=False)
        with open(part, "ab" if come else "wb") as file, bar:
            try:
                for block in answer.iter_content(BLOCK):
                    bar.update(file.write(block))
            except requests.RequestException as error:
                raise Cut from error
            if size is not None and file.tell() < size:
                raise Cut
    shutil.move(part, output_file)


def reason(error: Exception) -> str:
    """Why a file could not be fetched, in a few words."""
    import requests

    if isinstance(error, Cut):
        return "the connection was cut (run the same command again to resume)"
    if isinstance(error, requests.HTTPError):
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"the server was silent for {TIMEOUT} seconds"
    if isinstance(error, requests.ConnectionError):
        return "there is no connection to the server"
    if isinstance(error, ValueError):
        return "what came has another checksum"
    return str(error)


def data_folder() -> Path:
    """The folder of fetched files: VENTRAL_DATA, or the user's cache."""
    if os.environ.get("VENTRAL_DATA"):
        return Path(os.environ["VENTRAL_DATA"]).expanduser()
    import pooch

    return Path(pooch.os_cache("ventral"))


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one job at a time fetch a file; a job that has waited finds it in place. An existing file needs no lock."""
    if path.exists():
        yield
        return
    from filelock import FileLock  # as pooch, only where something is fetched

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    with FileLock(lock):
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
