"""A few mutated files of each format; the long run is `python -m tests.faults.fuzz`."""

import os

from tests.faults.fuzz import GROWTH_MB, run, samples

FILES = int(os.environ.get("FAULT_FILES", "40"))
SEED = 4


def test_the_samples_are_read_as_they_are() -> None:
    from index.reading import read

    for name, data in samples().items():
        assert "2021" in read(data, name).text, name


def test_a_mutated_file_is_read_or_refused_in_one_line_within_its_time_and_memory() -> None:
    *_, findings = run(list(samples().items()), FILES, SEED)
    assert findings.wrong == []
    assert findings.files == FILES and findings.read and findings.refused and findings.grown < GROWTH_MB
