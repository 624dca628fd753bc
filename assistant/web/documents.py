"""The page where documents are listed, added, replaced and removed."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import gradio as gr

from assistant import Document, Opened, ProgressCallback, UnknownDocument, XietongError

from .finder import Finder
from .journal import Facts, by, tell
from .services import Services
from .table import button, documents_table, size_text, upload_list
from .texts import Words
from .uploads import uploaded
from .versions import offer_html
from .work import Work

POLL_SECONDS = 1.0  # how often the page looks whether something changed: additions of other processes show in 2 s
PARALLEL = 8  # actions of pages at a time; one may wait for another process to finish writing
# A click on a button reaches Python as its action and what it is about.
_ON_LOAD = """
element.addEventListener('click', event => {
  const button = event.target.closest('[data-action]');
  if (button) trigger('click', {action: button.dataset.action, document: button.dataset.document});
});
"""


@dataclass(frozen=True, slots=True)
class View:
    """What somebody does on one page.

    asked: the document about whose removal it asks; outlined: the one whose outline is open; renewed: the one that the
    next file that is chosen is to replace.
    """

    asked: str | None = None
    outlined: str | None = None
    renewed: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Digests of the HTML that a page has. Apart from View: what the page asks by itself changes nothing of that."""

    results: int = 0
    table: int = 0


class DocumentsPage:
    """Builds the page inside the present gr.Blocks; the methods are what its events call."""

    def __init__(self, services: Services, words: Words) -> None:
        self.assistant, self.incoming, self.access = services.assistant, services.incoming, services.access
        self.words, self.undo_minutes = words, services.settings.undo_seconds / 60
        html: dict[str, Any] = {"js_on_load": _ON_LOAD, "apply_default_css": False}
        with gr.Column(elem_id="documents"):
            self.files = gr.File(file_count="multiple", label=words("upload_label"), elem_id="upload", height=150)
            hint = escape(words("upload_hint", size=size_text(services.settings.max_file_bytes)))
            gr.HTML(f'<p class="hint editor-only">{hint}</p>', js_on_load=None, apply_default_css=False)
            Finder(services, words)
            self.results = gr.HTML("", elem_id="results", **html)
            self.table = gr.HTML("", elem_id="library", **html)
            self.notice = gr.HTML("", elem_id="notice", **html)
        self.view, self.sent = gr.State(View()), gr.State(Sent())
        self.timer = gr.Timer(POLL_SECONDS)
        self.wire()

    def wire(self) -> None:
        """Connects the events; none of them is a public API."""
        given, looked = [self.view, self.sent], [self.results, self.table, self.sent]
        shown = [*looked, self.notice, self.view]
        # "multiple": what is chosen or clicked while something else goes on is not dropped.
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
        self.files.upload(self.add, [self.files, *given], [*shown, self.files], preprocess=False, **quiet)
        for clicked in (self.results, self.table, self.notice):
            clicked.click(self.change, given, shown, concurrency_limit=PARALLEL, concurrency_id="act", **quiet)
        unasked: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        # without inputs, whose changes would call it too, this is done when the page is opened
        gr.on(None, self.opened, None, looked, **unasked)
        self.timer.tick(self.poll, given, looked, **unasked)

    # Events

    def add(self, payload: Any, view: View, sent: Sent, request: gr.Request) -> tuple[Any, ...]:
        """Hands the uploaded files over: they are added whether or not this page stays open.

        One file chosen to replace a document does so; several are added beside it, which is said.
        """
        self.access.editor(request)
        files, old = uploaded(payload), view.renewed or ""
        self.incoming.take(files, replaces=old if len(files) == 1 else "")
        said = ""
        if old and len(files) > 1:
            with suppress(UnknownDocument):
                said = _notice(self.words("renew_several", title=self.assistant.library.document(old).title), bad=True)
        return *self.shown(replace(view, renewed=None), sent, said), gr.File(value=None)

    def opened(self, request: gr.Request) -> tuple[Any, ...]:
        """What the page shows first: nothing of the library lies in the page itself."""
        self.access.reader(request)
        return self.looked(View(), Sent())

    def poll(self, view: View, sent: Sent, request: gr.Request) -> tuple[Any, ...]:
        """What has changed meanwhile, here or in another process; an open question in the table stays."""
        self.access.watcher(request)
        return self.looked(view, sent)

    def change(self, view: View, sent: Sent, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """A click: ask before removing, remove, undo that, or decide what becomes of an older version."""
        user = self.access.reader(request)
        action, target = str(event.action), str(event.document)
        if action != "contents":
            self.access.editor(request)
        view = replace(view, asked=target if action == "ask" else None)
        if action in ("ask", "cancel"):
            yield self.shown(replace(view, renewed=None), sent, "")
        elif action == "contents":
            yield self.shown(replace(view, outlined=None if view.outlined == target else target), sent, gr.skip())
        elif action == "renew":
            yield self.renew(view, sent, target)
        elif action in ("clear", "keep"):
            self.incoming.clear() if action == "clear" else self.incoming.keep_both(target)
            yield self.shown(view, sent, "")
        elif action in ("confirm", "replace", "undo"):
            yield from self.carry_out(view, sent, action, target, by(request, user))

    def carry_out(self, view: View, sent: Sent, action: str, target: str, facts: Facts) -> Iterator[tuple[Any, ...]]:
        """What changes the library: how far it is where it takes a while, then what came of it."""
        calls: dict[str, Callable[[ProgressCallback], str]] = {
            "confirm": lambda _: self.remove(target, facts),
            "replace": lambda _: self.replace_old(target, facts),
            "undo": lambda step: self.take_back(target, step, facts),
        }
        work = Work(calls[action])
        for step in work:
            said = self.words("taking_back" if action == "undo" else "removing")
            if self.assistant.library.waiting:
                said = self.words("turn")
            elif step:
                said = f"{said} {self.words.progress(step)}"
            yield self.shown(view, sent, _notice(said))
        try:
            yield self.shown(view, sent, _notice(work.result()))
        except XietongError as error:
            yield self.shown(view, sent, _notice(self.words.error(error), bad=True))

    def renew(self, view: View, sent: Sent, target: str) -> tuple[Any, ...]:
        """The next file that is chosen replaces this document."""
        try:
            said = self.words("renew_choose", title=self.assistant.library.document(target).title)
        except XietongError as error:
            return self.shown(view, sent, _notice(self.words.error(error), bad=True))
        cancel = button("cancel", "", self.words("cancel"))
        notice = f'<p class="notice" role="status">{escape(said)} {cancel}</p>'
        return self.shown(replace(view, renewed=target), sent, notice)

    def remove(self, document_id: str, facts: Facts) -> str:
        """Removes the document; what to say of it."""
        removed = self.assistant.library.remove(document_id, undo=True)
        return self.words("removed", title=self.told("removed", removed, facts))

    def replace_old(self, upload_id: str, facts: Facts) -> str:
        """Removes the older version that an upload was offered to replace."""
        removed = self.incoming.replace_old(upload_id)
        return self.words("removed", title=self.told("replaced", removed, facts)) if removed else ""

    def take_back(self, document_id: str, step: ProgressCallback, facts: Facts) -> str:
        """Adds a removed document again while that is still possible."""
        addition = self.assistant.library.take_back(document_id, step)
        back = self.assistant.library.document(addition.id or "")
        return self.words("taken_back", title=self.told("taken_back", back, facts))

    def told(self, kind: str, document: Document, facts: Facts) -> str:
        """The document's title, once the log has been told what became of it."""
        tell("removal", private={"file": document.file_name}, kind=kind, document=document.id, **facts)
        return document.title

    # What is shown

    def shown(self, view: View, sent: Sent, notice: Any) -> tuple[Any, ...]:
        """Results, table, what has been sent, notice and view."""
        return *self.looked(view, sent), notice, view

    def looked(self, view: View, sent: Sent) -> tuple[Any, ...]:
        """Results and table, as far as the page does not have them, and what it has then."""
        results, table = self.outcomes(), self.listing(view)
        now = Sent(hash(results), hash(table))
        return (
            results if now.results != sent.results else gr.skip(),
            table if now.table != sent.table else gr.skip(),
            now if now != sent else gr.skip(),
        )

    def outcomes(self) -> str:
        """What has become of the uploads, and what must be decided."""
        uploads = self.incoming.uploads()
        if not uploads:
            return ""
        try:
            titles = {document.id: document.title for document in self.assistant.library.documents()}
            offers = self.incoming.offers()
        except XietongError:  # the table says so
            titles, offers = {}, []
        waiting = self.assistant.library.waiting
        return upload_list(uploads, titles, waiting, self.words) + "".join(
            offer_html(offer, self.undo_minutes, self.words) for offer in offers
        )

    def listing(self, view: View) -> str:
        """The table as it is now, or why it cannot be read."""
        library = self.assistant.library
        try:
            documents, removed, sizes = library.documents(), library.removed(), library.sizes()
            outline = self.outline(view.outlined)
        except XietongError as error:
            return _notice(self.words.error(error), bad=True)
        if not documents and self.assistant.readiness().phase in ("loading", "indexing"):
            return f'<p class="empty">{self.words("documents_indexing")}</p>'
        return documents_table(documents, removed, self.words, sizes, view.asked, outline)

    def outline(self, document_id: str | None) -> Opened | None:
        """The document whose outline is open; None where it has been removed meanwhile."""
        if document_id is None:
            return None
        with suppress(UnknownDocument):
            return self.assistant.library.open(document_id)
        return None


def _notice(text: str, bad: bool = False) -> str:
    role = 'class="notice bad" role="alert"' if bad else 'class="notice" role="status"'
    return f"<p {role}>{escape(text)}</p>" if text else ""
