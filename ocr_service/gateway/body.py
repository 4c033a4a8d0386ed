"""Bodies of HTTP requests on their way in: bounded in memory, never on disk.

Most are collected before the application sees them, so that a slow sender costs a connection and
no thread. A batch is handed on as it comes.
"""

import threading
from collections import deque
from collections.abc import Callable

_PIPE_BYTES = 1 << 20
_IDLE_SECONDS = 60.0


class Budget:
    """Bytes of bodies that all connections together may hold."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> bool:
        """Take bytes; a negative number gives back. Returns whether there are enough."""
        with self._lock:
            self._used += count
            return self._used <= self._limit


class Pipe:
    """A body that one thread reads while another receives it.

    Stands where waitress has its buffer. ``has_room`` tells the receiver when to stop reading from
    the connection, so that the sender is held back by TCP.

    Args:
        on_room: Called when there is room again.
    """

    def __init__(self, on_room: Callable[[], None]) -> None:
        self._on_room = on_room
        self._chunks: deque[bytes] = deque()
        self._length = 0
        self._ended = False
        self._broken = False
        self._unread = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return self._length

    @property
    def has_room(self) -> bool:
        """Whether more should be received."""
        return self._length < _PIPE_BYTES

    @property
    def is_unread(self) -> bool:
        """Whether nobody reads any more."""
        return self._unread

    def getfile(self) -> "Pipe":
        """What the application reads from."""
        return self

    def append(self, data: bytes) -> None:
        """Take received bytes; they are forgotten if nobody reads them any more."""
        with self._changed:
            if data and not self._unread:  # an empty chunk would read as the end
                self._chunks.append(bytes(data))
                self._length += len(data)
            self._changed.notify_all()

    def end(self) -> None:
        """Say that all has been received."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def break_off(self) -> None:
        """Say that no more will come although more was to come."""
        with self._changed:
            self._broken = not self._ended
            self._changed.notify_all()

    def close(self) -> None:
        """Say that nobody reads any more."""
        with self._changed:
            self._unread = True
            self._chunks.clear()
            self._length = 0
            self._changed.notify_all()
        self._on_room()

    def read(self, size: int = -1) -> bytes:
        """Return what has come, at most ``size`` bytes; wait for some. Empty at the end.

        Raises:
            OSError: The sender broke off, or sent nothing for a minute.
        """
        with self._changed:
            ready = self._changed.wait_for(self._is_ready, _IDLE_SECONDS)
            if self._chunks:
                return self._next(size)
            if self._ended or self._unread:
                return b""
        raise ConnectionError("the sender broke off" if ready else "the sender fell silent")

    def _is_ready(self) -> bool:
        return bool(self._chunks) or self._ended or self._broken or self._unread

    def _next(self, size: int) -> bytes:
        chunk = self._chunks.popleft()
        if 0 <= size < len(chunk):
            self._chunks.appendleft(chunk[size:])
            chunk = chunk[:size]
        was_full = not self.has_room
        self._length -= len(chunk)
        if was_full and self.has_room:
            self._on_room()
        return chunk
