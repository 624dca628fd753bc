"""One measurement in a process of its own: `python -m tests.benchmarks.worker`, a job in on stdin, figures out.

The figures are the last line of stdout, JSON. tests/benchmarks/jobs.py has what is measured.
"""

import json
import sys

from tests.benchmarks.jobs import Job, run


def main() -> None:
    figures = run(Job.from_json(sys.stdin.read()))
    sys.stdout.write("\n" + json.dumps(figures, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
