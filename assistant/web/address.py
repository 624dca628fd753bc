"""Where the pages may be served: the loopback interface, at a port that is free."""

import argparse
import ipaddress
import re
import socket

from assistant import XietongError

LOWEST_PORT, HIGHEST_PORT = 1, 65535
BACKLOG = 128
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


class AddressRefused(XietongError):
    """The pages cannot be served at this address."""


def host_option(text: str) -> str:
    """An address or a host name, for argparse."""
    if _address(text) is None and not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f'"{text[:60]}" is not an address: give an IP address or a host name, such as 127.0.0.1'
        )
    return text


def port_option(text: str) -> int:
    """A port number, for argparse."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not LOWEST_PORT <= int(text) <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(
            f'"{text[:60]}" is not a port: give a whole number from {LOWEST_PORT} to {HIGHEST_PORT}, such as 7860'
        )
    return int(text)


def is_loopback(host: str) -> bool:
    """Whether `host` (an address or a name, without port) can only mean this machine."""
    address = _address(host.strip("[]"))
    return address.is_loopback if address is not None else host.lower() == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises AddressRefused off the loopback interface or if the port is taken."""
    if not is_loopback(host):
        raise AddressRefused(
            f"不能在 {host} 上提供服务:尚无用户与口令,只允许本机访问;请用 --host 127.0.0.1,远程使用请经 SSH 转发端口。",
            f"cannot serve on {host}: there are no users yet, so only this machine may connect; "
            "use --host 127.0.0.1, and forward the port over SSH to reach it from elsewhere.",
        )
    try:
        return _bind(host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AddressRefused(
            f"端口 {port} 无法使用({reason}):一个端口只能由一个程序监听;请停止占用它的程序,或用 --port 换一个端口。",
            f"port {port} on {host} cannot be used ({reason}): one program can listen on a port; "
            "stop the other one, or choose another with --port.",
        ) from error


def url(host: str, port: int) -> str:
    """The address to open in a browser."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
