"""Who is asking. Every handler of the pages and every route asks this first, whatever the page shows."""

from dataclasses import dataclass
from typing import Any, Literal

from assistant import XietongError

Role = Literal["reader", "editor"]


class AccessRefused(XietongError):
    """Nobody is signed in, or the person's role does not allow what was asked for."""


@dataclass(frozen=True, slots=True)
class User:
    """A person. A reader may ask and read; an editor may also change the library."""

    name: str
    role: Role


LOCAL = User("local", "editor")  # where no users are set up: whoever sits at this machine


class Access:
    """Says who is behind a request, Gradio's or Starlette's."""

    def reader(self, request: Any) -> User:
        """The person who asks. Raises AccessRefused where nobody is signed in."""
        return LOCAL

    def editor(self, request: Any) -> User:
        """The same for what changes the library. Raises AccessRefused for a reader too."""
        return LOCAL
