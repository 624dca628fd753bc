"""Copies of text in the form in which they are compared. Stored text is never changed."""

import re
import unicodedata
from functools import cache
from hashlib import blake2b
from typing import Any

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TERM = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:\.\d+)?")


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters made simplified ones, the length kept so that offsets stay true."""
    converted: str = _converter().convert(text)
    if len(converted) == len(text):
        return converted
    return "".join(c if len(c) == 1 else t for t, c in ((t, _converter().convert(t)) for t in text))


def matching_form(text: str) -> str:
    """NFKC (full width to half width), lower case, simplified characters. Offsets are not kept."""
    return simplified(unicodedata.normalize("NFKC", text).lower())


def terms(text: str) -> list[str]:
    """Search terms: overlapping character bigrams of Han runs, Latin words and numbers whole.

    Bigrams do as well as a segmenter on Chinese retrieval and need no dictionary (Nie et al. 2000).
    """
    found: list[str] = []
    for run in _TERM.findall(matching_form(text)):
        han = "\u3400" <= run[0] <= "\uffee"
        found += [run[i : i + 2] for i in range(len(run) - 1)] if han and len(run) > 1 else [run]
    return found


def fingerprint(text: str) -> int:
    """A signed 64-bit hash of a sentence's letters and digits: equal for texts that differ in marks, width, script."""
    words = re.sub(r"\W", "", matching_form(text))
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "big", signed=True)


@cache
def _to_traditional() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


def traditional(text: str) -> str:
    """The program's own words for a reader who asks in traditional characters. Never used on a quote."""
    converted: str = _to_traditional().convert(text)
    return converted
