"""Does what was found speak of what was asked? Words that the documents use elsewhere, but not here, say no.

A question in other words than the document's is usual: "货柜" for "集装箱" stands nowhere in the library, and tells
nothing. A word that the library does have, in other passages only, tells that the question is about those or about
something else. Logistic regression over that share, the search's own scores and the judge's readings, fitted on
answerable questions, on others asked over the same documents, and on encyclopedia questions whose article was taken
away (python -m tests.evaluation.answerability): DRCD (Shao et al. 2018; CC BY-SA 3.0), of which nothing is here but the
weights.
"""

import math
import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from assistant.judge import log_odds
from assistant.places import PLACES
from assistant.question import Question
from assistant.ranking import Ranked
from index import Document, SearchResult, terms

_CHECKED = re.compile(rf"{'|'.join(PLACES)}|(?:19|20)?\d\d年?")
CENTRE, STEP = 0.88, 0.05  # of the scores, so that the weights are of one size
BEHIND = 5  # the sentence so far behind the first shows how far the first leads
# Weights of the features in their order, and the constant: without a judge's reading, and with.
ALONE = (-2.36, 0.09, 1.25, -0.07, 0.98, 0.69, -0.59)
JUDGED = (-2.37, 0.18, 0.95, -0.52, 0.41, 0.27, 0.34, 0.34, 1.19)
LEAST_CHANCE = 0.24  # below it a question is refused
LEAST_ODDS = -5.0  # and where the judge finds nothing likelier than that to answer, whatever the words


@lru_cache(maxsize=64)
def content_terms(question: Question) -> tuple[str, ...]:
    """The search terms of the words that carry content, in order, each once.

    Places and years are left out: they have checks of their own, and a document speaks of its own by other names.
    """
    text = _CHECKED.sub(lambda found: " " * len(found[0]), question.query.text)
    return tuple(dict.fromkeys(term for a, b in question.content for term in terms(text[a:b])))


def features(
    question: Question,
    result: SearchResult,
    ranked: Sequence[Ranked],
    chosen: Ranked,
    document: Document,
    known: Collection[str],
) -> tuple[float, ...]:
    """What the regression looks at.

    known: those of the question's content terms that stand anywhere in the library. Returns the share of terms that are
    known and not in the chosen passage, its title or headings; the logarithm of the letters of content; the sentence's
    score and its late interaction about the centre; the lead of the first sentence; letters a token of the question
    (names fall into short ones); and where the judge has read the sentence, its log odds of the best that it read, and
    of this.
    """
    asked, passage = content_terms(question), chosen.passage.passage
    around = "\n".join((document.title, *passage.heading_path, passage.context, passage.text))
    here = set(terms(around))
    elsewhere = sum(term in known and term not in here for term in asked)
    letters = sum(b - a for a, b in question.content)
    behind = ranked[min(BEHIND, len(ranked) - 1)]
    lengths = result.query_offsets[:, 1] - result.query_offsets[:, 0]
    found = (
        elsewhere / max(len(asked), 1),
        math.log(max(letters, 1)),
        (chosen.score - CENTRE) / STEP,
        (chosen.sentence.score - CENTRE) / STEP,
        (ranked[0].score - behind.score) / STEP,
        float(lengths.mean()) if len(lengths) else 1.0,
    )
    if chosen.reading is None:
        return found
    return *found, max(log_odds(r.reading) for r in ranked if r.reading), log_odds(chosen.reading)


def is_answered(found: Sequence[float]) -> bool:
    """Is it likely enough that the passage answers? found: see `features`; with a judge's reading or without."""
    best = found[-2] if len(found) == len(JUDGED) - 1 else LEAST_ODDS
    return best >= LEAST_ODDS and chance(found) >= LEAST_CHANCE


def chance(found: Sequence[float]) -> float:
    """0…1, higher: the passage speaks of what the question speaks of."""
    weights = ALONE if len(found) < len(ALONE) else JUDGED
    odds = sum(weight * value for weight, value in zip(weights, (*found, 1.0), strict=True))
    return 1 / (1 + math.exp(-odds))
