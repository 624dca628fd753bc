"""What can be set, from where, with which bounds. The only reader of XIETONG_… variables."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.setting_values import ON, address, metrics, one_of
from index import DEFAULT_BOUNDS, DEFAULT_MAX_BYTES, DEFAULT_UNDO_SECONDS, Bounds, InputRefused, VectorServer

DEFAULT_MAX_QUESTION = 1000  # characters; a longer one is a document, not a question
DEFAULT_MIN_CONFIDENCE = 1  # percent; the curve of refusal against false refusal is docs/refusal.svg
DEFAULT_LOG_LEVEL = "info"
LOG_FORMS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")
MEGABYTE = 2**20
WHOLE = 100  # percent
MAX_DIGITS = 9  # of a bound
MILVUS = "milvus+"  # before the address of a Milvus server
MILVUS_PORT = 19530  # where Milvus listens unless told otherwise
# (variable, default, what it means in Chinese, in English): the table of `xietong --help`.
TABLE = (
    ("XIETONG_DATA", ".xietong", "数据文件夹(文档库、原件)", "data folder"),
    ("XIETONG_SOURCES", "source_docs", "首次启动时编入的文件夹", "folder indexed on first start"),
    (
        "XIETONG_EMBEDDING_MODEL",
        "bundled",
        "bundled,或 SentenceTransformer 能加载的 Hub 编号、文件夹",
        "`bundled`, a Hub id, or a folder that SentenceTransformer loads",
    ),
    (
        "XIETONG_VECTORS",
        "faiss",
        "向量引擎:faiss(在本机),或 milvus+http://主机:端口(Milvus 服务器)",
        "vector engine: `faiss` (in this process), or milvus+http://host:port (a Milvus server)",
    ),
    (
        "XIETONG_VECTORS_TOKEN",
        "",
        "Milvus 要求登录时的 用户名:口令 或令牌",
        "name:password or token, where Milvus asks for a log-in",
    ),
    (
        "XIETONG_USERS",
        "",
        "用户文件(用 xietong users 建立);不设 = 只供本机一位用户,无需登录",
        "file of users (made with `xietong users`); unset = one local user, this machine only, no log-in",
    ),
    (
        "XIETONG_PUBLIC_URL",
        "",
        "经反向代理或域名访问时,浏览器里的网址,如 https://qa.example.cn(可多个,空格分开)",
        "address in the browser where a proxy or a name leads here, such as https://qa.example.cn (several: spaces)",
    ),
    ("XIETONG_MAX_FILE_MB", str(DEFAULT_MAX_BYTES // MEGABYTE), "单个文件上限(MB)", "size bound of one file (MB)"),
    ("XIETONG_MAX_CHARACTERS", str(DEFAULT_BOUNDS.characters), "单个文档字数上限", "characters of one document"),
    ("XIETONG_MAX_PAGES", str(DEFAULT_BOUNDS.pages), "单个文档页数上限", "pages of one document"),
    ("XIETONG_MAX_SECONDS", str(DEFAULT_BOUNDS.seconds), "读一个文件的秒数上限", "seconds for reading one file"),
    (
        "XIETONG_MAX_READER_MB",
        str(DEFAULT_BOUNDS.memory_mb),
        "读一个文件的内存上限(MB)",
        "memory for reading one file (MB)",
    ),
    ("XIETONG_MAX_SCAN_SECONDS", str(DEFAULT_BOUNDS.scan_seconds), "识别一份扫描件的秒数上限", "seconds for one scan"),
    ("XIETONG_MAX_ARCHIVE_RATIO", str(DEFAULT_BOUNDS.archive_ratio), "压缩包展开倍数上限", "unpacked to packed size"),
    ("XIETONG_MAX_ARCHIVE_ENTRIES", str(DEFAULT_BOUNDS.archive_entries), "压缩包条目上限", "entries of one archive"),
    (
        "XIETONG_UNDO_MINUTES",
        str(DEFAULT_UNDO_SECONDS // 60),
        "移除后可撤销的分钟数",
        "minutes to undo a removal",
    ),
    ("XIETONG_MAX_QUESTION", str(DEFAULT_MAX_QUESTION), "问题字数上限", "characters of one question"),
    (
        "XIETONG_MIN_CONFIDENCE",
        str(DEFAULT_MIN_CONFIDENCE),
        "回答的最低把握(%),低于它就答“没有找到”",
        "least confidence (%) of an answer; below it nothing is found",
    ),
    (
        "XIETONG_PROXIES",
        "",
        "反向代理的 IP 地址(可多个,空格分开):只信它们给出的来访者地址(X-Forwarded-For)",
        "IP addresses of reverse proxies (several: spaces) whose X-Forwarded-For is believed",
    ),
    (
        "XIETONG_METRICS",
        "",
        "1,或至少 16 个字符的口令:在 /metrics 提供 Prometheus 指标;不设 = 关",
        "`1`, or a token of at least 16 characters: Prometheus metrics at /metrics; unset = off",
    ),
    (
        "XIETONG_LOG",
        "",
        "text 或 json:每次提问、添加、移除、登录在 stderr 记一行;不设 = 只记警告和错误",
        "`text` or `json`: a line on stderr for each question, addition, removal, sign-in; unset = warnings and errors",
    ),
    (
        "XIETONG_LOG_LEVEL",
        DEFAULT_LOG_LEVEL,
        "日志级别:debug(另记每个请求)、info、warning、error",
        "level of the log: debug (each request too), info, warning, error",
    ),
    (
        "XIETONG_LOG_QUESTIONS",
        "",
        "1:日志中也写问题、文件名和错误原文;不设 = 不写",
        "`1`: the log also holds questions, file names and the words of errors; unset = none of them",
    ),
)
_DEFAULTS = {name: default for name, default, _, _ in TABLE}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Paths are absolute; bounds are in bytes and characters.

    metrics: empty for none, ON, or the token that reads them. log: empty for warnings alone, or one of LOG_FORMS.
    """

    data: Path
    sources: Path
    embedding_model: str
    max_file_bytes: int
    bounds: Bounds
    undo_seconds: int
    max_question_chars: int
    min_confidence: float
    host: str = "127.0.0.1"
    port: int = 7860
    users: Path | None = None
    public_urls: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    metrics: str = ""
    log: str = ""
    log_level: str = DEFAULT_LOG_LEVEL
    log_questions: bool = False
    vectors: VectorServer | None = None  # None: FAISS, in this process

    @classmethod
    def load(cls, root: Path, environ: Mapping[str, str], **overrides: Any) -> "Settings":
        """From the environment, else the file .env in `root`, else the defaults; relative paths lie beside app.py.

        An empty value is none. Raises InputRefused with the variable, its value and the rule.
        """
        values = {**_DEFAULTS, **_set(_dotenv(root / ".env")), **_set(environ)}
        return cls(
            data=_path(values, "XIETONG_DATA", root),
            sources=_path(values, "XIETONG_SOURCES", root),
            embedding_model=_model(values["XIETONG_EMBEDDING_MODEL"], root),
            max_file_bytes=_whole(values, "XIETONG_MAX_FILE_MB") * MEGABYTE,
            bounds=_bounds(values),
            undo_seconds=_whole(values, "XIETONG_UNDO_MINUTES") * 60,
            max_question_chars=_whole(values, "XIETONG_MAX_QUESTION"),
            min_confidence=_percent(values, "XIETONG_MIN_CONFIDENCE"),
            users=_path(values, "XIETONG_USERS", root) if values["XIETONG_USERS"] else None,
            public_urls=tuple(_origin(url) for url in values["XIETONG_PUBLIC_URL"].split()),
            proxies=tuple(address(one) for one in values["XIETONG_PROXIES"].split()),
            metrics=metrics(values["XIETONG_METRICS"].strip()),
            log=one_of(values, "XIETONG_LOG", ("", *LOG_FORMS)),
            log_level=one_of(values, "XIETONG_LOG_LEVEL", LOG_LEVELS),
            log_questions=bool(one_of(values, "XIETONG_LOG_QUESTIONS", ("", ON))),
            vectors=_vectors(values),
            **overrides,
        )


def _set(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value and value.strip()}


def _dotenv(path: Path) -> Mapping[str, str | None]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        return dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(
            f"“{path}”读不懂({error}):它须是 UTF-8 编码的文本,每行一项 名称=值;请改正或移开它。",
            f'"{path}" cannot be read ({error}): it must be UTF-8 text, NAME=value a line; mend it or move it away.',
        ) from None


def _path(values: Mapping[str, str], name: str, root: Path) -> Path:
    try:
        return root / Path(values[name]).expanduser()
    except RuntimeError as error:  # ~ of a user that is not there
        raise InputRefused(
            f"{name}=“{values[name][:200]}”:没有这个用户的主文件夹({error});请写出完整路径。",
            f'{name}="{values[name][:200]}": there is no such home folder ({error}); give the whole path.',
        ) from None


def _origin(url: str) -> str:
    """scheme://host[:port] of an address without a path."""
    if not _is_origin(url):
        raise InputRefused(
            f"XIETONG_PUBLIC_URL=“{url[:100]}”:须形如 https://qa.example.cn 或 http://10.0.0.5:7860,不带路径;请改正。",
            f'XIETONG_PUBLIC_URL="{url[:100]}": it must look like https://qa.example.cn or http://10.0.0.5:7860, '
            "without a path; mend it.",
        )
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and "@" not in url
        return bool(sound and not parts.query and not parts.fragment and (parts.port is None or parts.port > 0))
    except ValueError:
        return False


def _vectors(values: Mapping[str, str]) -> VectorServer | None:
    """The server that keeps the vectors; None for FAISS. A setting that is not understood is never ignored."""
    value = values["XIETONG_VECTORS"].strip()
    if value == "faiss":
        return None
    url = value.removeprefix(MILVUS).rstrip("/")
    if not value.startswith(MILVUS) or not _is_origin(url):
        raise InputRefused(
            f"XIETONG_VECTORS=“{value[:100]}”:须是 faiss,或形如 milvus+http://127.0.0.1:19530(https 亦可)的地址,"
            "不带路径和口令(口令放在 XIETONG_VECTORS_TOKEN);请改正。",
            f'XIETONG_VECTORS="{value[:100]}": it must be `faiss` or an address such as milvus+http://127.0.0.1:19530 '
            "(or https), without a path or password (that goes into XIETONG_VECTORS_TOKEN); mend it.",
        )
    parts = urlsplit(url)
    port = "" if parts.port else f":{MILVUS_PORT}"
    return VectorServer(f"{url}{port}", values["XIETONG_VECTORS_TOKEN"].strip())


def _model(value: str, root: Path) -> str:
    """A folder beside app.py goes before a Hub id of the same look."""
    return str(root / value) if (root / value).is_dir() else value


def _whole(values: Mapping[str, str], name: str) -> int:
    text = values[name].strip()
    if not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS or int(text) == 0:
        raise InputRefused(
            f"{name}=“{text[:40]}”:须是 1 到 999999999 的整数;请改正,或去掉它以用默认值 {_DEFAULTS[name]}。",
            f'{name}="{text[:40]}": it must be a whole number from 1 to 999999999; mend it, or drop it for the default '
            f"{_DEFAULTS[name]}.",
        )
    return int(text)


def _percent(values: Mapping[str, str], name: str) -> float:
    """A share, 0…1, from a percentage."""
    if (percent := _whole(values, name)) > WHOLE:
        raise InputRefused(
            f"{name}=“{percent}”:须是 1 到 100 的整数(%);请改正,或去掉它以用默认值 {_DEFAULTS[name]}。",
            f'{name}="{percent}": it must be a whole number from 1 to 100 (%); mend it, or drop it for the default '
            f"{_DEFAULTS[name]}.",
        )
    return percent / WHOLE


def _bounds(values: Mapping[str, str]) -> Bounds:
    return replace(
        DEFAULT_BOUNDS,
        characters=_whole(values, "XIETONG_MAX_CHARACTERS"),
        pages=_whole(values, "XIETONG_MAX_PAGES"),
        seconds=_whole(values, "XIETONG_MAX_SECONDS"),
        memory_mb=_whole(values, "XIETONG_MAX_READER_MB"),
        scan_seconds=_whole(values, "XIETONG_MAX_SCAN_SECONDS"),
        archive_ratio=_whole(values, "XIETONG_MAX_ARCHIVE_RATIO"),
        archive_entries=_whole(values, "XIETONG_MAX_ARCHIVE_ENTRIES"),
    )
