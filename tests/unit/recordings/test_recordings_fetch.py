"""What is fetched is checked, fetched once, and goes on after a cut; what cannot be fetched is a sentence."""

import threading

import pytest
from publisher import checksum, closed_port, published

from ventral.core.errors import Fault
from ventral.recordings.registry import FILES, Source, fetch

CONTENT = bytes(range(256)) * 4000  # more than one block


@pytest.fixture
def server():
    with published() as publisher:
        publisher.files["good.npy"] = CONTENT
        yield publisher


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VENTRAL_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_file_is_fetched_once_and_kept(algorithm, server, folder):
    files = {"kept.npy": Source(f"{server.address}/good.npy", checksum(CONTENT, algorithm))}
    assert fetch("kept.npy", files) == folder / "kept.npy"
    assert fetch("kept.npy", files).read_bytes() == CONTENT
    assert server.asked == [("good.npy", None)] and listed(folder) == ["kept.npy"]


def test_a_file_that_lies_there_needs_no_network_and_no_writing(folder):
    folder.mkdir()
    (folder / "kept.npy").write_bytes(CONTENT)
    folder.chmod(0o500)
    try:
        found = fetch("kept.npy", {"kept.npy": Source(f"http://127.0.0.1:{closed_port()}/x", checksum(CONTENT))})
    finally:
        folder.chmod(0o700)
    assert found.read_bytes() == CONTENT and listed(folder) == ["kept.npy"]


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        ("absent", "answered 404"),
        ("refused", "answered 403"),
        ("wrong", "another checksum"),
        ("offline", "no connection"),
    ],
)
def test_failures_say_why_where_the_file_comes_from_and_where_to_put_it(failure, why, server, folder):
    server.refused.add("refused.npy")
    address = f"http://127.0.0.1:{closed_port()}" if failure == "offline" else server.address
    url = f"{address}/{failure if failure in ('absent', 'refused') else 'good'}.npy"
    expected = checksum(b"other" if failure == "wrong" else CONTENT)
    with pytest.raises(Fault) as fault:
        fetch("kept.npy", {"kept.npy": Source(url, expected)})
    for told in (why, url, str(folder / "kept.npy"), expected.replace(":", " "), "VENTRAL_DATA"):
        assert told in str(fault.value)
    assert not listed(folder)


@pytest.mark.parametrize("parts", [True, False], ids=["serves parts", "serves only whole files"])
def test_a_cut_connection_leaves_no_bad_file_and_a_later_run_goes_on(parts, server, folder):
    server.cut_after["good.npy"], server.parts = 700_000, parts
    files = {"kept.npy": Source(f"{server.address}/good.npy", checksum(CONTENT))}
    with pytest.raises(Fault, match=r"connection .*run the same command again"):
        fetch("kept.npy", files)
    assert listed(folder) == ["kept.npy.part"]
    come = (folder / "kept.npy.part").stat().st_size
    assert 0 < come <= 700_000
    assert fetch("kept.npy", files).read_bytes() == CONTENT
    assert server.asked == [("good.npy", None), ("good.npy", f"bytes={come}-")] and listed(folder) == ["kept.npy"]


def test_what_came_of_another_file_is_thrown_away(server, folder):
    folder.mkdir()
    files = {"kept.npy": Source(f"{server.address}/good.npy", checksum(CONTENT))}
    (folder / "kept.npy.part").write_bytes(CONTENT + b"too much")
    assert fetch("kept.npy", files).read_bytes() == CONTENT
    (folder / "kept.npy").unlink()
    (folder / "kept.npy.part").write_bytes(b"begins otherwise")
    with pytest.raises(Fault, match="another checksum"):
        fetch("kept.npy", files)
    assert not listed(folder)
    assert fetch("kept.npy", files).read_bytes() == CONTENT


def test_jobs_that_want_the_same_file_fetch_it_once(server, folder):
    files = {"kept.npy": Source(f"{server.address}/good.npy", checksum(CONTENT))}
    jobs = [threading.Thread(target=fetch, args=("kept.npy", files)) for _ in range(3)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert len(server.asked) == 1 and (folder / "kept.npy").read_bytes() == CONTENT and listed(folder) == ["kept.npy"]


def test_a_spoilt_file_is_never_used(folder):
    folder.mkdir()
    (folder / "kept.npy").write_bytes(b"spoilt")
    with pytest.raises(Fault, match="checksum"):
        fetch("kept.npy", {"kept.npy": Source(f"http://127.0.0.1:{closed_port()}/x", checksum(CONTENT))})


def test_registered_files_have_an_address_and_a_checksum():
    for source in FILES.values():
        algorithm, digits = source.checksum.split(":")
        assert source.url.startswith("https://") and len(digits) == {"sha256": 64, "sha1": 40}[algorithm]
