import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.catalogue import Catalogue

EVIL = "<img src=x onerror=alert(1)>"
TEXT = (
    f"海河游船试点情况通报\n2023年,海河游船试点航线共开通7条,接待游客48.6万人次。\n附注{EVIL}由海河游船办公室提供。\n"
)
SOON_MS = 2_000  # within which a page shows what another process did
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
    row = page.page.locator("table.documents tr:not(.removed)", has_text=file_name)
    row.locator("[data-action=ask]").click()
    page.page.locator("tr.asked [data-action=confirm]").click()
    page.page.locator("tr.removed", has_text=file_name).wait_for()


def listed(page: Any) -> list[str]:
    """The names of the files in the library, without those removed."""
    return list(page.page.locator("table.documents tbody tr:not(.removed) td.file").all_inner_texts())


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
    assert path.name not in listed(page)
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
    page.page.locator("tr.removed", has_text=path.name).locator("[data-action=undo]").click()
    page.page.locator("#notice", has_text="已恢复").wait_for(timeout=30_000)
    assert path.name in listed(page)
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
    page.page.locator("#reader mark.cited").first.wait_for()
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


def put(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), "utf-8")
    return path


LINES = [f"2024年,第{n}项指标完成{n}.5亿元,比上年增长{n}%。" for n in range(1, 31)]


def test_a_corrected_version_is_offered_and_replaces_the_old_one(server: Any, visit: Open, tmp_path: Path) -> None:
    old = put(tmp_path / "统计公报.txt", *LINES)
    new = put(tmp_path / "统计公报(更正).txt", *LINES[:4], "2024年,第5项指标完成5.6亿元,比上年增长5%。", *LINES[5:])
    page = visit(server.url)
    to_documents(page)
    upload(page, old, new)
    page.page.reload()
    to_documents(page)
    offer = page.page.locator(".offer")
    offer.wait_for()
    assert "共 1 句不同" in offer.inner_text() and old.name in offer.inner_text()
    assert (offer.locator("del").inner_text(), offer.locator("ins").inner_text()) == ("5.5", "5.6")
    page.shot("offer")
    offer.locator("[data-action=replace]").click()
    page.page.locator("tr.removed", has_text=old.name).wait_for()
    offer.wait_for(state="detached")
    assert new.name in listed(page) and old.name not in listed(page)
    assert "已用它替换旧版" in page.page.locator(".uploads").inner_text()
    page.page.locator("tr.removed", has_text=old.name).locator("[data-action=undo]").click()
    page.page.locator("tr:not(.removed) td.file", has_text=old.name).wait_for(timeout=30_000)
    page.page.locator("[data-action=clear]").click()
    page.page.locator(".uploads").wait_for(state="detached")
    remove(page, new.name)
    upload(page, new)  # the old one is there again, so it is offered again
    offer.locator("[data-action=keep]").click()
    offer.wait_for(state="detached")
    for path in (new, old):
        remove(page, path.name)


def test_the_table_is_used_with_the_keyboard_and_does_not_move(server: Any, visit: Open, tmp_path: Path) -> None:
    page = visit(server.url)
    to_documents(page)
    upload(page, put(tmp_path / "键盘.txt", "键盘试验共3项。"))
    row = page.page.locator("tr", has_text="键盘.txt")
    top = "document.querySelector('table.documents').getBoundingClientRect().top"
    before = page.page.evaluate(top)
    focused = "document.activeElement.dataset.action"
    row.locator("[data-action=ask]").press("Enter")
    page.page.wait_for_function(f"{focused} === 'cancel'")
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    page.page.wait_for_function(f"{focused} === 'undo'")
    page.page.locator("#notice .notice").wait_for()
    assert page.page.evaluate(top) == before


def test_what_another_process_adds_and_removes_shows_within_two_seconds(
    server: Any, visit: Open, tmp_path: Path
) -> None:
    page = visit(server.url)
    to_documents(page)
    page.page.locator("table.documents", has_text="report.txt").wait_for(timeout=120_000)
    path = put(tmp_path / "别处添加.txt", "别处添加的通报共9项。")
    command = [sys.executable, "-m", "assistant"]
    environment = {**os.environ, "XIETONG_DATA": str(server.data)}
    added = subprocess.run([*command, "add", path], env=environment, capture_output=True, text=True, check=True)
    page.page.locator("td.file", has_text=path.name).wait_for(timeout=SOON_MS)
    page.page.get_by_role("tab").first.click()
    assert "9项" in page.ask("别处添加的通报共多少项?").inner_text()
    identifier = added.stdout.split("\t")[1]
    subprocess.run([*command, "remove", identifier], env=environment, capture_output=True, check=True)
    to_documents(page)
    page.page.locator("td.file", has_text=path.name).wait_for(state="detached", timeout=SOON_MS)


def test_an_action_waits_for_another_process_and_says_so(server: Any, visit: Open, tmp_path: Path) -> None:
    page = visit(server.url)
    to_documents(page)
    upload(page, put(tmp_path / "等待.txt", "等待试验共3项。"))
    page.page.locator("tr", has_text="等待.txt").locator("[data-action=ask]").click()
    with Catalogue(server.data / "xietong.db").write():
        page.page.locator("tr.asked [data-action=confirm]").click()
        page.page.locator("#notice", has_text="另一个进程正在写入,等待中").wait_for(timeout=30_000)
    page.page.locator("tr.removed", has_text="等待.txt").wait_for()
    page.page.locator("#notice", has_text="已移除").wait_for()


def test_what_was_received_is_added_after_the_page_and_the_server_are_gone(
    start_server: Callable[..., Any], visit: Open, tmp_path: Path
) -> None:
    """Two files are sent, the page is closed at once, the server is killed; then a removal is undone the same way."""
    sources = tmp_path / "none"
    sources.mkdir()
    first = start_server(tmp_path / "data", XIETONG_SOURCES=str(sources))
    paths = [put(tmp_path / f"第{n}份.txt", *(f"第{n}份第{i}项投入{i}万元。" for i in range(60))) for n in (1, 2)]
    page = visit(first.url)
    to_documents(page)
    page.page.set_input_files("#upload input[type=file]", paths)
    page.page.locator(".uploads li").nth(1).wait_for(timeout=60_000)
    page.page.context.close()
    first.process.kill()
    first.process.wait(30)
    second = start_server(tmp_path / "data", XIETONG_SOURCES=str(sources))
    page = visit(second.url)
    to_documents(page)
    page.page.wait_for_function("document.querySelectorAll('.uploads li.good').length === 2", timeout=180_000)
    assert sorted(listed(page)) == ["第1份.txt", "第2份.txt"]
    page.page.get_by_text("清除").click()
    remove(page, "第1份.txt")
    second.end()
    third = start_server(tmp_path / "data", XIETONG_SOURCES=str(sources))
    page = visit(third.url)
    to_documents(page)
    gone = page.page.locator("tr.removed", has_text="第1份.txt")
    assert "可撤销至" in gone.inner_text() and page.page.locator(".uploads").count() == 0
    gone.locator("[data-action=undo]").click()
    page.page.locator("tr:not(.removed) td.file", has_text="第1份.txt").wait_for(timeout=180_000)


def test_the_outline_of_a_document_opens_below_it_and_leads_to_its_places(server: Any, visit: Open) -> None:
    page = visit(server.url)
    to_documents(page)
    row = page.page.locator("table.documents tr", has_text="report.txt")
    row.locator("[data-action=contents]").click(timeout=120_000)
    outline = page.page.locator(".row-outline")
    outline.locator("[data-place]", has_text="二、").first.click()
    page.page.locator("#reader .heading", has_text="二、").first.wait_for()
    page.shot("documents-outline")
    row.locator("[data-action=contents]").click()
    outline.wait_for(state="detached")


def test_a_new_version_under_another_name_takes_the_place_of_the_old_one(
    server: Any, visit: Open, tmp_path: Path
) -> None:
    old, new = tmp_path / "岸线通报.txt", tmp_path / "岸线通报(修订稿).txt"
    old.write_text("岸线通报\n2023年,整治岸线12公里。\n", "utf-8")
    new.write_text("岸线通报\n2023年,整治岸线15公里,新增绿地3处,拆除旧码头2座,种植芦苇40亩。\n", "utf-8")
    page = visit(server.url)
    to_documents(page)
    upload(page, old)
    row = page.page.locator("table.documents tr:not(.removed)", has_text=old.name)
    with page.page.expect_file_chooser() as chooser:
        row.locator("[data-action=renew]").click()
    page.page.locator("#notice", has_text="岸线通报").wait_for()
    chooser.value.set_files(new)
    page.page.locator(".uploads", has_text="已用它替换旧版").wait_for(timeout=60_000)
    assert new.name in listed(page) and old.name not in listed(page)
    assert page.page.locator("tr.removed [data-action=undo]").count() >= 1
    page.shot("documents-replaced")
    remove(page, new.name)
