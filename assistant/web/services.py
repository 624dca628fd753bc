"""What every page is built over."""

from dataclasses import dataclass

from assistant import Assistant, Conversations, Settings

from .access import Access
from .incoming import Incoming


@dataclass(frozen=True, slots=True)
class Services:
    """The assistant with its library, the uploads under way, who may do what, saved conversations, the settings."""

    assistant: Assistant
    incoming: Incoming
    access: Access
    conversations: Conversations
    settings: Settings
