"""The documents and questions that every way is given."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from tests.benchmarks.workload import LENGTH, cut, made, wordings

LINES = [f"第{number}行说一件事,后面还有几个字来凑长度。" for number in range(400)]


def test_a_folder_is_cut_into_documents_of_like_length_and_then_at_other_places(write: Callable[..., Path]) -> None:
    folder = write("a.txt", "\n".join(LINES)).parent
    one_lap = sum(map(len, LINES)) // (LENGTH + len(LINES[0]))
    pieces = cut(folder, one_lap * 3)
    assert len(set(pieces)) == len(pieces)
    lengths = sorted(map(len, pieces))
    assert lengths[len(lengths) // 2] in range(LENGTH, LENGTH + 2 * len(LINES[0]))
    assert all(line in "\n".join(LINES) for piece in pieces for line in piece.splitlines())


def test_too_small_a_folder_is_said_to_be_too_small(write: Callable[..., Path]) -> None:
    folder = write("a.txt", "\n".join(LINES)).parent
    with pytest.raises(SystemExit, match="100000 are needed"):
        cut(folder, 100000)


def test_files_differ_even_where_their_texts_are_alike(tmp_path: Path) -> None:
    first, second = made(tmp_path / "made", ["同样的话", "同样的话"], "a")
    assert first.read_text("utf-8") != second.read_text("utf-8")


def test_no_question_is_worded_twice_alike() -> None:
    rows = [{"question": "增长多少?"}, {"question": "有哪些?"}]
    found = list(islice(wordings(rows), 100))
    assert found[:2] == ["增长多少?", "有哪些?"]
    assert len(set(found)) == 100
