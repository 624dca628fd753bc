from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import Answer, Citation
from assistant.web.sources import highlighted, places_of, source_cards
from assistant.web.texts import Words

REPORT = (Path(__file__).parents[3] / "source_docs" / "report.txt").read_text("utf-8")


def test_exactly_the_quoted_words_are_marked_and_the_passage_is_whole(
    answered: Answer, read: Callable[[str], Any]
) -> None:
    for citation in answered.citations:
        seen = read(highlighted(citation))
        assert seen.marked == REPORT[citation.start : citation.end] == citation.quote
        assert seen.text == REPORT[citation.text_start : citation.text_end]


def test_the_second_of_two_equal_phrases_is_marked_where_the_citation_points_to_it(
    make_citation: Callable[..., Citation],
) -> None:
    citation = replace(
        make_citation(1, "津冀港口群"), quote="甲乙", text="甲乙丙甲乙", text_start=100, start=103, end=105
    )
    assert highlighted(citation) == '甲乙丙<mark class="cited" tabindex="-1">甲乙</mark>'


def test_nothing_is_marked_where_the_quote_does_not_stand(make_citation: Callable[..., Citation]) -> None:
    citation = replace(make_citation(1, "津冀港口群"), quote="别的话")
    assert "<mark" not in highlighted(citation)


def test_text_title_headings_and_file_name_are_escaped(answered: Answer, evil: str, read: Callable[[str], Any]) -> None:
    citation = replace(
        answered.citations[0], text=evil, quote=evil, text_start=0, start=0, end=len(evil),
        document_title=evil, file_name=evil, heading_path=(evil,),
    )  # fmt: skip
    seen = read(source_cards(replace(answered, citations=(citation,)), 1, Words("zh")))
    assert seen.marked == evil
    assert seen.text.count(evil) == 4
    assert "img" not in [tag for tag, _ in seen.tags]


def test_each_source_is_kept_with_the_place_that_it_stands_for(
    answered: Answer, not_found: Answer, read: Callable[[str], Any]
) -> None:
    seen = read(source_cards(answered, 2, Words("zh")))
    assert [a["id"] for a in seen.having("id")] == ["s2-1", "s2-2", "s2-3"]
    assert ",".join(a["data-for"] for a in seen.having("data-for")) == places_of(answered)
    near = read(source_cards(not_found, 3, Words("zh")))
    assert [a["id"] for a in near.having("id")] == ["n3-1", "n3-2"]
    assert ",".join(a["data-for"] for a in near.having("data-for")) == places_of(not_found)


def test_a_page_is_shown_where_there_is_one(answered: Answer, read: Callable[[str], Any]) -> None:
    paged = replace(answered, citations=(replace(answered.citations[0], page=7),))
    assert "第12段,第7页" in read(source_cards(paged, 1, Words("zh"))).text
    assert "第12段 " in read(source_cards(answered, 1, Words("zh"))).text
