import argparse
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import InputRefused, Person, Settings, Users, UsersUnusable
from assistant.passwords import hashed
from assistant.web.address import AddressRefused, check_users, host_option, is_loopback, listen, port_option, url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.2", "example.com", "localhost.example.com", "127.0.0.1.nip.io", ""]
)
def test_everything_else_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "example.com"])
def test_another_host_is_refused_with_what_to_do(host: str) -> None:
    with pytest.raises(AddressRefused, match=r"--host 127\.0\.0\.1") as refusal:
        listen(host, 7860)
    assert host in refusal.value.zh and host in refusal.value.en


def test_with_users_another_address_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with listen("0.0.0.0", port, with_users=True), socket.create_connection(("127.0.0.1", port), 5):
        pass


@pytest.mark.parametrize(
    ("host", "public", "warned"),
    [("0.0.0.0", (), True), ("0.0.0.0", ("https://qa.example.cn",), False), ("127.0.0.1", (), False)],
)
def test_passwords_in_the_clear_are_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str, public: tuple[str, ...], warned: bool
) -> None:
    users = Users(tmp_path / "users.jsonl")
    users.change(lambda held: held.update(li=Person("li", hashed("long enough"), "reader")))
    settings = Settings.load(tmp_path, {"XIETONG_USERS": str(users.path)}, host=host)
    check_users(replace(settings, public_urls=public))
    assert ("https" in capsys.readouterr().err) == warned


def test_a_file_without_anybody_and_an_address_for_others_without_users_are_refused(tmp_path: Path) -> None:
    (tmp_path / "users.jsonl").write_text("\n")
    with pytest.raises(InputRefused, match="xietong users add"):
        check_users(Settings.load(tmp_path, {"XIETONG_USERS": "users.jsonl"}))
    with pytest.raises(UsersUnusable, match="is not there"):
        check_users(Settings.load(tmp_path, {"XIETONG_USERS": "none.jsonl"}))
    with pytest.raises(InputRefused, match="XIETONG_USERS"):
        check_users(Settings.load(tmp_path, {"XIETONG_PUBLIC_URL": "https://qa.example.cn"}))


def test_a_taken_port_is_refused_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressRefused, match="--port") as refusal:
            listen("127.0.0.1", port)
    assert str(port) in refusal.value.zh and "\n" not in str(refusal.value)


def test_a_free_port_is_listened_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with listen("127.0.0.1", port), socket.create_connection(("127.0.0.1", port), 5):
        pass


@pytest.mark.parametrize("text", ["0", "65536", "-1", "7860.0", "", "７８６０", "port", "1e3"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="1 to 65535"):
        port_option(text)


def test_a_port_is_a_number() -> None:
    assert (port_option("1"), port_option("65535")) == (1, 65535)


@pytest.mark.parametrize("text", ["", "http://127.0.0.1", "127.0.0.1:80", "256.1.1.1", "a b"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="not an address"):
        host_option(text)


def test_the_address_to_open_is_written_as_browsers_read_it() -> None:
    assert url("127.0.0.1", 7860) == "http://127.0.0.1:7860"
    assert url("::1", 80) == "http://[::1]:80"
