from collections.abc import Callable
from typing import Any

import pytest

from assistant import Difference, Document
from assistant.web.incoming import Offer
from assistant.web.texts import Words
from assistant.web.uploads import Upload
from assistant.web.versions import SHOWN, marked, offer_html

ZH = Words("zh")
Make = Callable[..., Document]
Read = Callable[[str], Any]


@pytest.fixture
def offer(make_document: Make) -> Callable[..., Offer]:
    """A new document that differs from an old one in these sentences."""

    def make(*differences: Difference, title: str = "统计公报") -> Offer:
        old = make_document("d1", title, "旧.txt", "2024-05-06T07:08:09+00:00")
        return Offer(Upload("u1", "新.txt"), old, make_document("d2", title, "新.txt"), differences)

    return make


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("增长10.4%。", "增长10.6%。", ("增长<del>10.4%</del>。", "增长<ins>10.6%</ins>。")),
        ("共7条", "共7条。", ("共7条", "共7条<ins>。</ins>")),
        ("1,200人", "1200人", ("<del>1,200</del>人", "<ins>1200</ins>人")),
        ("a<b", "a<c", ("a&lt;<del>b</del>", "a&lt;<ins>c</ins>")),
    ],
)
def test_what_differs_is_marked_a_number_whole(old: str, new: str, expected: tuple[str, str]) -> None:
    assert marked(old, new) == expected


def test_an_offer_shows_both_documents_what_differs_and_the_choice(offer: Callable[..., Offer], read: Read) -> None:
    seen = read(offer_html(offer(Difference("增长10.4%。", "增长10.6%。"), Difference("删去。", None)), 10, ZH))
    for shown in ("共 2 句不同", "旧.txt", "新.txt", "2017–2021", "10.4%", "10.6%", "(没有这一句)", "10 分钟内可撤销"):
        assert shown in seen.text
    buttons = [(b["data-action"], b["data-document"]) for b in seen.having("data-action")]
    assert buttons == [("replace", "u1"), ("keep", "u1")]


def test_sentences_whose_figures_differ_are_shown_before_the_others(offer: Callable[..., Offer], read: Read) -> None:
    words = [Difference(f"第{n}处旧。", f"第{n}处新。") for n in range(SHOWN)]
    seen = read(offer_html(offer(*words, Difference("共5件", "共6件"), Difference(None, "又有9件")), 10, ZH))
    assert "共5件" in seen.text and "共6件" in seen.text and "又有9件" not in seen.text
    assert seen.text.index("共5件") < seen.text.index("第0处旧")
    assert "另有 2 句不同,未列出" in seen.text


def test_documents_of_the_same_sentences_are_told_as_such(offer: Callable[..., Offer], read: Read) -> None:
    assert "逐句相同" in read(offer_html(offer(), 10, ZH)).text


def test_titles_and_sentences_are_escaped(offer: Callable[..., Offer], read: Read, evil: str) -> None:
    seen = read(offer_html(offer(Difference(evil, None), Difference(f"{evil}1", f"{evil}2"), title=evil), 10, ZH))
    assert "img" not in [tag for tag, _ in seen.tags] and seen.text.count(evil) >= 5
