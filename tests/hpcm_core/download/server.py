"""A server on this machine that behaves as those on which checkpoints lie, with their bad days."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

WARNING = """<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title></head><body>
<p class="uc-warning-caption">Google Drive can't scan this file for viruses.</p>
<form id="download-form" action="{address}" method="get"><input type="submit" value="Download anyway"/>
<input type="hidden" name="id" value="{id}"><input type="hidden" name="export" value="download">
<input type="hidden" name="confirm" value="t"><input type="hidden" name="uuid" value="a&amp;b"></form></body></html>"""
OLD_WARNING = """<html><body><a href="/accounts?continue=confirm">Sign in</a>
<a id="uc-download-link" href="/uc?export=download&amp;confirm=aB3_&amp;id={id}">Download anyway</a></body></html>"""
QUOTA = """<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head><body>
<p class="uc-error-caption">Sorry, you can't view or download this file at this time.</p>
<p class="uc-error-subcaption">Too many users have viewed or downloaded this file recently.</p></body></html>"""


@dataclass
class Server:
    """files: content by path (/name) or, for Drive's pages, by id. What is set below holds for all of them."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    etag: str | None = '"one"'
    cut_after: int | None = None
    """Bytes after which a connection breaks off."""
    cuts: int = 1 << 30
    """How many connections do."""
    stall: bool = False
    """Instead of breaking off, a connection says nothing more."""
    ranges: bool = True
    lengths: bool = True
    wrong_ranges: bool = False
    busy: int = 0
    """Requests that are answered with 503 before others are served."""
    quota: int | None = None
    """Status of Drive's page that says that the quota is exceeded."""
    old_pages: bool = False
    ranged_pages: bool = False
    """Of a page too only the part is sent that is asked for."""
    elsewhere: str = ""
    """Where /moved leads to."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and Range of each request."""
    let_go: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listening

    def do_GET(self) -> None:
        state, parts = self.server.state, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        state.asked.append((self.path, self.headers["Range"]))
        if state.busy > 0:
            state.busy -= 1
            self._page(503, "<html>busy</html>")
        elif parts.path == "/moved":
            self._redirect(state.elsewhere)
        elif parts.path == "/uc":
            self._drive(query)
        elif parts.path == "/download":
            self._behind_drive(query)
        elif parts.path.startswith("/page"):
            self._page(200, "<html><body>Welcome</body></html>")
        elif parts.path in state.files:
            self._file(state.files[parts.path])
        else:
            self._page(404, "<html>Not Found</html>")

    def _drive(self, query: dict[str, str]) -> None:
        state, name = self.server.state, query.get("id", "")
        if name not in state.files:
            self._page(404, "<html>Sorry, the file you have requested does not exist.</html>")
        elif state.old_pages and query.get("confirm") == "aB3_" and "warned=" in self.headers.get("Cookie", ""):
            self._file(state.files[name])
        elif state.old_pages:
            self._page(200, OLD_WARNING.format(id=name), {"Set-Cookie": "warned=aB3_; Path=/"})
        else:
            self._redirect(f"{state.address}/download?id={name}&export=download")

    def _behind_drive(self, query: dict[str, str]) -> None:
        state, name = self.server.state, query["id"]
        if state.quota is not None:
            self._page(state.quota, QUOTA)
        elif (query.get("confirm"), query.get("uuid")) == ("t", "a&b") and "seen=yes" in self.headers.get("Cookie", ""):
            self._file(state.files[name])
        else:
            page = WARNING.format(id=name, address=f"{state.address}/download")
            self._page(200, page, {"Set-Cookie": "seen=yes; Path=/"})

    def _redirect(self, address: str) -> None:
        self.send_response(303)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _page(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        data = text.encode()
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        if self.server.state.ranged_pages and status == 200 and wanted:
            data = data[int(wanted[1]) :]
            status = 206 if data else 416
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _file(self, data: bytes) -> None:
        state, start = self.server.state, 0
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        same = self.headers["If-Range"] in (None, state.etag)
        if wanted and state.ranges and same:
            start = int(wanted[1])
            if start >= len(data):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(data)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            said = start + 7 if state.wrong_ranges else start
            self.send_header("Content-Range", f"bytes {said}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Disposition", 'attachment; filename="epoch_best.pth.tar"')
        if state.etag:
            self.send_header("ETag", state.etag)
        if state.lengths:
            self.send_header("Content-Length", str(len(data) - start))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        rest = data[start:]
        if state.cut_after is not None and state.cuts > 0 and len(rest) > state.cut_after:
            state.cuts -= 1
            self.wfile.write(rest[: state.cut_after])
            self.wfile.flush()
            if state.stall:
                state.let_go.wait(60)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(rest)
        self.close_connection = not state.lengths

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    state: Server

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # Clients that go away are what this server is for.


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a port of its own, until the block ends."""
    listening = _Listening(("127.0.0.1", 0), _Handler)
    listening.state = Server(f"http://127.0.0.1:{listening.server_address[1]}")
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield listening.state
    finally:
        listening.state.let_go.set()
        listening.shutdown()
        thread.join()
        listening.server_close()
