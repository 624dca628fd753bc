"""Tables of contents are told from the text that they list."""

import pytest

from index.outline import paragraphs
from index.passages import passages


def contents(text: str) -> list[str]:
    return [text[p.start : p.end] for p in paragraphs(text) if p.in_contents]


def test_contents_go_on_until_the_first_entry_stands_again() -> None:
    text = (
        "年度报告\n目 录\n一、概况 3\n二、收支表 4\n第三部分 说明 ..... 5\n一、概况\n本局有五科。\n二、收支表\n收入。"
    )
    assert contents(text) == ["目 录", "一、概况 3", "二、收支表 4", "第三部分 说明 ..... 5"]
    assert [p.heading_path for p in paragraphs(text)][-1] == ("二、收支表",)


def test_entries_with_dots_need_not_stand_again() -> None:
    text = "目录\n一、职能 ……………… 1\n二、机构 ………………\n某局主要职能\n某局管理学校。"
    assert contents(text) == ["目录", "一、职能 ……………… 1", "二、机构 ………………"]


@pytest.mark.parametrize(
    "text",
    [
        "目录\n一、职能\n某局管理学校。\n一、机构\n五个科。",  # nothing stands again before a sentence ends
        "书目录入工作\n一、概况\n正文。\n一、概况\n",
        "他说……\n又说……等等。",
    ],
)
def test_what_only_looks_like_contents_is_text(text: str) -> None:
    assert contents(text) == []


def test_contents_are_counted_and_stored_but_not_found() -> None:
    text = "目录\n一、概况 1\n二、说明 2\n一、概况\n本局有五个科。\n二、说明\n收入5万元。"
    assert len(paragraphs(text)) == 7
    found = passages(text, "d", "报告", len, 512)
    assert [p.text for p in found] == ["本局有五个科。", "收入5万元。"]
    assert [p.paragraph for p in found] == [5, 7]
