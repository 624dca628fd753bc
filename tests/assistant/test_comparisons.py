from dataclasses import replace

from assistant.comparisons import MAX_GROUPS, MAX_POINTS, Comparison, comparisons
from index import Document, Figure

DOCUMENT = Document("a", "报告", "a.txt", "0" * 64, "text/plain", None, 1, 1, "2024-01-01", None, "2024-01-23", None)
DOCUMENTS = {"a": DOCUMENT}
BASE = Figure(
    "a", 0, 4, "4.3", "%", "4.3%", "percent", "地区生产总值增长", "2023年", "", "天津市", 1, None, 0, "增长4.3%"
)


def figure(start: int, **values: str) -> Figure:
    made = replace(BASE, start=start, **values)  # type: ignore[arg-type]
    return replace(made, raw=values.get("raw", made.value + made.unit))


def compared(*figures: Figure, text: str = "") -> list[Comparison]:
    return comparisons(figures, DOCUMENTS, text)


def test_the_same_indicator_in_the_same_unit_is_compared_over_years_and_entities() -> None:
    (found,) = compared(
        figure(9, value="6", period="2021年", entity="河北省"),
        figure(1),
        figure(5, value="1.2", period="2022年", indicator="全市地区生产总值增长"),
        figure(7, value="500", unit="亿元", period="2022年"),
        figure(8, indicator="工业增加值增长"),
    )
    assert (found.years, found.entities, found.unit) == ([2021, 2022, 2023], ["河北省", "天津市"], "%")
    assert [p.figure.start for p in found.points] == [9, 5, 1]


def test_what_stands_alone_or_is_told_twice_is_not_compared() -> None:
    assert compared(figure(1), figure(2)) == []
    assert compared(figure(1), figure(2, value="5")) == []
    assert compared(figure(1, kind="rank"), figure(2, kind="rank", period="2022年")) == []
    assert compared(figure(1, value="10—15"), figure(2, value="10—15", period="2022年")) == []
    assert (
        compared(figure(1, indicator="项目", kind="count"), figure(2, indicator="项目", kind="count", period="2022年"))
        == []
    )


def test_a_number_that_is_qualified_or_older_than_its_year_is_not_settled() -> None:
    (found,) = compared(
        figure(1), figure(2, raw="4.3%左右", period="2022年"), figure(3, value="4.5", period="2024年"),
        figure(4, value="5", period=""),
    )  # fmt: skip
    assert [(p.figure.start, p.settled) for p in found.points] == [(2, False), (1, True), (3, False), (4, True)]


def test_what_was_asked_for_comes_first_and_the_number_of_groups_and_points_is_bounded() -> None:
    wide = [figure(at, value=str(at), period=f"{2000 + at % 20}年") for at in range(60)]
    many = [figure(100 + 2 * at + y, indicator=f"指标{at}号", period=f"202{y}年") for at in range(20) for y in range(2)]
    found = compared(*wide, *many, text="指标7号")
    assert found[0].indicator == "指标7号" and len(found) == MAX_GROUPS
    assert len(compared(*wide)[0].points) == MAX_POINTS
