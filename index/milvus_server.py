"""Talking to a Milvus server: connecting when needed, and what goes wrong in the user's words."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from index.errors import VectorsUnavailable
from index.types import VectorServer

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0  # for a search; one over millions of vectors takes a tenth of a second
REST_SECONDS = 1.0  # after a failure others are told the same without trying: they wait behind one another
OLDEST = (2, 3)  # the first Milvus with upsert
INSTALL = "pip install -e '.[milvus]'"
SHOWN = 200  # characters of what the server said


class Connection:
    """One server. Connects at the first call, and anew after a failure; `on_failure` is called at each."""

    def __init__(self, server: VectorServer, on_failure: Callable[[], None]) -> None:
        self._server = server
        self._on_failure = on_failure
        self._client: Any = None
        self._failure: VectorsUnavailable | None = None
        self._failed_at = 0.0

    def connect(self) -> Any:
        """pymilvus' client. Raises VectorsUnavailable: pymilvus is missing, the server is away, silent or too old."""
        if self._client is not None:
            return self._client
        if self._failure is not None and time.monotonic() - self._failed_at < REST_SECONDS:
            raise VectorsUnavailable(self._failure.zh, self._failure.en)
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise _not_installed(self._server, error) from error
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)  # it prints traces of what is told below
        options = {"uri": self._server.url, "token": self._server.token, "dedicated": True}
        client = self._told(None, lambda: MilvusClient(**options, timeout=CONNECT_SECONDS), CONNECT_SECONDS)
        version = str(self._told(None, lambda: client.get_server_version(timeout=CONNECT_SECONDS), CONNECT_SECONDS))
        number = re.match(r"v?(\d+)\.(\d+)", version)
        if number and (int(number[1]), int(number[2])) < OLDEST:
            raise self._failed(_too_old(self._server, version))
        self._client = client
        return client

    def call(self, method: str, *args: Any, seconds: float = ANSWER_SECONDS, **options: Any) -> Any:
        """What a method of pymilvus' client returns. Raises VectorsUnavailable."""
        client = self.connect()
        return self._told(client, lambda: getattr(client, method)(*args, timeout=seconds, **options), seconds)

    def make(self, name: str, dimension: int, made_by: str, index: dict[str, Any], seconds: float) -> None:
        """A collection with its index, loaded. Raises VectorsUnavailable."""
        client = self.connect()
        self._told(client, lambda: _make(client, name, dimension, made_by, index, seconds), seconds)

    def _told(self, client: Any, work: Callable[[], Any], seconds: float) -> Any:
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

        try:
            return work()
        except (MilvusException, RpcError) as error:
            if client is not self._client and self._failure is not None:  # another thread let go of it for a reason
                raise VectorsUnavailable(self._failure.zh, self._failure.en) from error
            raise self._failed(_said(self._server, error, seconds)) from error

    def _failed(self, failure: VectorsUnavailable) -> VectorsUnavailable:
        """Lets go of the connection: the next call makes another."""
        client, self._client = self._client, None
        self._failure, self._failed_at = failure, time.monotonic()
        self._on_failure()
        if client is not None:
            client.close()
        return failure


def _make(client: Any, name: str, dimension: int, made_by: str, index: dict[str, Any], seconds: float) -> None:
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False, description=made_by)
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("note", DataType.VARCHAR, max_length=100)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    parameters = client.prepare_index_params()
    parameters.add_index("vector", **index)
    # one shard: rows and the state's row then come in the order in which they were written
    options = {"consistency_level": "Strong", "num_shards": 1, "timeout": seconds}
    client.create_collection(name, schema=schema, index_params=parameters, **options)


def _said(server: VectorServer, error: Exception, seconds: float) -> VectorsUnavailable:
    code = getattr(error, "code", None)
    status = code().name if callable(code) else ""
    said = " ".join(str(getattr(error, "message", "") or getattr(error, "details", str)() or error).split())[:SHOWN]
    if "auth" in said.lower() or status == "UNAUTHENTICATED":
        return _refused(server, said)
    if status == "UNAVAILABLE" or said.startswith("Fail connecting"):
        return _away(server)
    if status == "DEADLINE_EXCEEDED" or "timeout" in said.lower():
        return _slow(server, seconds)
    return VectorsUnavailable(
        f"Milvus“{server.url}”没有完成请求({said}):它可能刚启动或正在恢复,请稍后再试;文档与原件不受影响,"
        "若一直如此,请运行 xietong doctor 并查看 Milvus 的日志。",
        f'Milvus at "{server.url}" did not do what was asked ({said}): it may be starting or recovering, try again '
        "soon; documents are not affected. If it lasts, run `xietong doctor` and look at the log of Milvus.",
    )


def _away(server: VectorServer) -> VectorsUnavailable:
    return VectorsUnavailable(
        f"连不上 Milvus“{server.url}”:XIETONG_VECTORS 所指的服务器须在运行且能从本机访问;请启动它或改正地址。"
        "文档与原件不受影响,添加、移除照常;它恢复后自动补齐。",
        f'Milvus at "{server.url}" cannot be reached: the server that XIETONG_VECTORS names must be running and '
        "reachable from here; start it or mend the address. Documents are not affected and can be added and removed; "
        "once it is back it is brought up to date by itself.",
    )


def _slow(server: VectorServer, seconds: float) -> VectorsUnavailable:
    return VectorsUnavailable(
        f"Milvus“{server.url}”{seconds:g} 秒内没有回答:它可能刚启动、正在恢复或过载,请稍后再试;文档与原件不受影响。",
        f'Milvus at "{server.url}" did not answer within {seconds:g} s: it may be starting, recovering or overloaded; '
        "try again soon. Documents are not affected.",
    )


def _refused(server: VectorServer, said: str) -> VectorsUnavailable:
    return VectorsUnavailable(
        f"Milvus“{server.url}”不接受登录({said}):XIETONG_VECTORS_TOKEN 须是 用户名:口令 或它发的令牌;请改正。",
        f'Milvus at "{server.url}" refuses the log-in ({said}): XIETONG_VECTORS_TOKEN must be name:password or a token '
        "of it; mend it.",
    )


def _too_old(server: VectorServer, version: str) -> VectorsUnavailable:
    oldest = ".".join(map(str, OLDEST))
    return VectorsUnavailable(
        f"Milvus“{server.url}”的版本是 {version[:20]}:须是 {oldest} 或更新;请升级它,或设 XIETONG_VECTORS=faiss。",
        f'Milvus at "{server.url}" is version {version[:20]}: it must be {oldest} or newer; upgrade it, or set '
        "XIETONG_VECTORS=faiss.",
    )


def _not_installed(server: VectorServer, error: ImportError) -> VectorsUnavailable:
    return VectorsUnavailable(
        f"XIETONG_VECTORS 指向 Milvus“{server.url}”,但没有安装 pymilvus({error}):请运行 {INSTALL},"
        "或设 XIETONG_VECTORS=faiss。",
        f'XIETONG_VECTORS names Milvus at "{server.url}", but pymilvus is not installed ({error}): run `{INSTALL}`, or '
        "set XIETONG_VECTORS=faiss.",
    )


def busy(seconds: float) -> VectorsUnavailable:
    """Another process has had the turn for so long."""
    return VectorsUnavailable(
        f"另一个进程正在把向量送入 Milvus,等待 {seconds:g} 秒仍未完成:请等它完成后再试(大的文档库首次送入需要时间)。",
        f"another process is putting vectors into Milvus and was not done within {seconds:g} s: wait for it and try "
        "again (the first time takes long for a large library).",
    )
