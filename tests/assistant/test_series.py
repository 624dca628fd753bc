"""Which report follows which."""

from dataclasses import replace

import pytest

from assistant.series import following
from index import Document
from tests.assistant.hits import document

SPEECH = "政府工作报告({year}年1月17日在河北省第十三届人民代表大会第{n}次会议上)"


def speech(year: int, name: str, place: str = "河北") -> Document:
    title = SPEECH.format(year=year, n=year - 2017).replace("河北", place)
    return document(title, name, date=f"{year}-01-17")


def test_a_report_is_followed_by_the_next_year_s_of_its_kind_and_place() -> None:
    last, this, later, elsewhere = speech(2022, "a"), speech(2023, "b"), speech(2024, "c"), speech(2023, "d", "天津")
    held = [elsewhere, later, this, last]
    assert [following(d, held) for d in (last, this, later, elsewhere)] == [this, later, None, None]


def test_years_and_places_are_read_from_the_title_too() -> None:
    last = document("2024年北京市政府工作报告", "a", period="2024")
    this = document("政府工作报告(2025年1月14日在北京市第十六届人民代表大会上)", "b", date="2025-01-14")
    assert following(last, [last, this]) == this


@pytest.mark.parametrize(
    "other",
    [
        document("2025年北京市统计公报", "b", period="2025"),
        document("2025年北京市海淀区政府工作报告", "b", period="2025"),
        document("2026年北京市政府工作报告", "b", period="2026"),
        document("北京市政府工作报告", "b"),
        document("2025年政府工作报告", "b", period="2025"),
    ],
)
def test_another_kind_place_or_year_does_not_follow(other: Document) -> None:
    last = document("2024年北京市政府工作报告", "a", period="2024")
    assert following(last, [last, other]) is None


def test_without_a_place_nothing_is_known_to_follow() -> None:
    last, this = document("2024年政府工作报告", "a", period="2024"), document("2025年政府工作报告", "b", period="2025")
    assert following(last, [last, this]) is None
    assert following(replace(last, title="2024年天津市政府工作报告"), [this]) is None
