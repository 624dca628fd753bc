"""The assistant: a question in, a cited answer out."""

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assistant.answering import RETRIEVED, compose, not_found, retrieved
from assistant.question import language_of, understand
from assistant.ranking import passages_in_order, rank
from assistant.settings import Settings
from assistant.types import Answer, Readiness, Retrieved, Timings, Turn
from assistant.verification import verify
from assistant.wording import say
from index import Library, Progress, ProgressCallback, XietongError, load_embedder, model_name


class Assistant:
    """Answers questions over one library.

    `start` gets ready in the background; `prepare` does so at once. Every question waits for that.
    """

    def __init__(self, library: Library, sources: Path, max_question_chars: int) -> None:
        self.library = library
        self._sources = sources
        self._max_question_chars = max_question_chars
        self._readiness = Readiness("loading")
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failure: XietongError | None = None

    # Getting ready

    def start(self) -> None:
        """Loads the model and, on a first start, indexes the sources, in a background thread."""
        with self._lock:
            if self._thread is None and not self._ready.is_set():
                self._thread = threading.Thread(target=self._prepare_quietly, name="xietong-prepare", daemon=True)
                self._thread.start()

    def readiness(self) -> Readiness:
        """How far it is; cheap, to be asked often."""
        return self._readiness

    def wait_ready(self) -> None:
        """Returns when questions can be answered. Raises the XietongError that stopped it from getting ready."""
        self._ready.wait()
        if self._failure:
            raise self._failure

    def prepare(self, progress: ProgressCallback | None = None) -> None:
        """Indexes the sources if this data folder never had a whole first start."""

        def tell(step: Progress) -> None:
            self._readiness = Readiness("indexing", step.label, step.done, step.total)
            if progress:
                progress(step)

        if self.library.needs_seed():
            self.library.seed(self._sources, tell)
        self._readiness = Readiness("ready")
        self._ready.set()

    def _prepare_quietly(self) -> None:
        """The background thread: a failure is kept for whoever asks, in both languages."""
        try:
            self.library.embedder()
            self.prepare()
        except XietongError as error:
            self._failure = error
            self._readiness = Readiness("failed", error={"zh": error.zh, "en": error.en})
            self._ready.set()

    def close(self) -> None:
        """Nothing to wait for: what is stored is stored, and the background thread ends with the process."""

    # Answering

    def ask(self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] | None = None) -> Answer:
        """The answer to a question; `history` oldest first; `documents`: ids to search in, None for all.

        Status "invalid" for an empty or over-long question. Raises UnknownDocument, ModelMismatch,
        ModelUnavailable, LibraryUnusable.
        """
        begun = time.perf_counter()
        invalid = self._invalid(question)
        if invalid:
            return invalid
        asked = understand(question, history)
        if not re.search(r"\w", question):
            base = Answer(question, "not_found", "", self.library.model)
            return not_found(asked, [], None, base, {}) if self.library.documents() else self._empty(question)
        result = self.library.search(asked.query, RETRIEVED, documents)
        searched = time.perf_counter()
        held = {d.id: d for d in self.library.documents()}
        ranked = rank(asked, tuple(hit for hit in result.hits if hit.passage.document_id in held))
        answer = compose(asked, result, ranked, held, self.library.model)
        answer = self._verified(answer)
        now = time.perf_counter()
        stages = (result.embed_ms, result.search_ms, result.rerank_ms, (now - searched) * 1000)
        return replace(answer, timings_ms=Timings(*(round(ms, 2) for ms in ((now - begun) * 1000, *stages))))

    def search(self, text: str, k: int = RETRIEVED, documents: Sequence[str] | None = None) -> tuple[Retrieved, ...]:
        """The k best passages in the order in which an answer would use them."""
        asked = understand(text)
        if not re.search(r"\w", text):
            return ()
        result = self.library.search(asked.query, k, documents)
        held = {d.id: d for d in self.library.documents()}
        return retrieved(held, passages_in_order(rank(asked, result.hits)), k)

    def _invalid(self, question: str) -> Answer | None:
        language = language_of(question[: self._max_question_chars])
        if not question.strip():
            return Answer(question, "invalid", say(language, "empty_question"), self.library.model)
        if len(question) > self._max_question_chars:
            said = say(language, "long_question", length=len(question), bound=self._max_question_chars)
            return Answer(question[: self._max_question_chars], "invalid", said, self.library.model)
        return None

    def _empty(self, question: str) -> Answer:
        missing = say(language_of(question), "empty_library")
        said = say(language_of(question), "not_found", missing=missing)
        return Answer(question, "not_found", said, self.library.model, missing=missing)

    def _verified(self, answer: Answer) -> Answer:
        """An answer that fails the last gate is not shown."""
        if answer.status != "answered" or not verify(answer, self.library.text):
            return answer
        language = language_of(answer.question)
        missing = say(language, "nothing")
        return replace(
            answer,
            status="not_found",
            answer=say(language, "not_found", missing=missing),
            missing=missing,
            short_answer=None,
            sentences=(),
            citations=(),
            nearest=tuple(replace(c, number=None) for c in answer.citations),
        )


def build(settings: Settings) -> Assistant:
    """Wires library and assistant from settings; loads nothing yet."""
    library = Library(
        settings.data,
        model_name(settings.embedding_model),
        lambda: load_embedder(settings.embedding_model),
        max_bytes=settings.max_file_bytes,
        max_characters=settings.max_characters,
    )
    return Assistant(library, settings.sources, settings.max_question_chars)
