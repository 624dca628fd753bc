"""Looking for passages in the whole library, without an answer: the box and its results on the documents page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import gradio as gr

from assistant import Document, Retrieved, XietongError

from .services import Services
from .texts import Words

FOUND = 10  # passages that are shown
LONGEST_QUERY = 200  # characters
_WORD = re.compile(r"[^\W_]{2,}")


class Finder:
    """Builds the box inside the present gr.Blocks."""

    def __init__(self, services: Services, words: Words) -> None:
        self.assistant, self.access, self.words = services.assistant, services.access, words
        with gr.Column(elem_id="finder"):
            self.box = gr.Textbox(
                label=words("find_label"),
                placeholder=words("find_placeholder"),
                max_length=LONGEST_QUERY,
                lines=1,
                max_lines=1,
                submit_btn=words("find"),
                show_label=False,
                container=False,
                elem_id="find",
            )
            self.results = gr.HTML("", elem_id="found", js_on_load=None, apply_default_css=False)
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self.box.submit(self.find, [self.box], [self.results], concurrency_id="ask", **quiet)

    def find(self, query: str, request: gr.Request) -> Iterator[Any]:
        """The passages nearest to a query, best first; nothing for an empty one."""
        self.access.reader(request)
        if not query.strip():
            yield ""
            return
        yield f'<p class="pending" role="status">{self.words("searching")}</p>'
        try:
            self.assistant.wait_ready()
            found = self.assistant.search(query[:LONGEST_QUERY], FOUND)
            documents = {document.id: document for document in self.assistant.library.documents()}
        except XietongError as error:
            yield f'<p class="notice bad" role="alert">{escape(self.words.error(error))}</p>'
            return
        yield found_list(query, found, documents, self.words)


def found_list(query: str, found: Sequence[Retrieved], documents: Mapping[str, Document], words: Words) -> str:
    """The passages with their places, the words of the query marked where they stand literally."""
    if not found:
        return f'<p class="empty" role="status">{words("find_nothing")}</p>'
    held = [(one, documents[one.document_id]) for one in found if one.document_id in documents]
    items = "".join(_item(query, one, document, words) for one, document in held)
    return f'<ol class="found" aria-label="{words("find_results")}">{items}</ol>'


def marked(text: str, query: str) -> str:
    """The text as HTML with the words of the query in <mark>."""
    wanted = sorted({re.escape(word) for word in _WORD.findall(query)}, key=len, reverse=True)
    if not wanted:
        return escape(text)
    pieces = re.split(f"({'|'.join(wanted)})", text, flags=re.IGNORECASE)
    return "".join(f"<mark>{escape(piece)}</mark>" if at % 2 else escape(piece) for at, piece in enumerate(pieces))


def _item(query: str, one: Retrieved, document: Document, words: Words) -> str:
    where = [words("book_title", title=document.title), words("paragraph", number=one.paragraph)]
    where += [words("page_number", number=one.page)] if one.page is not None else []
    return (
        f'<li><button type="button" class="to-place" '
        f'data-place="{escape(one.document_id)}:{one.text_start}:{one.text_end}">'
        f"{escape(words('comma').join(where))}</button><p>{marked(one.text, query)}</p></li>"
    )
