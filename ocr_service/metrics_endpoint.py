"""Shows the metrics over HTTP, by the server that Prometheus's library brings, in threads."""

import structlog
from prometheus_client import start_http_server

from ocr_service.config import SettingsError
from ocr_service.metrics import Metrics

log = structlog.get_logger()


class Endpoint:
    """``/metrics`` at an address. Whoever reaches it may read: there is no key."""

    def __init__(self, listen: str, metrics: Metrics) -> None:
        """Begin to answer.

        Args:
            listen: host:port; port 0 takes a free one.
            metrics: What to show.

        Raises:
            SettingsError: The address is taken or not of this machine.
        """
        host, _, port = listen.rpartition(":")
        try:
            self._server, self._thread = start_http_server(
                int(port), host.strip("[]"), registry=metrics.registry
            )
        except OSError as exc:
            raise SettingsError(
                f"Metrics cannot be shown on {listen}: the address is taken or not of this "
                "machine. Choose another with --metrics-listen."
            ) from exc
        log.info("serving metrics", port=self._server.server_port)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
