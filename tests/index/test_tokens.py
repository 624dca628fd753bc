import pytest

from index.tokens import BATCH_TEXTS, BATCH_TOKENS, batches


@pytest.mark.parametrize("padded", [True, False])
def test_batches_hold_each_text_once_and_keep_the_limits(padded: bool) -> None:
    counts = [5, 600, 40, 3, 90] * 40
    found = list(batches(counts, padded))
    assert sorted(i for batch in found for i in batch) == list(range(len(counts)))
    for batch in found:
        own = [counts[i] for i in batch]
        assert len(batch) <= BATCH_TEXTS
        assert len(batch) == 1 or (len(batch) * max(own) if padded else sum(own)) <= BATCH_TOKENS
        assert own == sorted(own, reverse=True)


def test_texts_that_are_not_padded_fill_a_batch_with_their_own_tokens() -> None:
    counts = [100, 60, 50, 40]
    assert list(batches(counts)) == [[0, 1], [2, 3]]
    assert list(batches(counts, padded=False)) == [[0, 1, 2, 3]]


def test_no_texts_make_no_batch() -> None:
    assert list(batches([])) == []
