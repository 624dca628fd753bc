"""Adding what was uploaded: one after another, whether or not the page that sent it is still open.

    incoming/<server>/<upload>/original       the file, until it is added or refused
    incoming/<server>/<upload>/record.json    its name and outcome, until somebody has seen it

A server keeps its own folder locked; the others take over what one that has ended left, when they start and while they
have nothing else to do.
"""

import logging
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from assistant import Assistant, Difference, Document, UnknownDocument, XietongError

from .journal import tell
from .own_folder import OwnFolder
from .texts import PAIRS
from .uploads import ORIGINAL, Decision, Upload, is_inside, load, save

LOG = logging.getLogger("xietong")
IDLE_SECONDS = 30.0  # how often a worker without work looks for removed documents whose time is over


@dataclass(frozen=True, slots=True)
class Offer:
    """A document that was added, an older one that is nearly the same, and the sentences in which they differ."""

    upload: Upload
    old: Document
    new: Document
    differences: tuple[Difference, ...]


class Incoming:
    """The uploads of a server, in the order of their arrival. `folder` keeps them, `received` is Gradio's.

    Safe to use from several threads. Nothing is added before `start`. `when_idle` is called now and then while there is
    nothing to add.
    """

    def __init__(
        self, assistant: Assistant, folder: Path, received: Path, when_idle: Callable[[], None] = lambda: None
    ) -> None:
        self._assistant, self._folder, self._received, self._when_idle = assistant, folder, received, when_idle
        self._own = OwnFolder(folder)
        self._uploads: dict[str, Upload] = {}
        self._differences: dict[tuple[str, str], tuple[Difference, ...]] = {}
        self._news = threading.Condition()

    # What is there

    def uploads(self) -> list[Upload]:
        """All that are under way, and those whose outcome has not been cleared away."""
        with self._news:
            return [self._uploads[key] for key in sorted(self._uploads)]

    def offers(self) -> list[Offer]:
        """The replacements that somebody must still decide on."""
        documents = {document.id: document for document in self._assistant.library.documents()}
        found = (self._offer(upload, documents) for upload in self.uploads())
        return [offer for offer in found if offer]

    def _offer(self, upload: Upload, documents: dict[str, Document]) -> Offer | None:
        addition = upload.addition
        if upload.decision or not addition or not addition.id or not addition.similar_to:
            return None
        pair = addition.similar_to, addition.id
        old, new = map(documents.get, pair)
        if old is None or new is None:
            return None
        if pair not in self._differences:  # an id follows from the content: this never changes
            try:
                self._differences[pair] = tuple(self._assistant.library.differences(*pair))
            except UnknownDocument:  # removed meanwhile
                return None
        return Offer(upload, old, new, self._differences[pair])

    # What the pages do

    def take(self, files: Iterable[tuple[Path, str]], replaces: str = "") -> None:
        """Takes over files that Gradio has received, each with its name; what was finished before is cleared away.

        A file outside the folder of received ones is not opened. `replaces`: the id of a document that goes, with the
        time to undo that, once the file is in the library.
        """
        if all(upload.finished for upload in self.uploads()):
            self.clear()
        for number, (path, name) in enumerate(files):
            upload = self._taken(path, Upload(f"{time.time_ns():020d}-{number:04d}", name, replaces=replaces))
            with self._news:
                self._uploads[upload.id] = upload
                self._news.notify()

    def clear(self) -> None:
        """Forgets what is finished, unless there is something to decide."""
        kept = {offer.upload.id for offer in self.offers()}
        for upload in self.uploads():
            if upload.finished and upload.id not in kept:
                with self._news:
                    self._uploads.pop(upload.id, None)
                shutil.rmtree(self._place(upload), ignore_errors=True)

    def keep_both(self, upload_id: str) -> None:
        """Leaves both documents of an offer in the library."""
        self._decide(upload_id, "kept")

    def replace_old(self, upload_id: str) -> Document | None:
        """Removes the old document of an offer, with the time to undo that; None where nothing is offered any more."""
        for offer in self.offers():
            if offer.upload.id == upload_id:
                removed = self._assistant.library.remove(offer.old.id, undo=True, by=offer.new.id)
                self._decide(upload_id, "replaced")
                return removed
        return None

    def _decide(self, upload_id: str, decision: Decision) -> None:
        with self._news:
            upload = self._uploads.get(upload_id)
        if upload and upload.finished:
            self._show(self._keep(replace(upload, decision=decision)))

    def _taken(self, path: Path, upload: Upload) -> Upload:
        """The record first, then the file: a file never lies there without its name."""
        if not is_inside(path, self._received):
            return replace(upload, stage="foreign")
        try:
            self._own.open()
            save(self._place(upload), upload)
            real = path.resolve()
            real.rename(self._place(upload) / ORIGINAL)
            with suppress(OSError):  # Gradio gave the file a folder of its own
                real.parent.rmdir()
        except OSError as error:
            shutil.rmtree(self._place(upload), ignore_errors=True)
            chinese, english = (half.format(reason=error.strerror) for half in PAIRS["upload_unkept"])
            return replace(upload, stage="error", error=(chinese, english))
        return upload

    # The worker

    def start(self) -> None:
        """Begins to add in the background, with what an earlier server left."""
        threading.Thread(target=self._work, name="xietong-incoming", daemon=True).start()

    def _work(self) -> None:
        self._take_over()
        while True:
            upload = self._next(IDLE_SECONDS)
            if upload:
                self._add(upload)
            else:
                if sys.platform != "win32":  # where a server that runs cannot be told from one that has ended
                    self._take_over()
                with suppress(XietongError):  # whoever uses what is damaged is told
                    self._assistant.library.expire()
                    self._when_idle()

    def _next(self, seconds: float) -> Upload | None:
        with self._news:
            self._news.wait_for(self._waiting, seconds)
            return self._waiting()

    def _waiting(self) -> Upload | None:
        return next((self._uploads[key] for key in sorted(self._uploads) if not self._uploads[key].finished), None)

    def _add(self, upload: Upload) -> None:
        """Adds one file, whatever comes of it."""
        begun = self._keep(replace(upload, stage="not_ready", tries=upload.tries + 1))
        self._show(begun)
        since = time.monotonic()
        try:
            self._assistant.wait_ready()
            running = replace(begun, stage="running")
            self._show(running)
            addition = self._assistant.library.add(
                self._place(upload) / ORIGINAL,
                file_name=upload.name,
                undo=True,
                progress=lambda step: self._show(replace(running, progress=step)),
            )
            self._finish(self._renewed(replace(running, stage="done", addition=addition)))
        except XietongError as error:
            self._finish(replace(begun, stage="error", error=(error.zh, error.en)))
        except Exception:  # the others must still be added; the page says that the program failed
            LOG.exception("%s", upload.name, extra={"nameless": f"upload {upload.id} failed"})
            self._finish(replace(begun, stage="fault"))
        self._tell(upload.id, time.monotonic() - since)

    def _tell(self, upload_id: str, seconds: float) -> None:
        with self._news:
            done = self._uploads.get(upload_id)
        if done:
            outcome = done.addition.status if done.addition else done.stage
            tell(
                "addition",
                private={"file": done.name},
                outcome=outcome,
                document=done.addition.id if done.addition else None,
                upload=done.id,
                tries=done.tries,
                seconds=seconds,
            )
            if done.decision == "replaced":
                tell("removal", kind="replaced", document=done.replaces, upload=done.id)

    def _renewed(self, upload: Upload) -> Upload:
        """Removes the document that a file was chosen to replace, where that file is in the library now."""
        new = upload.addition.id if upload.addition else None
        if not upload.replaces or not new or new == upload.replaces:
            return upload
        with suppress(UnknownDocument):  # it has gone already
            self._assistant.library.remove(upload.replaces, undo=True, by=new)
        return replace(upload, decision="replaced")

    def _finish(self, upload: Upload) -> None:
        """The record goes first: where the server ends in between, the file is added again, which changes nothing."""
        self._keep(upload)
        with suppress(OSError):
            (self._place(upload) / ORIGINAL).unlink()
        self._show(upload)

    def _take_over(self) -> None:
        """What servers that have ended left, moved into this one's folder."""
        with suppress(OSError, XietongError):  # a folder that cannot be read holds nothing that could be added
            self._own.inherit(self._inherit)

    def _inherit(self, other: Path) -> None:
        for place in sorted(path for path in other.iterdir() if path.is_dir()):
            upload = load(place.rename(self._own.path / place.name))
            self._finish(upload) if upload.finished else self._show(upload)

    # The folder

    def _place(self, upload: Upload) -> Path:
        return self._own.path / upload.id

    def _keep(self, upload: Upload) -> Upload:
        """Keeps an upload's record, if it can: a full disk must not stop the worker."""
        with suppress(OSError):
            save(self._place(upload), upload)
        return upload

    def _show(self, upload: Upload) -> None:
        with self._news:
            self._uploads[upload.id] = upload
