import pytest

from index.reading import read
from index.reading.csv import read_csv
from index.reading.types import Bounds

TABLE = '地区,GDP(亿元),增速\n"天津\n(市)","18,024.32",5.1%\n北京,49843.1,5.2%\n'
LINES = ["地区 | GDP(亿元) | 增速", "天津 (市) | 18,024.32 | 5.1%", "北京 | 49843.1 | 5.2%"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_alike_in_every_encoding(encoding: str) -> None:
    found = read_csv(TABLE.encode(encoding), "表.csv", Bounds())
    assert found.text.split("\n") == LINES
    assert {found.text[a:b] for a, b in found.table_headers.values()} == {LINES[0]}
    assert len(found.table_headers) == 2


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_the_delimiter_is_told_from_the_lines(delimiter: str) -> None:
    data = delimiter.join(("名称", "数量, 个")) + "\n" + delimiter.join(("车", "3"))
    assert read_csv(data.encode(), "表.csv", Bounds()).text == "名称 | 数量, 个\n车 | 3"


def test_its_name_tells_a_table_from_plain_text() -> None:
    assert read("名称,数量\n车,3".encode(), "表.CSV").text == "名称 | 数量\n车 | 3"
    assert read("名称,数量\n车,3".encode(), "表.txt").text == "名称,数量\n车,3"


def test_a_bar_in_a_cell_is_told_from_a_bar_between_cells() -> None:
    assert read_csv(b"a|b,c\nd,1", "t.csv", Bounds()).text == "a｜b | c\nd | 1"
