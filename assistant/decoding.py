"""Plain JSON values made into frozen nouns again, each held against the type of its field."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints


def decode(kind: Any, value: Any, where: str = "") -> Any:
    """The value as `kind`: a dataclass, str, int, float, bool, a Literal, `tuple[X, ...]`, `X | None` of these.

    Fields that are not known are left out, those that are missing get their default. Raises ValueError with
    `where` the value stands.
    """
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _noun(kind, value, where)
    if origin is UnionType:
        return _optional(kind, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(where, value, "a list")
        return tuple(decode(get_args(kind)[0], item, f"{where}[{at}]") for at, item in enumerate(value))
    if origin is Literal:
        if value not in get_args(kind):
            raise _wrong(where, value, f"one of {', '.join(map(str, get_args(kind)))}")
        return value
    return _plain(kind, value, where)


def _noun(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(where, value, "an object")
    hints = _hints(kind)
    given = {name: decode(hint, value[name], f"{where}.{name}") for name, hint in hints.items() if name in value}
    missing = [name for name in _required(kind) if name not in given]
    if missing:
        raise _wrong(where, value, f"an object with {', '.join(missing)}")
    return kind(**given)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _required(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)


def _optional(kind: Any, value: Any, where: str) -> Any:
    (other,) = (one for one in get_args(kind) if one is not NoneType)
    return None if value is None else decode(other, value, where)


def _plain(kind: Any, value: Any, where: str) -> Any:
    """JSON has one kind of number; Python's true is a number too, JSON's is not."""
    allowed = (int, float) if kind is float else kind
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
        raise _wrong(where, value, kind.__name__)
    return float(value) if kind is float else value


def _wrong(where: str, value: Any, rule: str) -> ValueError:
    return ValueError(f"{where.lstrip('.') or 'value'}: {str(value)[:40]!r} is not {rule}")
