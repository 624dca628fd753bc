"""What was met lately, kept in memory up to a bound."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lately(Generic[K, V]):
    """Values by key, those unused for longest given up first. Safe to use from several threads.

    bound: of all sizes together; `size` gives a value's, else each counts 1. A value larger than that is not kept.
    """

    def __init__(self, bound: float, size: Callable[[V], float] = lambda _: 1) -> None:
        self._found: LRUCache[K, V] = LRUCache(bound, size)
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value, which is then the one used last; None where none is kept."""
        with self._lock:
            return self._found.get(key)

    def among(self, keys: Iterable[K], read: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of keys, those that are kept first; `read` gives the others, which are kept from now on.

        It is not called where there are none; what it does not give is left out.
        """
        wanted = list(dict.fromkeys(keys))
        with self._lock:
            found = {key: value for key in wanted if (value := self._found.get(key)) is not None}
        lacking = [key for key in wanted if key not in found]
        for key, value in (read(lacking) if lacking else {}).items():
            self.put(key, value)
            found[key] = value
        return found

    def put(self, key: K, value: V) -> None:
        """Keeps a value in the place of any other of this key."""
        with self._lock, suppress(ValueError):  # it is too large
            self._found[key] = value
