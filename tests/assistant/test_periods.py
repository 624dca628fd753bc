"""The years that a document, a heading and a sentence speak of."""

import pytest

from assistant.periods import named_years, part_of, period_years, years_told
from assistant.question import understand
from tests.assistant.hits import document, found


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


@pytest.mark.parametrize(
    ("headings", "sentence", "years"),
    [
        ((), "2018年新建学校3所。", {"2018"}),
        ((), "2018—2020年新建学校3所。", {"2018", "2019", "2020"}),
        (("一、2019年工作回顾",), "新建学校3所。", {"2019"}),
        (("二、2021年重点工作", "(一)教育"), "新建学校3所。", {"2021"}),
        (("一、过去一年工作回顾",), "新建学校3所。", {"2020"}),
        (("一、工作回顾",), "新建学校3所。", {"2020"}),
        (("二、重点任务",), "新建学校3所。", {"2021"}),
        ((), "今年新建学校3所。", {"2021"}),
        ((), "去年新建学校3所。", {"2020"}),
        ((), "新建学校3所,比去年多1所。", {"2020", "2021"}),
        ((), "新建学校3所。", {"2020", "2021"}),
    ],
)
def test_the_year_of_a_sentence_in_a_work_report(headings: tuple[str, ...], sentence: str, years: set[str]) -> None:
    report = document("政府工作报告", date="2021-02-01")
    assert years_told(report, found(understand("?"), sentence, *headings), sentence) == years


def test_a_document_of_another_kind_speaks_of_its_period_whatever_the_section() -> None:
    budget = document("部门预算", period="2022")
    assert years_told(budget, found(understand("?"), "支出30万元。", "下一步安排"), "支出30万元。") == {"2022"}
    assert years_told(document("通知"), found(understand("?"), "支出30万元。"), "支出30万元。") == set()


def test_years_are_four_digits_before_the_word_for_year() -> None:
    assert named_years("2019年,2018到2020年,1234年,编号2021") == {"2018", "2019", "2020"}


@pytest.mark.parametrize(
    ("path", "part"),
    [
        (("一、主要进展和成效", "(二)全力服务疏解"), "progress"),
        (("二、2022年工作安排", "(三)绿色发展取得新成效"), "plan"),
        (("2021年工作回顾和2022年工作安排", "二、2022年重点工作"), "plan"),
        (("二、2022年主要任务",), "plan"),
        (("二、2021年主要工作情况",), None),
        (("一、2021年计划执行情况",), "progress"),
        (("六、年度预算安排",), None),
        (("名词解释",), None),
        ((), None),
    ],
)
def test_the_outermost_heading_that_says_one_thing_tells_plans_from_progress(
    path: tuple[str, ...], part: str | None
) -> None:
    assert part_of(path) == part
