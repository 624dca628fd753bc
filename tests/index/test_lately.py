from concurrent.futures import ThreadPoolExecutor

from index import Lately


def test_the_one_unused_for_longest_is_given_up_first() -> None:
    kept: Lately[str, str] = Lately(2)
    kept.put("a", "A")
    kept.put("b", "B")
    assert kept.get("a") == "A"
    kept.put("c", "C")
    assert [kept.get(key) for key in "abc"] == ["A", None, "C"]


def test_sizes_count_and_what_is_too_large_is_not_kept() -> None:
    kept: Lately[str, str] = Lately(5, len)
    kept.put("a", "aaa")
    kept.put("b", "b" * 6)
    assert (kept.get("a"), kept.get("b")) == ("aaa", None)
    kept.put("b", "bbb")
    assert (kept.get("a"), kept.get("b")) == (None, "bbb")


def test_what_is_not_kept_is_read_once_and_kept() -> None:
    kept: Lately[str, str] = Lately(3)
    asked: list[list[str]] = []

    def read(lacking: list[str]) -> dict[str, str]:
        asked.append(lacking)
        return {key: key.upper() for key in lacking if key != "none"}

    kept.put("a", "A")
    assert kept.among(["a", "b", "b", "none"], read) == {"a": "A", "b": "B"}
    assert kept.among(["b", "a"], read) == {"a": "A", "b": "B"}
    assert asked == [["b", "none"]]


def test_threads_get_the_value_of_their_key() -> None:
    kept: Lately[int, int] = Lately(7)

    def work(number: int) -> bool:
        kept.put(number % 20, number % 20)
        return kept.get(number % 20) in (number % 20, None)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(4000)))
