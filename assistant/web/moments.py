"""Moments as people read them: in this machine's time zone."""

from datetime import date, datetime


def local_time(iso: str) -> str:
    """A moment in ISO 8601, to the minute."""
    return datetime.fromisoformat(iso).astimezone().strftime("%Y-%m-%d %H:%M")


def local_day(iso: str) -> date:
    """The day of a moment in ISO 8601."""
    return datetime.fromisoformat(iso).astimezone().date()
