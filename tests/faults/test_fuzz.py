"""A few mutated files of each format; the long run is `python -m tests.faults.fuzz`."""

import io
import os
import time

import openpyxl
import pytest

from index.reading import read
from tests.faults.fuzz import GROWTH_MB, run, samples

FILES = int(os.environ.get("FAULT_FILES", "40"))
SEED = 4
STRAY_SECONDS = 30  # a million empty rows take about one; padded to the bound they took minutes


def test_the_samples_are_read_as_they_are() -> None:
    for name, data in samples().items():
        assert "2021" in read(data, name).text, name


def test_a_mutated_file_is_read_or_refused_in_one_line_within_its_time_and_memory() -> None:
    *_, findings = run(list(samples().items()), FILES, SEED)
    assert findings.wrong == []
    assert findings.files == FILES and findings.read and findings.refused and findings.grown < GROWTH_MB


@pytest.mark.parametrize("place", ["A1048576", "XFD1048576", "XFD2"])
def test_a_stray_cell_at_the_end_of_a_sheet_costs_no_time(place: str) -> None:
    """Found by a number made odd: every row up to the last was padded to the bound of columns."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["指标", "2021年"])
    sheet.append(["吞吐量", 2027])
    sheet[place] = "注"
    book.save(out)
    begun = time.monotonic()
    assert "吞吐量 | 2027" in read(out.getvalue(), "a.xlsx").text
    assert time.monotonic() - begun < STRAY_SECONDS
