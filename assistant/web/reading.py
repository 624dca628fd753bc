"""Routes of the reader: a document's text around a place, words found in it, its pages as pictures, its file."""

import re
from collections.abc import Callable
from html import escape
from threading import BoundedSemaphore
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from assistant import InputRefused, Lately, Opened, PageImage, UnknownDocument, XietongError, occurrences

from .access import AccessRefused
from .leaves import after, before
from .marking import Marks, Span
from .reader import gone, whole
from .services import Services
from .texts import PAIRS, Words
from .volume import text_html

SPAN = re.compile(r"(\d{1,9}):(\d{1,9})")
MAX_CITES = 100  # citations of one answer that are marked
MAX_HITS = 2_000  # places of a search that are sent; all are counted
KEPT_BYTES = 32 * 2**20  # of drawn pages, some 150
KEPT_OPEN = 4  # documents whose paragraphs are kept: of the longest they take a second to find
DRAWING = 2  # pages drawn at a time, each in a process of its own
TURN_SECONDS = 5.0  # that a request waits for one of them to be done
PRIVATE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}
# Should a fragment be opened as a page of its own: nothing in it may run or load.
HEADERS = {**PRIVATE, "Content-Security-Policy": "default-src 'none'; sandbox"}


class Drawings:
    """Pages as pictures, the latest kept, within a bound of memory and of processes that draw."""

    def __init__(self, draw: Callable[[str, int, int, int], PageImage], kept_bytes: int = KEPT_BYTES) -> None:
        self._draw = draw
        self._kept: Lately[tuple[str, int, int, int], bytes] = Lately(kept_bytes, len)
        self._turns = BoundedSemaphore(DRAWING)

    def png(self, document_id: str, page: int, start: int, end: int) -> bytes:
        """Raises what drawing does, and InputRefused where its turn does not come for pages being drawn."""
        key = (document_id, page, start, end)
        if known := self._kept.get(key):
            return known
        if not self._turns.acquire(timeout=TURN_SECONDS):  # whoever waits holds one of the server's few threads
            chinese, english = (half.format(page=page, seconds=f"{TURN_SECONDS:g}") for half in PAIRS["reader_turn"])
            raise InputRefused(chinese, english)
        try:
            png = self._draw(*key).png
        finally:
            self._turns.release()
        self._kept.put(key, png)
        return png


class Reading:
    """What the routes answer, over the library. A document that is gone is said so, with 404."""

    def __init__(self, services: Services) -> None:
        self.library, self.access = services.assistant.library, services.access
        self.drawings = Drawings(self.library.page_image)
        self._kept: Lately[str, Opened] = Lately(KEPT_OPEN)

    def read(self, request: Request, document_id: str) -> Response:
        """A document around a place; with before= or after= the text on that side of an offset alone.

        start, end: the citation. cites: others, "START:END,…". q: words to be marked. at: where to look, else start.
        """
        asked, words = request.query_params, _words(request)

        def answer() -> Response:
            opened = self._opened(document_id)
            place = _number(request, "at", _number(request, "start"))
            found = occurrences(opened.text, asked.get("q", ""))
            hit = place if "q" in asked else None
            cited = _number(request, "start"), _number(request, "end")
            marks = Marks(cited, tuple(s for s in _spans(asked.get("cites", "")) if s != cited), tuple(found), hit)
            for side, pieces in (("before", before), ("after", after)):
                if side in asked:
                    some = pieces(opened, _number(request, side))
                    return HTMLResponse(text_html(opened, some, marks, words, [side]), headers=HEADERS)
            return HTMLResponse(whole(opened, place, marks, words), headers=HEADERS)

        return self._checked(request, document_id, answer)

    def find(self, request: Request, document_id: str) -> Response:
        """How often the words of q stand in a document, and where: {"count", "hits": [[start, end], …]}."""

        def answer() -> Response:
            found = occurrences(self.library.text(document_id), request.query_params.get("q", ""))
            return JSONResponse({"count": len(found), "hits": found[:MAX_HITS]}, headers=HEADERS)

        return self._checked(request, document_id, answer)

    def page(self, request: Request, document_id: str, page: int) -> Response:
        """A page of a PDF as a picture, with what of the citation stands on it marked."""

        def answer() -> Response:
            start, end = _number(request, "start"), _number(request, "end")
            self.library.document(document_id)  # a removed one's pages are not shown, kept or not
            png = self.drawings.png(document_id, page, start, end)
            return Response(png, media_type="image/png", headers=PRIVATE)

        return self._checked(request, document_id, answer)

    def original(self, request: Request, document_id: str) -> Response:
        """The file as it was added, to be saved."""

        def answer() -> Response:
            name = quote(self.library.document(document_id).file_name)
            saved = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
            return Response(self.library.original(document_id), media_type="application/octet-stream", headers=saved)

        return self._checked(request, document_id, answer)

    def _opened(self, document_id: str) -> Opened:
        """The document with its paragraphs, kept for the next stretch of it. Raises UnknownDocument."""
        document = self.library.document(document_id)
        kept = self._kept.get(document_id)
        if kept and kept.document == document:
            return kept
        opened = self.library.open(document_id)
        self._kept.put(document_id, opened)
        return opened

    def _checked(self, request: Request, document_id: str, answer: Callable[[], Response]) -> Response:
        """The answer for whoever may read, else why there is none."""
        words = _words(request)
        try:
            self.access.reader(request)
            return answer()
        except UnknownDocument:
            return HTMLResponse(gone(self.library, document_id, words), 404, HEADERS)
        except AccessRefused as error:
            return _refusal(error, 401, words)
        except InputRefused as error:
            return _refusal(error, 400, words)
        except XietongError as error:
            return _refusal(error, 500, words)


def routes(services: Services) -> APIRouter:
    """The reader's routes, below /xietong/."""
    reading, router = Reading(services), APIRouter(prefix="/xietong")
    router.add_api_route("/read/{document_id}", reading.read, methods=["GET"], response_model=None)
    router.add_api_route("/find/{document_id}", reading.find, methods=["GET"], response_model=None)
    router.add_api_route("/page/{document_id}/{page}.png", reading.page, methods=["GET"], response_model=None)
    router.add_api_route("/file/{document_id}", reading.original, methods=["GET"], response_model=None)
    return router


def _refusal(error: XietongError, status: int, words: Words) -> Response:
    return HTMLResponse(f'<p class="reader-gone" role="alert">{escape(words.error(error))}</p>', status, HEADERS)


def _words(request: Request) -> Words:
    return Words("en" if request.query_params.get("lang") == "en" else "zh")


def _number(request: Request, name: str, default: int = 0) -> int:
    said = request.query_params.get(name, "")
    return int(said[:9]) if said.isascii() and said.isdigit() else default


def _spans(said: str) -> list[Span]:
    return [(int(m[1]), int(m[2])) for m in list(SPAN.finditer(said))[:MAX_CITES]]
