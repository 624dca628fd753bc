import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Event, Semaphore, Thread
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from assistant import CONVERSATIONS, Assistant, Conversations, InputRefused, Library, Opened, PageImage, Settings
from assistant.settings import TABLE
from assistant.web import reading
from assistant.web.access import Access, AccessRefused, User
from assistant.web.incoming import Incoming
from assistant.web.reader import panel
from assistant.web.reading import Drawings, routes
from assistant.web.services import Services
from assistant.web.texts import Words
from tests.index.reading.test_pdf import LONG, Paper

REPORT = "一、成效\n天津港吞吐量增长10.4%。\n二、下一步\n继續推进協同发展,协同发展。"
Write = Callable[..., Path]


class Doors(Access):
    """Lets people in while it is open."""

    shut = False

    def reader(self, request: Any) -> User:
        if self.shut:
            raise AccessRefused(401, "not_signed_in", False)
        return super().reader(request)


@dataclass
class Site:
    client: TestClient
    library: Library
    doors: Doors

    def get(self, path: str) -> Any:
        return self.client.get(f"/xietong/{path}")


@pytest.fixture
def site(library: Library, tmp_path: Path) -> Site:
    assistant = Assistant(library, tmp_path / "none", 1000)
    doors = Doors()
    settings = Settings.load(tmp_path, {name: default for name, default, _, _ in TABLE})
    incoming = Incoming(assistant, tmp_path / "incoming", tmp_path / "uploads")
    app = FastAPI()
    app.include_router(routes(Services(assistant, incoming, doors, Conversations(tmp_path / CONVERSATIONS), settings)))
    return Site(TestClient(app), library, doors)


@pytest.fixture
def report(site: Site, write: Write) -> str:
    return site.library.add(write("报告.txt", REPORT)).id or ""


@pytest.fixture
def paper(site: Site, write: Write) -> str:
    made = Paper()
    made.paragraph(150, LONG + "。")
    return site.library.add(write("公报.pdf", made.data())).id or ""


def test_a_document_is_read_at_a_place(site: Site, report: str, read: Callable[[str], Any]) -> None:
    start = REPORT.index("10.4%")
    answer = site.get(f"read/{report}?start={start}&end={start + 5}")
    seen = read(answer.text)
    assert (answer.status_code, seen.marked) == (200, "10.4%")
    volume = seen.having("data-document")[0]
    assert volume["data-document"] == report and volume["data-pages"] == "0"
    assert all(line in seen.text for line in REPORT.split("\n"))


def test_a_fragment_opened_as_a_page_can_do_nothing(site: Site, report: str) -> None:
    headers = site.get(f"read/{report}").headers
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff" and "private" in headers["cache-control"]


def test_other_citations_and_hits_are_marked_beside_the_one_opened(site: Site, report: str) -> None:
    at = REPORT.index("协同")
    html = site.get(f"read/{report}?start=0&end=2&cites=0:2,5:8,{at}:{at + 2}&q=协同&at={at}").text
    assert '<mark class="cited" tabindex="-1">一、</mark>' in html
    assert '<mark class="other" tabindex="-1">天津港</mark>' in html
    assert f'<mark class="other found at" tabindex="-1" data-at="{at}">协同</mark>' in html
    assert html.count('class="found"') == 1  # 協同, in the other script


def test_only_the_text_on_one_side_is_sent_when_it_is_asked_for(site: Site, report: str) -> None:
    later, earlier = site.get(f"read/{report}?after=5").text, site.get(f"read/{report}?before=5").text
    assert "天津港" in later and "一、成效" not in later and "<article" not in later
    assert "一、成效" in earlier and "天津港" not in earlier
    assert "data-before" not in later and "data-after" not in earlier  # that side is on the page already


def test_words_are_counted_and_placed(site: Site, report: str) -> None:
    answer = json.loads(site.get(f"find/{report}?q=協同發展").text)
    spans = [tuple(hit) for hit in answer["hits"]]
    assert answer["count"] == 2 and [REPORT[a:b] for a, b in spans] == ["協同发展", "协同发展"]
    assert json.loads(site.get(f"find/{report}?q=").text) == {"count": 0, "hits": []}


def test_a_page_of_a_pdf_comes_as_a_picture(site: Site, paper: str) -> None:
    answer = site.get(f"page/{paper}/1.png?start=0&end=10")
    with Image.open(BytesIO(answer.content)) as picture:
        assert picture.format == "PNG" and picture.size == (1190, 1684)
    assert answer.headers["content-type"] == "image/png"
    assert "has no page 2" in site.get(f"page/{paper}/2.png?lang=en").text


def test_the_file_is_saved_never_shown(site: Site, report: str) -> None:
    answer = site.get(f"file/{report}")
    assert answer.content == REPORT.encode()
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.txt"
    assert answer.headers["content-type"] == "application/octet-stream"


ROUTES = ["read/{id}", "find/{id}?q=天津", "page/{id}/1.png", "file/{id}"]


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_reads_without_being_let_in(site: Site, paper: str, route: str) -> None:
    assert site.get(route.format(id=paper)).status_code == 200
    site.doors.shut = True
    answer = site.get(route.format(id=paper))
    assert answer.status_code == 401 and "没有登录" in answer.text and LONG[:5] not in answer.text


@pytest.mark.parametrize("route", ROUTES)
def test_a_removed_document_is_said_to_be_removed(site: Site, paper: str, route: str) -> None:
    site.get(f"page/{paper}/1.png")  # a page that was drawn before
    site.library.remove(paper)
    answer = site.get(route.format(id=paper))
    assert answer.status_code == 404 and "已从文档库移除" in answer.text
    assert "has been removed" in site.get(f"read/{paper}?lang=en").text


def test_a_replaced_document_links_to_what_replaced_it(
    site: Site, report: str, write: Write, read: Callable[[str], Any]
) -> None:
    newer = site.library.add(write("报告.txt", REPORT + "修订。")).id
    seen = read(site.get(f"read/{report}").text)
    assert "已被新的版本替换" in seen.text
    assert [a["data-place"] for a in seen.having("data-place")] == [f"{newer}:0:0"]
    site.library.remove(newer or "")
    assert read(site.get(f"read/{report}").text).having("data-place") == []


@pytest.mark.parametrize("name", ["0000000000000000", "..%2F..%2Fxietong.db", "字", "%00"])
def test_what_was_never_a_document_is_unknown(site: Site, report: str, name: str) -> None:
    for kind in ("read", "file", "find"):
        answer = site.get(f"{kind}/{name}")
        assert answer.status_code == 404 and REPORT[:4] not in answer.text


@pytest.mark.parametrize(
    "asked", ["start=-1&end=x", "start=99999999999&end=²", "cites=1:,:2,a:b", "at=1e9&q=", "before="]
)
def test_nonsense_in_an_address_is_taken_for_nothing(site: Site, report: str, asked: str) -> None:
    assert site.get(f"read/{report}?{asked}").status_code == 200


def test_of_a_document_that_is_read_on_the_paragraphs_are_found_once(
    site: Site, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    find = site.library.open

    def noted(document_id: str) -> Opened:
        opened.append(document_id)
        return find(document_id)

    monkeypatch.setattr(site.library, "open", noted)
    assert [site.get(f"read/{report}?after={at}").status_code for at in (0, 5, 9)] == [200, 200, 200]
    assert opened == [report]


def test_pages_that_were_drawn_are_kept_within_a_bound() -> None:
    drawn: list[tuple[str, int, int, int]] = []

    def draw(*key: Any) -> PageImage:
        drawn.append(key)
        return PageImage(b"x" * 40, 1, 1, ())

    drawings = Drawings(draw, kept_bytes=100)
    for page in (1, 2, 1, 3, 1, 2):
        drawings.png("d", page, 0, 0)
    assert [key[1] for key in drawn] == [1, 2, 3, 2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_button_of_the_panel_has_a_name(language: Any, read: Callable[[str], Any]) -> None:
    html = panel(Words(language))
    for button in html.split("<button ")[1:]:
        head, _, rest = button.partition(">")
        assert "aria-label=" in head or len(rest.partition("<")[0]) > 1
    assert read(html).having("data-counted")[0]["data-counted"].count("{") == 2


def test_a_page_whose_turn_does_not_come_is_refused_and_the_next_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.05)
    go_on, drawing = Event(), Semaphore(0)

    def draw(document_id: str, page: int, start: int, end: int) -> PageImage:
        drawing.release()
        go_on.wait(10)
        return PageImage(b"png", 1, 1, ())

    drawings = Drawings(draw)
    busy = [Thread(target=drawings.png, args=("d", page, 0, 0)) for page in (1, 2)]
    for one in busy:
        one.start()
        assert drawing.acquire(timeout=10)
    with pytest.raises(InputRefused, match="第 3 页"):
        drawings.png("d", 3, 0, 0)
    go_on.set()
    for one in busy:
        one.join(10)
    assert drawings.png("d", 3, 0, 0) == b"png"
