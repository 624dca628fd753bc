"""The page where documents are listed, added and removed."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import Assistant, XietongError

from .table import documents_table, removed_notice, size_text, upload_list
from .texts import Words
from .uploads import Upload, add_all, uploaded

POLL_SECONDS = 2.0  # how often the list is looked at while the library is being made
# A click on a button of the table reaches Python as its action and document.
_ON_LOAD = """
element.addEventListener('click', event => {
  const button = event.target.closest('[data-action]');
  if (button) trigger('click', {action: button.dataset.action, document: button.dataset.document});
});
"""


class DocumentsPage:
    """Builds the page inside the present gr.Blocks; the methods are what its events call."""

    def __init__(self, assistant: Assistant, words: Words, uploads: Path, max_file_bytes: int) -> None:
        self.assistant, self.words, self.uploads = assistant, words, uploads
        with gr.Column(elem_id="documents"):
            self.files = gr.File(file_count="multiple", label=words("upload_label"), elem_id="upload", height=150)
            hint = escape(words("upload_hint", size=size_text(max_file_bytes)))
            gr.HTML(f'<p class="hint">{hint}</p>', js_on_load=None, apply_default_css=False)
            self.results = gr.HTML("", elem_id="results", js_on_load=None, apply_default_css=False)
            self.notice = gr.HTML("", elem_id="notice", js_on_load=_ON_LOAD, apply_default_css=False)
            self.table = gr.HTML(self.listing, elem_id="library", js_on_load=_ON_LOAD, apply_default_css=False)
        self.timer = gr.Timer(POLL_SECONDS)
        self.pending = gr.State(False)
        self.wire()

    def wire(self) -> None:
        """Connects the events; none of them is a public API."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        shown = [self.results, self.notice, self.table, self.files]
        # "multiple": files chosen while others are being added wait for their turn instead of being dropped.
        adding: dict[str, Any] = {"preprocess": False, "concurrency_limit": 1, "trigger_mode": "multiple", **quiet}
        self.files.upload(self.add, [self.files], shown, **adding)
        self.table.click(self.act, None, [self.notice, self.table], **quiet)
        self.notice.click(self.take_back, None, [self.notice, self.table], concurrency_limit=1, **quiet)
        self.timer.tick(self.poll, [self.pending], [self.table, self.timer, self.pending], queue=False, **quiet)

    def add(self, payload: Any) -> Iterator[tuple[Any, ...]]:
        """Adds the uploaded files and yields the page at each step."""
        for rows in add_all(self.assistant, uploaded(payload), self.uploads):
            yield upload_list(rows, self.titles(rows), self.words), "", self.listing(), gr.skip()
        yield gr.skip(), gr.skip(), self.listing(), gr.File(value=None)

    def act(self, event: gr.EventData) -> tuple[str, str]:
        """A click in the table: ask before removing, remove, or leave it."""
        action, document_id = str(event.action), str(event.document)
        if action == "confirm":
            notice = self.removed(document_id)
            return notice, self.listing()
        return "", self.listing(document_id if action == "ask" else None)

    def removed(self, document_id: str) -> str:
        """Removes the document, says so and offers to take it back."""
        try:
            document = self.assistant.library.remove(document_id, undo=True)
        except XietongError as error:
            return f'<p class="notice bad" role="alert">{escape(self.words.error(error))}</p>'
        return removed_notice(document, self.words)

    def take_back(self, event: gr.EventData) -> Iterator[tuple[str, str]]:
        """Adds a removed document again while that is still possible."""
        yield f'<p class="notice" role="status">{self.words("taking_back")}</p>', self.listing()
        try:
            addition = self.assistant.library.take_back(str(event.document))
            title = self.assistant.library.document(addition.id or "").title
            notice = f'<p class="notice" role="status">{escape(self.words("taken_back", title=title))}</p>'
        except XietongError as error:
            notice = f'<p class="notice bad" role="alert">{escape(self.words.error(error))}</p>'
        yield notice, self.listing()

    def titles(self, rows: list[Upload]) -> dict[str, str]:
        """Document id → title, where an outcome names another document."""
        if not any(row.addition and row.addition.similar_to for row in rows):
            return {}
        return {document.id: document.title for document in self.assistant.library.documents()}

    def poll(self, was_pending: bool) -> tuple[Any, Any, bool]:
        """Refreshes the list while the library is made and once when it stands; an open question in it stays."""
        pending = self.assistant.readiness().phase in ("loading", "indexing")
        listing = self.listing() if pending or was_pending else gr.skip()
        return listing, gr.skip() if pending else gr.Timer(active=False), pending

    def listing(self, asked: str | None = None) -> str:
        """The table as it is now, or why it cannot be read."""
        try:
            documents = self.assistant.library.documents()
        except XietongError as error:
            return f'<p class="notice bad" role="alert">{escape(self.words.error(error))}</p>'
        if not documents and self.assistant.readiness().phase in ("loading", "indexing"):
            return f'<p class="empty">{self.words("documents_indexing")}</p>'
        return documents_table(documents, self.words, asked)
