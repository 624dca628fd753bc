"""The refusals that several readers share: each names the file, the rule and the repair."""

from importlib.util import find_spec

from index.errors import InputRefused

WORD = r"[^\W_]"  # a letter or a digit: a text without one says nothing
OCR_COMMAND = "pip install -e '.[ocr]'"
OCR_PACKAGES = ("rapidocr", "onnxruntime")


def over_bound(name: str, found: str, bound: int, units: tuple[str, str], setting: str) -> InputRefused:
    """`found` is the number, `units` its unit in Chinese and English, `setting` the variable of the bound."""
    return InputRefused(
        f"“{name}”有 {found} {units[0]},超过上限 {bound} {units[0]}:请拆分文件,或调高设置 {setting}。",
        f'"{name}" has {found} {units[1]}, over the bound of {bound}: split it, or raise the setting {setting}.',
    )


def over_pages(name: str, pages: int, bound: int) -> InputRefused:
    """Too many pages, slides or sheets."""
    return over_bound(name, str(pages), bound, ("页", "pages"), "XIETONG_MAX_PAGES")


def broken(name: str, kind: str, failure: str = "") -> InputRefused:
    """The file has the marks of a format and cannot be read as it; `failure` is what its parser said."""
    said = f"({failure})" if failure else ""
    return InputRefused(
        f"“{name}”不是完好的 {kind} 文件:内容残缺或已损坏{said};请用办公软件打开并另存后再添加。",
        f'"{name}" is no sound {kind} file, it is torn or damaged{said}: open it in its program, save it anew and add '
        "that.",
    )


def encrypted(name: str) -> InputRefused:
    """The file opens only with a password."""
    return InputRefused(
        f"“{name}”设有密码:加密文件无法读取,请取消密码另存后再添加。",
        f'"{name}" is encrypted: files with a password cannot be read; save it without one and add that.',
    )


def unread(name: str, kind: str, save_as: str) -> InputRefused:
    """A format that is known and not read. `save_as` is what to save it as."""
    return InputRefused(
        f"“{name}”是{kind},不能直接读取:请另存为 {save_as} 后再添加。",
        f'"{name}" is in a format that is not read ({kind}): save it as {save_as} and add that.',
    )


def wordless(name: str) -> InputRefused:
    """There is no letter or digit in it."""
    return InputRefused(
        f"“{name}”里没有文字:文件须含有文字,请检查文件内容后再添加。",
        f'"{name}" holds no words: a document must have text; check the file and add it again.',
    )


def ocr_installed() -> bool:
    """Is the extra there that reads pictures?"""
    return all(find_spec(package) for package in OCR_PACKAGES)


def needs_ocr(name: str) -> InputRefused:
    """A picture of text, and the extra that reads pictures is not installed."""
    return InputRefused(
        f"“{name}”是扫描件或图片,没有文字层:请运行 {OCR_COMMAND} 安装文字识别后再添加。",
        f'"{name}" is a scan or a picture without a text layer: install character recognition with {OCR_COMMAND} '
        "and add it again.",
    )
