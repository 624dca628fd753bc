"""Two versions of one document: which sentences differ."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from sqlite3 import Connection

from index import store
from index.normalise import matching_form
from index.types import Difference


def differences(db: Connection, old: str, new: str) -> list[Difference]:
    """The sentences of two documents, by id, that the other does not have, in order, those in one place paired.

    Marks and figures count; width, script and blanks do not.
    """
    before, after = store.sentences_of(db, old), store.sentences_of(db, new)
    matcher = SequenceMatcher(None, _forms(before), _forms(after))
    return [
        Difference(one, other)
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
        for one, other in zip_longest(before[a:b], after[c:d])
    ]


def _forms(sentences: Sequence[str]) -> list[str]:
    """In one call of the converter; no sentence holds a line break."""
    forms = matching_form("\n".join(sentences)).split("\n") if sentences else []
    return ["".join(form.split()) for form in forms]
