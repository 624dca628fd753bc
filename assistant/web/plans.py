"""The page where each plan stands beside what the documents report of it, and the route that exports it."""

import csv
import io
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, get_args
from urllib.parse import urlencode

import gradio as gr
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from assistant import (
    CLOSE_REPORT,
    Assistant,
    PlanRow,
    Progress,
    ProgressCallback,
    Told,
    XietongError,
    harmless,
    select_plans,
)

from .downloads import BOM
from .ledger import ledger, picture
from .services import Services
from .shell import ASSETS, page_language
from .texts import Words
from .work import Work

SHOWN_AT_ONCE = 100  # rows; a whole library has thousands
LONGEST_TEXT = 100  # characters of what is looked for
PARALLEL = 8  # pages that look at once
EVERY = ""  # the choice of all documents
TOLD = get_args(Told)


class PlansPage:
    """Builds the page inside the present gr.Blocks; the methods are what its events call."""

    def __init__(self, services: Services, words: Words) -> None:
        self.assistant, self.access, self.words = services.assistant, services.access, words
        with gr.Column(elem_id="plans"):
            self.html(f'<p class="hint">{words("plans_intro")}</p>', "plans-intro")
            with gr.Row(elem_id="plans-filter"):
                self.document = gr.Dropdown(
                    choices=[(words("plans_every"), EVERY)],
                    value=None,
                    label=words("plans_document"),
                    elem_id="plans-document",
                )
                self.text = gr.Textbox(
                    label=words("plans_text"),
                    placeholder=words("plans_text_hint"),
                    max_length=LONGEST_TEXT,
                    lines=1,
                    max_lines=1,
                    elem_id="plans-text",
                )
                self.told = gr.Radio(
                    choices=[(words(f"plans_{one}"), one) for one in TOLD],
                    value="all",
                    label=words("plans_told"),
                    elem_id="plans-told",
                )
            self.head = self.html("", "plans-head")
            self.rows = self.html("", "plans-rows")
            self.more = gr.Button("", visible=False, size="sm", elem_id="plans-more")
        self.limit = gr.State(SHOWN_AT_ONCE)
        self.held = gr.State(())  # the documents that the page offers, so that they are sent only when they change

    def html(self, value: str, name: str) -> gr.HTML:
        """A block of our own HTML."""
        return gr.HTML(value, elem_id=name, js_on_load=None, apply_default_css=False)

    def on_select(self, tab: gr.Tab) -> None:
        """Connects the events; none of them is a public API."""
        asked = [self.document, self.text, self.told, self.limit, self.held]
        shown = [self.head, self.rows, self.more, self.document, self.limit, self.held]
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "always_last",
            "concurrency_limit": PARALLEL,
            "concurrency_id": "plans",
            "preprocess": False,
        }
        gr.on([tab.select, self.document.input, self.text.change, self.told.input], self.show, asked, shown, **quiet)
        self.more.click(self.show_more, asked, shown, **quiet)

    # Events

    def show(
        self, document: Any, text: Any, told: Any, _: Any, held: Any, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """The ledger as the filter asks for it, from its first row."""
        self.access.reader(request)
        yield from self.shown(document, text, told, SHOWN_AT_ONCE, held)

    def show_more(
        self, document: Any, text: Any, told: Any, limit: int, held: Any, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """The same with more rows."""
        self.access.reader(request)
        yield from self.shown(document, text, told, limit + SHOWN_AT_ONCE, held)

    def shown(self, document: Any, text: Any, told: Any, limit: int, held: Any) -> Iterator[tuple[Any, ...]]:
        """How far the comparing is while it goes on, then head, rows, what more there is, and the choices."""
        skip = gr.skip()
        work = Work(lambda tell: worked_out(self.assistant, tell))
        for step in work:
            yield _pending(self.progress(step)), skip, skip, skip, skip, skip
        try:
            rows, titles = work.result(), self.titles()
        except XietongError as error:
            said = _notice(self.words.error(error))
            yield said, "", gr.Button(visible=False), skip, skip, skip
            return
        offered = tuple((titles[name], name) for name in dict.fromkeys(r.document_id for r in rows) if name in titles)
        names = [name for _, name in offered]
        document = document if document == EVERY or document in names else (names or [EVERY])[0]
        chosen = select_plans(rows, document or None, str(text or "")[:LONGEST_TEXT], told if told in TOLD else "all")
        left = len(chosen) - limit
        more = gr.Button(
            self.words("plans_more", count=min(left, SHOWN_AT_ONCE), left=left) if left > 0 else "", visible=left > 0
        )
        choices = gr.Dropdown(choices=[(self.words("plans_every"), EVERY), *offered], value=document)
        yield (
            self.heading(rows, chosen, document, text, told, titles),
            ledger(chosen[:limit], titles, self.words),
            more,
            choices if (offered, document) != held else skip,
            limit,
            (offered, document),
        )

    # What is shown

    def heading(
        self, rows: Sequence[PlanRow], chosen: Sequence[PlanRow], document: str, text: Any, told: Any, titles: Any
    ) -> str:
        """How many there are, the way to export them, and the picture; or why there is nothing."""
        if not chosen:
            return f'<p class="empty" role="status">{self.words("plans_no_match" if rows else "plans_nothing")}</p>'
        asked = {"document": document, "text": str(text or ""), "told": told, "lang": self.words.language}
        count = self.words("plans_count", count=len(chosen), told=sum(bool(row.progress) for row in chosen))
        address = f"{ASSETS}/plans.csv?{urlencode(asked)}".replace("&", "&amp;")
        return (
            f'<div class="plans-count"><p role="status">{count}</p>'
            f'<a class="export" href="{address}" download>{self.words("plans_export")}</a></div>'
            f"{picture(chosen, titles, self.words)}"
        )

    def titles(self) -> dict[str, str]:
        """The documents' titles by their ids."""
        return {document.id: document.title for document in self.assistant.library.documents()}

    def progress(self, step: Progress | None) -> str:
        """How far the work is."""
        if self.assistant.readiness().phase == "indexing":
            return self.words("plans_indexing")
        return self.words("plans_working", progress=self.words.progress(step) if step else "")


def worked_out(assistant: Assistant, tell: ProgressCallback | None = None) -> list[PlanRow]:
    """All rows; on a first start, once the sources are read in."""
    if assistant.library.needs_seed():
        assistant.wait_ready()
    return assistant.plans.rows(tell)


def _pending(text: str) -> str:
    return f'<p class="pending" role="status">{text}</p>'


def _notice(text: str) -> str:
    return f'<p class="notice bad" role="alert">{escape(text)}</p>'


# Export


def routes(services: Services) -> APIRouter:
    """GET /xietong/plans.csv?document=ID&text=…&told=all, with or without&lang=zh or en: what the page shows."""
    router = APIRouter()

    @router.get(f"{ASSETS}/plans.csv")
    def as_csv(request: Request, document: str = EVERY, text: str = "", told: str = "all") -> Response:
        words = Words(page_language(request.scope))
        services.access.reader(request)
        try:
            rows = worked_out(services.assistant)
        except XietongError as error:
            return PlainTextResponse(f"{words.error(error)}\n", 503)
        asked: Told = told if told in TOLD else "all"  # type: ignore[assignment]
        chosen = select_plans(rows, document or None, text[:LONGEST_TEXT], asked)
        headers = {
            "content-disposition": 'attachment; filename="plans.csv"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        return Response(csv_of(chosen, words), media_type="text/csv; charset=utf-8", headers=headers)

    return router


def csv_of(rows: Sequence[PlanRow], words: Words) -> str:
    """A line for each paragraph of progress, and one for a clause on which nothing is reported."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = ("document", "topic", "plan", "paragraph", "progress", "document", "paragraph", "match")
    writer.writerow(words(f"plans_{n}" if n in ("plan", "progress") else f"plans_csv_{n}") for n in names)
    for row in rows:
        plan = (row.plan.file_name, row.topic, row.plan.quote, row.plan.paragraph)
        lines: list[tuple[object, ...]] = [
            (place.quote, place.file_name, place.paragraph, words(f"plans_{'sure' if s >= CLOSE_REPORT else 'near'}"))
            for place, s in zip(row.progress, row.scores, strict=True)
        ]
        for line in lines or [(words("plans_none"), "", "", "")]:
            writer.writerow(_cell(value) for value in (*plan, *line))
    return BOM + out.getvalue()


def _cell(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value
