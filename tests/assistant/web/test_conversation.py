from dataclasses import replace
from typing import Any

import pytest

from assistant import Answer, InputRefused, Progress, Turn
from assistant.web import conversation as talk
from assistant.web.conversation import Conversation, Exchange


def stages(steps: list[Conversation]) -> list[tuple[str, int]]:
    return [(step[-1].stage, step[-1].shown) for step in steps]


def test_an_answer_comes_sentence_by_sentence(answered: Answer, assistant_with: Any) -> None:
    steps = list(talk.ask(assistant_with(answered), (), "问", pace=0))
    assert stages(steps) == [("searching", 0), ("showing", 1), ("done", 2), ("done", 2)]


def test_a_question_waits_for_the_model_and_says_how_far_it_is(
    answered: Answer, assistant_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "POLL_SECONDS", 0)
    steps = list(talk.ask(assistant_with(answered, waits=2), (), "问", pace=0))
    assert [stage for stage, _ in stages(steps)][:3] == ["waiting", "waiting", "searching"]
    assert steps[0][0].readiness is not None and steps[0][0].readiness.progress == Progress("report.txt", 1, 3)


def test_a_follow_up_is_asked_with_the_turns_before_it(answered: Answer, assistant_with: Any) -> None:
    assistant = assistant_with(answered)
    *_, first = talk.ask(assistant, (), "问一", pace=0)
    *_, second = talk.ask(assistant, first, "问二", pace=0)
    assert next(asked for asked in assistant.asked if asked[0] == "问二") == ("问二", [Turn("问一", answered.answer)])
    assert [exchange.number for exchange in second] == [1, 2]


def test_invalid_and_unanswered_questions_are_no_history(answered: Answer) -> None:
    invalid = Exchange(1, " ", "done", Answer(" ", "invalid", "空", "fake"))
    stopped = Exchange(2, "问", "stopped")
    assert talk.history((invalid, stopped, Exchange(3, "三", "done", answered))) == [Turn("三", answered.answer)]


def test_what_the_assistant_refuses_is_shown_not_raised(answered: Answer, assistant_with: Any) -> None:
    error = InputRefused("不行", "no")
    *_, last = talk.ask(assistant_with(answered, error=error), (), "问", pace=0)
    assert (last[-1].stage, last[-1].error) == ("failed", error)


def test_a_fault_is_shown_and_raised(answered: Answer, assistant_with: Any) -> None:
    steps = talk.ask(assistant_with(answered, error=RuntimeError("fault")), (), "问", pace=0)
    assert [next(steps)[-1].stage, next(steps)[-1].stage] == ["searching", "failed"]
    with pytest.raises(RuntimeError, match="fault"):
        next(steps)


def test_stopping_leaves_a_finished_answer_alone(answered: Answer) -> None:
    finished = (Exchange(1, "问", "done", answered, 2),)
    running = (Exchange(1, "问", "showing", answered, 1),)
    assert talk.stop(finished) is finished
    assert talk.stop(running) == (replace(running[0], stage="stopped"),)
    assert talk.stop(()) == ()
