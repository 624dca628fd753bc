"""The library: documents in, passages out. SQLite is the truth; the vectors' engine follows it."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from types import MappingProxyType

import numpy as np

from index import departures, figure_store, originals, store, trash
from index.ahead import ahead
from index.catalogue import Catalogue
from index.doctor import examine, leftovers
from index.encoded import EncodedDocument, encoded
from index.errors import InputRefused, LibraryUnusable, ModelMismatch, UnknownDocument
from index.figures import figures_of
from index.indexes import Indexes
from index.ingest import (
    SAID_KEYS,
    Made,
    clean_name,
    describe,
    digest,
    files_below,
    layout_of,
    now,
    other_of_same_name,
    read_bytes,
    refuse_too_long,
    rows_of,
    sources,
)  # fmt: skip
from index.judge import Judge, load_judge
from index.kept import KeptEncodings, KeptTexts, Remembering
from index.lock import turn
from index.outline import paragraphs
from index.passages import CUTTING_VERSION
from index.reading import DEFAULT_BOUNDS, Bounds, PageImage, PageRequest, draw_apart, read
from index.search import ByTerms, KeptPassages, Query, by_terms, nearest, search, token_weights
from index.stock import stock
from index.store import PassageRow
from index.swap import in_use
from index.threads import BESIDE, cores
from index.turns import Asked, Turns
from index.types import (
    Addition,
    AddStatus,
    Check,
    Difference,
    Document,
    Embedder,
    Fate,
    Figure,
    Layout,
    Offsets,
    Opened,
    Passage,
    Progress,
    ProgressCallback,
    Removed,
    SearchResult,
    Stock,
    Tokens,
    VectorServer,
)
from index.versions import differences

LOG = logging.getLogger("xietong")
SIMILAR_SHARE = 0.95  # of its sentences: a corrected version differs in a figure or two
DEFAULT_MAX_BYTES = 50 * 2**20
PDF = "application/pdf"
REST_SECONDS = 0.25  # that adding waits after a batch, at most, while questions are answered
ASKED_LOCK = "asked.lock"  # marked by whoever answers a question
SEED_LOCK = "seed.lock"  # whoever holds it does the first start


class Library:
    """Documents of one data folder, searched with one embedding model.

    `load_embedder` is called when a text must be embedded, not before; `model` is that model's name;
    `on_wait` when a writer must wait for another's turn to end, in whatever process that is. With `vectors` a
    server searches in place of FAISS; while it is away, `search` raises VectorsUnavailable and all else works.
    Safe to use from several threads, and beside other processes on the same folder. Every method may
    raise LibraryUnusable; those that embed may raise ModelUnavailable and ModelMismatch.
    """

    def __init__(
        self,
        folder: Path,
        model: str,
        load_embedder: Callable[[], Embedder],
        max_bytes: int = DEFAULT_MAX_BYTES,
        bounds: Bounds = DEFAULT_BOUNDS,
        undo_seconds: float = trash.DEFAULT_UNDO_SECONDS,
        on_wait: Callable[[], None] | None = None,
        vectors: VectorServer | None = None,
    ) -> None:
        self.folder = folder
        self.model = model
        self.catalogue = Catalogue(folder / "xietong.db", on_wait)
        self.originals = folder / "files"
        self.trash = folder / "trash"
        self._load_embedder = load_embedder
        self._max_bytes = max_bytes
        self._bounds = bounds
        self._undo_seconds = undo_seconds
        self._vectors = vectors
        self._lock = threading.RLock()
        self._embedder: Embedder | None = None
        self._indexes: Indexes | None = None
        self._others: dict[tuple[str, ...], KeptTexts] = {}
        self._others_lock = threading.Lock()
        self._kept: KeptEncodings | None = None
        self._kept_lock = threading.Lock()
        self._met = KeptPassages()
        self._asked = Asked(folder / ASKED_LOCK)
        self._answering = Turns(cores())  # more at once would only keep one another waiting
        self._listed: tuple[tuple[str, int], Mapping[str, Document]] = ("", -1), {}

    # What is there

    def documents(self) -> list[Document]:
        """All documents in the order in which they were added."""
        return list(self.held().values())

    def held(self) -> Mapping[str, Document]:
        """All documents by id, in the order in which they were added; read again only after a change."""
        if not self.catalogue.exists():
            return {}
        with self.catalogue.read() as db:
            state, (known, held) = (store.identity(db), store.generation(db)), self._listed
            if known != state:
                held = MappingProxyType({d.id: d for d in store.documents(db)})
                self._listed = state, held
            return held

    def document(self, document_id: str) -> Document:
        """Raises UnknownDocument."""
        for found in self._documents("id = ?", document_id) if document_id.isascii() else ():
            return found
        raise UnknownDocument(document_id)

    def holds(self, path: Path) -> bool:
        """Is there a document of this file's content?"""
        content = digest(path)
        return content is not None and bool(self._documents("sha256 = ?", content))

    def text(self, document_id: str) -> str:
        """The stored text, exactly. Raises UnknownDocument."""
        if not document_id.isascii() or not self.catalogue.exists():
            raise UnknownDocument(document_id)
        with self.catalogue.read() as db:
            text, sound = store.text_with_seal(db, document_id)
        if text is None:
            raise UnknownDocument(document_id)
        if not sound:
            raise _changed(document_id)
        return text

    def figures(self, document_ids: Sequence[str] | None = None) -> list[Figure]:
        """The figures of the given documents or of all, in the order of documents and their texts.

        Those of a library that an older program wrote are first made anew; no model is needed. Raises UnknownDocument.
        """
        held = self.documents()
        if unknown := set(document_ids or ()) - {d.id for d in held}:
            raise UnknownDocument(min(unknown))
        if held:
            self._renew_figures()
        asked = [d.id for d in held if document_ids is None or d.id in document_ids]
        found: list[Figure] = []
        for document_id in asked:
            with self.catalogue.read() as db:
                if not store.text_is_sealed(db, document_id):
                    raise _changed(document_id)
                found += figure_store.figures(db, document_id)
        return found

    def _renew_figures(self) -> None:
        with self.catalogue.read() as db:
            if figure_store.is_current(db):
                return
        with self.catalogue.write() as db:
            if not figure_store.is_current(db):  # another process may have been faster
                figure_store.refill(db)

    def sizes(self) -> dict[str, int]:
        """How large each document's original is, in bytes; none for one that is lacking."""
        return originals.sizes(self.originals, self.documents())

    def open(self, document_id: str) -> Opened:
        """A document with its text and its paragraphs, to be read. Raises UnknownDocument."""
        document, text = self.document(document_id), self.text(document_id)
        _, layout = self._text_and_layout(document_id)
        return Opened(document, text, tuple(paragraphs(text, layout)), layout.page_starts)

    def original(self, document_id: str) -> bytes:
        """The file as it was added. Raises UnknownDocument."""
        return originals.kept(self.originals, self.document(document_id))

    def page_image(self, document_id: str, page: int, start: int = 0, end: int = 0) -> PageImage:
        """A page of a PDF, from 1, as a picture; what of text[start:end] stands on it is marked.

        Drawn from the original in a process of its own. Raises UnknownDocument, and InputRefused for a document
        that is no PDF, a page that it has not, and a file that cannot be drawn.
        """
        document = self.document(document_id)
        if document.media_type != PDF:
            raise _no_pages(document)
        with self.catalogue.read() as db:
            text, layout = store.text_of(db, document_id) or "", store.layout_of(db, document_id)
        starts = (*layout.page_starts, len(text))
        begin, finish = (starts[page - 1], starts[page]) if 1 <= page < len(starts) else (0, 0)
        quote = text[max(start, begin) : min(end, finish)]
        before = text[begin : max(start, begin)] if quote else ""
        asked = PageRequest(page, quote, before)
        return draw_apart(self.original(document_id), document.file_name, asked, self._bounds)

    def differences(self, old: str, new: str) -> list[Difference]:
        """Which sentences of two versions, by id, differ, in order. Raises UnknownDocument."""
        for document_id in (old, new):
            self.document(document_id)
        with self.catalogue.read() as db:
            return differences(db, old, new)

    def encoded(self, document_id: str) -> EncodedDocument:
        """The document's sentences with the token vectors kept of them; needs no model. Raises UnknownDocument."""
        self.document(document_id)
        with self.catalogue.read() as db:
            return encoded(db, document_id)

    @property
    def generation(self) -> int:
        """A number that each change of the library raises, in whatever process; 0 before the first."""
        if not self.catalogue.exists():
            return 0
        with self.catalogue.read() as db:
            return store.generation(db)

    def stock(self) -> Stock:
        """How much there is, in numbers."""
        if not self.catalogue.exists():
            return Stock(0, 0, 0, 0, 0, 0)
        with self.catalogue.read() as db:
            return stock(db, self.catalogue.path, self.originals)

    def removed(self) -> list[Removed]:
        """What `take_back` can still add again, the latest removal first."""
        gone = trash.held(self.trash, self._undo_seconds)
        here = self.held().keys() if gone else set()
        return [removed for removed in gone if removed.document.id not in here]

    def fate(self, document_ids: Iterable[str]) -> dict[str, Fate]:
        """What became of documents, by id: a removed or replaced one is remembered, without its text."""
        wanted = dict.fromkeys(document_ids)
        if not wanted or not self.catalogue.exists():
            return dict.fromkeys(wanted, departures.UNKNOWN)
        with self.catalogue.read() as db:
            return {document_id: departures.fate(db, document_id) for document_id in wanted}

    def close(self) -> None:
        """Lets go of the database's files while nothing is under way. What is called afterwards opens them anew."""
        self.catalogue.close()

    @property
    def waiting(self) -> bool:
        """Does a writer of this object wait for another's turn to end?"""
        return self.catalogue.waiting > 0

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keeps restores out of the data folder until the block ends: for servers and other long work."""
        self.catalogue.make_folder()
        with in_use(self.folder):
            yield

    def _text_and_layout(self, document_id: str) -> tuple[str, Layout]:
        with self.catalogue.read() as db:
            return store.text_of(db, document_id) or "", store.layout_of(db, document_id)

    def _documents(self, where: str, *values: str) -> list[Document]:
        if not self.catalogue.exists():
            return []
        with self.catalogue.read() as db:
            return store.documents(db, where, *values)

    # Finding

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Until the block ends this thread reads over one connection, which is quicker; it still sees each change.

        As many threads as there are cores at a time, in the order of their coming; none may begin a second block within
        its own. Meanwhile documents are added more slowly.
        """
        with self._asked.question(), self._answering.take("query"), self.catalogue.together(left_open=True):
            yield

    def search(self, query: Query | str, k: int = 10, documents: Sequence[str] | None = None) -> SearchResult:
        """The k best passages, among the given documents or all. Raises UnknownDocument."""
        query = Query(query) if isinstance(query, str) else query
        if documents and (unknown := set(documents) - self.held().keys()):
            raise UnknownDocument(min(unknown))
        if not self.catalogue.exists():
            return SearchResult((), np.zeros((0, 2), np.int32), 0, 0.0, 0.0, 0.0)
        self._refuse_other_model()
        self.embedder()  # loading it is no part of encoding
        words = BESIDE.submit(self._by_terms, query, documents)  # on one processor, the model on another
        begun = time.perf_counter()
        encoding, was_kept = self._encodings().encode(query.text, "query")
        embed_ms = 0.0 if was_kept else (time.perf_counter() - begun) * 1000
        with ExitStack() as reading:
            with self._lock:  # for the vectors; what was found is read and put in order beside other questions
                db = reading.enter_context(self.catalogue.read())
                self._refuse_mixture(db)
                near = nearest(db, self._brought(db), encoding, documents, self._answering.spare())
            found = search(db, near, encoding, query, k, self._met, documents, words)
        return replace(found, embed_ms=embed_ms)

    def _by_terms(self, query: Query, documents: Sequence[str] | None) -> ByTerms:
        """Also reads what the passages found are weighed by, while the model has the question."""
        with self.catalogue.together(left_open=True), self.catalogue.read() as db:
            found = by_terms(db, query, documents)
            self._met.material(db, self._met.passages(db, list(found.scores)), self.embedder().dimension)
            return found

    def warm(self) -> None:
        """Loads the model and the vectors, so that the first question need not wait for them."""
        if self.catalogue.exists() and self.embedder():
            with self._lock, self.catalogue.read() as db:
                self._brought(db)

    def _brought(self, db: Connection) -> Indexes:
        """The vectors at the generation that a connection sees. The caller holds the lock."""
        if self._indexes is None:
            self._indexes = Indexes(self.folder, self.embedder().dimension, self._vectors)
        return self._indexes.bring_to(db)

    def nearest_of(self, query: Query | str, texts: tuple[str, ...]) -> float | None:
        """The best late-interaction score of a query over texts that are not in the library, higher is better.

        The texts are encoded once. None where the model gives no token vectors.
        """
        query = Query(query) if isinstance(query, str) else query
        encoding, _ = self._encodings().encode(query.text, "query")
        return self.learn(texts).best(encoding.tokens, token_weights(query, encoding))

    def learn(self, texts: tuple[str, ...]) -> KeptTexts:
        """Encodes texts for `nearest_of`, once: ahead of the first question that wants them, if there is time."""
        with self._others_lock:  # its own: searches need not wait while these are encoded
            if texts not in self._others:
                self._others[texts] = KeptTexts(self.embedder(), texts)
            return self._others[texts]

    def judge(self, path: Path) -> Judge | None:
        """The judge whose weights lie in a file; None where there is none, or it is another model's."""
        return load_judge(path, Remembering(self.embedder(), self._encodings()), self._answering.spare, self.line)

    def line(self, passage: Passage) -> tuple[Tokens, Offsets] | None:
        """The title and headings above a passage in one line, as they are kept; None where they are not.

        Token vectors (n, dim) int8 and their spans (n, 2) int32. Raises LibraryUnusable where they are damaged, and
        ModelMismatch.
        """
        with self.catalogue.read() as db:
            self._refuse_mixture(db)
            found = store.lines(db, [(passage.document_id, passage.heading_path)])
        with store.decoding("向量", "vectors"):
            return next((store.token_vectors(*kept, self.embedder().dimension) for kept in found.values()), None)

    def _encodings(self) -> KeptEncodings:
        """The embedder with what it encoded lately for questions."""
        with self._kept_lock:
            self._kept = self._kept or KeptEncodings(self.embedder())
            return self._kept

    def embedder(self) -> Embedder:
        """The model, loaded at the first call. Raises ModelUnavailable."""
        if self._embedder is not None:  # without the lock: a writer whose turn it is must not wait for it
            return self._embedder
        with self._lock:
            if self._embedder is None:
                self._embedder = self._load_embedder()
            return self._embedder

    def _refuse_other_model(self) -> None:
        """Before any work: a library made with another model is never searched and never added to."""
        if self.catalogue.exists():
            with self.catalogue.read() as db:
                self._refuse_mixture(db)

    def _refuse_mixture(self, db: Connection) -> None:
        """Raises ModelMismatch where a connection sees vectors of another model, or of another state of it."""
        made_with, revision = store.meta(db, "model"), store.meta(db, "revision")
        same = made_with == self.model and (self._embedder is None or revision == self._embedder.revision)
        if same or db.execute("SELECT 1 FROM passages").fetchone() is None:
            return
        made = f"{made_with} {revision or ''}".strip()
        present = f"{self.model} {self._embedder.revision if self._embedder else ''}".strip()
        raise ModelMismatch(
            f"文档库是用模型“{made}”编入的,现在设置的是“{present}”:两者的向量不能混用;"
            "请运行 xietong reindex 重新编入,或改回 XIETONG_EMBEDDING_MODEL。",
            f'the library was embedded with "{made}", the present model is "{present}": their vectors do not '
            "mix; run `xietong reindex`, or set XIETONG_EMBEDDING_MODEL back.",
        )

    # Adding

    def add(
        self,
        path: Path,
        *,
        file_name: str | None = None,
        keep_both: bool = False,
        undo: bool = False,
        progress: ProgressCallback | None = None,
        **said: str | None,
    ) -> Addition:
        """Adds one file; `said` may give its title, publisher, date and period.

        The same content is "unchanged"; the same name with other content "replaced", unless `keep_both`; with
        `undo` what was replaced can be taken back for a while. A file that cannot be taken is "refused" with the
        reason. In one transaction, or not at all.
        """
        with self.catalogue.together():
            made = self._made(path, clean_name(file_name or path.name), said, progress, self._rest)
            return self._store(made, keep_both, undo)

    def _made(
        self,
        path: Path,
        name: str,
        said: Mapping[str, str | None],
        progress: ProgressCallback | None,
        rest: Callable[[], None],
    ) -> Made | Addition:
        """All that is stored of a file; what came of it where nothing is to be stored."""
        if progress:
            progress(Progress(name, 0, 0))
        self._refuse_other_model()
        try:
            data = read_bytes(path, name, self._max_bytes)
            extract = read(data, name, self._bounds)
            refuse_too_long(extract.text, name, self._bounds.characters)
        except InputRefused as refusal:
            return _refusal(path, name, refusal)
        document = describe(data, extract, name, said)
        if self._documents("sha256 = ?", document.sha256):
            return Addition(str(path), name, "unchanged", document.id, None, None)
        layout = layout_of(extract)
        figures = BESIDE.submit(figures_of, document, extract.text, layout)  # while the model is at work
        rows = rows_of(document, extract.text, layout, self.embedder(), progress, rest)
        return Made(path, document, extract, data, rows, figures.result())

    def add_all(
        self,
        paths: Iterable[Path],
        *,
        keep_both: bool = False,
        undo: bool = False,
        progress: ProgressCallback | None = None,
        **said: str | None,
    ) -> Iterator[Addition]:
        """Adds files, and folders with all below them; an outcome a file, as soon as it is stored."""
        files = list(files_below(paths))
        other = set() if keep_both else other_of_same_name(files)
        wanted = [(path, said) for path in files if path not in other]
        with closing(self._add_each(wanted, keep_both, undo, progress)) as added:
            for path in files:
                name = clean_name(path.name)
                yield next(added) if path not in other else _refusal(path, name, _same_name(name))

    def _add_each(
        self,
        files: Sequence[tuple[Path, Mapping[str, str | None]]],
        keep_both: bool,
        undo: bool,
        progress: ProgressCallback | None,
    ) -> Generator[Addition]:
        """Adds files with what is said of each, in order; the next are read and embedded while one is stored."""

        def made(
            file: tuple[Path, Mapping[str, str | None]], told: ProgressCallback | None, go_on: Callable[[], None]
        ) -> Made | Addition:
            path, said = file
            with self.catalogue.together():  # which is also open while the last file is stored: its journal grows on
                return self._made(path, clean_name(path.name), said, told, partial(self._rest, go_on))

        with closing(ahead(made, files, progress)) as results:
            for file, one in zip(files, results, strict=True):
                if isinstance(one, Addition) and one.id and not self._documents("id = ?", one.id):
                    one = made(file, None, lambda: None)  # a file before it has replaced what it was the same as
                yield self._store(one, keep_both, undo)

    def _rest(self, go_on: Callable[[], None] = lambda: None) -> None:
        go_on()
        self._asked.wait_for_none(REST_SECONDS)

    def needs_seed(self) -> bool:
        """Has this data folder not yet been through a whole first start?"""
        if not self.catalogue.exists():
            return True
        with self.catalogue.read() as db:
            return store.meta(db, "seeded") is None

    def seed(self, folder: Path, progress: ProgressCallback | None = None) -> None:
        """The first start: adds the folder's files once, with what SOURCES.toml says of them.

        Goes on where it was broken off; a document that was removed later does not come back. Of several processes
        one does it, the others wait for it.
        """
        if not self.needs_seed():
            return
        with self.catalogue.write():
            pass  # a folder that cannot be written is told before anything is embedded
        with turn(self.folder / SEED_LOCK, self.catalogue.counted()):
            if self.needs_seed():
                self._seed(folder, progress)

    def _seed(self, folder: Path, progress: ProgressCallback | None) -> None:
        about = sources(folder)
        contents = {path: digest(path) for path in files_below([folder])} if folder.is_dir() else {}
        new = {path: content for path, content in contents.items() if content and not self._was_seeded(content)}
        said = [(p, {k: str(v) for k, v in about.get(p.name, {}).items() if k in SAID_KEYS}) for p in new]
        added = self._add_each(said, keep_both=False, undo=False, progress=progress)
        for content, outcome in zip(new.values(), added, strict=True):
            if outcome.reason:
                LOG.warning("%s", outcome.reason, extra={"nameless": "a file of XIETONG_SOURCES was refused"})
            with self.catalogue.write() as db:
                db.execute("INSERT OR IGNORE INTO seeded VALUES (?)", (content,))
        with self.catalogue.write() as db:
            store.set_meta(db, "seeded", "1")

    def _was_seeded(self, sha256: str) -> bool:
        if not self.catalogue.exists():
            return False
        with self.catalogue.read() as db:
            return db.execute("SELECT 1 FROM seeded WHERE sha256 = ?", (sha256,)).fetchone() is not None

    def _store(self, made: Made | Addition, keep_both: bool, undo: bool) -> Addition:
        if isinstance(made, Addition):
            return made
        extract = made.extract
        with self.catalogue.write() as db:
            document = replace(made.document, added_at=now())  # in the order in which they are stored
            if store.documents(db, "sha256 = ?", document.sha256):
                return Addition(str(made.path), document.file_name, "unchanged", document.id, None, None)
            self._refuse_mixture(db)
            self._record_model(db)
            older = [] if keep_both else store.documents(db, "file_name = ?", document.file_name)[-1:]
            for replaced in older:
                if undo:
                    trash.keep(self.trash, replaced, self.originals / replaced.sha256)
                store.delete_document(db, replaced.id, by=document.id)
            originals.keep(self.originals, document.sha256, made.data)
            store.insert_document(db, document, extract.text, made.rows, layout_of(extract))
            figure_store.insert(db, made.figures)
            similar = store.most_similar(db, [s.fingerprint for row in made.rows for s in row.sentences], document.id)
        if older:
            self._forget_copies()
            self.expire()
        for replaced in older:
            self._drop_original(replaced.sha256)
        twin = similar[0] if similar and similar[1] >= SIMILAR_SHARE else None
        status: AddStatus = "replaced" if older else "added"
        return Addition(str(made.path), document.file_name, status, document.id, None, twin, extract.unread_pages)

    def _record_model(self, db: Connection) -> None:
        """Whose vectors these are."""
        embedder = self.embedder()
        store.set_meta(db, "model", self.model)
        store.set_meta(db, "revision", embedder.revision)
        store.set_meta(db, "dimension", str(embedder.dimension))
        store.set_meta(db, "cutting", str(CUTTING_VERSION))

    # Taking out and mending

    def remove(self, document_id: str, *, undo: bool = False, by: str | None = None) -> Document:
        """Takes a document out with all that was derived from it, and its original. Raises UnknownDocument.

        With `undo` the original is kept aside for a while, so that `take_back` can add it again. `by`: the id of a
        document of the library that takes its place.
        """
        document = self.document(document_id)
        with self.catalogue.write() as db:
            for needed in (document_id, by):
                if needed is not None and not store.documents(db, "id = ?", needed):
                    raise UnknownDocument(needed)
            if by == document_id:  # it will not be there
                raise UnknownDocument(document_id)
            if undo:
                trash.keep(self.trash, document, self.originals / document.sha256)
            store.delete_document(db, document_id, by)
        if not undo:
            trash.drop(self.trash, document_id)
        self._forget_copies()
        self.expire()
        self._drop_original(document.sha256)
        return document

    def _drop_original(self, sha256: str) -> None:
        """Of a document that is gone, unless it has come again meanwhile."""
        with self.catalogue.pause() as db:
            if not store.documents(db, "sha256 = ?", sha256):
                (self.originals / sha256).unlink(missing_ok=True)

    def _forget_copies(self) -> None:
        """What an older program left of the library holds the text of what is removed now."""
        for copy in self.folder.glob(f"{self.catalogue.path.name}.schema*"):
            copy.unlink(missing_ok=True)

    def take_back(self, document_id: str, progress: ProgressCallback | None = None) -> Addition:
        """Adds a document again that was removed with `undo`, as it was. Raises InputRefused once its time is over."""
        self.expire()
        found = trash.kept(self.trash, document_id)
        if found is None:
            raise InputRefused(
                f"文档“{document_id[:40]}”已不能恢复:移除后只保留 {self._undo_seconds / 60:g} 分钟;请重新添加文件。",
                f'the document "{document_id[:40]}" cannot be taken back: a removed one is kept for '
                f"{self._undo_seconds / 60:g} minutes; add the file again.",
            )
        document, original = found
        said = {key: getattr(document, key) for key in SAID_KEYS}
        addition = self.add(original, file_name=document.file_name, keep_both=True, progress=progress, **said)
        if addition.status != "refused":
            trash.drop(self.trash, document_id)
        return addition

    def reindex(self, progress: ProgressCallback | None = None) -> int:
        """Cuts and embeds every document again with the present model; returns how many.

        The old vectors serve until all new ones are there; then they change places in one transaction, and the
        engine follows. What another process adds meanwhile is embedded too.
        """
        cut: dict[str, list[PassageRow]] = {}

        def made(document: Document, told: ProgressCallback, go_on: Callable[[], None]) -> list[PassageRow]:
            text, layout = self._text_and_layout(document.id)
            return rows_of(document, text, layout, self.embedder(), told, partial(self._rest, go_on))

        while True:
            left = [d for d in self.documents() if d.id not in cut]
            cut.update(zip([d.id for d in left], ahead(made, left, progress), strict=True))
            with self._lock, self.catalogue.write() as db:
                held = [d.id for d in store.documents(db)]
                if all(document_id in cut for document_id in held):
                    for document_id in held:
                        store.delete_passages(db, document_id)
                        store.insert_passages(db, cut[document_id])
                        store.seal(db, document_id)
                    self._record_model(db)
                    self._indexes = None
                    break
        with self._lock, self.catalogue.read() as db:
            self._brought(db)
        return len(held)

    def expire(self) -> None:
        """Deletes what was removed too long ago to be taken back."""
        trash.expire(self.trash, self._undo_seconds)

    def sweep(self) -> list[str]:
        """Deletes what aborted work left: originals that no document has, temporary files. Returns their names.

        Also what `expire` deletes. Writes nothing where there is nothing to delete.
        """
        self.expire()
        if not leftovers(self.folder, {d.sha256 for d in self.documents()}) or not self.catalogue.exists():
            return []
        with self.catalogue.write() as db:
            gone = leftovers(self.folder, {d.sha256 for d in store.documents(db)})
            for path in gone:
                path.unlink(missing_ok=True)
        return [path.name for path in gone]

    def doctor(self, repair: bool = False, full: bool = False) -> list[Check]:
        """Checks every invariant; with `repair` mends what can be derived. Never loads the model.

        With `full` each original is also read again and held against the stored text.
        """
        return examine(self.catalogue, repair, self._text_in if full else None, self._vectors)

    def _text_in(self, data: bytes, name: str) -> str:
        return read(data, name, self._bounds).text


def _changed(document_id: str) -> LibraryUnusable:
    return LibraryUnusable(
        f"文档“{document_id}”的文本已损坏(与存入时的校验值不符):请从备份恢复,或移除它后重新添加原件。",
        f'the text of document "{document_id}" is damaged (it differs from the digest stored with it): put a backup '
        "back, or remove the document and add its file again.",
    )


def _no_pages(document: Document) -> InputRefused:
    return InputRefused(
        f"《{document.title}》没有页面图像:只有 PDF 文件能按页显示,请看文字。",
        f'"{document.title}" has no pages to show: only PDF files have; read its text.',
    )


def _refusal(path: Path, name: str, refusal: InputRefused) -> Addition:
    return Addition(str(path), name, "refused", None, str(refusal), None)


def _same_name(name: str) -> InputRefused:
    return InputRefused(
        f"“{name}”:同一次添加中已有另一个同名而内容不同的文件;请改名后再添加,或使用 --keep-both。",
        f'"{name}": another file of this name with other content was added by the same command; rename it, or use '
        "--keep-both.",
    )
