from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EVIL = "<img src=x onerror=alert(1)>"
TEXT = (
    f"海河游船试点情况通报\n2023年,海河游船试点航线共开通7条,接待游客48.6万人次。\n附注{EVIL}由海河游船办公室提供。\n"
)
QUESTION = "2023年海河游船试点航线接待游客多少?"
Open = Callable[..., Any]


def to_documents(page: Any) -> None:
    page.page.get_by_role("tab").nth(1).click()
    page.page.locator("#upload").wait_for()


def upload(page: Any, *paths: Path) -> None:
    """Chooses the files and waits until each has its outcome."""
    page.page.set_input_files("#upload input[type=file]", list(paths))
    page.page.wait_for_function(
        """names => JSON.stringify([...document.querySelectorAll('.uploads li:not(.open) .name')]
            .map(name => name.textContent)) === JSON.stringify(names)""",
        arg=[path.name for path in paths],
        timeout=60_000,
    )
    page.page.locator("#upload input[type=file]").wait_for(state="attached")


def remove(page: Any, file_name: str) -> None:
    row = page.page.locator("table.documents tr", has_text=file_name)
    row.locator("[data-action=ask]").click()
    page.page.locator("tr.asked [data-action=confirm]").click()
    page.page.locator("#notice .notice").wait_for()


def test_a_file_is_added_asked_about_removed_and_forgotten(server: Any, visit: Open, tmp_path: Path) -> None:
    path = tmp_path / "海河游船(试行)《通报》.txt"
    path.write_text(TEXT, "utf-8")
    page = visit(server.url)
    to_documents(page)
    page.page.locator("table.documents").wait_for(timeout=120_000)
    upload(page, path)
    assert "已添加" in page.page.locator(".uploads").inner_text()
    assert path.name in page.page.locator("table.documents").inner_text()
    page.shot("documents-wide")
    page.page.get_by_role("tab").first.click()
    turn = page.ask(QUESTION)
    assert "48.6万人次" in turn.inner_text()
    assert page.page.locator("#reader .file").inner_text() == path.name
    assert "48.6万人次" in (page.page.locator("#reader mark").text_content() or "")

    to_documents(page)
    remove(page, path.name)
    assert path.name not in page.page.locator("#library").inner_text()
    page.page.get_by_role("tab").first.click()
    assert "48.6" not in page.ask(QUESTION).inner_text()
    assert list((server.data / "uploads").rglob("*.txt")) == []


def test_each_file_has_its_outcome_in_words(server: Any, visit: Open, tmp_path: Path) -> None:
    good, binary, empty = tmp_path / "甲.md", tmp_path / "乙.txt", tmp_path / "丙.txt"
    good.write_text("# 试验\n\n试验内容共3项。\n", "utf-8")
    binary.write_bytes(bytes(range(256)) * 40)
    empty.write_bytes(b"")
    page = visit(server.url, width=390, height=844)
    to_documents(page)
    upload(page, good, binary, empty)
    lines = page.page.locator(".uploads li").all_inner_texts()
    assert "已添加" in lines[0] and "未添加" in lines[1] and "未添加" in lines[2]
    upload(page, good)
    assert "内容未变" in page.page.locator(".uploads").inner_text()
    assert page.overflow() == 0
    page.shot("documents-narrow")
    remove(page, "甲.md")


def test_a_removal_is_undone(server: Any, visit: Open, tmp_path: Path) -> None:
    path = tmp_path / "河道通报.txt"
    path.write_text("2023年,河道整治共完成31.5公里。\n", "utf-8")
    page = visit(server.url)
    to_documents(page)
    upload(page, path)
    remove(page, path.name)
    page.page.locator("#notice [data-action=undo]").click()
    page.page.locator("#notice", has_text="已恢复").wait_for(timeout=30_000)
    assert path.name in page.page.locator("table.documents").inner_text()
    page.page.get_by_role("tab").first.click()
    assert "31.5公里" in page.ask("2023年河道整治完成多少公里?").inner_text()
    to_documents(page)
    remove(page, path.name)


def test_the_list_stands_as_soon_as_the_page_is_opened(server: Any, visit: Open) -> None:
    page = visit(server.url)
    page.page.get_by_role("tab").nth(1).click()
    page.page.locator("table.documents", has_text="report.txt").wait_for(timeout=1_500)


def test_removing_asks_first(server: Any, visit: Open) -> None:
    page = visit(server.url)
    to_documents(page)
    page.page.locator("[data-action=ask]").first.click()
    page.page.locator("tr.asked .warning").wait_for()
    page.page.locator("[data-action=cancel]").click()
    page.page.locator("tr.asked").wait_for(state="detached")
    assert "report.txt" in page.page.locator("#library").inner_text()


def test_names_and_texts_cannot_bring_markup_into_the_page(server: Any, visit: Open, tmp_path: Path) -> None:
    path = tmp_path / f"{EVIL}.txt"
    path.write_text(f"{EVIL}的标题\n{TEXT}", "utf-8")
    page = visit(server.url)
    to_documents(page)
    upload(page, path)
    assert EVIL in page.page.locator("#library").inner_text()
    page.page.get_by_role("tab").first.click()
    page.ask("附注由哪个办公室提供?")
    page.page.locator("#reader .passage").wait_for()
    assert page.page.locator("#transcript img, #reader img, #library img, #results img").count() == 0
    assert page.dialogs == [] and page.errors == []
    to_documents(page)
    remove(page, path.name)


def test_a_file_that_is_too_big_is_refused_in_words_and_the_others_are_kept(
    start_server: Callable[..., Any], visit: Open, tmp_path: Path
) -> None:
    big, small = tmp_path / "大.txt", tmp_path / "小.txt"
    big.write_text("大" * 500_000, "utf-8")
    small.write_text("小文件共1页。\n", "utf-8")
    page = visit(start_server(tmp_path / "data", XIETONG_MAX_FILE_MB="1").url)
    to_documents(page)
    upload(page, big, small)
    lines = page.page.locator(".uploads li").all_inner_texts()
    assert "未添加" in lines[0] and "MB" in lines[0] and "已添加" in lines[1]
    page.shot("too-big")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_documents_fit_the_window(server: Any, visit: Open, width: int) -> None:
    page = visit(server.url, width=width)
    to_documents(page)
    page.page.locator("table.documents").wait_for(timeout=120_000)
    assert page.overflow() == 0
