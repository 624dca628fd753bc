import threading

import pytest

from assistant import Progress, ProgressCallback
from assistant.web import work as module
from assistant.web.work import Work


def test_the_latest_step_is_given_until_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP_SECONDS", 0.01)
    go = threading.Event()

    def call(tell: ProgressCallback) -> str:
        for done in (1, 2):
            tell(Progress("a.txt", done, 2))
        assert go.wait(20)
        return "done"

    work = Work(call)
    seen = []
    for step in work:
        seen.append(step)
        if step:
            go.set()
    assert seen[-1] == Progress("a.txt", 2, 2) and work.result() == "done"


def test_what_is_quick_has_no_steps() -> None:
    work = Work(lambda _: 7)
    assert list(work) == [] and work.result() == 7


def test_what_the_work_raised_is_raised_by_its_result() -> None:
    def fail(_: ProgressCallback) -> None:
        raise ValueError("no")

    work = Work(fail)
    assert list(work) == []
    with pytest.raises(ValueError, match="no"):
        work.result()
