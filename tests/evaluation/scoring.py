"""How good are answers, held against questions whose answers are known?

The figures of one question: was the right passage retrieved, quoted, its sentence first; does the answer hold the
right words, in few (precise), alone (short_em, short_f1), all of a list (items); was it refused, rightly or not.

A row of gold: id, type, question, answers, match ("any" or "all" of the answers, "none" where there is none),
answerable, evidence (verbatim quotes, or {"document", "quote"}), history and turn for follow-ups.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean
from unicodedata import normalize

from assistant import Answer, Assistant, Citation, Retrieved, Turn
from tests.evaluation.sets import Row

FIGURES = (
    "retrieved@1", "retrieved@5", "cite@1", "cite@3", "sentence@1", "contains", "precise", "short_em", "short_f1",
    "items", "items_short", "false_refusal", "refusal",
)  # fmt: skip
PRECISE = 160  # letters of an answer that gives one value
SHORT_LIST = 800  # letters of an answer that gives a list
SHARE = 0.6  # of the shorter of passage and evidence that must stand in the other
LEAST = 10  # letters, so that a short evidence is not found everywhere

Figures = dict[str, float]

_NUMBER = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?")


def ask(assistant: Assistant, row: Row, documents: Sequence[str] | None = None) -> Answer:
    """A row's question with its history."""
    history = [Turn(t["question"], t["answer"]) for t in row.get("history") or ()]
    return assistant.ask(row["question"], history, documents)


def ask_all(assistant: Assistant, gold: Iterable[Row]) -> list[Answer]:
    return [ask(assistant, row) for row in gold]


def _plain(text: str) -> str:
    """The form in which an answer is looked for: space, width, case, quotation marks and thousands commas aside."""
    folded = re.sub("[“”‘’\"'《》〈〉]", "", normalize("NFKC", text).lower())
    folded = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", folded)
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", folded)


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", normalize("NFKC", text).lower())


def _unmarked(text: str) -> str:
    """Without the marks of citations, and those of a document's own notes, which look the same."""
    return re.sub(r"\[\d{1,2}\]", "", text)


def says(text: str, answer: str) -> bool:
    """Does the answer stand in a text, its number whole?"""
    wanted = _plain(answer)
    before = r"(?<![\d.])" if wanted[:1].isdigit() else ""
    after = r"(?!\d|\.\d)" if wanted[-1:].isdigit() else ""
    return bool(wanted) and re.search(before + re.escape(wanted) + after, _plain(text)) is not None


def _cells(quote: str) -> list[str]:
    """The words and numbers of a quote that is a table's row, which may be stored with other separators; else none."""
    plain = normalize("NFKC", quote)
    words, found = re.findall(r"[^\W\d_]{2,}", plain), _NUMBER.findall(plain)
    is_row = len(found) >= 2 and len("".join(words)) <= 20 and len(plain.split()) >= 4
    return words + [number for number in found if number.strip("0.,")] if is_row else []


def supports(found: Retrieved | Citation, evidence: str | Mapping[str, str]) -> bool:
    """Does a passage or quote share most of a piece of evidence, and stand in its document where that is named?"""
    if not isinstance(evidence, str):
        return found.file_name == normalize("NFC", evidence["document"]) and supports(found, evidence["quote"])
    said, quote = letters(found.quote if isinstance(found, Citation) else found.text), letters(evidence)
    cells = _cells(evidence)
    if cells and said and all(letters(cell) in said for cell in cells):
        return True
    short, long = sorted((said, quote), key=len)
    size = min(len(short), max(LEAST, int(len(short) * SHARE)))
    return bool(short) and any(short[at : at + size] in long for at in range(len(short) - size + 1))


def _any_supports(found: Iterable[Retrieved | Citation], row: Row) -> float:
    return float(any(supports(one, evidence) for one in found for evidence in row["evidence"]))


def _f1(said: str, wanted: str) -> float:
    """How much two texts share, by their letters."""
    said, wanted = letters(said), letters(wanted)
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def _first_sentence(answer: Answer) -> str:
    """The best sentence, also of what was refused."""
    return answer.sentences[0].text if answer.sentences else answer.nearest[0].quote if answer.nearest else ""


def judge(row: Row, answer: Answer) -> Figures:
    """One row's figures, each 0…1 and only where it applies; false_refusal alone is better low."""
    refused = answer.status != "answered"
    if not row["answerable"]:
        return {"refusal": float(refused)}
    cited = () if refused else answer.citations
    said = "" if refused else _unmarked(answer.answer)
    covered = [any(supports(r, e) for r in answer.retrieved[:5]) for e in row["evidence"]]
    found = [says(said, wanted) for wanted in row["answers"]]
    every, length = row["match"] == "all", len(letters(said))
    figures = {
        "retrieved@1": _any_supports(answer.retrieved[:1], row),
        "retrieved@5": fmean(covered) if every else float(any(covered)),
        "cite@1": _any_supports(cited[:1], row),
        "cite@3": _any_supports(cited[:3], row),
        "false_refusal": float(refused),
    }
    if every:
        return {**figures, "items": fmean(found), "items_short": fmean(found) * (length <= SHORT_LIST)}
    short = "" if refused else answer.short_answer or ""
    return {
        **figures,
        "sentence@1": float(any(says(_first_sentence(answer), wanted) for wanted in row["answers"])),
        "contains": float(any(found)),
        "precise": float(any(found) and length <= PRECISE),
        "short_em": float(any(letters(short) == letters(wanted) for wanted in row["answers"])),
        "short_f1": max(_f1(short, wanted) for wanted in row["answers"]),
    }


def kind(row: Row) -> str:
    if not row["answerable"]:
        return "unanswerable"
    return "followup-2" if row.get("turn") == 2 else str(row["type"])


def groups(row: Row) -> list[str]:
    """The rows of the table that a question counts in."""
    own = [f"in {row['lang']}"] if row.get("lang") else []
    own += [f"no: {row['near_miss']}"] if row.get("near_miss") else []
    return [kind(row), *own, "ALL"]


def score(gold: list[Row], answers: list[Answer]) -> dict[str, Figures]:
    """The mean of each figure and the number of rows "n", by kind of question, language, near miss, and for ALL."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row, answer in zip(gold, answers, strict=True):
        for name, value in {**judge(row, answer), "n": 1.0}.items():
            for group in groups(row):
                values[group][name].append(value)
    order = sorted(values, key=lambda name: (name == "ALL", name.startswith(("in ", "no: ")), name))
    return {
        name: {figure: sum(v) if figure == "n" else round(fmean(v), 5) for figure, v in values[name].items()}
        for name in order
    }


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(normalize("NFKC", text))}


def faults(answer: Answer, text_of: Callable[[str], str]) -> list[str]:
    """What an answer says that its sources do not, or says without a source."""
    found = []
    quotes = {c.number: c.quote for c in answer.citations}
    if answer.status != "answered" and (answer.citations or answer.sentences):
        found.append("support without an answer")
    if answer.status == "answered" and not answer.sentences:
        found.append("an answer without a sentence")
    for c in (*answer.citations, *answer.nearest):
        if text_of(c.document_id)[c.start : c.end] != c.quote:
            found.append("a quote that is not verbatim")
    for sentence in answer.sentences:
        cited = [quotes[number] for number in sentence.citations if number in quotes]
        parts = [letters(part) for part in re.split("…+", sentence.text)]
        if not cited:
            found.append("a sentence without a source")
        if not all(any(part in letters(quote) for quote in cited) for part in parts):
            found.append("words that are not the source's")
        if not _numbers(sentence.text) <= {number for quote in cited for number in _numbers(quote)}:
            found.append("a number that its quote does not hold")
        if letters(_unmarked(sentence.text)) not in letters(_unmarked(answer.answer)):
            found.append("a sentence that the answer does not show")
    return found
