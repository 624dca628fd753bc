import pytest

from index.tokens import BATCH_TEXTS, BATCH_TOKENS, SHARED_TOKENS, batches


@pytest.mark.parametrize(("quiet", "most"), [(True, BATCH_TOKENS), (False, SHARED_TOKENS)])
def test_batches_hold_each_text_once_and_keep_the_limits(quiet: bool, most: int) -> None:
    counts = [5, 60, 40, 3] * 40
    found = list(batches(counts, lambda: quiet))
    assert sorted(i for batch in found for i in batch) == list(range(len(counts)))
    for batch in found:
        assert len(batch) <= BATCH_TEXTS
        assert len(batch) == 1 or len(batch) * max(counts[i] for i in batch) <= most
    assert max(len(batch) * max(counts[i] for i in batch) for batch in found) > most / 2


def test_batches_grow_and_shrink_with_what_else_goes_on() -> None:
    states = iter([False, True, False, True])
    assert [len(batch) for batch in batches([100] * 24, lambda: next(states))] == [2, 10, 2, 10]
