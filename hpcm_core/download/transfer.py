"""One file from an address: continued where it was cut, and never mistaken for a page about it.

Google Drive's pages for people are followed to the file behind them, as by a click on "Download anyway".
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, NoReturn, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import OpenerDirector, Request

from hpcm_core.download.connection import check_scheme, host_of, opener, quoted
from hpcm_core.download.pages import confirmation, direct, is_over_quota, is_page, looks_like_page
from hpcm_core.errors import DownloadError, Phrase
from hpcm_core.files import WINDOWS, append, atomic_write, open_alone, reason_of, writing
from hpcm_core.limits import MIB
from hpcm_core.progress import Job

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as cut."""
PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try, as long as none of them brings a byte."""
_AGENT = "Mozilla/5.0 (compatible; hpcm-studio)"
_PAGE = MIB
"""Bytes of a page that are read."""
_PAGES = 4
"""Answers on the way to a file, it included."""
_CHUNK = 1 << 16


class NotThere(DownloadError):
    """The server answers, but has no such file: it says so, or shows a page instead."""


@dataclass(frozen=True)
class _Note:
    """What a part of a file is of: kept beside it, so that it is continued only if it is still the same file.

    validator: the server's ETag or date, "" without; total: bytes of the whole file, None where nobody said; weights:
    what is in the whole file, once it is known.
    """

    address: str
    validator: str = ""
    total: int | None = None
    weights: str = ""


def begun(part: Path) -> int:
    """Bytes of a file that are there from an earlier try; 0 for none."""
    return part.stat().st_size if part.is_file() else 0


def discard(part: Path) -> None:
    """Forget a download that was begun. Raises OSError."""
    for path in (part, _note_of(part)):
        path.unlink(missing_ok=True)


def download(address: str, part: Path, job: Job, expected: int, most: int) -> None:
    """Bring a file to `part`, as Part.download does. Raises DownloadError (NotThere) and Cancelled."""
    with taking(part) as taken:
        taken.download(address, job, expected, most)


class Part:
    """What has come of a file, as long as it is this process's alone: see `taking`."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path, self.file = path, file
        self.is_discarded = False

    def download(self, address: str, job: Job, expected: int, most: int) -> None:
        """Bring the rest of the file; what is there of it already is not asked for again.

        expected: its bytes, about, for the progress where the server does not say; most: bytes that are accepted.
        Stopped or failed, the part stays, to be continued. Raises DownloadError (NotThere) and Cancelled.
        """
        address = quoted(address)
        check_scheme(address)
        _Download(direct(address), self.path, self.file, job, expected, most).run()

    def say_weights(self, digest: str) -> None:
        """Note what is in the whole file, so that it can go if these are installed. Raises DownloadError."""
        _write_note(self.path, replace(_read_note(self.path) or _Note(""), weights=digest))

    def discard(self) -> None:
        """Let it go when the block ends."""
        self.is_discarded = True


@contextmanager
def taking(path: Path) -> Iterator[Part]:
    """What has come of a file, for this process alone. At the end it goes if it is discarded or nothing has come.
    Raises DownloadError where another process has it.
    """
    with writing(path, DownloadError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part = Part(path, open_alone(path))
        except BlockingIOError:
            raise DownloadError("{name} is being downloaded already.", name=path.stem) from None
    gone = False
    try:
        with part.file:
            try:
                yield part
            finally:
                gone = part.is_discarded or part.file.seek(0, os.SEEK_END) == 0
                if gone and not WINDOWS:
                    # As long as it is this process's.
                    _discard(path)
    finally:
        if gone and WINDOWS:  # which removes no file that is open
            _discard(path)


def _discard(path: Path) -> None:
    with suppress(OSError):
        discard(path)


def said_weights(path: Path) -> str:
    """What Part.say_weights has noted; empty for nothing."""
    note = _read_note(path)
    return "" if note is None else note.weights


class _Download:
    """One file on its way."""

    def __init__(self, address: str, part: Path, file: IO[bytes], job: Job, expected: int, most: int) -> None:
        self._address, self._part, self._file, self._job = address, part, file, job
        self._expected, self._most = expected, most
        self._note = _read_note(part)
        if self._note is None or self._note.address != address:
            self._restart()
            self._note = None

    @property
    def _have(self) -> int:
        return self._file.seek(0, os.SEEK_END)

    def run(self) -> None:
        if self._note is not None and self._note.total == self._have:
            return
        failures = 0
        while True:
            self._job.report(Phrase("Downloading"), self._fraction)
            before = self._have
            try:
                self._attempt()
                return
            except (OSError, HTTPException) as error:
                failures = 1 if self._have > before else failures + 1
                if failures > len(PAUSES):
                    self._give_up(error)
                _pause(PAUSES[failures - 1], self._job)

    def _attempt(self) -> None:
        """Ask once, and take what comes until the file is whole."""
        agent, address, whole = opener(), self._address, False
        for _ in range(_PAGES):
            with self._open(agent, address, whole) as response:
                if response.status == 416 and _length_of(response.headers.get("Content-Range", "")) == self._have:
                    return
                if response.status == 416 or (response.status == 206 and is_page(response)):
                    whole = True  # It was a part of a page that was asked for, or of another file than what is here.
                    continue
                if not is_page(response):
                    self._take(response)
                    return
                address, whole = self._behind(response.read(_PAGE).decode("utf-8", "replace"), response.url), False
        self._no_file()

    def _open(self, agent: OpenerDirector, address: str, whole: bool) -> HTTPResponse:
        """Ask for what is not here, or for the whole."""
        headers = {"User-Agent": _AGENT, "Accept": "*/*"}
        partly = not whole and self._have > 0
        if partly:
            headers["Range"] = f"bytes={self._have}-"
            if self._note is not None and self._note.validator:
                headers["If-Range"] = self._note.validator
        try:
            return cast(HTTPResponse, agent.open(Request(address, headers=headers), timeout=TIMEOUT))
        except HTTPError as error:
            return self._refused(error, partly)
        except ValueError:
            raise DownloadError("{address} is no address of the web.", address=address) from None

    def _refused(self, error: HTTPError, partly: bool) -> HTTPResponse:
        """What to make of a status that is none of success."""
        if error.code == 416 and partly:
            return cast(HTTPResponse, error)
        with error:
            page = error.read(_PAGE).decode("utf-8", "replace") if is_page(error) else ""
        self._check_quota(page)
        if error.code in (404, 410):
            raise NotThere("There is no file at {address}.", address=self._address)
        if error.code in (500, 502, 503, 504):
            raise OSError(f"{error.code} {error.reason}")
        raise DownloadError(
            "{host} refuses to give the file: {reason}.",
            host=host_of(self._address),
            reason=f"{error.code} {error.reason}".strip(),
        )

    def _take(self, response: HTTPResponse) -> None:
        """Take what comes."""
        total = self._begin(response)
        if total is not None and total > self._most:
            self._too_large()
        free = shutil.disk_usage(self._part.parent).free
        if total is not None and total - self._have > free:
            raise DownloadError(
                "{folder} has no room for the file: {needed:.1f} GB are needed, {free:.1f} GB are free.",
                folder=self._part.parent,
                needed=(total - self._have) / 1e9,
                free=free / 1e9,
            )
        have = self._have
        while chunk := response.read1(_CHUNK):
            if have == 0 and looks_like_page(chunk):
                self._no_file()
            with writing(self._part, DownloadError):
                append(self._file, chunk)
            have += len(chunk)
            if have > self._most:
                self._restart()
                self._too_large()
            self._job.report(Phrase("Downloading"), self._fraction_of(have))
        if total is not None and have < total:
            raise OSError("the connection was cut")

    def _begin(self, response: HTTPResponse) -> int | None:
        """Bytes of the whole file, None where nobody says. What is here and does not belong to it goes."""
        headers = response.headers
        validator = headers.get("ETag", "")
        if not validator or validator.startswith("W/"):
            validator = headers.get("Last-Modified", "")
        found = re.fullmatch(r"bytes (\d+)-\d+/(?:\d+|\*)", headers.get("Content-Range", "").strip())
        total = _length_of(headers.get("Content-Range", ""))
        if response.status == 206:
            known = self._note.total if self._note is not None else None
            if found is None or int(found[1]) != self._have or (known is not None and known != total):
                self._restart()
                raise OSError("the server sends another part than it was asked for")
        else:
            length = headers.get("Content-Length", "")
            total = int(length) if length.isdecimal() else None
            self._restart()
        note = _Note(self._address, validator, total)
        if note != self._note:
            _write_note(self._part, note)
        self._note = note
        return total

    def _restart(self) -> None:
        with writing(self._part, DownloadError):
            self._file.truncate(0)

    def _behind(self, page: str, address: str) -> str:
        """Where the button of a page leads to, if it is one that asks for a confirmation. Raises NotThere."""
        self._check_quota(page)
        target = confirmation(page)
        if target is None:
            self._no_file()
        found = urljoin(address, target)
        check_scheme(found, address)
        return found

    def _check_quota(self, page: str) -> None:
        if is_over_quota(page):
            raise DownloadError(
                "{host} gives the file to nobody now: too many have downloaded it lately. Try again in some hours, or "
                "take it from elsewhere.",
                host=host_of(self._address),
            )

    def _no_file(self) -> NoReturn:
        raise NotThere("{address} is a page of the web, not the file.", address=self._address)

    def _too_large(self) -> NoReturn:
        raise DownloadError(
            "The file at {address} is larger than {most:.1f} GB, which no such checkpoint is.",
            address=self._address,
            most=self._most / 1e9,
        )

    def _give_up(self, error: Exception) -> NoReturn:
        reason = error.reason if isinstance(error, URLError) else error
        words = reason_of(reason) if isinstance(reason, Exception) else str(reason)
        raise DownloadError(
            "{host} cannot be reached, or breaks off again and again: {reason}.",
            host=host_of(self._address),
            reason=words or type(error).__name__,
        ) from None

    @property
    def _fraction(self) -> float:
        return self._fraction_of(self._have)

    def _fraction_of(self, have: int) -> float:
        total = self._note.total if self._note is not None and self._note.total else self._expected
        return min(have / total, 1.0)


def _length_of(content_range: str) -> int | None:
    """The length of the whole file in a Content-Range."""
    found = re.fullmatch(r"bytes (?:\d+-\d+|\*)/(\d+)", content_range.strip())
    return int(found[1]) if found else None


def _pause(seconds: float, job: Job) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        job.check()
        time.sleep(min(left, 0.1))


def _note_of(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_note(part: Path) -> _Note | None:
    try:
        content = json.loads(_note_of(part).read_text("utf-8"))
        weights = str(content.get("weights", ""))
        note = _Note(str(content["address"]), str(content["validator"]), content["total"], weights)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return note if note.total is None or type(note.total) is int else None


def _write_note(part: Path, note: _Note) -> None:
    with writing(_note_of(part), DownloadError):
        atomic_write(_note_of(part), json.dumps(asdict(note)).encode())
