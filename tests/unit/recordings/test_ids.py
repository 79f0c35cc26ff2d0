"""Ids of images: what differs in form only is the same image, what does not match is answered with the nearest."""

import unicodedata

import numpy as np
import pytest

from ventral.core.errors import Fault
from ventral.recordings.ids import matched

NFC = [f"{name}.png" for name in ("café", "Ångström", "naïve", "plain")]
NFD = [unicodedata.normalize("NFD", one) for one in NFC]


@pytest.mark.parametrize("known", [NFC, NFD])
@pytest.mark.parametrize(
    "given",
    [
        *(NFC, NFD, [f" {one}" for one in NFD], [f"{one}\0" for one in NFC], [f"{one}\r\n" for one in NFC]),
        *([f"\u00a0{one}\u2003" for one in NFC], [f"\ufeff{one}" for one in NFD]),
    ],
    ids=["composed", "decomposed", "space", "zeros", "lines", "wide space", "byte-order mark"],
)
def test_the_form_of_an_id_makes_no_difference(given, known):
    order = [2, 0, 3, 1, 1]
    found = matched(np.array(given, dtype=object)[order], np.array(known), "the recording", "the set")
    assert found.tolist() == order


def test_images_whose_ids_differ_in_form_only_are_told_apart_by_the_exact_id_or_refused():
    both = np.array([NFC[0], NFD[0]], dtype=object)
    assert matched(both[::-1], both, "the recording", "the set").tolist() == [1, 0]
    with pytest.raises(Fault, match="could be several of the set"):
        matched(np.array([NFC[0], f"{NFD[0]} "], dtype=object), both, "the recording", "the set")


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("cats/0001", "cats/0001.png"),
        ("0001.png", "cats/0001.png"),
        ("C:\\photos\\cats\\0001.png", "cats/0001.png"),
        ("CATS/0001.PNG", "cats/0001.png"),
        ("cats\\0002.png", "cats/0002.png"),
        ("cats/1.png", "cats/0001.png"),
        ("cat/0003.jpg", "dogs/0003.png"),
        ("7", "dogs/0007.png"),
        ("horse.png", "house.png"),
    ],
)
@pytest.mark.parametrize("others", [0, 3000])
def test_the_nearest_right_id_is_offered(wrong, nearest, others):
    known = ["cats/0001.png", "cats/0002.png", "dogs/0003.png", "dogs/0007.png", "house.png"]
    known += [f"more/x{i}{'abc'[i % 3]}.png" for i in range(1000, 1000 + others)]
    with pytest.raises(Fault) as fault:
        matched(np.array([wrong]), np.array(known), "the recording mine", "the set", "Do this.")
    assert f"unknown to the set: {wrong}." in str(fault.value) and f"{nearest!r} for {wrong!r}" in str(fault.value)
    assert str(fault.value).endswith("Do this.")


def test_ids_that_are_like_none_are_answered_with_some():
    with pytest.raises(Fault, match="'a', 'b'"):
        matched(np.array(["øøøø"]), np.array(["a", "b"]), "the recording", "the set")
    with pytest.raises(Fault, match="has no ids"):
        matched(np.array(["a"]), np.array([], dtype=object), "the recording", "the set")


def test_images_without_responses_are_named():
    with pytest.raises(Fault, match="2 images of the set are unknown to the recording: b, c"):
        matched(np.array(["a", "d"]), np.array(["a", "b", "c", "d"]), "the recording", "the set")
