"""What programs may call, over Gradio's HTTP API and as tools over MCP: read-only, for whoever may read.

POST /gradio_api/run/NAME {"data": [arguments in order]} answers {"data": [result]}; MCP is at /gradio_api/mcp.
The docstrings below are what an MCP client shows its model.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import gradio as gr
from gradio.events import api

from assistant import Assistant, Turn, XietongError

from .guard import MCP
from .journal import Facts, by, tell, tell_answer
from .services import Services
from .texts import PAIRS

AT_ONCE = 4  # calls that compute at a time; more wait for their turn
WAIT_SECONDS = 20.0  # for that turn: each that waits holds a thread
HIGHEST_K = 10  # passages: as many as an answer's `retrieved` has
LONGEST_PASSAGE = 20_000  # characters of text in one answer
Row = dict[str, Any]
Rows = list[dict[str, Any]]


class Said(gr.Error):
    """An error that reaches the caller with its words, in both languages, over HTTP and MCP."""

    def __init__(self, text: str) -> None:
        super().__init__(text, print_exception=False)

    def __str__(self) -> str:
        return str(self.message)


class Api:
    """The four calls. Each answers plain JSON values; what is refused is said in both languages."""

    def __init__(self, services: Services) -> None:
        self.assistant, self.access = services.assistant, services.access
        self.longest = services.settings.max_question_chars
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def ask(
        self, question: str, request: gr.Request, history: Rows | None = None, documents: list[str] | None = None
    ) -> Row:
        """
        Answers a question with verbatim sentences of the documents, each with its source, or says what is missing.

        Parameters:
            question: the question, Chinese or English
            history: earlier turns, oldest first, each {"question": ..., "answer": ...}
            documents: ids of the documents to ask; all where none is given
        Returns:
            the answer object: status (answered, not_found, invalid), answer, short_answer, sentences, citations
        """
        found: Row = self._answer(
            request, lambda ready, facts: self._asked(ready, question, _turns(history), _ids(documents), facts)
        )
        return found

    def _asked(
        self, ready: Assistant, question: Any, history: list[Turn], documents: list[str] | None, facts: Facts
    ) -> Row:
        try:
            answer = ready.ask(_text(question, "question"), history, documents)
        except XietongError as error:
            tell("question_failed", "warning", surface="api", error=type(error).__name__, **facts)
            raise
        tell_answer(answer, documents, "api", **facts)
        return answer.to_json()

    def search(self, query: str, request: gr.Request, k: int = HIGHEST_K) -> Rows:
        """
        Finds the passages nearest to a query, best first, without an answer.

        Parameters:
            query: what to look for
            k: how many passages, 1 to 10
        Returns:
            passages with document_id, file_name, paragraph, page, text and where it stands
        """
        found: Rows = self._answer(
            request, lambda ready, _: [asdict(one) for one in ready.search(self._query(query), _count(k))]
        )
        return found

    def passage(self, document: str, start: int, end: int, request: gr.Request) -> Row:
        """
        Reads the whole paragraphs around a place of a document, to see a quote in its context.

        Parameters:
            document: the document's id
            start: where the place begins, in code points of the document's text, as citations say
            end: where it ends
        Returns:
            text with text_start and text_end, quote (the place itself), title, file_name, paragraph
        """
        found: Row = self._answer(request, lambda ready, _: _passage(ready, _text(document, "document"), start, end))
        return found

    def documents(self, request: gr.Request) -> Rows:
        """
        Lists the documents: id, title, file name, publisher, date, period, paragraphs and when each was added.
        """
        found: Rows = self._answer(request, lambda ready, _: [asdict(one) for one in ready.library.documents()])
        return found

    def _query(self, query: Any) -> str:
        """Raises Said for one without words, or longer than a question may be."""
        if not _text(query, "query").strip() or len(query) > self.longest:
            raise _refused("api_query", bound=self.longest)
        return str(query)

    def _answer(self, request: gr.Request, call: Callable[[Assistant, Facts], Any]) -> Any:
        """What the call gives; it is told who asks, for the log."""
        facts = by(request, self.access.reader(request))
        if not self._turns.acquire(timeout=WAIT_SECONDS):
            raise _refused("api_busy")
        try:
            self.assistant.wait_ready()
            found = call(self.assistant, facts)
        except XietongError as error:
            raise Said(str(error)) from None
        finally:
            self._turns.release()
        # MCP sends str(result), which would be Python's way of writing it
        return json.dumps(found, ensure_ascii=False) if request.url.path.startswith(MCP) else found


def _refused(key: str, **values: object) -> Said:
    chinese, english = (half.format(**values) for half in PAIRS[key])
    return Said(f"{chinese} / {english}")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _refused("api_text", name=name)
    return value


def _ids(value: Any) -> list[str] | None:
    if not value:
        return None
    if not isinstance(value, list):
        raise _refused("api_list")
    return [_text(one, "documents") for one in value]


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= HIGHEST_K:
        raise _refused("api_count", bound=HIGHEST_K)
    return value


def _turns(value: Any) -> list[Turn]:
    rows = value or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _refused("api_history")
    return [Turn(_text(row.get("question"), "question"), _text(row.get("answer", ""), "answer")) for row in rows]


def _passage(assistant: Assistant, document_id: str, start: Any, end: Any) -> Row:
    document, text = assistant.library.document(document_id), assistant.library.text(document_id)
    whole = isinstance(start, int) and isinstance(end, int)
    if not whole or not 0 <= start < end <= len(text) or end - start > LONGEST_PASSAGE:
        raise _refused("api_place", length=len(text), bound=LONGEST_PASSAGE)
    begin = text.rfind("\n", 0, start) + 1
    close = text.find("\n", end)
    begin, close = max(begin, end - LONGEST_PASSAGE), min(close if close >= 0 else len(text), start + LONGEST_PASSAGE)
    return {
        "document_id": document.id,
        "title": document.title,
        "file_name": document.file_name,
        "paragraph": sum(1 for line in text[: start + 1].split("\n") if line.strip()),
        "quote": text[start:end],
        "text": text[begin:close],
        "text_start": begin,
        "text_end": close,
    }


def endpoints(services: Services) -> None:
    """Adds the calls to the present gr.Blocks. They are not queued: each is one request with one answer."""
    calls = Api(services)
    for call in (calls.ask, calls.search, calls.passage, calls.documents):
        api(call, api_name=call.__name__, queue=False)
