"""Pages that come instead of a file: how they are known, and what is behind them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from http.client import HTTPResponse
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

DRIVE = "https://drive.google.com"


def direct(address: str) -> str:
    """The address of a file where this is Google Drive's page about it; any other as it is."""
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" != DRIVE:
        return address
    found = re.match(r"/file/d/([\w-]+)", parts.path)
    identifier = found[1] if found else parse_qs(parts.query).get("id", [""])[0]
    return f"{DRIVE}/uc?{urlencode({'export': 'download', 'id': identifier})}" if identifier else address


def is_of_a_file(address: str) -> bool:
    """Whether an address is certain to be one file's, not a folder's: by its query, or on Google Drive."""
    return "?" in address or address.startswith(f"{DRIVE}/file/")


def is_page(response: HTTPResponse | HTTPError) -> bool:
    """Whether the server says that it is a page."""
    return bool(response.headers.get_content_type() in ("text/html", "application/xhtml+xml"))


def looks_like_page(start: bytes) -> bool:
    """Whether what is said to be a file begins as a page does."""
    return start.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def is_over_quota(page: str) -> bool:
    """Whether a page tells that a file was downloaded too often."""
    words = page.lower()
    return "quota exceeded" in words or "too many users have viewed or downloaded" in words


def confirmation(page: str) -> str | None:
    """Where the button of Google Drive's page leads to that says it could not look for viruses in a file of that size,
    relative to the page; None where a page has no such button.
    """
    parser = _Buttons()
    parser.feed(page)
    parser.close()
    if parser.form is None:
        return parser.link
    separator = "&" if "?" in parser.form else "?"
    return parser.form + (separator + urlencode(parser.fields) if parser.fields else "")


class _Buttons(HTMLParser):
    """form and its hidden fields: called download-form; link: on older pages, one with a token."""

    def __init__(self) -> None:
        super().__init__()
        self.link: str | None = None
        self.form: str | None = None
        self.fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("id") == "download-form" and values.get("method", "get").lower() == "get":
            self.form = values.get("action", "")
        elif tag == "input" and self.form is not None and values.get("type") == "hidden":
            self.fields.append((values.get("name", ""), values.get("value", "")))
        elif tag == "a" and self.link is None and re.search(r"[?&]confirm=", values.get("href", "")):
            self.link = values["href"]
