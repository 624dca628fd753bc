"""The places that a text names."""

import pytest

from assistant.places import PLACES, asks_of_nation, districts_in, place_before, places_in


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("广东省卫生健康工作", {"广东"}),
        ("上海、重庆两市的学校", {"上海", "重庆"}),
        ("京津冀的学校", set()),
        ("首都的学校", set()),
        ("全省的学校", set()),
        ("How many schools are there in Beijing?", {"北京"}),
        ("schools of hebei and tianjin", {"河北", "天津"}),
        ("schools of Hebeian make", set()),
        ("", set()),
    ],
)
def test_a_place_is_named_by_its_full_name(text: str, places: set[str]) -> None:
    assert places_in(text) == places


@pytest.mark.parametrize(
    ("asked", "all_of_it"),
    [
        ("全国有多少所学校?", True),
        ("how many schools does china have?", True),
        ("全国首个学校在哪?", False),
        ("全国第一所学校在哪?", False),
        ("湖北有多少所学校?", False),
        ("湖北的学校占全国多少?", False),
    ],
)
def test_a_question_may_ask_about_the_whole_country(asked: str, all_of_it: bool) -> None:
    assert asks_of_nation(asked) is all_of_it


def test_every_division_of_the_first_order_is_known_once() -> None:
    assert len(PLACES) == 34 and all(name in names for name, names in PLACES.items())
    assert not any(one in other for one in PLACES for other in PLACES if one != other)


@pytest.mark.parametrize(
    ("text", "districts"),
    [
        ("通州和廊坊的学校", {"通州", "廊坊"}),
        ("滨海新区的医院", {"滨海新区"}),
        ("南开区的街道", {"南开"}),
        ("和平的年代,河东的村子", set()),
        ("河北区的学校", {"河北区"}),
    ],
)
def test_districts_are_named_in_short_unless_that_is_a_common_word(text: str, districts: set[str]) -> None:
    assert districts_in(text) == districts


def test_a_district_that_begins_with_a_province_s_name_is_not_that_province() -> None:
    assert places_in("河北区的学校") == set() and places_in("河北省和河北区") == {"河北"}


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("保定增加5所,全省增加20所", "全省"),
        ("全省增加20所,其中保定5所", "保定"),
        ("增加5所", None),
    ],
)
def test_a_value_is_said_of_the_last_place_before_it(text: str, before: str | None) -> None:
    assert place_before(text, text.rindex("增") if before != "保定" else len(text) - 2) == before
