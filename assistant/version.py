"""Which version of the program this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The installed version; "0" where the program runs from a folder that was never installed."""
    try:
        return version("xietong")
    except PackageNotFoundError:
        return "0"
