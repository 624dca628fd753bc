import random
import sys
from pathlib import Path

import pytest

from index.errors import InputRefused
from index.reading import read

SIMPLIFIED = "2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%。\n任命王喆䶮、李𬭎为副主任。"
TRADITIONAL = "天津港貨櫃吞吐量完成兩千萬標準箱,比上年增長百分之十。我們將繼續推動協同發展。"
ENGLISH = "The port moved 20 million boxes in 2021.\nMore are planned."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL])
def test_a_text_is_read_alike_in_every_encoding(text: str, encoding: str) -> None:
    assert read(text.encode(encoding), "a.txt").text == text


def test_traditional_text_in_big5_is_read() -> None:
    assert read(TRADITIONAL.encode("big5"), "a.txt").text == TRADITIONAL


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_latin_text_in_utf_16_is_told_from_a_binary_file(encoding: str) -> None:
    assert read(ENGLISH.encode(encoding), "a.txt").text == ENGLISH


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le"])
def test_the_whole_report_is_read_in_encodings_of_offices(report: str, encoding: str) -> None:
    assert read(report.encode(encoding), "a.txt").text == report


@pytest.mark.parametrize("before", range(4))
def test_a_large_file_is_read_wherever_the_sample_for_detection_ends(report: str, before: int) -> None:
    """Each offset lets the sample end at another byte of a character."""
    text = "x" * before + ("y" + report) * 17
    assert read(text.encode("gb18030"), "a.txt").text == text


def test_a_few_rare_signs_do_not_make_a_sound_text_undecodable() -> None:
    text = "为落实协同发展,出资100€的企业由市人民政府决定。现将有关事项通知如下,请遵照执行。" * 3
    assert read(text.encode("gb18030"), "a.txt").text == text


def test_byte_order_mark_is_dropped_and_line_ends_become_newlines() -> None:
    assert read("\ufeff一\r\n二\r三\n四\r\r\n五".encode(), "a.txt").text == "一\n二\n三\n四\n\n五"


def test_nothing_else_of_the_text_is_changed() -> None:
    text = "  一\t二 \u3000 三\x0c四 \n\n\n ＡＢＣ １２３ é e\u0301 〜\u2028五\x85六  "
    assert read(text.encode(), "a.txt").text == text


@pytest.mark.parametrize(
    "data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe", "。、——\n*** ___".encode(), "\u3000".encode()]
)
def test_a_file_without_words_is_refused(data: bytes) -> None:
    with pytest.raises(InputRefused, match="holds no words") as refusal:
        read(data, "空.txt")
    assert "空.txt" in refusal.value.zh and "空.txt" in refusal.value.en


@pytest.mark.parametrize(
    "data",
    [
        "天津\0港".encode(),
        b"SQLite format 3\0" + bytes(2000),
        ("a" + "\x01\x02" * 20).encode(),
        Path(sys.executable).read_bytes()[:300_000],
    ],
    ids=["nul", "sqlite", "controls", "program"],
)
def test_a_binary_file_with_a_text_file_s_name_is_refused(data: bytes) -> None:
    with pytest.raises(InputRefused, match=r"not a text file: .*save it as text") as refusal:
        read(data, "其实不是.txt")
    assert "其实不是.txt" in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize("data", [b"PK\x03\x04" + "天津".encode(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)])
def test_an_office_file_with_a_text_file_s_name_is_never_read_as_text(data: bytes) -> None:
    with pytest.raises(InputRefused) as refusal:
        read(data, "其实不是.txt")
    assert "其实不是.txt" in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_never_read_as_text(seed: int) -> None:
    data = bytes(random.Random(seed).choices(range(1, 256), k=3000))
    with pytest.raises(InputRefused):
        read(data, "a.txt")


@pytest.mark.parametrize("damaged", [SIMPLIFIED.encode("utf-16")[:-1], b"\xff\xfe\x00\xd8a\x00"])
def test_a_torn_file_is_refused_rather_than_read_with_holes(damaged: bytes) -> None:
    with pytest.raises(InputRefused, match="save it as UTF-8"):
        read(damaged, "a.txt")


def test_one_wrong_byte_in_utf_8_is_refused_rather_than_replaced(report: str) -> None:
    data = report.encode()
    with pytest.raises(InputRefused):
        read(data[:6000] + b"\xff" + data[6000:], "a.txt")


@pytest.mark.parametrize(
    ("name", "media_type"), [("a.txt", "text/plain"), ("a.MD", "text/markdown"), ("说明", "text/plain")]
)
def test_media_type_follows_the_name(name: str, media_type: str) -> None:
    found = read("天津".encode(), name)
    assert (found.media_type, found.pages) == (media_type, None)
