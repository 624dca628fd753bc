"""The benchmark of large libraries, on a small one."""

from pathlib import Path

import numpy as np
import pytest

from index import Library
from index.search import SENTENCE_CANDIDATES
from tests.benchmarks.scale import asked, changes, recalls, searches
from tests.benchmarks.synthetic import MODEL, PASSAGES, Chains, Space, Standin, block, make

DOCUMENT = "天津港集装箱吞吐量完成两千万标准箱,比上年增长百分之十。\n京津冀协同发展取得新进展,交通一体化加快推进。"


@pytest.fixture(scope="module")
def space() -> Space:
    return Space()


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Chains:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "a.txt").write_text(DOCUMENT, "utf-8")
    return Chains(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, space: Space, chains: Chains) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "60"
    make(folder, 60, space, chains, 4)
    return folder


def test_vectors_are_unit_rows_about_a_common_direction(space: Space) -> None:
    rows = space.unit(space.noise(np.random.default_rng(0), 500, 1.0))
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    cosines = (rows @ rows.T)[np.triu_indices(len(rows), 1)]
    assert 0.82 < cosines.mean() < 0.86  # the bundled model's sentences: .837


def test_one_letter_follows_another_only_where_the_documents_have_it_so(chains: Chains) -> None:
    held = "".join(DOCUMENT)
    for row in chains.chains(np.random.default_rng(0), 20, 8):
        text = chains.text(row)
        ends = {line[-1] for part in held.split("\n") for line in [part.replace("。", "")]}
        pairs = [text[at : at + 2] for at in range(len(text) - 1)]
        assert all(pair in held or pair[0] in ends or f"{pair[0]}," in held for pair in pairs)


def test_a_library_is_whole_and_a_second_making_adds_nothing(made: Path, space: Space, chains: Chains) -> None:
    library = Library(made, MODEL, lambda: Standin(space))
    assert [c.check for c in library.doctor() if not c.ok] == ["figures"]  # they are not made
    before = library.generation
    make(made, 60, space, chains, 4)
    assert library.generation == before and len(library.documents()) == 60 // PASSAGES


def test_blocks_are_the_same_for_the_same_number(space: Space, chains: Chains) -> None:
    one, same, other = (block(number, space, chains, 2) for number in (3, 3, 4))
    assert one.texts == same.texts and np.array_equal(one.middles, same.middles) and one.texts != other.texts


def test_figures_of_a_small_library(made: Path, space: Space, chains: Chains, tmp_path: Path) -> None:
    standin, queries = Standin(space), asked(60, space, chains, 6)
    standin.known.update((q.text, q.vector) for q in queries)
    library = Library(made, MODEL, lambda: standin)
    found = searches(library, queries) | recalls(library, queries) | changes(library, standin, chains, tmp_path)
    assert found["sentences_recall_10"] == found[f"sentences_recall_{SENTENCE_CANDIDATES}"] == 1.0
    assert found["hit_10"] > 0 and found["added_passages"] == PASSAGES
    assert 0 < found["search_ms"]["p50"] <= found["search_ms"]["p95"]
