"""The figures of the library, read again only where its documents have changed."""

import threading

from assistant import Document, FigureTable, Library


class FigureSource:
    """Gives the table of figures; safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._documents: tuple[Document, ...] = ()
        self._table = FigureTable([], {})

    def table(self) -> FigureTable:
        """The figures as the library has them now. Raises LibraryUnusable."""
        documents = tuple(self._library.documents())
        with self._lock:
            if documents != self._documents:
                self._table = FigureTable(self._library.figures(), {d.id: d for d in documents})
                self._documents = documents
            return self._table
