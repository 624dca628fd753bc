from pathlib import Path

import pytest

from assistant import InputRefused, Settings


def refused(root: Path, environ: dict[str, str]) -> str:
    with pytest.raises(InputRefused) as refusal:
        Settings.load(root, environ)
    return str(refusal.value)


def test_a_log_and_metrics_are_off_unless_they_are_asked_for(tmp_path: Path) -> None:
    plain = Settings.load(tmp_path, {})
    assert (plain.log, plain.log_level, plain.log_questions, plain.metrics, plain.proxies) == (
        "",
        "info",
        False,
        "",
        (),
    )
    asked = {"XIETONG_LOG": " JSON ", "XIETONG_LOG_LEVEL": "debug", "XIETONG_LOG_QUESTIONS": "1"}
    asked |= {"XIETONG_METRICS": "a-token-of-16-ch", "XIETONG_PROXIES": "10.0.0.2  ::0001"}
    given = Settings.load(tmp_path, asked)
    assert (given.log, given.log_level, given.log_questions) == ("json", "debug", True)
    assert (given.metrics, given.proxies) == ("a-token-of-16-ch", ("10.0.0.2", "::1"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIETONG_LOG", "xml"),
        ("XIETONG_LOG_LEVEL", "all"),
        ("XIETONG_LOG_QUESTIONS", "yes"),
        ("XIETONG_METRICS", "true"),
        ("XIETONG_METRICS", "fifteen-letters"),
        ("XIETONG_METRICS", "a token with blanks in it"),
        ("XIETONG_METRICS", "口令口令口令口令口令口令口令口令"),
        ("XIETONG_METRICS", "x" * 257),
        ("XIETONG_PROXIES", "10.0.0.2 proxy"),
        ("XIETONG_PROXIES", "10.0.0.0/8"),
    ],
)
def test_what_cannot_be_watched_that_way_is_refused(tmp_path: Path, name: str, value: str) -> None:
    assert name in refused(tmp_path, {name: value})


def test_a_token_that_is_refused_is_not_shown(tmp_path: Path) -> None:
    assert "secret" not in refused(tmp_path, {"XIETONG_METRICS": "secret secret secret"})
