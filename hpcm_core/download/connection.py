"""Asking a server: http and https alone, with cookies for as long as one file takes, and the system's certificates."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from http.client import HTTPMessage
from typing import IO, TYPE_CHECKING, Any
from urllib import request
from urllib.parse import quote, urlsplit

from hpcm_core.errors import DownloadError

if TYPE_CHECKING:
    import ssl

_AUTHORITIES: tuple[str, ...] = ()
"""Where Linux distributions keep certificates: a bundled OpenSSL knows only the place of the system it was built on."""
if sys.platform == "linux":
    _AUTHORITIES = (
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    )


def is_address(text: str) -> bool:
    """Whether something is an address of the web, rather than a file's name."""
    return text.lower().startswith(("http://", "https://"))


def quoted(address: str) -> str:
    """An address as it was typed, in the letters that addresses have."""
    return quote(address.strip(), safe="%/:=&?~#+!$,;'@()*[]-._")


def host_of(address: str) -> str:
    """The name of the machine that an address is on."""
    return urlsplit(address).hostname or address


class _Redirects(request.HTTPRedirectHandler):
    """Follows redirects, but not from an encrypted address to one that is not."""

    http_error_308 = request.HTTPRedirectHandler.http_error_302  # Python 3.10 does not know it.

    def redirect_request(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> request.Request | None:
        check_scheme(newurl, req.full_url)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def opener() -> request.OpenerDirector:
    """What asks for a file and the pages before it. Cookies of these pages are for that file, not for another time."""
    made = request.OpenerDirector()
    handlers: list[Any] = [
        request.ProxyHandler(), request.HTTPHandler(), _Redirects(), request.HTTPCookieProcessor(),
        request.HTTPErrorProcessor(), request.HTTPDefaultErrorHandler(), request.UnknownHandler(),
    ]  # fmt: skip
    if _can_encrypt():
        handlers.append(request.HTTPSHandler(context=_encryption()))
    for handler in handlers:
        made.add_handler(handler)
    return made


def _can_encrypt() -> bool:
    """False where a bundled Python does not find the system's OpenSSL."""
    try:
        import ssl  # noqa: F401
    except ImportError:
        return False
    return True


def _encryption() -> ssl.SSLContext:
    import ssl

    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        for path in filter(os.path.isfile, _AUTHORITIES):
            with suppress(OSError, ssl.SSLError):
                context.load_verify_locations(path)
                break
    return context


def check_scheme(address: str, before: str = "") -> None:
    """Refuse what is no address of the web, and one that is not encrypted after one that was. Raises DownloadError."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    if not is_address(address) or not host:
        raise DownloadError("{address} is no address of the web.", address=address)
    if before.lower().startswith("https:") and not address.lower().startswith("https:"):
        raise DownloadError("{host} leads on to an address that is not encrypted.", host=host_of(before))
    if address.lower().startswith("https:") and not _can_encrypt():
        raise DownloadError(
            "{address} is encrypted, and this system has no OpenSSL 3 to open it with.", address=address
        )
