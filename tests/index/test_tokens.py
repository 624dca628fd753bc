from index.tokens import BATCH_TEXTS, BATCH_TOKENS, batches


def test_batches_hold_each_text_once_and_keep_the_limits() -> None:
    counts = [5, 600, 40, 3] * 40
    found = list(batches(counts))
    assert sorted(i for batch in found for i in batch) == list(range(len(counts)))
    for batch in found:
        assert len(batch) <= BATCH_TEXTS
        assert len(batch) == 1 or len(batch) * max(counts[i] for i in batch) <= BATCH_TOKENS
