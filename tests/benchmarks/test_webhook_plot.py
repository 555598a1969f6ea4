"""The picture of the burst: what was measured stands in it, also at the ends of the scales."""

from __future__ import annotations

import argparse
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.webhook_burst import rates_of
from benchmarks.webhook_plot import draw

SVG = "{http://www.w3.org/2000/svg}"


def measured(rate: float, p99: float, replies: float) -> dict[str, Any]:
    """As much of a measurement as is drawn."""
    return {"per_second": rate, "ack_p99_ms": p99, "replies_per_second": replies}


def test_every_rate_has_its_point_in_both_panels_whatever_the_order() -> None:
    picture = ElementTree.fromstring(draw([measured(200, 4000.0, 31.5), measured(25, 3.2, 24.9), measured(100, 90.0, 30.1)]))
    points = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in picture.iter(f"{SVG}circle")]
    assert len(points) == 6
    assert [x for x, _ in points[:3]] == sorted(x for x, _ in points[:3])
    assert [y for _, y in points[:3]] == sorted((y for _, y in points[:3]), reverse=True)  # slower stands higher
    words = [text.text for text in picture.iter(f"{SVG}text")]
    assert {"25", "100", "200", "4000", "31.5"} <= set(words)


@pytest.mark.parametrize("figures", [[measured(1, 0.0, 0.0)], [measured(5, 100_000.0, 500.0), measured(6, 100.0, 1.0)]])
def test_nothing_stands_outside_of_the_picture(figures: list[dict[str, Any]]) -> None:
    picture = ElementTree.fromstring(draw(figures))
    _, _, width, height = (float(part) for part in picture.attrib["viewBox"].split())
    for dot in picture.iter(f"{SVG}circle"):
        assert 0 < float(dot.attrib["cx"]) < width
        assert 0 < float(dot.attrib["cy"]) < height


def test_without_a_measurement_or_with_wrong_rates_nothing_is_drawn() -> None:
    assert rates_of("25,50") == [25.0, 50.0]
    for wrong in ("", "25,x", "0", "-1,5"):
        with pytest.raises(argparse.ArgumentTypeError):
            rates_of(wrong)
    with pytest.raises(ValueError, match="nothing"):
        draw([])
