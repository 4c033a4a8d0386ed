"""What a server may find at the address of its Redis, and is none."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def listening(answer: bytes) -> Iterator[str]:
    """What says the same to whatever it is sent; nothing if that is empty."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer_to, args=(caller,), daemon=True).start()

        def answer_to(caller: socket.socket) -> None:
            with caller:
                while caller.recv(65536):
                    caller.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        server.shutdown(socket.SHUT_RDWR)


ANSWERS = {
    "silence": b"",
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "errors": b"-NOAUTH Authentication required.\r\n",
    "lists": b"*1\r\n$2\r\nhi\r\n",
    "a length that is none": b"$x\r\n",
    "others' values": b"$5\r\nhello\r\n",
    "yes": b"+OK\r\n",
}
