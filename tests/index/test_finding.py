from itertools import pairwise

import pytest

from index import occurrences


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("京津冀协同,京津冀", "京津冀", ["京津冀", "京津冀"]),
        ("２０２１年 2021年", "2021年", ["２０２１年", "2021年"]),
        ("協同發展与协同发展", "协同发展", ["協同發展", "协同发展"]),
        ("协同发展", "協同發展", ["协同发展"]),
        ("PM2.5与ｐｍ２.５", "pm2.5", ["PM2.5", "ｐｍ２.５"]),
        ("共10㎡,又10m2", "10m2", ["10㎡", "10m2"]),
        ("𠮷野家与𠮷野", "𠮷野", ["𠮷野", "𠮷野"]),
        ("哈哈哈", "哈哈", ["哈哈"]),
        ("一行\n二行", " 二行 ", ["二行"]),
        ("没有", "别的", []),
        ("没有", "  ", []),
        ("", "字", []),
    ],
)
def test_words_are_found_whatever_their_width_case_and_script(text: str, query: str, found: list[str]) -> None:
    spans = occurrences(text, query)
    assert [text[start:end] for start, end in spans] == found
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_a_query_longer_than_anybody_types_is_cut() -> None:
    text = "字" * 300
    assert occurrences(text, text) == [(0, 200)]
