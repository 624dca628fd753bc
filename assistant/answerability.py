"""Does what was found speak of what was asked? Words that the documents use elsewhere, but not here, say no.

A question in other words than the document's is usual: "货柜" for "集装箱" stands nowhere in the library, and tells
nothing. A word that the library does have, in other passages only, tells that the question is about those or about
something else. Logistic regression over that share and the search's own scores, fitted on answerable questions and on
encyclopedia questions whose passage was taken away (python -m tests.evaluation.answerability): CMRC 2018 (Cui et al.
2019; CC BY-SA 4.0), of which nothing is here but the weights.
"""

import math
import re
from collections.abc import Collection, Sequence

from assistant.judge import log_odds
from assistant.places import PLACES
from assistant.question import Question
from assistant.ranking import Ranked
from index import Document, SearchResult, terms

_CHECKED = re.compile(rf"{'|'.join(PLACES)}|(?:19|20)?\d\d年?")
CENTRE, STEP = 0.88, 0.05  # of the scores, so that the weights are of one size
BEHIND = 5  # the sentence so far behind the first shows how far the first leads
# Weights of the features in their order, and the constant.
WEIGHTS = (-2.31, 0.65, 2.42, -1.38, 2.2, 0.76)
CONSTANT = -2.55
# Below it a question is refused: 1 in 100 colloquial questions on official papers, 2 in 10 whose source is not there.
LEAST_CHANCE = 0.19
# Where a judge finds nothing likelier than that to answer, it is refused too: of questions that the judge was not
# trained on, 1 in 100 that a document answers and 4 in 10 that none does and that nothing else refuses.
LEAST_ODDS = -4.5


def content_terms(question: Question) -> list[str]:
    """The search terms of the words that carry content, in order, each once.

    Places and years are left out: they have checks of their own, and a document speaks of its own by other names.
    """
    text = _CHECKED.sub(lambda found: " " * len(found[0]), question.query.text)
    return list(dict.fromkeys(term for a, b in question.content for term in terms(text[a:b])))


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
    (names fall into short ones).
    """
    asked, passage = content_terms(question), chosen.passage.passage
    around = "\n".join((document.title, *passage.heading_path, passage.context, passage.text))
    here = set(terms(around))
    elsewhere = sum(term in known and term not in here for term in asked)
    letters = sum(b - a for a, b in question.content)
    behind = ranked[min(BEHIND, len(ranked) - 1)]
    lengths = result.query_offsets[:, 1] - result.query_offsets[:, 0]
    return (
        elsewhere / max(len(asked), 1),
        math.log(max(letters, 1)),
        (chosen.score - CENTRE) / STEP,
        (chosen.sentence.score - CENTRE) / STEP,
        (ranked[0].score - behind.score) / STEP,
        float(lengths.mean()) if len(lengths) else 1.0,
    )


def best_odds(question: Question, ranked: Sequence[Ranked], chosen: Ranked) -> float | None:
    """The judge's log odds that a question is answered at all: those of the best that it read.

    None where it did not read the chosen sentence.
    """
    if chosen.reading is None:
        return None
    return max(log_odds(r.reading) for r in ranked if r.reading)


def chance(found: Sequence[float]) -> float:
    """0…1, higher: the passage speaks of what the question speaks of."""
    odds = sum(weight * value for weight, value in zip(WEIGHTS, found, strict=True)) + CONSTANT
    return 1 / (1 + math.exp(-odds))
