"""Names in a sentence, and which of them a question asks for: a first version from marks and coordination."""

import re

import numpy as np

from assistant.question import Question
from assistant.values import relevance
from index import SentenceHit

_MARKED = re.compile(r"《[^》]{2,60}》|“[^”]{1,30}”")
_CALLED = re.compile(
    r"叫|称|名字|简称|全名|名称|口号|牌子|协议|规划|方案|条例|办法|文件|意见|计划|政策|品牌|called|name"
)
NEAR = 12  # tokens on each side in which a name's surroundings count


def _score(relevant: np.ndarray, offsets: np.ndarray, start: int, end: int) -> float:
    """How much the question's words are matched around the name rather than in it."""
    middle = offsets.mean(axis=1)
    inside = (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
    at = int(np.argmin(np.abs(middle - (start + end) / 2))) if len(middle) else 0
    share = np.clip(1.0 - np.abs(np.arange(len(offsets)) - at) / (2 * NEAR), 0.0, 1.0)
    share = np.where(inside, 0.5, share)
    return float((relevant * share).max(axis=1).sum()) if len(offsets) else 0.0


def choose_name(question: Question, hit: SentenceHit, query_offsets: np.ndarray) -> str | None:
    """A name in marks where the question asks what something is called; else None, never a guess."""
    if not hit.similarity.size or not _CALLED.search(question.query.text):
        return None
    relevant = relevance(question, hit, query_offsets)
    found = [m for m in _MARKED.finditer(hit.text) if m[0].strip("《》“”") not in question.text]
    if not found:
        return None
    return max(found, key=lambda m: _score(relevant, hit.offsets, m.start(), m.end()))[0]
