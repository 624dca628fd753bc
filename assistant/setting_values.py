"""Values of settings that are neither paths nor numbers: one of a few words, an address, a token."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from index import InputRefused

ON = "1"
SHORTEST_TOKEN, LONGEST_TOKEN = 16, 256  # characters: too many to guess, few enough for a header


def address(text: str) -> str:
    """A proxy's IP address, in the one way in which it is compared. Raises InputRefused."""
    try:
        return str(ip_address(text))
    except ValueError:
        raise InputRefused(
            f"XIETONG_PROXIES 中的“{text[:60]}”:须是 IP 地址,如 10.0.0.2;请改正。",
            f'"{text[:60]}" in XIETONG_PROXIES: it must be an IP address, such as 10.0.0.2; mend it.',
        ) from None


def metrics(value: str) -> str:
    """Nothing, ON or a token. Raises InputRefused.

    A token that is refused is not shown: it may be a good one with a slip in it.
    """
    sound = value.isascii() and value.isprintable() and " " not in value
    if value in ("", ON) or (sound and SHORTEST_TOKEN <= len(value) <= LONGEST_TOKEN):
        return value
    raise InputRefused(
        f"XIETONG_METRICS({len(value)}个字符):须是 1,或 {SHORTEST_TOKEN} 到 {LONGEST_TOKEN} 个可见的 ASCII 字符的"
        "口令;请改正,或去掉它以关闭指标。",
        f"XIETONG_METRICS ({len(value)} characters): it must be 1, or a token of {SHORTEST_TOKEN} to {LONGEST_TOKEN} "
        "visible ASCII characters; mend it, or drop it to have no metrics.",
    )


def one_of(values: Mapping[str, str], name: str, allowed: Sequence[str]) -> str:
    """The value of a setting, in lower case. Raises InputRefused for any other than those allowed; empty is none."""
    if (value := values[name].strip().lower()) in allowed:
        return value
    listed = "、".join(filter(None, allowed)), ", ".join(filter(None, allowed))
    raise InputRefused(
        f"{name}=“{value[:40]}”:只能是 {listed[0]};请改正或去掉它。",
        f'{name}="{value[:40]}": it must be one of {listed[1]}; mend it or drop it.',
    )
