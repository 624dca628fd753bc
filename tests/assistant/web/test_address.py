import argparse
import socket

import pytest

from assistant.web.address import AddressRefused, host_option, is_loopback, listen, port_option, url


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
