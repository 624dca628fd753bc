"""How good are answers, held against questions whose answers are known?

A row of gold: id, type, question, answers, match ("any" or "all" of the answers, "none" where there is none),
answerable, evidence (verbatim quotes, or {"document", "quote"}), history and turn for follow-ups.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from statistics import fmean
from typing import Any

from assistant import Answer, Assistant, Retrieved, Turn

FIGURES = ("retrieved@1", "retrieved@5", "contains", "items", "refusal", "false_refusal")
SHARE = 0.6  # of the shorter of passage and evidence that must stand in the other
LEAST = 10  # letters, so that a short evidence is not found everywhere

Row = dict[str, Any]
Figures = dict[str, float]


def read_gold(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def ask_all(assistant: Assistant, gold: Iterable[Row]) -> list[Answer]:
    """Each question with its history, in order."""
    return [
        assistant.ask(row["question"], [Turn(t["question"], t["answer"]) for t in row.get("history") or ()])
        for row in gold
    ]


def _plain(text: str) -> str:
    """The form in which an answer is looked for: space, width, case, quotation marks and thousands commas aside."""
    folded = re.sub("[“”‘’\"'《》〈〉]", "", unicodedata.normalize("NFKC", text).lower())
    folded = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", folded)
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", folded)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def says(text: str, answer: str) -> bool:
    """Does the answer stand in a text, its number whole?"""
    wanted = _plain(answer)
    before = r"(?<![\d.])" if wanted[:1].isdigit() else ""
    after = r"(?!\d|\.\d)" if wanted[-1:].isdigit() else ""
    return bool(wanted) and re.search(before + re.escape(wanted) + after, _plain(text)) is not None


def supports(found: Retrieved, evidence: str | Mapping[str, str]) -> bool:
    """Does a passage share most of a piece of evidence, and stand in its document where that is named?"""
    if not isinstance(evidence, str):
        return found.file_name == evidence["document"] and supports(found, evidence["quote"])
    passage, quote = _letters(found.text), _letters(evidence)
    shorter = min(len(passage), len(quote))
    common = SequenceMatcher(None, passage, quote, autojunk=False).find_longest_match().size
    return shorter > 0 and common >= min(shorter, max(LEAST, int(shorter * SHARE)))


def judge(row: Row, answer: Answer) -> Figures:
    """One row's figures, each 0…1 and only where it applies; false_refusal alone is better low."""
    if not row["answerable"]:
        return {"refusal": float(answer.status != "answered")}
    refused = answer.status != "answered"
    said = "" if refused else re.sub(r"\[\d{1,2}\]", "", answer.answer)
    covered = [any(supports(r, e) for r in answer.retrieved[:5]) for e in row["evidence"]]
    found = [says(said, wanted) for wanted in row["answers"]]
    every = row["match"] == "all"
    return {
        "retrieved@1": float(any(supports(r, e) for r in answer.retrieved[:1] for e in row["evidence"])),
        "retrieved@5": fmean(covered) if every else float(any(covered)),
        "items" if every else "contains": fmean(found) if every else float(any(found)),
        "false_refusal": float(refused),
    }


def kind(row: Row) -> str:
    if not row["answerable"]:
        return "unanswerable"
    return "followup-2" if row.get("turn") == 2 else str(row["type"])


def score(gold: list[Row], answers: list[Answer]) -> dict[str, Figures]:
    """The mean of each figure and the number of rows "n", by kind of question and for ALL."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row, answer in zip(gold, answers, strict=True):
        for name, value in {**judge(row, answer), "n": 1.0}.items():
            values[kind(row)][name].append(value)
            values["ALL"][name].append(value)
    order = sorted(values, key=lambda name: (name == "ALL", name))
    return {
        name: {figure: sum(v) if figure == "n" else round(fmean(v), 5) for figure, v in values[name].items()}
        for name in order
    }


def _numbers(text: str) -> set[str]:
    found = re.findall(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?", unicodedata.normalize("NFKC", text))
    return {number.replace(",", "") for number in found}


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
        parts = [_letters(part) for part in re.split("…+", sentence.text)]
        if not cited:
            found.append("a sentence without a source")
        if not all(any(part in _letters(quote) for quote in cited) for part in parts):
            found.append("words that are not the source's")
        if not _numbers(sentence.text) <= {number for quote in cited for number in _numbers(quote)}:
            found.append("a number that its quote does not hold")
        if _letters(sentence.text) not in _letters(re.sub(r"\[\d{1,2}\]", "", answer.answer)):
            found.append("a sentence that the answer does not show")
    return found
