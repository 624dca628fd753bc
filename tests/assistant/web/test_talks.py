from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from assistant import Talk
from assistant.web.talks import day_name, talk_head, talk_list, undo_line
from assistant.web.texts import Words

ZH, EN = Words("zh"), Words("en")
TODAY = date(2026, 3, 10)


def talk(key: str, title: str, days_ago: int = 0) -> Talk:
    moment = (datetime.now().astimezone() - timedelta(days=days_ago)).isoformat()
    return Talk(key, "local", title, moment, moment, 1)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 3, 10), "今天"),
        (date(2026, 3, 11), "今天"),  # a clock that was set back
        (date(2026, 3, 9), "昨天"),
        (date(2026, 3, 5), "5 天前"),
        (date(2026, 3, 3), "2026-03-03"),
    ],
)
def test_a_day_is_named_by_how_long_ago_it_was(day: date, name: str) -> None:
    assert day_name(day, TODAY, ZH) == name


def test_conversations_stand_under_their_days_and_the_open_one_is_marked(read: Callable[[str], Any]) -> None:
    seen = read(talk_list([talk("a", "一"), talk("b", "二"), talk("c", "三", 1)], "b", False, ZH))
    assert [tag for tag, _ in seen.tags].count("h3") == 2
    assert [one["data-talk"] for one in seen.having("aria-current")] == ["b"]
    assert seen.text.index("今天") < seen.text.index("一") < seen.text.index("昨天") < seen.text.index("三")


def test_an_empty_list_says_why_it_is_empty() -> None:
    assert ZH("talks_none") in talk_list([], "", False, ZH)
    assert EN("talks_none_found") in talk_list([], "", True, EN)


def test_titles_are_escaped_everywhere(evil: str, read: Callable[[str], Any]) -> None:
    one = talk("a", evil)
    seen = read(talk_list([one], "a", False, ZH) + talk_head(one, ZH) + undo_line(one, ZH))
    assert "img" not in [tag for tag, _ in seen.tags]
    assert seen.having("data-title")[0]["data-title"] == evil
    assert seen.text.count(evil) == 3


def test_the_open_conversation_can_be_exported(read: Callable[[str], Any]) -> None:
    links = [one["href"] for one in read(talk_head(talk("k-1", "一"), ZH)).having("href")]
    assert links == ["/xietong/export/k-1.docx?lang=zh", "/xietong/export/k-1.md?lang=zh"]
    assert "href" not in talk_head(None, ZH)
