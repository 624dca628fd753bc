from pathlib import Path

from tests.browser.attempts import SETS, attempts, table, world


def test_every_attempt_by_those_who_may_not_is_refused(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        found = attempts(made)
    assert [one for one in found if one.answer != one.wanted] == []
    assert len(found) > 80 and {one.who for one in found} > {"nobody", "reader", "another reader", "another site"}
    assert table(found).count("\n") == len(found) + 1 and len(SETS) == 8
