"""Which documents a question names: "协同报告", "天津22年政府报告", "部门决算"."""

import math
import re
from collections import Counter
from collections.abc import Collection
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


def _own_years(document: Document) -> set[str]:
    return set(re.findall(r"(?:19|20)\d\d", f"{document.title} {document.date} {document.period}"))


def _known_as(document: Document) -> str:
    return matching_form(f"{document.title} {document.publisher or ''} {document.file_name}")


def reference(question: Question, documents: Collection[Document]) -> Reference | None:
    """The documents that the question names; None where it names none, or all alike."""
    found = _NAMED.search(question.stated)
    if found is None or len(documents) < 2:
        return None
    known = {d.id: set(terms(_known_as(d))) for d in documents}
    spread = Counter(term for words in known.values() for term in words)
    years, place = years_in(found[0]), places_in(found[0]) or places_in(question.stated)
    name = {t: math.log(1 + len(documents) / spread[t]) if spread[t] else 0.5 for t in set(terms(found[0]))}
    shares = {
        d.id: sum(rarity for term, rarity in name.items() if term in known[d.id])
        * (OTHER_YEAR_SHARE if years and not years & _own_years(d) else 1.0)
        * (OTHER_PLACE_SHARE if place and not place & own_places(d) else 1.0)
        for d in documents
    }
    best = max(shares.values())
    meant = frozenset(i for i, share in shares.items() if share >= NEARLY_AS_GOOD * best)
    if best < CLEAR_SHARE * sum(name.values()) or len(meant) == len(documents):
        return None
    return Reference(found.start(), found.end(), meant)
