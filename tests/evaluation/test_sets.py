from tests.evaluation.sets import held_out


def test_what_is_held_out_depends_on_the_ids_alone() -> None:
    ids = [f"q{n}" for n in range(50)]
    assert held_out(ids, 3) == held_out(reversed(ids), 3) == ["q38", "q18", "q7"]
    assert held_out(ids, 3) == held_out(ids, 5)[:3]


def test_adding_questions_changes_few_of_those_held_out() -> None:
    fewer, more = held_out((f"q{n}" for n in range(40)), 10), held_out((f"q{n}" for n in range(50)), 10)
    assert set(more) - set(fewer) <= {f"q{n}" for n in range(40, 50)}
