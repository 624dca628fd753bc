"""What the server counts, for Prometheus. The library is imported only where metrics are asked for."""

import logging
import platform
from collections.abc import Callable, Iterator
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant import LibraryUnusable, Settings, UsersUnusable, program_version, token_digest

from .access import bearer_of
from .journal import EVENTS
from .services import Services

METRICS = "/metrics"
NO_STORE = {"cache-control": "no-store"}
STAGES = ("embed", "search", "rerank", "answer", "total")
# Seconds. A question takes some tens of milliseconds on two cores, and waits for the model at most once.
QUESTION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
ADDITION_BUCKETS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)


class Metrics:
    """Counts events in a registry of its own, and looks at the library whenever it is read.

    One server's numbers: Prometheus tells servers apart by the address it reads.
    """

    def __init__(self, services: Services) -> None:
        import prometheus_client as prometheus

        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which only says when it began
        self._services, self._prometheus = services, prometheus
        self.registry = registry = prometheus.CollectorRegistry()
        for collector in (prometheus.ProcessCollector, prometheus.PlatformCollector):
            collector(registry=registry)

        def counter(name: str, words: str, *labels: str) -> Any:
            return prometheus.Counter(f"xietong_{name}", words, labels, registry=registry)

        def histogram(name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Any:
            return prometheus.Histogram(f"xietong_{name}", words, labels, buckets=buckets, registry=registry)

        self._questions = counter("questions", "Questions that got an answer.", "status", "mode", "surface")
        self._refusals = counter("refusals", "Answers that give none, by the kind of reason.", "reason")
        self._failures = counter("question_failures", "Questions that failed.", "surface")
        self._seconds = histogram("question_seconds", "Seconds of each stage of an answer.", QUESTION_BUCKETS, "stage")
        self._additions = counter("additions", "Uploaded files, by what became of them.", "outcome")
        self._adding = histogram("addition_seconds", "Seconds that a file took to be added.", ADDITION_BUCKETS)
        self._removals = counter("removals", "Documents removed, replaced and taken back.", "kind")
        self._sign_ins = counter("sign_ins", "Attempts to sign in, by what came of them.", "outcome")
        self._requests = counter("http_requests", "Requests by the class of their status.", "status")
        self._errors = counter("errors", "Records of errors.", "logger")
        registry.register(_Looking(self._look))

    def listen(self) -> None:
        """Begins to count what the process tells from now on."""
        self._handlers = _Counting(self._count), _Counting(self._count_error, logging.ERROR)
        self._level = EVENTS.level
        EVENTS.addHandler(self._handlers[0])
        EVENTS.setLevel(logging.DEBUG)  # the log's own handler has a level of its own
        logging.getLogger().addHandler(self._handlers[1])

    def close(self) -> None:
        """Counts no more."""
        EVENTS.removeHandler(self._handlers[0])
        EVENTS.setLevel(self._level)
        logging.getLogger().removeHandler(self._handlers[1])

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return self._prometheus.generate_latest(self.registry)

    def _count(self, record: logging.LogRecord) -> None:
        facts: dict[str, Any] = getattr(record, "facts", {})
        match record.getMessage():
            case "question":
                self._count_answer(facts)
            case "question_failed":
                self._failures.labels(facts["surface"]).inc()
            case "addition":
                self._additions.labels(facts["outcome"]).inc()
                self._adding.observe(facts["seconds"])
            case "removal":
                self._removals.labels(facts["kind"]).inc()
            case "sign_in":
                self._sign_ins.labels(facts["outcome"]).inc()
            case "request":
                self._requests.labels(f"{facts['status'] // 100}xx").inc()

    def _count_answer(self, facts: dict[str, Any]) -> None:
        self._questions.labels(facts["status"], facts["mode"], facts["surface"]).inc()
        if facts["reason"]:
            self._refusals.labels(facts["reason"]).inc()
        if facts["status"] != "invalid":  # which is not even looked for
            for stage in STAGES:
                self._seconds.labels(stage).observe(facts[f"{stage}_ms"] / 1000)

    def _count_error(self, record: logging.LogRecord) -> None:
        self._errors.labels(record.name.partition(".")[0]).inc()

    def _look(self) -> Iterator[tuple[str, str, dict[str, str], float]]:
        """What is true now: (name, words, labels, value)."""
        services = self._services
        library = services.assistant.library
        about = {"version": program_version(), "model": library.model, "python": platform.python_version()}
        yield "build_info", "The program and its model.", about, 1
        yield "ready", "Whether questions are answered.", {}, services.assistant.readiness().phase == "ready"
        under_way = sum(not upload.finished for upload in services.incoming.uploads())
        yield "uploads_under_way", "Received files that are still to be added.", {}, under_way
        if services.access.users:
            yield "sessions", "Browsers that are signed in, at all servers of the library.", {}, self._sessions()
        try:
            stock = library.stock()
        except LibraryUnusable:
            yield "library_usable", "Whether the library can be read.", {}, 0
            return
        yield "library_usable", "Whether the library can be read.", {}, 1
        yield "library_documents", "Documents.", {}, stock.documents
        yield "library_passages", "Passages.", {}, stock.passages
        yield "library_sentences", "Sentences.", {}, stock.sentences
        yield "library_generation", "A number that each change raises.", {}, stock.generation
        yield "library_bytes", "Bytes on the disk.", {"part": "database"}, stock.database_bytes
        yield "library_bytes", "Bytes on the disk.", {"part": "originals"}, stock.original_bytes

    def _sessions(self) -> float:
        try:
            return self._services.access.sessions.count()
        except UsersUnusable:
            return float("nan")


class _Counting(logging.Handler):
    """Gives each record to a function."""

    def __init__(self, count: Callable[[logging.LogRecord], None], level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._call = count

    def emit(self, record: logging.LogRecord) -> None:
        self._call(record)


class _Looking:
    """A collector of gauges whose values are found out when they are read."""

    def __init__(self, look: Callable[[], Iterator[tuple[str, str, dict[str, str], float]]]) -> None:
        self._look = look

    def describe(self) -> list[Any]:
        return []  # so that registering it reads nothing

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        families: dict[str, Any] = {}
        for name, words, labels, value in self._look():
            family = families.setdefault(name, GaugeMetricFamily(f"xietong_{name}", words, labels=list(labels)))
            family.add_metric(list(labels.values()), float(value))
        yield from families.values()


class MetricsPath:
    """Answers /metrics: to nobody where it is off, else to those with a token; without users to whoever is local."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None, services: Services) -> None:
        self.app, self.metrics, self._access = app, metrics, services.access
        self._token = own_token(services.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == METRICS:
            await (await self._answer(Request(scope)))(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if self.metrics is None:
            return PlainTextResponse("Not found.\n", 404)
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("Method not allowed.\n", 405, {"allow": "GET, HEAD"})
        if not self._may(request):
            said = "A token is needed: Authorization: Bearer …\n"
            return PlainTextResponse(said, 401, NO_STORE | {"www-authenticate": "Bearer"})
        text = await run_sync(self.metrics.text)
        return Response(text, headers=NO_STORE, media_type="text/plain; version=0.0.4; charset=utf-8")

    def _may(self, request: Request) -> bool:
        given = bearer_of(request)
        if self._token and given and token_digest(given) == token_digest(self._token):
            return True
        if self._access.users is None:
            return not self._token
        return bool(given) and self._access.who(request) is not None


def own_token(settings: Settings) -> str:
    """The token that reads metrics; empty where there is none of its own."""
    return settings.metrics if len(settings.metrics) > 1 else ""
