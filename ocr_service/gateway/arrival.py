"""A request on its way in: waitress's parser, with the bodies of ``body.py`` and their limits."""

import re
import time
from typing import Any

from typing_extensions import override
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

from ocr_service.gateway.body import Pipe
from ocr_service.gateway.refusal import Refusal, busy, too_large

_UNREAD_BYTES = 1 << 30  # of a batch that nobody reads any more
_UNDERSCORED = re.compile(rb"(?im)^(api|user)_(key|id)(?=[ \t]*:)")
"""Headers of service A's clients; waitress drops all others with an underscore in their name."""


class RefusedError(Error):
    """An error whose answer is a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("")
        self.refusal = refusal


class Arrival(HTTPRequestParser):
    """One request, from its first byte to its last."""

    expect_continue: bool  # waitress sets it from the header
    error: Any = None

    def __init__(self, adj: Any, channel: Any) -> None:
        super().__init__(adj)
        self.began = time.monotonic()
        self._channel = channel
        self._pipe: Pipe | None = None
        self._held = 0

    @override
    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(_UNDERSCORED.sub(rb"\1-\2", header_plus))
        if self.body_rcv is not None and self.path in self._channel.server.streamed:
            self._pipe = self.body_rcv.buf = Pipe(self._channel.server.pull_trigger)

    @override
    def received(self, data: bytes) -> int:
        consumed = 0 if self._pipe else int(super().received(data))
        if (pipe := self._piped()) is not None:
            return consumed + self._pass_on(pipe, data[consumed:])
        if self.body_rcv is not None and self.error is None:
            self._check_size()
        return consumed

    def _piped(self) -> Pipe | None:
        return self._pipe

    def _pass_on(self, pipe: Pipe, data: bytes) -> int:
        """Give the pipe its bytes, and the request to the application if it has not got it yet."""
        consumed: int = self.body_rcv.received(data)
        self.body_bytes_received += consumed
        is_over = self.body_rcv.error or self.body_rcv.completed
        if self.body_rcv.error:
            pipe.break_off()
        elif is_over:
            pipe.end()
        elif pipe.is_unread and self.body_bytes_received > _UNREAD_BYTES:
            self._channel.will_close = True
        if not self.expect_continue:  # first waitress sends the word, then the body comes
            self.completed = True
            self._channel.upload = None if is_over else self
        return consumed

    @property
    def has_room(self) -> bool:
        """Whether the application keeps up with a piped body."""
        return self._pipe is None or self._pipe.has_room

    def break_off(self) -> None:
        """Tell the application that the rest of a piped body will not come."""
        if self._pipe is not None:
            self._pipe.break_off()

    def _check_size(self) -> None:
        server = self._channel.server
        grown = self.body_bytes_received - self._held
        self._held += grown
        if max(self.content_length, self.body_bytes_received) > server.max_body_bytes:
            self._refuse(too_large())
        elif not server.budget.take(grown):
            self._refuse(busy())

    def _refuse(self, refusal: Refusal) -> None:
        self.error = RefusedError(refusal)
        self.completed = True
        self.expect_continue = False

    @override
    def close(self) -> None:
        super().close()
        self._channel.server.budget.take(-self._held)
        self._held = 0
