import re
from dataclasses import replace

import pytest

from assistant import Answer, Citation, Sentence
from assistant.verification import numbers, verify, vetted

NUMBER = re.compile(r"\d+(?:\.\d+)?")


def cite(text: str, quote: str, number: int = 1) -> Citation:
    start = text.index(quote)
    return Citation(
        number, "d", "题", "a.txt", "d-0", (), 1, None, start, start + len(quote), quote, text, 0, len(text), 0.9
    )


def answer(citations: list[Citation], *said: tuple[str, tuple[int, ...]], short: str | None = None) -> Answer:
    return Answer(
        question="?",
        status="answered",
        answer="\n".join(text + "".join(f"[{n}]" for n in cited) for text, cited in said),
        model="m",
        short_answer=short,
        sentences=tuple(Sentence(text, cited) for text, cited in said),
        citations=tuple(citations),
    )


def quoting(text: str, quote: str, said: str | None = None, short: str | None = None) -> Answer:
    return answer([cite(text, quote)], (quote if said is None else said, (1,)), short=short)


def faults(given: Answer, text: str) -> list[str]:
    return verify(given, {"d": text}.__getitem__)


def kept(given: Answer, text: str) -> Answer | None:
    return vetted(given, {"d": text}.__getitem__)


def written(given: Answer) -> Answer:
    """The same answer, as a language model's."""
    return replace(given, mode="llm")


@pytest.fixture(scope="module")
def figure_sentences(report: str) -> list[str]:
    """Every sentence of the report with a digit in it."""
    found = [s for line in report.split("\n") for s in re.findall(r"[^。]+。", line) if re.search(r"\d", s)]
    assert len(found) == 41
    return found


def changed(number: str) -> list[str]:
    """The same number said wrongly: one more, a digit lost at either end or added, another digit."""
    last = str((int(number[-1]) + 1) % 10)
    return [number[:-1] + last, number + "0", "1" + number, number[1:], number[:-1], number.replace(".", "")]


def test_every_figure_sentence_of_the_report_passes_as_it_stands(report: str, figure_sentences: list[str]) -> None:
    for quote in figure_sentences:
        assert faults(quoting(report, quote), report) == []


def test_every_figure_sentence_is_rejected_once_one_number_of_it_is_changed(
    report: str, figure_sentences: list[str]
) -> None:
    tried = 0
    for quote in figure_sentences:
        for found in NUMBER.finditer(quote):
            for wrong in changed(found[0]):
                said = quote[: found.start()] + wrong + quote[found.end() :]
                if said != quote:
                    assert faults(quoting(report, quote, said), report) == ["sentence 1 says what its source does not"]
                    tried += 1
    assert tried > 400


def test_a_quote_with_one_number_changed_is_not_verbatim(report: str, figure_sentences: list[str]) -> None:
    for quote in figure_sentences:
        found = NUMBER.search(quote)
        assert found
        wrong = quote[: found.start()] + str(int(found[0][0]) % 9 + 1) + quote[found.start() + 1 :]
        given = quoting(report, quote)
        forged = replace(given, citations=(replace(given.citations[0], quote=wrong),))
        assert "citation 1 is not verbatim" in faults(forged, report)


@pytest.mark.parametrize("short", ["2000万标准箱", "超2000万标准箱", "10.4%", "天津港"])
def test_a_short_answer_that_stands_in_a_quote_passes(report: str, short: str) -> None:
    quote = "2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%"
    assert faults(quoting(report, quote, short=short), report) == []


@pytest.mark.parametrize(
    "short", ["200", "00万标准箱", "10", ".4%", "4%", "2001万标准箱", "北京港", "202", "2000", "2000万", "10.4", ""]
)
def test_a_short_answer_that_is_another_number_or_a_part_of_one_is_rejected(report: str, short: str) -> None:
    quote = "2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%"
    assert faults(quoting(report, quote, short=short), report) == ["the short answer is not in a quote"]


def test_a_last_full_stop_may_be_added_or_dropped() -> None:
    text = "甲增长5%;乙下降3%。"
    assert faults(quoting(text, "甲增长5%", "甲增长5%。"), text) == []
    assert faults(quoting(text, text, "甲增长5%;乙下降3%"), text) == []


@pytest.mark.parametrize(
    "said", ["甲增长5%!", "甲 增长5%", "甲增长百分之五", "甲大幅增长5%", "乙增长5%", "甲增长5%。。。"]
)
def test_words_that_are_not_the_source_s_are_rejected(said: str) -> None:
    text = "甲增长5%;乙下降3%。"
    assert faults(quoting(text, "甲增长5%", said), text) == ["sentence 1 says what its source does not"]


def test_what_is_left_out_is_marked_and_each_part_is_held_to_its_quote() -> None:
    text = "去年,甲增长5%,情况复杂,乙下降3%。"
    quotes = [cite(text, "甲增长5%", 1), cite(text, "乙下降3%", 2)]
    assert faults(answer(quotes, ("甲增长5%…乙下降3%。", (1, 2))), text) == []
    assert faults(answer(quotes, ("甲增长5%乙下降3%。", (1, 2))), text) != []
    assert faults(answer(quotes, ("甲增长5%…丙下降3%。", (1, 2))), text) != []


def test_a_sentence_is_held_to_the_quotes_that_it_cites_and_to_no_other() -> None:
    text = "甲增长5%。乙下降3%。"
    quotes = [cite(text, "甲增长5%。", 1), cite(text, "乙下降3%。", 2)]
    assert faults(answer(quotes, ("甲增长5%。", (1,)), ("乙下降3%。", (2,))), text) == []
    assert faults(answer(quotes, ("甲增长5%。", (2,)), ("乙下降3%。", (1,))), text) == [
        "sentence 1 says what its source does not",
        "sentence 2 says what its source does not",
    ]


def test_a_sentence_without_a_source_is_rejected() -> None:
    text = "甲增长5%。"
    assert faults(answer([cite(text, text)], (text, ())), text) == ["sentence 1 has no source"]
    assert faults(answer([cite(text, text)], (text, (7,))), text) == ["sentence 1 has no source"]


def test_an_answer_of_no_sentence_is_rejected() -> None:
    assert faults(answer([]), "") == ["no sentence"]


def test_a_quote_from_another_place_or_document_is_rejected() -> None:
    text = "甲增长5%。甲增长5%。"
    whole = quoting(text, "甲增长5%。")
    shifted = replace(whole, citations=(replace(whole.citations[0], start=1, end=7),))
    assert "citation 1 is not verbatim" in faults(shifted, text)
    assert "citation 1 is not verbatim" in faults(whole, "另一份文件的文字。")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.5万元和12,34", {"1234.5", "12", "34"}),
        ("２０２１年,１０．４％", {"2021", "10.4"}),
        ("“1+16”与PM2.5", {"1", "16", "2.5"}),
        ("一是没有数字", set()),
    ],
)
def test_numbers_are_compared_in_one_form(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


# What a language model wrote


QUOTE = (
    "2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%;新华波罗的海国际航运中心发展指数排名由全球第24位"
    "上升至第20位。"
)


@pytest.mark.parametrize(
    "said",
    [
        "2021年天津港集装箱吞吐量超过2,000万标准箱,同比增长百分之十点四。",
        "2021年，天津港集装箱吞吐量超20000000标准箱。",
        "天津港集装箱吞吐量比上年增长10.4%",
        "报告显示,新华波罗的海国际航运中心发展指数排名由全球第24位上升至第20位;2021年,天津港集装箱吞吐量超2000万标准箱。",
        "其中,新华·波罗的海国际航运中心发展指数排名由全球第二十四位上升至第二十位。",
    ],
)
def test_what_a_language_model_wrote_may_be_in_other_words_of_the_same_claims(said: str) -> None:
    assert faults(written(quoting(QUOTE, QUOTE, said)), QUOTE) == []
    assert faults(quoting(QUOTE, QUOTE, said), QUOTE) == ["sentence 1 says what its source does not"]


@pytest.mark.parametrize(
    "said",
    [
        "2020年天津港集装箱吞吐量超过2000万标准箱。",
        "2021年天津港集装箱吞吐量约2000万标准箱。",
        "2021年天津港集装箱吞吐量超过2000万吨。",
        "天津港集装箱吞吐量比上年下降10.4%。",
        "唐山港集装箱吞吐量比上年增长10.4%。",
        "天津港比上年增长10.4%。",
        "新华波罗的海国际航运中心发展指数排名由全球第20位上升至第24位。",
        "天津港集装箱吞吐量排名第20位。",
        "",
    ],
)
def test_other_claims_are_rejected_whoever_wrote_them(said: str) -> None:
    assert faults(written(quoting(QUOTE, QUOTE, said)), QUOTE) == ["sentence 1 says what its source does not"]


def test_a_sentence_that_fails_is_left_out_and_the_citations_are_counted_anew() -> None:
    text = "甲增长5%。乙下降3%。丙占比2%。"
    quotes = [cite(text, "甲增长5%。", 1), cite(text, "乙下降3%。", 2), cite(text, "丙占比2%。", 3)]
    given = answer(quotes, ("甲增长6%。", (1,)), ("丙占比2%。", (3,)), ("乙下降3%。", (2,)), short="2%")
    found = kept(given, text)
    assert found is not None
    assert found.answer == "丙占比2%。[1]\n乙下降3%。[2]"
    assert [(s.text, s.citations) for s in found.sentences] == [("丙占比2%。", (1,)), ("乙下降3%。", (2,))]
    assert [(c.number, c.quote) for c in found.citations] == [(1, "丙占比2%。"), (2, "乙下降3%。")]
    assert found.short_answer == "2%"
    assert faults(found, text) == []


def test_a_short_answer_goes_with_the_sentence_that_had_it() -> None:
    text = "甲增长5%。乙下降3%。"
    quotes = [cite(text, "甲增长5%。", 1), cite(text, "乙下降3%。", 2)]
    found = kept(answer(quotes, ("甲下降5%。", (1,)), ("乙下降3%。", (2,)), short="5%"), text)
    assert found is not None
    assert (found.answer, found.short_answer) == ("乙下降3%。[1]", None)


def test_a_sound_answer_passes_as_it_is() -> None:
    text = "甲增长5%。"
    given = quoting(text, text, short="5%")
    assert kept(given, text) is given


def test_of_an_answer_without_a_sound_sentence_nothing_is_kept() -> None:
    text = "甲增长5%。"
    assert kept(quoting(text, text, "甲增长6%。"), text) is None
    assert kept(quoting(text, text), "另一份文件的文字。") is None


def test_what_the_answer_shows_beside_its_sentences_is_taken_away() -> None:
    text = "甲增长5%。乙下降3%。"
    quotes = [cite(text, "甲增长5%。", 1), cite(text, "乙下降3%。", 2)]
    given = answer(quotes, ("甲增长5%。", (1,)), ("乙下降3%。", (2,)))
    for shown in ("一、天津:甲增长5%。[1]\n2. 河北:乙下降3%。[2]", "- 甲增长5%。[1]\n- 乙下降3%。[2]\n"):
        assert kept(replace(given, answer=shown), text) == replace(given, answer=shown)
    for shown in ("甲增长5%。[1]据测算共7亿元。乙下降3%。[2]", "甲增长5%。[1]", "7亿元:甲增长5%。[1]\n乙下降3%。[2]"):
        assert kept(replace(given, answer=shown), text) == given


def test_a_unit_given_by_a_header_stands_in_a_quote() -> None:
    text = "项目 | 金额(万元)\n差旅费 | 95000.00"
    header, row = cite(text, "项目 | 金额(万元)", 2), cite(text, "差旅费 | 95000.00", 1)
    given = answer([row, header], (row.quote, (1, 2)), short="95000.00")
    assert faults(replace(given, short_unit="万元"), text) == []
    assert faults(replace(given, short_unit="亿元"), text) == ["the short answer is not in a quote"]
    assert faults(replace(given, short_answer=None, short_unit="万元"), text) == ["the short answer is not in a quote"]


def test_near_passages_that_are_gone_are_not_shown() -> None:
    text = "甲增长5%。乙下降3%。"
    near = (cite(text, "甲增长5%。"), cite(text, "乙下降3%。"))
    found = kept(replace(answer([]), status="not_found", nearest=near), "甲增长5%。")
    assert found is not None
    assert [c.quote for c in found.nearest] == ["甲增长5%。"]
