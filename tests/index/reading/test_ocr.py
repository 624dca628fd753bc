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
