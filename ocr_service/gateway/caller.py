"""Who calls over HTTP and how long they wait, as gRPC is told it."""

import re
import uuid
from dataclasses import dataclass
from ipaddress import ip_address

from werkzeug.wrappers import Request

from ocr_service.api_keys import Scope
from ocr_service.config import Settings
from ocr_service.errors import KeyStoreUnavailable, OptionInvalid
from ocr_service.gateway.refusal import Refusal
from ocr_service.kept_key import KeptKey

_SANE = re.compile(r"[A-Za-z0-9._:/-]{1,64}")  # as in interceptors.py
_TIMEOUT = re.compile(r"(\d{1,8})([HMSmun])")
_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_STATE = re.compile(r"[ -~]{1,512}")
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_LONGEST = 86_400.0  # what the service allows is far less, and gRPC knows no more than 292 years
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


@dataclass(frozen=True)
class Caller:
    """What a call of the service carries.

    Attributes:
        secret: The API key, empty if there is none.
        request_id: The caller's, or made here.
        timeout: Seconds, None if the server's default is to hold.
        trace: Where the call belongs in the caller's trace, as metadata.
    """

    secret: str
    request_id: str
    timeout: float | None
    trace: tuple[tuple[str, str], ...] = ()

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """For gRPC."""
        key = (("x-api-key", self.secret),) if self.secret else ()
        return (*key, ("x-request-id", self.request_id), *self.trace)


def request_id_of(request: Request) -> str:
    """Return the id that the caller gave, or a new one."""
    wanted = request.headers.get("X-Request-Id", "")
    return wanted if _SANE.fullmatch(wanted) else uuid.uuid4().hex


def trace_of(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the headers of https://www.w3.org/TR/trace-context/ that are well-formed."""
    parent = request.headers.get("Traceparent", "").strip()
    state = request.headers.get("Tracestate", "").strip()
    if not _TRACE_PARENT.fullmatch(parent):
        return ()
    known = (("tracestate", state),) if _TRACE_STATE.fullmatch(state) else ()
    return (("traceparent", parent), *known)


def timeout_of(request: Request) -> float | None:
    """Return the seconds of ``Grpc-Timeout``, such as 10S or 500m; None without.

    Raises:
        Refusal: It is written otherwise.
    """
    text = request.headers.get("Grpc-Timeout")
    if text is None:
        return None
    match = _TIMEOUT.fullmatch(text.strip())
    if match is None:
        message = "Write Grpc-Timeout as a number and one of H, M, S, m, u, n, such as 10S."
        raise Refusal.of(OptionInvalid(message, field="Grpc-Timeout"))
    return min(int(match[1]) * _SECONDS[match[2]], _LONGEST)


def key_of(request: Request) -> str:
    """Return the key in ``X-API-Key`` or ``Authorization: Bearer``; empty without."""
    secret = request.headers.get("X-Api-Key", "").strip()
    if not secret:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        secret = token.strip() if scheme.lower() == "bearer" else ""
    return "".join(char if " " <= char <= "~" else "?" for char in secret)  # gRPC takes no other


def secret_of(key: KeptKey) -> str:
    """Return the secret of a key of this machine.

    Raises:
        Refusal: The key store does not answer.
    """
    try:
        return key.secret
    except KeyStoreUnavailable as exc:
        raise Refusal.of(exc) from exc


class Anonymous:
    """The user whose rights a call without a key has, where the operator wants one.

    A call counts only if it comes straight from one of the networks: not through a proxy, which
    would make the whole world local, and not from another site's page in a local browser.
    """

    def __init__(self, settings: Settings) -> None:
        self._networks = settings.anonymous_from
        self._key = KeptKey(
            settings,
            "anonymous-key",
            settings.anonymous_user,
            frozenset({Scope.RECOGNIZE, Scope.UNMASKED}),
            "calls without a key over HTTP",
        )

    def key_for(self, request: Request) -> str:
        """Return the user's key if the call may use it, otherwise an empty string.

        Raises:
            Refusal: The key store does not answer.
        """
        allowed = self._key.user_id and self._is_near(request) and _is_own_page(request)
        return secret_of(self._key) if allowed else ""

    def _is_near(self, request: Request) -> bool:
        if any(name in request.headers for name in _FORWARDED):
            return False
        address = ip_address((request.remote_addr or "").partition("%")[0])
        if not any(address in network for network in self._networks):
            return False
        return not address.is_loopback or _is_local_name(request.host)


def _is_local_name(host: str) -> bool:
    """Whether a browser calls this machine by a name that no outsider's DNS can point here."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"


def _is_own_page(request: Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host
