from index.pace import KNOWN_SECONDS, WINDOW, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def after(clock: Clock, pace: Pace, *blocks: tuple[float, int]) -> float | None:
    """The time left once the blocks are done, each at its time."""
    for now, done in blocks:
        clock.now = now
        pace.reached(done)
    return pace.left()


def test_nothing_is_said_before_the_pace_is_known() -> None:
    clock = Clock()
    pace = Pace(100, clock)
    assert pace.left() is None
    assert after(clock, pace, (KNOWN_SECONDS / 2, 10)) is None
    clock.now = 60.0
    assert pace.left() is None, "time that passes within a block is no pace"


def test_the_time_left_follows_from_the_steps_that_are_left() -> None:
    clock = Clock()
    pace = Pace(100, clock)
    assert after(clock, pace, (10, 20)) == 40
    clock.now = 15
    assert pace.left() == 35, "it runs down between two blocks"
    assert after(clock, pace, (20, 40)) == 30


def test_the_pace_of_long_ago_is_forgotten() -> None:
    clock = Clock()
    pace = Pace(10_000, clock)
    after(clock, pace, (1000, 1))
    assert after(clock, pace, *((1000 + n, 1 + n * 100) for n in range(1, WINDOW + 1))) == (10_000 - 601) / 100


def test_work_that_takes_longer_than_was_thought_is_nearly_over() -> None:
    clock = Clock()
    pace = Pace(20, clock)
    after(clock, pace, (10, 10))
    clock.now = 500
    assert pace.left() == 1
