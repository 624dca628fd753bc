"""Finding words in one document, letter by letter: width, case and script do not count."""

from itertools import accumulate

from index.normalise import matching_form

MAX_QUERY = 200  # characters; nobody types more into a search box
Span = tuple[int, int]


def occurrences(text: str, query: str) -> list[Span]:
    """[start, end) in code points of every place where the query stands in the text, none over another.

    Both are compared one character at a time in their matching form; blanks around the query do not count.
    """
    wanted = _folded(query.strip()[:MAX_QUERY])[0]
    folded, starts = _folded(text)
    found: list[Span] = []
    at = folded.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        found.append((at, end) if starts is None else (starts[at], starts[end - 1] + 1))
        at = folded.find(wanted, end)
    return found


def _folded(text: str) -> tuple[str, list[int] | None]:
    """The text in its matching form, and each of that form's characters' place in the text; None where it is the same.

    A character has one form wherever it stands, so that it is made once for each that occurs.
    """
    forms = {character: matching_form(character) or character for character in set(text)}
    folded = text.translate({ord(character): form for character, form in forms.items()})
    if len(folded) == len(text) and all(len(form) == 1 for form in forms.values()):
        return folded, None
    ends = accumulate(len(forms[character]) for character in text)
    starts: list[int] = []
    for place, end in enumerate(ends):
        starts += [place] * (end - len(starts))
    return folded, starts
