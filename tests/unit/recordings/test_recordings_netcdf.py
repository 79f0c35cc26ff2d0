"""The user's own netCDF files: both versions are read, other contents are named."""

import numpy as np
import pytest
import xarray
from own_recordings import IDS, UNITS, made, save

from ventral.core.errors import Fault


def netcdf3(path, values, version="NETCDF3_CLASSIC"):
    coordinates = {"stimulus_id": ("presentation", IDS), "region": ("neuroid", UNITS["area"])}
    array = xarray.DataArray(values, dims=("neuroid", "presentation"), coords=coordinates, name="responses")
    array.to_netcdf(path, engine="scipy", format=version)
    return path


@pytest.mark.parametrize("version", ["NETCDF3_CLASSIC", "NETCDF3_64BIT"])
def test_netcdf_3_is_read(version, tmp_path, stimuli):
    values = np.random.default_rng(0).standard_normal((3, 6))
    found = made(netcdf3(tmp_path / "mine.nc", values, version), stimuli)
    np.testing.assert_array_equal(found.responses, values)
    assert list(found.stimulus_id) == IDS and list(found.units.area) == UNITS["area"]


@pytest.mark.parametrize("kept", [4, 20, 200, 500, -8])
def test_netcdf_3_that_is_cut_is_named(kept, tmp_path, stimuli):
    path = netcdf3(tmp_path / "mine.nc", np.random.default_rng(0).standard_normal((3, 6)))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(Fault, match=r"mine\.nc"):
        made(path, stimuli)


def test_other_versions_and_several_arrays_are_named(tmp_path, stimuli):
    path = netcdf3(tmp_path / "mine.nc", np.ones((3, 6)))
    path.write_bytes(b"CDF\x05" + path.read_bytes()[4:])
    with pytest.raises(Fault, match=r"CDF-5.*nccopy"):
        made(path, stimuli)
    xarray.Dataset({"a": ("x", [1]), "b": ("x", [2])}).to_netcdf(tmp_path / "two.nc", engine="h5netcdf")
    with pytest.raises(Fault, match=r"two\.nc holds 2 arrays \(a, b\)"):
        made(tmp_path / "two.nc", stimuli)
    xarray.Dataset().to_netcdf(tmp_path / "none.nc", engine="h5netcdf")
    with pytest.raises(Fault, match=r"none\.nc holds no array"):
        made(tmp_path / "none.nc", stimuli)


def test_times_are_numbers(tmp_path, stimuli):
    """Latencies in seconds stay seconds; xarray would make nanoseconds of them."""
    values = np.random.default_rng(0).uniform(0.05, 0.2, (3, 6))
    coordinates = {"stimulus_id": ("presentation", IDS)}
    array = xarray.DataArray(values, dims=("neuroid", "presentation"), coords=coordinates, attrs={"units": "seconds"})
    array.to_netcdf(tmp_path / "mine.nc", engine="h5netcdf")
    np.testing.assert_array_equal(made(tmp_path / "mine.nc", stimuli).responses, values)


def test_an_assembly_of_texts_is_named(tmp_path, stimuli):
    values = np.random.default_rng(0).standard_normal((3, 6)).astype(str)
    with pytest.raises(Fault, match=r"mine\.nc must hold numbers"):
        made(save(tmp_path / "mine.nc", {"responses": values, "stimulus_id": IDS}), stimuli)
