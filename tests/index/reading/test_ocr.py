from importlib.util import find_spec
from io import BytesIO

import pytest
from PIL import Image

from index.errors import InputRefused
from index.reading import read

INSTALLED = find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (400, 200), "white").save(out, "PNG")
    return out.getvalue()


@pytest.mark.skipif(INSTALLED, reason="the extra ocr is installed")
def test_a_picture_is_refused_with_the_command_that_installs_recognition() -> None:
    with pytest.raises(InputRefused, match=r"pip install -e '\.\[ocr\]'"):
        read(picture(), "扫描.png")


@pytest.mark.skipif(not INSTALLED, reason="the extra ocr is not installed: pip install -e '.[ocr]'")
def test_a_picture_without_words_is_refused() -> None:
    with pytest.raises(InputRefused, match="holds no words"):
        read(picture(), "扫描.png")


@pytest.mark.skipif(not INSTALLED, reason="the extra ocr is not installed: pip install -e '.[ocr]'")
def test_a_torn_picture_is_refused() -> None:
    with pytest.raises(InputRefused, match="no sound"):
        read(picture()[:60], "扫描.png")


@pytest.mark.skipif(not INSTALLED, reason="the extra ocr is not installed: pip install -e '.[ocr]'")
def test_of_a_pdf_the_pages_with_text_are_read_and_only_the_others_recognised() -> None:
    from PIL import ImageDraw

    from tests.index.reading.test_pdf import HEIGHT, LONG, WIDTH, Paper

    drawn = Image.new("RGB", (595 * 2, 842 * 2), "white")
    ImageDraw.Draw(drawn).text((180, 300), "PORT OF TIANJIN 2021", "black", font_size=60)
    paper = Paper()
    paper.paragraph(150, LONG + "。")
    paper.page()
    paper.canvas.drawInlineImage(drawn, 0, 0, WIDTH, HEIGHT)
    paper.page()
    paper.paragraph(150, LONG[::-1] + "。")
    found = read(paper.data(), "公报.pdf")
    first, second, third = found.text.split("\n")
    assert (first, third) == (LONG + "。", LONG[::-1] + "。")
    assert second.replace(" ", "") == "PORTOFTIANJIN2021"
    assert (found.pages, found.unread_pages) == (3, ())
