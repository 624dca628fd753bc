"""Where the pages may be served: the loopback interface, at a port that is free."""

import argparse
import ipaddress
import re
import socket
import sys

from assistant import InputRefused, Settings, Users, XietongError

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


def is_address(host: str) -> bool:
    """Whether `host` is an IP address rather than a name."""
    return _address(host) is not None


def listen(host: str, port: int, with_users: bool = False) -> socket.socket:
    """A socket bound to the address. `with_users`: people must sign in.

    Raises AddressRefused off the loopback interface where nobody must sign in, and if the port is taken.
    """
    if not with_users and not is_loopback(host):
        raise AddressRefused(
            f"不能在 {host} 上提供服务:没有设置用户(XIETONG_USERS),只允许本机访问;请用 --host 127.0.0.1,"
            "或先设 XIETONG_USERS=users.jsonl 并运行 xietong users add 名字 --role editor。",
            f"cannot serve on {host}: no users are set up (XIETONG_USERS), so only this machine may connect; "
            "use --host 127.0.0.1, or set XIETONG_USERS=users.jsonl and run `xietong users add NAME --role editor`.",
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


def check_users(settings: Settings) -> None:
    """Whether people can sign in, and strangers cannot do without; warns where passwords cross the network bare.

    Raises UsersUnusable and InputRefused.
    """
    if settings.users and not Users(settings.users).people():
        raise InputRefused(
            f"用户文件“{settings.users}”里没有人:至少要有一位;请先运行 xietong users add 名字 --role editor。",
            f'there is nobody in the file of users "{settings.users}": at least one is needed; run '
            "`xietong users add NAME --role editor` first.",
        )
    if settings.public_urls and not settings.users:
        raise InputRefused(
            f"设了 XIETONG_PUBLIC_URL=“{settings.public_urls[0]}”而没有用户:从别处访问须先登录;"
            "请设 XIETONG_USERS,或去掉它。",
            f'XIETONG_PUBLIC_URL="{settings.public_urls[0]}" is set without users: whoever comes from elsewhere must '
            "sign in; set XIETONG_USERS, or drop it.",
        )
    https = any(url.startswith("https:") for url in settings.public_urls)
    if settings.users and not is_loopback(settings.host) and not https:
        sys.stderr.write(
            "xietong: 口令将不加密地经过网络,请在前面放一个 https 反向代理 / passwords will cross the network "
            "unencrypted: put an https proxy before this\n"
        )


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
