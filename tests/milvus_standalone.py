"""A real Milvus on loopback, out of the package `milvus`: to be killed and started again on the same folder."""

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from index import VectorServer

START_SECONDS = 120.0
POLL_SECONDS = 0.1
PR_SET_PDEATHSIG = 1
BELOW = 32_768  # from here on systems give ports to outgoing connections
PORTS = iter(random.sample(range(10_000, BELOW), BELOW - 10_000))
# A dead server's place is free after this long (30 s as shipped), so that one started again answers sooner.
SETTINGS = {"common.session.ttl": 5}
ETCD = """name: default
listen-client-urls: {client}
advertise-client-urls: {client}
listen-peer-urls: {peer}
initial-advertise-peer-urls: {peer}
initial-cluster: default={peer}
"""


class Standalone:
    """One server over one folder, always at one address. It ends with this process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port: int | None = None

    @property
    def server(self) -> VectorServer:
        return VectorServer(f"http://127.0.0.1:{self._port}")

    def start(self) -> None:
        """Returns when it says that it is well, at once where it runs."""
        if self._process is not None:
            return
        from milvus import MilvusServerConfig, _initialize_data_files

        class Config(MilvusServerConfig):  # type: ignore[misc]
            def try_bind_port(self, port: int) -> socket.socket | None:
                """A port that a killed server left a moment ago is free too."""
                return _bound(port)

        config = Config(data_dir=str(self.folder))
        ports = {key: _free_port() for key in config.configurable_items if key.endswith("_port")}
        config.update(**{**ports, "proxy_port": self._port or ports["proxy_port"]})
        for key, value in SETTINGS.items():
            config.set(key, value)
        config.resolve()
        self._give_etcd_ports()
        _initialize_data_files(str(self.folder))
        self._port = int(config.get("proxy_port"))
        health = _free_port()
        program = self.folder / "bin" / "milvus"
        environment = {
            **os.environ,
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(health),
            "MILVUS_RUN_DIR": str(self.folder / "run"),
            "LD_LIBRARY_PATH": str(program.parent),
        }
        with (self.folder / "logs" / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [program, "run", "standalone"],
                cwd=self.folder,
                env=environment,
                stdout=out,
                stderr=out,
                preexec_fn=_end_with_parent,
            )
        self._wait_until_well(f"http://127.0.0.1:{health}/healthz")

    def _give_etcd_ports(self) -> None:
        """The server's own etcd would take 2379 and 2380, whoever has them; it keeps those that it began with."""
        written, own = self.folder / "configs" / "milvus.yaml", self.folder / "configs" / "etcd.yaml"
        if not own.exists():
            client, peer = (f"http://127.0.0.1:{_free_port()}" for _ in range(2))
            own.write_text(ETCD.format(client=client, peer=peer), encoding="utf-8")
        text = written.read_text("utf-8")
        written.write_text(text.replace("\netcd:\n", f"\netcd:\n  config:\n    path: {own}\n", 1), encoding="utf-8")

    def _wait_until_well(self, url: str) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self._process is not None and self._process.poll() is None, f"see {self.folder}/logs"
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if b"OK" in answer.read():
                        return
            except OSError:
                pass
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"no Milvus within {START_SECONDS} s; see {self.folder}/logs")

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Ends it and deletes what it kept, half a gigabyte with its programs."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def freeze(self, frozen: bool) -> None:
        """It is there but does not answer, or goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _bound(port: int) -> socket.socket | None:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("127.0.0.1", port))
        made.listen()
    except OSError:
        made.close()
        return None
    return made


def _free_port() -> int:
    """Never the same twice; and none that an outgoing connection might be given before the server takes it."""
    for port in PORTS:
        with socket.socket() as made, suppress(OSError):
            made.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")
