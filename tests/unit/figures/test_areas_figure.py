"""The figure of areas: every area in the order of the stream, whatever the order of the recordings."""

import pandas as pd

from ventral.figures.areas import in_order, values
from ventral.figures.drawing import caption, draw

PAIR = "two_way_covariance_factorization"
ROWS = pd.DataFrame(
    [
        ("a", "IT", f"{PAIR}_crossed", "variation", 0.8),
        ("a", "V4", PAIR, "variation", 0.5),
        ("a", "IT", "invariance_at_equal_units", "variation", 0.3),
        ("made", "LOC", "invariance", "variation", 0.6),
        ("made", "V1", "object_decoding", "", 0.9),
        ("made", "V1", "alpha", "", 1.2),
    ],
    columns=["recording", "area", "metric", "parameter", "value"],
).assign(against="", threshold=float("nan"), low=0.1, high=0.9, n=60, stimuli="images")
ROWS["simulated"] = ROWS.recording == "made"


def test_areas_stand_in_the_order_of_the_stream():
    table = values({"areas": ROWS})
    assert len(table) == 5 and {*table.quantity} == {PAIR, "invariance", "object_decoding"}
    order = ["V1 (made, simulated)", "V4 (a)", "IT (a)", "LOC (made, simulated)"]
    assert in_order(table) == order
    figure = draw("areas", {"areas": ROWS})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == order
    assert "recording made are simulated" in caption("areas", {"areas": ROWS})
