"""Starts the pages: `python app.py --host 127.0.0.1 --port 7860`."""

import argparse
import io
import os
import sys
from pathlib import Path
from typing import NoReturn

from assistant import Settings, XietongError, settle_threads
from assistant.web import host_option, port_option, serve

ROOT = Path(__file__).resolve().parent


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Reads options and settings, serves, and returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = Parser(prog="app.py", description="协同问答: asks the documents, answers with their words and sources.")
    parser.add_argument("--host", type=host_option, help="address to serve on (127.0.0.1)")
    parser.add_argument("--port", type=port_option, help="port to serve on (7860)")
    settle_threads(os.environ)
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    try:
        settings = Settings.load(ROOT, os.environ, **given)
    except XietongError as error:
        sys.stderr.write(f"xietong: {error}\n")
        return 1
    return serve(settings)


if __name__ == "__main__":
    sys.exit(main())
