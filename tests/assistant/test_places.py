"""The places that a text names, and the years that a document speaks of."""

import pytest

from assistant.places import PLACES, period_years, places_in
from tests.assistant.hits import document


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("广东省卫生健康工作", {"广东"}),
        ("上海、重庆两市的学校", {"上海", "重庆"}),
        ("京津冀的学校", set()),
        ("首都的学校", set()),
        ("全省的学校", set()),
        ("", set()),
    ],
)
def test_a_place_is_named_by_its_full_name(text: str, places: set[str]) -> None:
    assert places_in(text) == places


def test_every_division_of_the_first_order_is_known_once() -> None:
    assert len(PLACES) == 34 and all(name in names for name, names in PLACES.items())
    assert not any(one in other for one in PLACES for other in PLACES if one != other)


@pytest.mark.parametrize(
    ("title", "period", "date", "years"),
    [
        ("教育统计公报", None, None, set()),
        ("教育统计公报", "2020", None, {"2020"}),
        ("教育统计公报", "2020", "2021-03-01", {"2020"}),
        ("卫生发展规划", "2016–2020", None, {"2016", "2017", "2018", "2019", "2020"}),
        ("财政收支情况", None, "2021-03-01", {"2020", "2021"}),
        ("财政收支情况", None, "2021", {"2020", "2021"}),
        ("政府工作报告", "2021", "2021-02-01", {"2020", "2021"}),
    ],
)
def test_the_years_of_a_document_are_its_period_else_its_date_s_and_the_one_before(
    title: str, period: str | None, date: str | None, years: set[str]
) -> None:
    assert period_years(document(title, period=period, date=date)) == years
