import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assistant import Document
from assistant.web.table import documents_table, size_text
from assistant.web.texts import Words

ZH = Words("zh")


def test_documents_are_listed_newest_first_with_local_time(
    make_document: Callable[..., Document], read: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    old = make_document("d1", "旧报告", "old.txt", "2024-01-01T00:00:00+00:00")
    new = make_document("d2", "新报告", "new.txt", "2024-02-01T10:20:30+00:00")
    text = read(documents_table([old, new], ZH)).text
    assert text.index("新报告") < text.index("旧报告")
    for shown in ("文档库(2 份)", "new.txt", "1,234", "2017–2021", "2024-02-01 18:20"):
        assert shown in text


def test_removing_asks_back_in_its_row_and_cancel_comes_first(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    documents = [make_document("d1", "甲", "a.txt"), make_document("d2", "乙", "b.txt")]
    buttons = read(documents_table(documents, ZH, asked="d2")).having("data-action")
    assert [(b["data-action"], b["data-document"]) for b in buttons] == [
        ("ask", "d1"),
        ("cancel", "d2"),
        ("confirm", "d2"),
    ]


def test_an_empty_library_says_what_to_do() -> None:
    assert ZH("documents_empty") in documents_table([], ZH)


def test_titles_and_names_are_escaped(
    make_document: Callable[..., Document], evil: str, read: Callable[[str], Any]
) -> None:
    seen = read(documents_table([replace(make_document(evil, evil, evil), date=evil)], ZH))
    assert "img" not in [tag for tag, _ in seen.tags]
    assert seen.text.count(evil) == 3
    assert seen.having("data-document")[0]["data-document"] == evil


def test_sizes_read_as_people_write_them() -> None:
    assert [size_text(n) for n in (12, 2048, 50 * 2**20, 3 * 2**29)] == ["12 B", "2 KB", "50 MB", "1.5 GB"]
