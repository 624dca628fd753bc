"""Which documents a question names: "协同报告", "天津22年政府报告", "部门决算"."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass

from assistant.places import own_places, places_in
from assistant.question import Question, years_in
from index import Document, matching_form, terms

CLEAR_SHARE = 0.3  # of the name's words, weighed by rarity, that the best title must have
NEARLY_AS_GOOD = 0.8  # another document with so much of the best one's share is meant too
OTHER_YEAR_SHARE, OTHER_PLACE_SHARE = 0.3, 0.5  # what is kept of it where year or place differ

_NAMED = re.compile(r"[^,;、。:：()\s和跟与及在的是里按据看写说]{2,16}(?:报告|预算|决算|公报|年鉴)(?!期|编)")


@dataclass(frozen=True, slots=True)
class Reference:
    """Documents named by a stretch [start, end) of the question's text."""

    start: int
    end: int
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    document: Document
    words: frozenset[str]
    years: frozenset[str]
    places: frozenset[str]


def _known(document: Document) -> _Known:
    name = matching_form(f"{document.title} {document.publisher or ''} {document.file_name}")
    years = re.findall(r"(?:19|20)\d\d", f"{document.title} {document.date} {document.period}")
    return _Known(document, frozenset(terms(name)), frozenset(years), frozenset(own_places(document)))


class Names:
    """The words by which documents are known, each document's worked out once. For one thread at a time."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._known: dict[str, _Known] = {}
        self._holding: dict[str, set[str]] = {}
        self._followed: Mapping[str, Document] = {}
        self.follow({d.id: d for d in documents})

    def __len__(self) -> int:
        return len(self._known)

    def follow(self, documents: Mapping[str, Document]) -> "Names":
        """Takes in what is new among all documents by id, and forgets what is gone."""
        if documents is not self._followed:
            for gone in [i for i, known in self._known.items() if documents.get(i) != known.document]:
                for word in self._known.pop(gone).words:
                    self._holding[word].discard(gone)
            for new in documents.keys() - self._known.keys():
                known = self._known[new] = _known(documents[new])
                for word in known.words:
                    self._holding.setdefault(word, set()).add(new)
            self._followed = documents
        return self

    def nearest(self, name: Mapping[str, float], years: Set[str], places: Set[str]) -> tuple[float, frozenset[str]]:
        """The best share that a document has of a name's words, weighed, and the documents nearly as good."""
        shares: dict[str, float] = defaultdict(float)
        for word, weight in name.items():
            for document_id in self._holding.get(word, ()):
                shares[document_id] += weight
        best, found = 0.0, {}
        for document_id, share in sorted(shares.items(), key=lambda item: -item[1]):
            if share < NEARLY_AS_GOOD * best:
                break  # another year or place only lessens it
            known = self._known[document_id]
            share *= OTHER_YEAR_SHARE if years and not years & known.years else 1.0
            share *= OTHER_PLACE_SHARE if places and not places & known.places else 1.0
            found[document_id] = share
            best = max(best, share)
        return best, frozenset(i for i, share in found.items() if share >= NEARLY_AS_GOOD * best)

    def rarity(self, word: str) -> float:
        holding = len(self._holding.get(word, ()))
        return math.log(1 + len(self._known) / holding) if holding else 0.5


def reference(question: Question, known: Callable[[], Names]) -> Reference | None:
    """The documents that the question names; None where it names none, or all alike. known: asked for when needed."""
    found = _NAMED.search(question.stated)
    if found is None or len(names := known()) < 2:
        return None
    name = {word: names.rarity(word) for word in dict.fromkeys(terms(found[0]))}
    best, meant = names.nearest(name, years_in(found[0]), places_in(found[0]) or places_in(question.stated))
    if best < CLEAR_SHARE * sum(name.values()) or len(meant) == len(names):
        return None
    return Reference(found.start(), found.end(), meant)
