"""HTTP connections: waitress's, with the bodies of ``body.py`` and errors in the standard form.

Waitress names the classes that are extended here as attributes of its own (``channel_class``,
``parser_class``, ``error_task_class``) for this purpose; how they play together was read in 3.0.2.
"""

import json
import select
import time
from collections.abc import Collection
from functools import partial
from http import HTTPStatus
from socket import SHUT_WR
from typing import Any

from typing_extensions import override
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask

from ocr_service.errors import BadHttp
from ocr_service.gateway.arrival import Arrival, RefusedError
from ocr_service.gateway.body import Budget
from ocr_service.gateway.refusal import Refusal, internal

_LINGER_SECONDS = 30.0
_UNREAD_SECONDS = 120.0  # without a byte of an answer being taken
_REQUEST_SECONDS = 120.0  # for a whole request to arrive, unless it is a batch


class _ErrorAnswer(ErrorTask):
    """Answers what is no request that the application could see."""

    @override
    def execute(self) -> None:
        error = self.request.error
        if isinstance(error, RefusedError):
            refusal = error.refusal
        elif error.code == 500:
            refusal = internal()
        else:
            refusal = Refusal.of(BadHttp(f"This is no HTTP request: {error.reason}."), error.code)
        body = json.dumps(refusal.body).encode()
        self.status = f"{refusal.http} {HTTPStatus(refusal.http).phrase}"
        headers = {"Content-Type": "application/json", "X-Content-Type-Options": "nosniff"}
        self.response_headers.extend((headers | refusal.headers).items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):
    """A connection.

    A sender who is cut off while it sends may never see the answer. So when the last answer is out,
    the connection is closed for writing only, and what still comes is read and forgotten for a
    while.

    Attributes:
        upload: The request whose body goes through a pipe and has not come to its end.
    """

    error_task_class = _ErrorAnswer
    upload: Arrival | None = None
    close_when_flushed: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parser_class = partial(Arrival, channel=self)
        self._forgetting = False
        self._lingers_since: float | None = None

    @override
    def readable(self) -> bool:
        if self._forgetting:
            return not self.will_close
        if self.upload is None:
            return bool(super().readable())
        return self.upload.has_room and not (self.will_close or self.close_when_flushed)

    @override
    def received(self, data: bytes) -> bool:
        if self._forgetting:
            return True
        if self.upload is not None:
            data = data[self.upload.received(data) :]
        if data:
            super().received(data)
            self._forgetting = any(request.error for request in self.requests)
        return True

    @override
    def check_client_disconnected(self) -> bool:
        """Ask the socket: while a body has no room nothing is read, and so no end is seen."""
        poller = select.poll()
        try:
            poller.register(self.socket, select.POLLRDHUP)
        except (TypeError, ValueError):  # it is closed
            return True
        return not self.connected or bool(poller.poll(0))

    @override
    def handle_write(self) -> None:
        if self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed = False
            self._linger()
        super().handle_write()

    def _linger(self) -> None:
        self._forgetting = True
        self._lingers_since = time.monotonic()
        try:
            self.socket.shutdown(SHUT_WR)
        except OSError:  # the other side has gone already
            self.will_close = True

    @override
    def handle_close(self) -> None:
        if self.upload is not None:
            self.upload.break_off()
        super().handle_close()

    @override
    def del_channel(self, map: Any = None) -> None:
        if self.request is not None:  # what had come of a request that never was whole
            self.request.close()
        super().del_channel(map)

    def is_late(self, now: float) -> bool:
        """Whether a request, the taking of an answer or the end lasts for too long."""
        if self.total_outbufs_len and time.time() - self.last_activity > _UNREAD_SECONDS:
            return True
        if self._lingers_since is not None:
            return now - self._lingers_since > _LINGER_SECONDS
        return self.request is not None and now - self.request.began > _REQUEST_SECONDS


class Server(TcpWSGIServer):
    """One listening socket and its connections.

    Attributes:
        streamed: Paths whose bodies go to the application as they arrive.
        max_body_bytes: Of every other request.
        budget: For all of them together.
    """

    channel_class = Channel

    def __init__(
        self,
        *args: Any,
        streamed: Collection[str],
        max_body_bytes: int,
        budget: Budget,
        **kwargs: Any,
    ) -> None:
        self.streamed = streamed
        self.max_body_bytes = max_body_bytes
        self.budget = budget
        super().__init__(*args, **kwargs)

    @override
    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            if channel.is_late(time.monotonic()):
                channel.handle_close()  # will_close waits until something can be written

    @property
    def is_busy(self) -> bool:
        """Whether a request is in hand or an answer not sent."""
        return any(c.requests or c.total_outbufs_len for c in self.active_channels.values())
