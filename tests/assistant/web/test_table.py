import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from assistant import Addition, Document, Opened, Paragraph, Progress, Removed
from assistant.web.table import documents_table, size_text, upload_list
from assistant.web.texts import Words
from assistant.web.uploads import Upload

ZH = Words("zh")


def test_documents_are_listed_newest_first_with_local_time(
    make_document: Callable[..., Document], read: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    old = make_document("d1", "旧报告", "old.txt", "2024-01-01T00:00:00+00:00")
    new = make_document("d2", "新报告", "new.txt", "2024-02-01T10:20:30+00:00")
    text = read(documents_table([old, new], [], ZH)).text
    assert text.index("新报告") < text.index("旧报告")
    for shown in ("文档库(2 份)", "new.txt", "1,234", "2017–2021", "2024-02-01 18:20"):
        assert shown in text


def test_removing_asks_back_in_its_row_and_cancel_comes_first(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    documents = [make_document("d1", "甲", "a.txt"), make_document("d2", "乙", "b.txt")]
    buttons = read(documents_table(documents, [], ZH, asked="d2")).having("data-action")
    assert [(b["data-action"], b["data-document"]) for b in buttons] == [
        ("contents", "d1"),
        ("renew", "d1"),
        ("ask", "d1"),
        ("cancel", "d2"),
        ("confirm", "d2"),
    ]


def test_an_empty_library_says_what_to_do() -> None:
    assert ZH("documents_empty") in documents_table([], [], ZH)


def test_titles_and_names_are_escaped(
    make_document: Callable[..., Document], evil: str, read: Callable[[str], Any]
) -> None:
    document = replace(make_document(evil, evil, evil), date=evil)
    seen = read(documents_table([document], [Removed(document, 0.0, 600.0)], ZH))
    assert "img" not in [tag for tag, _ in seen.tags]
    assert seen.text.count(evil) == 6
    assert seen.having("data-document")[0]["data-document"] == evil


def test_a_removed_document_keeps_its_place_with_the_way_back(
    make_document: Callable[..., Document], read: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    documents = [make_document(f"d{n}", f"{n}号报告", f"{n}.txt", f"2024-0{n}-01T00:00:00+00:00") for n in (1, 3)]
    gone = make_document("d2", "2号报告", "2.txt", "2024-02-01T00:00:00+00:00")
    removed_at = datetime.fromisoformat("2024-05-06T14:22:30+08:00").timestamp()
    seen = read(documents_table(documents, [Removed(gone, removed_at, removed_at + 600)], ZH))
    assert [seen.text.index(f"{n}号报告") for n in (3, 2, 1)] == sorted(
        seen.text.index(f"{n}号报告") for n in (3, 2, 1)
    )
    assert "14:22 移除,可撤销至 14:32" in seen.text and "文档库(2 份)" in seen.text
    buttons = [(b["data-action"], b["data-document"]) for b in seen.having("data-action")]
    assert [b for b in buttons if b[0] in ("ask", "undo")] == [("ask", "d3"), ("undo", "d2"), ("ask", "d1")]
    assert [name for name, key in buttons if key == "d2"] == ["undo"]


# Uploads


def added(name: str, similar_to: str | None = None) -> Addition:
    return Addition("/x", name, "added", "d9", None, similar_to)


def test_each_upload_says_how_far_it_is(read: Callable[[str], Any]) -> None:
    uploads = [
        Upload("1", "a.txt", "done", addition=added("a.txt")),
        Upload("2", "b.txt", "running", progress=Progress("b.txt", 40, 210, seconds_left=77)),
        Upload("3", "c.txt"),
    ]
    seen = read(upload_list(uploads, {}, False, ZH))
    for shown in ("已完成 1/3 个文件", "可以关闭本页", "段落 40/210 · 约剩 1 分 20 秒", "等待中", "已添加"):
        assert shown in seen.text
    assert seen.having("max")[0]["value"] == "40" and seen.having("data-action") == []
    assert "另一个进程正在写入" in read(upload_list(uploads, {}, True, ZH)).text
    assert "passage 40/210 · about 1 min 20 s left" in upload_list(uploads, {}, False, Words("en"))


def test_finished_uploads_can_be_cleared_away(read: Callable[[str], Any]) -> None:
    uploads = [
        Upload("1", "a.txt", "done", addition=added("a.txt", "d1")),
        Upload("2", "b.txt", "done", addition=added("b.txt", "d1"), decision="replaced"),
        Upload("3", "c.txt", "broken_off"),
        Upload("4", "d.txt", "error", error=("满了", "it is full")),
        Upload("5", "e.txt", "foreign"),
    ]
    seen = read(upload_list(uploads, {"d1": "旧报告"}, False, ZH))
    assert [b["data-action"] for b in seen.having("data-action")] == ["clear"]
    pictures = Addition("/x", "f.pdf", "added", "d9", None, None, (2, 5))
    assert "已添加;第 2、5 页是图片" in upload_list([Upload("6", "f.pdf", "done", addition=pictures)], {}, False, ZH)
    for shown in (
        "与《旧报告》几乎相同",
        "已用它替换旧版",
        "请重新选取这个文件",
        "未添加:满了",
        "“e.txt”不是本页上传的文件",
    ):
        assert shown in seen.text
    assert "refused: it is full" in upload_list(uploads, {}, False, Words("en"))
    assert upload_list([], {}, False, ZH) == ""


def test_the_outcome_is_said_in_words_and_escaped(evil: str) -> None:
    refused = Addition("/x", f"b{evil}.x", "refused", None, f"坏格式{evil} / bad format{evil}", None)
    html = upload_list([Upload("1", f"b{evil}.x", "done", addition=refused)], {}, False, Words("en"))
    assert "refused: bad format" in html and "<img" not in html and "坏格式" not in html


def test_sizes_read_as_people_write_them() -> None:
    assert [size_text(n) for n in (12, 2048, 50 * 2**20, 3 * 2**29)] == ["12 B", "2 KB", "50 MB", "1.5 GB"]


def test_the_size_of_a_document_is_told_in_what_is_known_of_it(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    plain, paged = make_document("d1", "甲", "a.txt"), replace(make_document("d2", "乙", "b.pdf"), pages=12)
    text = read(documents_table([plain, paged], [], ZH, {"d2": 34 * 1024})).text
    assert "2 段 · 1,234 字" in text and "12 页 · 2 段 · 1,234 字 · 34 KB" in text


def test_an_outline_leads_to_each_heading_s_place(make_document: Callable[..., Document], evil: str, read: Any) -> None:
    document, text = make_document("d1", "甲", "a.txt"), f"一、成效\n正文。\n{evil}"
    start = text.index(evil)
    headings = (Paragraph(1, 0, 4, 1, ()), Paragraph(2, 5, 8, 0, ()), Paragraph(3, start, len(text), 2, ()))
    seen = read(documents_table([document], [], ZH, outline=Opened(document, text, headings, ())))
    assert [one["data-place"] for one in seen.having("data-place")][1:] == ["d1:0:4", f"d1:{start}:{len(text)}"]
    assert "一、成效" in seen.text and "正文" not in seen.text
    assert [one["aria-expanded"] for one in seen.having("aria-expanded")] == ["true"]
    assert "img" not in [tag for tag, _ in seen.tags]
    none = documents_table([document], [], ZH, outline=Opened(document, "正文。", headings[1:2], ()))
    assert ZH("outline_none") in none


def test_each_document_can_be_previewed_also_while_its_removal_is_asked(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    for asked in (None, "d1"):
        seen = read(documents_table([make_document("d1", "报告", "a.txt")], [], ZH, asked=asked))
        assert [(a["data-place"], a["aria-label"]) for a in seen.having("data-place")] == [("d1:0:0", "预览《报告》")]
