"""Builds the server, runs it, and ends it without losing a call."""

import asyncio
import ctypes
import gc
import os
import signal
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import grpc
import structlog

from ocr_service import reflection, worker
from ocr_service.admission import CallAdmission
from ocr_service.auth import Authenticator
from ocr_service.cache import ResultCache, open_cache
from ocr_service.config import Settings, SettingsError
from ocr_service.confinement import Confinement
from ocr_service.deadline import Deadline
from ocr_service.health import Health
from ocr_service.interceptors import CallInterceptor
from ocr_service.key_servicer import ApiKeyServicer
from ocr_service.key_store import open_keys
from ocr_service.lifecycle import Lifecycle
from ocr_service.metrics import Metrics
from ocr_service.metrics_endpoint import Endpoint
from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    api_key_service_pb2_grpc,
    ocr_service_pb2,
    ocr_service_pb2_grpc,
)
from ocr_service.pool import Job, Pool
from ocr_service.rate_limits import RateLimits
from ocr_service.recognizer import Recognizer
from ocr_service.servicer import OcrServicer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocr_service.tracing import Tracing

_START_SECONDS = 60.0
_LAST_WORDS_SECONDS = 1.0  # for statuses and goodbyes that are on their way
_COLLECTOR = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_KEPT_MESSAGE, _KEPT_HEAP = 4 << 20, 64 << 20  # bytes
_SERVICES = (
    ocr_service_pb2.DESCRIPTOR.services_by_name["OcrService"].full_name,
    api_key_service_pb2.DESCRIPTOR.services_by_name["ApiKeyService"].full_name,
)

log = structlog.get_logger()


def channel_options(settings: Settings) -> list[tuple[str, int]]:
    """Settings of gRPC itself.

    Messages may be twice the allowed content, so that a document that is too large is refused by
    us with a reason, and only a far larger one by gRPC while it arrives.
    """
    return [
        ("grpc.max_receive_message_length", 2 * settings.max_content_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.so_reuseport", 0),  # or two servers share a port without a word
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 30_000),
        ("grpc.max_connection_age_ms", 30 * 60_000),
        ("grpc.max_connection_age_grace_ms", 10 * 60_000),
    ]


def _keep_freed_memory() -> None:
    """Have glibc keep what messages take: to get it anew is a fault for every page of it.

    The numbers are those of M_MMAP_THRESHOLD and M_TRIM_THRESHOLD in its malloc.h.
    """
    with suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(-3, _KEPT_MESSAGE)
        libc.mallopt(-1, _KEPT_HEAP)


async def serve(settings: Settings, ready: "Callable[[int], None]", link: str = "") -> None:
    """Serve until SIGTERM or SIGINT, then drain.

    Args:
        settings: What the operator chose.
        ready: Called with the port once calls are answered.
        link: A second address, in a folder that only this user may enter: the gateway's way in.

    Raises:
        SettingsError: An address is taken, or a certificate cannot be used.
        OcrError: The default engine or a default language is not installed, or the key store
            cannot be opened.
    """
    _keep_freed_memory()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    metrics = Metrics()
    endpoint = Endpoint(settings.metrics_listen, metrics) if settings.metrics_listen else None
    tracing = _tracing()
    store, pepper = open_keys(settings)
    pool = _pool(settings)
    cache: ResultCache | None = None
    limits = RateLimits(settings)
    try:
        engines = await _engines(pool)
        cache = open_cache(settings, pepper, engines)
        lifecycle = Lifecycle()
        authenticator = Authenticator(store, pepper)
        known = None if settings.insecure_no_auth else authenticator
        admission = CallAdmission(known, limits, pool)
        metrics.watch(pool, cache, lambda: authenticator.store_failures)
        server = grpc.aio.server(
            interceptors=[
                *([tracing.interceptor()] if tracing else []),
                CallInterceptor(admission, lifecycle, metrics),
            ],
            options=channel_options(settings),
        )
        recognizer = Recognizer(pool, settings, cache, limits, metrics, tracing)
        ocr = OcrServicer(recognizer, settings, lifecycle, engines, limits, metrics)
        ocr_service_pb2_grpc.add_OcrServiceServicer_to_server(ocr, server)
        keys = ApiKeyServicer(store, pepper, authenticator.forget)
        api_key_service_pb2_grpc.add_ApiKeyServiceServicer_to_server(keys, server)
        health = Health(_SERVICES, server)
        reflection.add(_SERVICES, server)
        port = _bind(server, settings)
        if link:
            server.add_insecure_port(link)
        await server.start()
        await health.serve()
        gc.freeze()  # the modules stay: a full collection that walks them stops the loop for 0.1 s
        ready(port)
        log.info(
            "serving", listen=settings.listen, port=port, workers=pool.size, pool=settings.pool
        )
        await stop.wait()
        log.info("draining", seconds=settings.drain_seconds)
        await health.drain()
        finished = await lifecycle.drain(settings.drain_seconds)
        await server.stop(grace=_LAST_WORDS_SECONDS)
        log.info("stopped", finished=finished)
    finally:
        pool.close()
        if cache is not None:
            await cache.close()
        await limits.close()
        store.close()
        if endpoint is not None:
            endpoint.close()
        if tracing is not None:
            tracing.close()


def _tracing() -> "Tracing | None":
    """Traces, where a collector is named: nobody else waits for the import."""
    if not any(os.environ.get(name) for name in _COLLECTOR):
        return None
    from ocr_service.tracing import Tracing

    return Tracing()


def _pool(settings: Settings) -> Pool:
    return Pool(
        settings.pool,
        settings.workers,
        module=worker.__name__,
        confine=partial(worker.confine, settings.worker_memory_bytes, settings.engine_settings),
        warm_up=partial(
            worker.warm_up, settings.engine, settings.languages, settings.engine_settings
        ),
        max_jobs=settings.worker_max_jobs,
        queue_seconds=settings.queue_seconds,
        queue_bytes=settings.queue_bytes,
    )


async def _engines(pool: Pool) -> tuple[worker.EngineFacts, ...]:
    """Ask a worker what there is, once it has started, and log how workers are confined."""
    start = Deadline.after(_START_SECONDS)
    engines = await pool.run(Job(worker.describe_engines), start)
    confined = await pool.run(Job(worker.confinement), start)
    log.info("workers confined", **asdict(Confinement(*confined.value)))
    return tuple(worker.EngineFacts(*facts) for facts in engines.value)


def _bind(server: grpc.aio.Server, settings: Settings) -> int:
    try:
        if settings.tls_certificate is None:
            return server.add_insecure_port(settings.listen)
        return server.add_secure_port(settings.listen, _credentials(settings))
    except RuntimeError as exc:
        raise SettingsError(
            f"Cannot listen on {settings.listen}: the address is taken or not of this machine, "
            "or the certificate cannot be used. Choose another with --listen."
        ) from exc


def _credentials(settings: Settings) -> grpc.ServerCredentials:
    certificate, key, authority = settings.tls_certificate, settings.tls_key, settings.tls_client_ca
    if certificate is None or key is None:
        raise SettingsError("tls_certificate and tls_key belong together: give both or none")
    try:
        return grpc.ssl_server_credentials(
            [(key.read_bytes(), certificate.read_bytes())],
            root_certificates=authority.read_bytes() if authority else None,
            require_client_auth=authority is not None,
        )
    except OSError as exc:
        raise SettingsError(f"A TLS file cannot be read: {exc}") from exc
