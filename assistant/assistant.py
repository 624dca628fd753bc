"""The assistant: a question in, a cited answer out."""

import gc
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path

from assistant.answerability import content_terms
from assistant.answering import RETRIEVED, Part, Verdict, checked, compose, not_found, retrieved
from assistant.background import SENTENCES
from assistant.judge import shipped_judge
from assistant.parts import parts_of
from assistant.periods import section_of
from assistant.plans import Plans
from assistant.question import Question, language_of, understand
from assistant.ranking import Ranked, judged, passages_in_order, rank
from assistant.references import Names, Reference, reference
from assistant.settings import Settings
from assistant.types import Answer, Readiness, Retrieved, Timings, Turn
from assistant.verification import vetted
from assistant.wording import say
from index import (
    Document,
    Judge,
    Library,
    LibraryUnusable,
    PassageHit,
    Progress,
    ProgressCallback,
    UnknownDocument,
    XietongError,
    load_embedder,
    model_name,
)

LOG = logging.getLogger("xietong")
OFF_TOPIC_MARGIN = 0.012  # set where no answerable question of tests/evaluation is refused
ON_TOPIC_SCORE = 0.86  # above it the null model need not be asked
CANDIDATES = 30  # passages that are ranked for an answer; the best RETRIEVED of them are shown
WORD = re.compile(r"[^\W_]")  # a question without a letter or digit asks nothing


class Assistant:
    """Answers questions over one library.

    `start` gets ready in the background; `prepare` does so at once. Every question waits for that.
    """

    def __init__(self, library: Library, sources: Path, max_question_chars: int, min_confidence: float = 0.0) -> None:
        self.library = library
        self.plans = Plans(library)
        self._sources = sources
        self._max_question_chars = max_question_chars
        self._min_confidence = min_confidence
        self._readiness = Readiness("loading")
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failure: XietongError | None = None
        self._names, self._names_lock = Names(), threading.Lock()

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
        """Indexes the sources if this data folder never had a whole first start; clears what aborted work left."""

        def tell(step: Progress) -> None:
            self._readiness = Readiness("indexing", step)
            if progress:
                progress(step)

        if self.library.needs_seed():
            self.library.seed(self._sources, tell)
        self.library.sweep()
        self._readiness = Readiness("ready")
        self._ready.set()

    def _prepare_quietly(self) -> None:
        """The background thread: a failure of any kind is kept for whoever asks, never lost with the thread."""
        try:
            self.library.embedder()
            self.prepare()
            self._warm_up()
            gc.collect()
            gc.freeze()  # looking through what is loaded once and for all would hold a question up, 0.2 s
        except XietongError as error:
            self._fail(error)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            self._fail(
                LibraryUnusable(
                    f"启动失败({said}):请运行 xietong doctor 查看。", f"start failed ({said}): run `xietong doctor`."
                )
            )
            raise

    def _warm_up(self) -> None:
        """What the first question would have to wait for. Where it fails, that question says so and tries again."""
        try:
            self.library.warm()
            self.library.learn(SENTENCES)
            _ = self._judge
            say("zh-Hant", "nothing")  # loads the dictionary of traditional characters
        except XietongError as error:
            LOG.warning("%s", error)

    def _fail(self, error: XietongError) -> None:
        self._failure = error
        self._readiness = Readiness("failed", error={"zh": error.zh, "en": error.en})
        self._ready.set()

    def close(self) -> None:
        """Nothing to wait for: what is stored is stored, and the background thread ends with the process."""
        self.library.close()

    # Answering

    def ask(self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] | None = None) -> Answer:
        """The answer to a question; `history` oldest first; `documents`: ids to search in, None for all.

        Status "invalid" for an empty or over-long question. Raises UnknownDocument, ModelMismatch,
        ModelUnavailable, VectorsUnavailable, LibraryUnusable.
        """
        begun = time.perf_counter()  # waiting for its turn is part of the time that is told
        with self.library.reading():
            return self._ask(question, history, documents, begun)

    def _ask(self, question: str, history: Sequence[Turn], documents: Sequence[str] | None, begun: float) -> Answer:
        question, history = _sound(question), [Turn(_sound(t.question), _sound(t.answer)) for t in history]
        invalid = self._invalid(question)
        if invalid:
            return invalid
        asked = understand(question, history)
        held = self.library.held()
        if not WORD.search(question):
            return not_found(asked, [], None, Answer(question, "not_found", "", self.library.model), held)
        asked_for = parts_of(asked)
        parts = [self._part(part, documents, held, len(asked_for) == 1) for part in asked_for]
        searched = time.perf_counter()
        off_topic = self._off_topic(parts)
        text_of = cache(self._text)  # a text is read and checked once for all that asks for it
        made = compose(asked, parts, held, text_of, self.library.model, off_topic, self._min_confidence)
        answer = self._verified(made, text_of)
        now = time.perf_counter()
        stages = [sum(getattr(p.result, f"{stage}_ms") for p in parts) for stage in ("embed", "search", "rerank")]
        times = ((now - begun) * 1000, *stages, (now - searched) * 1000)
        return replace(answer, timings_ms=Timings(*(round(ms, 2) for ms in times)))

    def _named(self, part: Question, held: Mapping[str, Document], documents: Sequence[str] | None) -> Reference | None:
        if documents is not None:
            return reference(part, lambda: Names(held[i] for i in documents if i in held))
        with self._names_lock:
            return reference(part, lambda: self._names.follow(held))

    def _part(self, part: Question, documents: Sequence[str] | None, held: Mapping[str, Document], alone: bool) -> Part:
        named = self._named(part, held, documents)
        part = part.naming(named.start, named.end) if named else part
        # A document that is named is searched alone; a word that only others have is still said elsewhere.
        within = None if documents is None else tuple(documents)
        query = replace(part.query, terms=content_terms(part), terms_within=within)
        try:
            result = self.library.search(query, CANDIDATES, sorted(named.documents) if named else documents)
        except UnknownDocument:
            if named is None:
                raise
            result = self.library.search(query, CANDIDATES, documents)  # the named one was removed meanwhile
        begun = time.perf_counter()
        ranked, verdict = self._ranked(part, result.hits, held, alone)
        if part.both_sections:
            ranked = [r for r in ranked if section_of(r.passage) == part.section] or ranked
        result = replace(result, rerank_ms=result.rerank_ms + (time.perf_counter() - begun) * 1000)
        return Part(part, result, ranked, verdict)

    def _ranked(
        self, part: Question, hits: Sequence[PassageHit], held: Mapping[str, Document], alone: bool
    ) -> tuple[list[Ranked], Verdict | None]:
        """The sentences in their order; by the judge too where the question is `alone`: it has never read a part.

        Then with what `checked` says of that order.
        """
        ranked = rank(part, [hit for hit in hits if hit.passage.document_id in held], held)
        if not alone or not self._judge:
            return ranked, None
        verdicts: list[Verdict] = []

        def chosen(order: Sequence[Ranked]) -> Ranked | None:
            verdicts.append(checked(part, order, held))
            return verdicts[-1][0]

        return judged(part, ranked, held, self._judge, chosen), verdicts[-1] if verdicts else None

    @cached_property
    def _judge(self) -> Judge | None:
        return shipped_judge(self.library)

    def search(self, text: str, k: int = RETRIEVED, documents: Sequence[str] | None = None) -> tuple[Retrieved, ...]:
        """The k best passages in the order in which an answer would use them."""
        asked = understand(_sound(text))
        if not WORD.search(text):
            return ()
        result = self.library.search(asked.query, max(k, CANDIDATES), documents)
        held = self.library.held()
        ranked, _ = self._ranked(asked, result.hits, held, len(parts_of(asked)) == 1)
        return retrieved(held, passages_in_order(ranked), k)

    def _off_topic(self, parts: Sequence[Part]) -> bool:
        """Is the question nearer to everyday talk than to anything in the library?"""
        scores = [hit.sentences[0].score for part in parts for hit in part.result.hits]
        if not scores or max(scores) > ON_TOPIC_SCORE:
            return False
        everyday = self.library.nearest_of(parts[0].question.query, SENTENCES)
        return everyday is not None and everyday - max(scores) > OFF_TOPIC_MARGIN

    def _text(self, document_id: str) -> str:
        """A document's text; empty once it has been removed, so that no quote from it stands."""
        try:
            return self.library.text(document_id)
        except UnknownDocument:
            return ""

    def _invalid(self, question: str) -> Answer | None:
        language = language_of(question[: self._max_question_chars])
        if not question.strip():
            return Answer(question, "invalid", say(language, "empty_question"), self.library.model)
        if len(question) > self._max_question_chars:
            said = say(language, "long_question", length=len(question), bound=self._max_question_chars)
            return Answer(question[: self._max_question_chars], "invalid", said, self.library.model)
        return None

    def _verified(self, answer: Answer, text_of: Callable[[str], str]) -> Answer:
        """What does not pass the last gate is left out; an answer of which nothing is left is none."""
        if kept := vetted(answer, text_of):
            return kept
        language = language_of(answer.question)
        missing = say(language, "nothing")
        return replace(
            answer,
            status="not_found",
            answer=say(language, "not_found", missing=missing),
            missing=missing,
            short_answer=None,
            short_unit=None,
            sentences=(),
            citations=(),
            nearest=tuple(replace(c, number=None) for c in answer.citations),
        )


def _sound(text: str) -> str:
    """Half a surrogate pair, which a broken terminal or JSON file may hold, is no text: a "?" stands for it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def build(settings: Settings, on_wait: Callable[[], None] | None = None) -> Assistant:
    """Wires library and assistant from settings; loads nothing yet.

    `on_wait` is called when a change of the library must wait for another process to finish its own.
    """
    library = Library(
        settings.data,
        model_name(settings.embedding_model),
        lambda: load_embedder(settings.embedding_model),
        max_bytes=settings.max_file_bytes,
        bounds=settings.bounds,
        undo_seconds=settings.undo_seconds,
        on_wait=on_wait,
        vectors=settings.vectors,
    )
    return Assistant(library, settings.sources, settings.max_question_chars, settings.min_confidence)
