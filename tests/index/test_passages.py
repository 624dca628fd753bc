import random
import re
from itertools import pairwise

import pytest

from index import Embedder, Passage
from index.passages import passage_prefix, passages, sentences, sentences_of

MAX_TOKENS = 40
# Alphabets from which random texts are drawn: what is met in reports, and what breaks a splitter.
PIECES = [
    "天津港",
    "京津冀",
    "增长",
    "2021年",
    "20,000.5",
    "１２３４",
    "。",
    "！",
    "?",
    "；",
    ";",
    ",",
    "、",
    ":",
    "”",
    "“",
    "）",
]
ODD = [
    "\n",
    "\n\n",
    " ",
    "\u3000",
    "\t",
    "一、",
    "(一)",
    "一是",
    "# ",
    "| 甲 | 乙 |\n|---|---|\n",
    "a b",
    "é",
    "𠮷",
    "\u2028",
    "…",
    "___",
]


def count(text: str) -> int:
    return len(text) + 2


def cut(text: str, max_tokens: int = MAX_TOKENS) -> list[Passage]:
    return passages(text, "d", "题", count, max_tokens)


def random_text(seed: int) -> str:
    chosen = random.Random(seed)
    return "".join(chosen.choices(PIECES * 3 + ODD, k=chosen.randrange(1, 400)))


@pytest.mark.parametrize("seed", range(30))
def test_every_span_reads_back_as_its_text(seed: int) -> None:
    text = random_text(seed)
    for passage in cut(text):
        assert text[passage.start : passage.end] == passage.text
        assert passage.text == passage.text.strip() != ""


@pytest.mark.parametrize("seed", range(30))
def test_passages_follow_one_another_within_their_lines(seed: int) -> None:
    text = random_text(seed)
    found = cut(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert [p.id for p in found] == [f"d-{number}" for number in range(len(found))]
    for passage in found:
        assert "\n" not in passage.text
        lines_before = [line for line in text[: passage.start].split("\n")[:-1] if line.strip()]
        assert passage.paragraph == len(lines_before) + 1


@pytest.mark.parametrize("seed", range(30))
def test_of_a_line_that_is_retrieved_no_letter_is_lost(seed: int) -> None:
    text = random_text(seed)
    kept: dict[int, str] = {}
    for passage in cut(text):
        kept[passage.paragraph] = kept.get(passage.paragraph, "") + passage.text
    lines = [line for line in text.split("\n") if line.strip()]
    for number, words in kept.items():
        assert re.sub(r"[\W_]", "", words) == re.sub(r"[\W_]", "", lines[number - 1])


@pytest.mark.parametrize("seed", range(30))
def test_no_passage_is_longer_than_the_model_reads(seed: int) -> None:
    assert all(count(p.text) <= MAX_TOKENS for p in cut(random_text(seed)))


@pytest.mark.parametrize("seed", range(30))
def test_no_number_is_cut_in_two(seed: int) -> None:
    text = random_text(seed)
    for passage in cut(text):
        for edge in (passage.start, passage.end):
            around = text[max(0, edge - 1) : edge + 1]
            assert not (len(around) == 2 and around.isdigit()), text[edge - 10 : edge + 10]


@pytest.mark.parametrize("seed", range(30))
def test_sentences_stand_inside_their_passage_and_hold_all_its_letters(seed: int) -> None:
    text = random_text(seed)
    for passage in cut(text):
        spans = sentences(text, passage.start, passage.end)
        assert passage.start <= spans[0].start and spans[-1].end <= passage.end
        assert all(a.end <= b.start for a, b in pairwise(spans))
        words = "".join(text[s.start : s.end] for s in spans)
        assert re.sub(r"[\W_]", "", words) == re.sub(r"[\W_]", "", passage.text)


def test_a_short_paragraph_is_one_passage() -> None:
    assert [p.text for p in cut("  第一段。还有一句。 \n\n第二段。")] == ["第一段。还有一句。", "第二段。"]


def test_a_long_paragraph_is_cut_after_its_sentences() -> None:
    first, second, third = ("甲" * 24 + "。", "乙" * 24 + "。", "丙" * 24 + "。")
    assert [p.text for p in cut(first + second + third)] == [first, second, third]


def test_a_closing_mark_stays_with_its_sentence() -> None:
    first, second = "他说:“" + "甲" * 20 + "。”", "乙" * 22 + "。"
    assert [p.text for p in cut(first + second)] == [first, second]


def test_a_sentence_too_long_is_cut_at_its_strongest_mark() -> None:
    first, second = "甲" * 15 + ",乙" + "丙" * 5 + ";", "丁" * 20 + "。"
    assert [p.text for p in cut(first + second)] == [first, second]


def test_a_comma_between_digits_is_no_place_to_cut() -> None:
    text = "甲" * 24 + "20,000,000,000标准箱" + "乙" * 10
    assert any("20,000,000,000" in p.text for p in cut(text))


def test_repeated_paragraphs_and_sentences_have_places_of_their_own() -> None:
    text = "同一句话。同一句话。\n同一句话。同一句话。"
    found = cut(text)
    assert [(p.start, p.end) for p in found] == [(0, 10), (11, 21)]
    assert [(s.start, s.end) for s in sentences(text, 11, 21)] == [(11, 16), (16, 21)]


def test_repeated_long_text_is_cut_at_the_right_places() -> None:
    text = "重复的一句话。" * 40
    found = cut(text)
    assert "".join(p.text for p in found) == text
    assert [p.start for p in found] == [0, *(p.end for p in found[:-1])]


def test_a_number_of_more_digits_than_fit_is_kept_whole() -> None:
    text = "编号" + "7" * 100 + "号"
    assert "7" * 100 in "".join(p.text for p in cut(text))


# What is no passage


def test_headings_travel_with_their_paragraphs_and_are_no_passages() -> None:
    found = cut("一、交通\n(一)铁路\n京滨铁路开工。")
    assert [(p.text, p.heading_path, p.paragraph) for p in found] == [("京滨铁路开工。", ("一、交通", "(一)铁路"), 3)]


def test_a_heading_with_nothing_below_it_is_a_passage() -> None:
    assert [p.text for p in cut("一、交通\n二、生态\n造林。\n三、教育")] == ["一、交通", "造林。", "三、教育"]


@pytest.mark.parametrize("line", ["|", "……", "---", "___", "|---|---|", "。", "***"])
def test_a_line_without_a_letter_or_digit_is_no_passage(line: str) -> None:
    assert [p.text for p in cut(f"甲。\n{line}\n乙。")] == ["甲。", "乙。"]


def test_front_matter_is_no_passage() -> None:
    assert [p.text for p in cut("---\ntitle: 题\n---\n正文。")] == ["正文。"]


def test_a_row_of_a_table_has_the_header_above_it() -> None:
    header, row = "| 区 | 产值 |", "| 武清 | 12 |"
    found = cut(f"{header}\n|---|---|\n{row}")
    assert [(p.text, p.context) for p in found] == [(row, header)]


def test_title_headings_and_header_stand_above_a_passage() -> None:
    passage = cut("一、产值\n| 区 |\n|---|\n| 武清 |")[-1]
    assert passage_prefix("题", passage) == "题\n一、产值\n| 区 |"


# Sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一句。两句！三句？", ["一句。", "两句！", "三句？"]),
        ("他说:“走。”然后走了。", ["他说:“走。”", "然后走了。"]),
        ("(见附件。)下一句", ["(见附件。)", "下一句"]),
        ("真的吗?!是的。", ["真的吗?!", "是的。"]),
        ("增长10.4%;下降2.5%。", ["增长10.4%;下降2.5%。"]),
        ("It grew by 3.5%. Then it fell. e.g. not here.", ["It grew by 3.5%.", "Then it fell. e.g. not here."]),
        ("甲。 。。乙", ["甲。", "乙"]),
        ("『走。』」他说。", ["『走。』」", "他说。"]),
        ("。。", []),
    ],
)
def test_sentences_end_with_their_marks(text: str, expected: list[str]) -> None:
    assert [text[s.start : s.end] for s in sentences(text, 0, len(text))] == expected


# The report and the model


def test_each_paragraph_of_the_report_but_headings_and_the_stray_mark_is_retrieved(report: str) -> None:
    numbers = sorted({p.paragraph for p in passages(report, "d", "题", count, 512)})
    lines = report.split("\n")
    bare = {n for n, line in enumerate(lines, 1) if line[:2] in {"一、", "二、"} or line[:1] in {"(", "|", ""}}
    assert numbers == [n for n in range(1, 42) if n not in bare]


def test_with_its_headings_no_passage_is_longer_than_the_model_reads(model: Embedder, report: str) -> None:
    long = report.replace("\n", "").replace("。", ",")
    for text in (report, f"一、进展\n(一)交通\n{long}", "7" * 300 + "A" * 3000):
        for passage in passages(text, "d", "天津市报告", model.count_tokens, model.max_tokens):
            whole = f"{passage_prefix('天津市报告', passage)}\n{passage.text}"
            assert model.count_tokens(whole) <= model.max_tokens


# Rows of tables


@pytest.mark.parametrize(
    ("header", "row", "parts"),
    [
        ("收入 |  | 支出\n项目 | 数 | 项目 | 数", "税收 | 12 | 教育 | 9", ["税收 | 12", "教育 | 9"]),
        ("项目 | 数 | 项目 | 合计 | 本级", "|  | 教育 | 9 | 8", ["教育 | 9 | 8"]),
        ("项目 | 数 | 项目 | 数", "税收 | 12", ["税收 | 12"]),
        (
            "编码 | 名称 | 数 | 编码 | 名称 | 数",
            "301 | 工资 | 5 | 302 | 办公 | 1",
            ["301 | 工资 | 5", "302 | 办公 | 1"],
        ),
        ("预算数 | 决算数 | 预算数 | 决算数", "1 | 2 | 3 | 4", ["1 | 2 | 3 | 4"]),  # no part has a name of its own
        ("镇 | 2020 | 2021", "东湾 | 1 | 2", ["东湾 | 1 | 2"]),
        ("| 项目 | 数 | 项目 | 数 |", "| 税收 | 12 | 教育 | 9 |", ["税收 | 12", "教育 | 9"]),
    ],
)
def test_a_row_of_two_tables_side_by_side_is_two_sentences(header: str, row: str, parts: list[str]) -> None:
    text = f"{header}\n{row}"
    at = len(header) + 1
    passage = Passage("d-0", "d", at, len(text), 2, None, (), header, row, (0, len(header)))
    assert [text[s.start : s.end] for s in sentences_of(text, passage)] == parts


def test_a_picture_of_markdown_is_no_passage() -> None:
    text = "正文一句。\n\n![](./W020230206.gif)\n\n![图](a.png) 图中是大桥。"
    assert [p.text for p in passages(text, "d", "题", len, 512)] == ["正文一句。", "![图](a.png) 图中是大桥。"]
