from dataclasses import replace
from xml.etree import ElementTree

from assistant import Answer
from tests.evaluation.curve import Point, drawing, points
from tests.evaluation.sets import Row

SVG = "{http://www.w3.org/2000/svg}"


def asked(answerable: bool, confidence: float | None) -> tuple[Row, Answer]:
    """An answer of that confidence; None: refused."""
    refused = Answer("?", "not_found", "", "m")
    return {"answerable": answerable}, replace(
        refused, status="answered", confidence=confidence
    ) if confidence else refused


ASKED = [
    *(asked(True, confidence) for confidence in (0.9, 0.8, 0.5, None)),
    *(asked(False, confidence) for confidence in (0.6, 0.2, None)),
]


def test_a_stricter_point_refuses_more_of_both() -> None:
    assert points(ASKED) == [
        Point(0.0, 1 / 3, 1 / 4),
        Point(0.2, 1 / 3, 1 / 4),
        Point(0.5, 2 / 3, 1 / 4),
        Point(0.6, 2 / 3, 2 / 4),
        Point(0.8, 1, 2 / 4),
        Point(0.9, 1, 3 / 4),
        Point(float("inf"), 1, 1),
    ]


def test_the_picture_has_a_line_and_a_ring_for_each_curve() -> None:
    curve = [Point(0.0, 0.5, 0.0), Point(0.5, 1.0, 0.25)]
    beyond = Point(1.0, 1.0, 1.0)
    picture = ElementTree.fromstring(drawing([("报告 <1>", [*curve, beyond]), ("其他", curve[::-1])]))
    lines = [line.attrib["points"] for line in picture.iter(f"{SVG}polyline")]
    assert lines == ["64.0,240.0 320.0,64.0", "320.0,64.0 64.0,240.0"]
    rings = [(ring.attrib["cx"], ring.attrib["cy"]) for ring in picture.iter(f"{SVG}circle")]
    assert rings == [("64.0", "240.0"), ("320.0", "64.0")]
    assert "报告 <1>: 50% / 0.0%" in [text.text for text in picture.iter(f"{SVG}text")]
