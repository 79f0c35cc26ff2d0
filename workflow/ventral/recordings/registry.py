"""Files of published recordings: where they are, what they must contain, and where they are kept.

Nothing is redistributed: a file is fetched from its publisher when it is first needed, checked, and kept in
the folder that VENTRAL_DATA names. A file that lies there already is checked and used without a network.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from ventral.store import Fault

V4_RESPONSES = (
    "https://raw.githubusercontent.com/cowleygroup/V4_compact_models/"
    "f4552ad9d34a466ebc66658f72a08a8e5038f1cf/data_V4_responses"
)
TIMEOUT = 60  # seconds without a byte


@dataclass(frozen=True)
class Source:
    url: str
    sha256: str


FILES = {
    "images_210325.zip": Source(
        f"{V4_RESPONSES}/images/images_210325.zip",
        "992774eca3508a2ad01accb1a31f5f3e3d90248c49f4eec314f2a915a263e454",
    ),
    "responses_mean_210325.npy": Source(
        f"{V4_RESPONSES}/responses_repeat_averaged/responses_210325.npy",
        "555e67037182611969ab90da291dcc39601de4411f651a64ad60e90572cf59d3",
    ),
    "responses_trials_210325.npy": Source(
        f"{V4_RESPONSES}/responses_raw/responses_210325.npy",
        "4008dbbf31a47d9b1b8d8da609f4a7a3433c7071f0e45c611c220b217dd75b76",
    ),
    "images_201025.zip": Source(
        f"{V4_RESPONSES}/images/images_201025.zip",
        "3abb63679107665eab7220bdeaf7863832a1df943bf3d7792501f5082a55b2e8",
    ),
    "responses_mean_201025.npy": Source(
        f"{V4_RESPONSES}/responses_repeat_averaged/responses_201025.npy",
        "f729f3dc0d29aa38bd380c0da9e39aba916f9e2580949929b65d1714e7217a8a",
    ),
}


def fetch(name: str, files: dict[str, Source] = FILES) -> Path:
    """Where a registered file lies, fetched first if it must be.

    Parameters
    ----------
    name : str
        Of the registry.
    files : dict of Source
        The registry.

    Raises
    ------
    Fault
        The file cannot be fetched, or what was fetched has another checksum.
    """
    import pooch  # it takes a quarter of a second, and the configuration is read without it

    source, folder = files[name], data_folder()
    store = pooch.create(folder, base_url="", registry={name: f"sha256:{source.sha256}"}, urls={name: source.url})
    try:
        return Path(store.fetch(name, downloader=pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)))
    except (OSError, ValueError) as error:  # requests' errors are OSErrors, a wrong checksum is a ValueError
        there = folder / name
        spoilt = f" The file that lies at {there} has another checksum and is not used." if there.exists() else ""
        raise Fault(
            f"{name} could not be fetched from {source.url}: {reason(error)}.{spoilt} Fetch it by other means and "
            f"put it at {there} (sha256 {source.sha256}), or set VENTRAL_DATA to the folder that holds it."
        ) from error


def reason(error: Exception) -> str:
    """Why a file could not be fetched, in a few words."""
    import requests

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
