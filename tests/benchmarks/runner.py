"""Measures every way in turn, each step in a process of its own, and gathers the figures."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import startup
from tests.benchmarks.jobs import Figures, Job
from tests.benchmarks.machine import machine, versions
from tests.benchmarks.ways import FLOOR, INSTALL, OURS, is_installed
from tests.benchmarks.workload import REPORT, ROOT, Gold, cut, made, wordings

CROWD_QUESTIONS = 150  # that the crowd asks in turn, in other wordings each time
STARTED = {"import gradio": "gradio_s", "page served": "page_s", "xietong list": "list_s"}
STARTED |= {"first answer (xietong ask)": "first_answer_s"}
STARTED |= {"import sentence_transformers + load the model": "import_load_s"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured how often. Times in seconds; `documents`: of the large library, `sample` of the index part."""

    documents: int = 1000
    sample: int = 40
    runs: int = 2
    questions: int = 60
    additions: int = 5
    people: int = 32
    seconds: float = 60.0
    think: float = 5.0
    add_pause: float = 2.0
    rush_seconds: float = 8.0


QUICK = Plan(documents=20, sample=20, runs=1, questions=15, additions=2, seconds=6.0, rush_seconds=3.0)


@dataclass(slots=True)
class Runner:
    """`work`: a scratch folder; `cache`: where large libraries are kept; `model`: the folder that peers load."""

    plan: Plan
    folder: Path
    gold: Sequence[Gold]
    work: Path
    cache: Path
    model: Path
    names: Sequence[str]
    figures: dict[str, Figures] = field(default_factory=dict)
    built: dict[str, tuple[Path, Figures]] = field(default_factory=dict)  # in this run, by `_key`
    begun: float = field(default_factory=time.monotonic)

    def run(self, parts: Sequence[str], keep: Callable[[dict[str, Any]], None] = lambda record: None) -> dict[str, Any]:
        """The record: machine, versions, plan, figures of each way. `keep` is given it after each part."""
        for name in self.names:
            self.figures[name] = {} if is_installed(name) else {"missing": INSTALL}
        for part in parts if self._present() else ():
            PARTS[part](self)
            keep(self._record())
        return self._record()

    def _record(self) -> dict[str, Any]:
        return {
            "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "machine": machine(),
            "versions": versions(),
            "model": self.model.name,
            "plan": {name: getattr(self.plan, name) for name in Plan.__slots__},
            "seconds": round(time.monotonic() - self.begun),
            "figures": self.figures,
        }

    # The parts

    def startup(self) -> None:
        """Page and first answers, in turn, over the report."""
        self._reports()
        found = startup.ways(self._report(OURS)) if OURS in self._present() else {}
        for name in self._present():
            if name != OURS:
                job = Job("first", name, str(self._report(name)), str(self.model), questions=(startup.QUESTION,))
                found[name] = startup.command(("-m", "tests.benchmarks.worker"), self.work, job.to_json())
        for name, seconds in startup.measure(found, self.plan.runs, self._tell).items():
            own, key = (OURS, STARTED[name]) if name in STARTED else (name, "first_answer_s")
            self.figures[own][key] = median(seconds)

    def index(self) -> None:
        """The report, a sample of documents and, where it is not kept already, the large library."""
        self._reports()
        documents = self._documents()[: self.plan.sample]
        for name in self._present():
            target = self.work / f"sample-{name}"
            shutil.rmtree(target, ignore_errors=True)
            self.figures[name]["index"] = self._build(name, target, documents, alone=name == OURS)
        for name in self._present():
            self._large(name)

    def questions(self) -> None:
        """One question after the other over the large library; memory; adding."""
        for name in self._present():
            target = self._copy(name)
            found = self._work(
                "serve",
                name,
                target,
                self._further()[: self.plan.additions],
                questions=self._asked(self.plan.questions),
            )
            self.figures[name]["questions"] = found
        if OURS in self._present():
            target = self._copy(OURS)
            asked = self._asked(1)
            own = self.figures[OURS]
            own["libraries"] = self._work("imports", OURS, target, questions=asked)
            own["page_libraries"] = self._work("imports", OURS, target, questions=asked, over_http=True)
            own["page"] = self._work("page", OURS, target, questions=asked)

    def quality(self) -> None:
        """The sets of gold over all documents that answer them."""
        paths = []
        for gold in self.gold:
            paths.append(self.work / f"{gold.name}.jsonl")
            paths[-1].write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in gold.rows), "utf-8")
        own, plain = self.library_of_gold(), self._plain()
        for name in self._present():
            target = own if name == OURS else self._kept(name, "gold", plain)
            self.figures[name]["quality"] = self._work("judged", name, target, gold=tuple(map(str, paths)))

    def load(self) -> None:
        """Many at once, thinking between questions; then without thinking, as fast as it goes."""
        for name in self._present():
            if name != FLOOR:
                self.figures[name]["load"] = self._crowded(name)
        if OURS in self._present():
            self.figures[OURS]["page_load"] = self._crowded(OURS, over_http=True)

    def _crowded(self, name: str, over_http: bool = False) -> Figures:
        names = ("people", "seconds", "think", "add_pause", "rush_seconds")
        given = {key: getattr(self.plan, key) for key in names}
        asked = self._asked(CROWD_QUESTIONS)
        return self._work(
            "crowded", name, self._copy(name), self._further(), questions=asked, over_http=over_http, **given
        )

    # What the parts stand on

    def _present(self) -> list[str]:
        return [name for name in self.names if "missing" not in self.figures[name]]

    def _report(self, name: str) -> Path:
        return self.work / f"report-{name}"

    def _reports(self) -> None:
        for name in self._present():
            if "report" not in self.figures[name]:
                self.figures[name]["report"] = self._build(name, self._report(name), [REPORT])

    def _documents(self) -> list[Path]:
        return self._texts()[: self.plan.documents]

    def _further(self) -> list[Path]:
        """Documents that no library has yet."""
        return self._texts()[self.plan.documents :]

    def _texts(self) -> list[Path]:
        plan = self.plan
        spare = plan.additions + int((plan.seconds + plan.rush_seconds) / plan.add_pause) + 2
        folder = self.work / "texts"
        if not folder.is_dir():
            made(folder, cut(self.folder, plan.documents + spare), "a")
        return sorted(folder.iterdir(), key=lambda path: (len(path.name), path.name))

    def _large(self, name: str) -> Path:
        target = self._kept(name, f"documents-{self.plan.documents}", self._documents())
        self.figures[name]["large"] = json.loads((target.parent / f"{target.name}.json").read_text("utf-8"))
        return target

    def _copy(self, name: str) -> Path:
        """The large library, to be changed."""
        target = self.work / f"large-{name}"
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(self._large(name), target))

    def _build(self, name: str, target: Path, documents: Sequence[Path], alone: bool = False) -> Figures:
        figures = self._work("build", name, target, documents, alone=alone)
        self.built[self._key(name, documents)] = target, figures
        return figures

    def _kept(self, name: str, what: str, documents: Sequence[Path]) -> Path:
        """A library of the cache, made where it is not there; its figures lie beside it."""
        key = self._key(name, documents)
        target = self.cache / f"{what}-{key}"
        beside = target.parent / f"{target.name}.json"
        if not beside.is_file():
            shutil.rmtree(target, ignore_errors=True)
            if key in self.built:
                source, figures = self.built[key]
                shutil.copytree(source, target)
            else:
                figures = self._build(name, target, documents)
            beside.write_text(json.dumps(figures), "utf-8")
        return target

    def _key(self, name: str, documents: Sequence[Path]) -> str:
        """Of a library: the way, the model, the documents and the code that makes it."""
        digest = hashlib.sha256(_code())
        for path in documents:
            digest.update(path.name.encode() + path.read_bytes())
        return f"{name.replace(' ', '')}-{self.model.name}-{digest.hexdigest()[:12]}"

    def library_of_gold(self) -> Path:
        """Ours over the documents of all sets."""
        return self._kept(OURS, "gold", sorted({path for gold in self.gold for path in gold.documents}))

    def _plain(self) -> list[Path]:
        """The documents of the sets as ours reads them, for ways that read none but plain text."""
        written = str(self.work / "plain")
        found = self._work("texts", OURS, self.library_of_gold(), written=written)
        return [Path(path) for path in found["documents"]]

    def _asked(self, n: int) -> tuple[str, ...]:
        """One question to begin with and n more, from all sets in turn."""
        rows = [row for gold in self.gold for row in gold.rows if not row.get("history")]
        return (startup.QUESTION, *islice(wordings(rows), n))

    def _work(self, task: str, name: str, target: Path, documents: Sequence[Path] = (), **more: Any) -> Figures:
        self._tell(f"{name}: {task} {more.get('seconds', '')}")
        job = Job(task, name, str(target), str(self.model), tuple(map(str, documents)), **more)
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.worker"],
            cwd=ROOT,
            input=job.to_json(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{name}: {task} failed\n{done.stderr[-4000:]}")
        figures: Figures = json.loads(done.stdout.strip().rpartition("\n")[2])
        return figures

    def _tell(self, what: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{time.monotonic() - self.begun:5.0f} s  {what}")
            sys.stderr.flush()


PARTS: Mapping[str, Callable[[Runner], None]] = {
    "startup": Runner.startup,
    "index": Runner.index,
    "questions": Runner.questions,
    "quality": Runner.quality,
    "load": Runner.load,
}


def _code() -> bytes:
    """What decides which libraries are made: the versions and the code of the index and of the recipes."""
    paths = sorted(p for folder in ("index", "tests/benchmarks/recipes") for p in (ROOT / folder).rglob("*.py"))
    return json.dumps(versions()).encode() + b"".join(path.read_bytes() for path in paths)
