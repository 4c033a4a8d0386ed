"""Settings: what an operator may choose. Where they come from is in ``config_sources.py``."""

import os
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    field_validator,
    model_validator,
)

from ocr_service.engines.settings import EngineSettings
from ocr_service.images import Limits

GATEWAY_FIELDS = (
    "gateway_listen",
    "gateway_server",
    "gateway_ca",
    "gateway_certificate",
    "gateway_key",
    "image_root",
    "anonymous_user",
    "anonymous_from",
    "open_enrolment",
    "data_dir",
    "redis_url",
    "pepper_file",
    "max_content_bytes",
    "drain_seconds",
    "log_level",
    "log_format",
)
"""Settings that concern ``ocr-service gateway``."""


class SettingsError(ValueError):
    """A setting is unknown or wrong; the message says which and why, for an operator."""


def _data_dir() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "ocr-service"


class Settings(BaseModel):
    """Everything an operator may choose. Times are seconds, sizes bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: str = Field("127.0.0.1:50051", description="host:port of the gRPC server")
    data_dir: Path = Field(
        default_factory=_data_dir, description="folder of the key store; made if missing"
    )
    first_key: bool = Field(
        False,
        description="make an admin key once, keep it in data_dir/first-key for its owner only, "
        "and print it with commands to paste at every start",
    )
    insecure_no_auth: bool = Field(
        False, description="answer calls without a key; only on a loopback address"
    )
    tls_certificate: Path | None = Field(None, description="PEM certificate chain of the server")
    tls_key: Path | None = Field(None, description="PEM private key of the server")
    tls_client_ca: Path | None = Field(
        None, description="PEM authorities; clients must show a certificate of one of them"
    )
    engine: Literal["auto", "rapidocr", "tesseract", "easyocr"] = Field(
        "auto", description="engine when a request names none"
    )
    languages: tuple[str, ...] = Field(
        ("en",), min_length=1, description="BCP-47 tags when a request names none, with commas"
    )
    easyocr_models: Path | None = Field(
        None,
        description="folder of EasyOCR's weights; each file must have the sum that EasyOCR "
        "publishes, or the one in the folder's SHA256SUMS",
    )
    easyocr_download: bool = Field(
        False, description="let EasyOCR fetch weights of its own that are missing in the folder"
    )
    easyocr_gpu: bool = Field(False, description="run EasyOCR on a GPU")
    easyocr_network: str = Field(
        "",
        pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$",
        description="read with a network of your own: NAME for NAME.pth, NAME.yaml and NAME.py in "
        "easyocr_models, where SHA256SUMS lists them; NAME.py is executed",
    )
    pool: Literal["process", "thread"] = Field(
        "process", description="process: jobs can be killed; thread: for small machines"
    )
    workers: int = Field(
        default_factory=lambda: len(os.sched_getaffinity(0)),
        ge=1,
        le=256,
        description="jobs that run at once",
    )
    worker_max_jobs: int = Field(1000, ge=1, description="jobs after which a worker is replaced")
    worker_memory_bytes: int = Field(
        6 << 30, ge=0, description="most memory of a worker process; 0 for no bound"
    )
    queue_seconds: float = Field(
        5.0, gt=0, description="longest wait in the queue, unless jobs take longer"
    )
    queue_bytes: int = Field(256 << 20, ge=1, description="content that may wait in the queue")
    cache_bytes: int = Field(
        128 << 20,
        ge=0,
        description="replies kept in memory for documents sent again; 0 keeps none, nor in Redis",
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="keep keys and replies in Redis, for all replicas with the same pepper: "
        "redis://HOST:PORT/0, rediss:// for TLS; may hold a password, so better OCR_REDIS_URL",
    )
    pepper_file: Path | None = Field(
        None,
        description="file of at least 32 secret bytes, the same for all replicas; "
        "otherwise data_dir/pepper, made if missing",
    )
    requests_per_minute: int = Field(
        0, ge=0, description="for a key that has no limit of its own; 0 for none"
    )
    pages_per_day: int = Field(
        0, ge=0, description="that a key may have read, answers from the cache too; 0 for any"
    )
    default_deadline: float = Field(60.0, gt=0, description="for a call that sets no deadline")
    max_deadline: float = Field(300.0, gt=0, description="longest a unary call or an item may take")
    batch_deadline: float = Field(1800.0, gt=0, description="longest a batch stream may take")
    drain_seconds: float = Field(
        30.0, ge=0, description="time to finish what is in hand on SIGTERM"
    )
    max_content_bytes: int = Field(32 << 20, ge=1, description="bytes of one image or document")
    max_pixels: int = Field(50_000_000, ge=1, description="pixels of one page")
    max_side: int = Field(16_384, ge=1, description="pixels of a page's longer side")
    max_pages: int = Field(500, ge=1, description="pages of one document")
    gateway: bool = Field(False, description="serve HTTP too: REST, its documentation, the page")
    gateway_listen: tuple[str, ...] = Field(
        ("127.0.0.1:8000",), min_length=1, description="host:port of the gateway, with commas"
    )
    gateway_server: str = Field(
        "127.0.0.1:50051",
        description="the server that `ocr-service gateway` calls; https://HOST:PORT for TLS",
    )
    gateway_ca: Path | None = Field(None, description="PEM authorities of that server")
    gateway_certificate: Path | None = Field(
        None, description="PEM certificate to show to that server, where it asks for one"
    )
    gateway_key: Path | None = Field(None, description="PEM private key of that certificate")
    image_root: Path | None = Field(
        None, description="folder below which /batch_process may read image_paths"
    )
    anonymous_user: str = Field(
        "", max_length=128, description="whose rights HTTP calls without a key have; empty: none"
    )
    anonymous_from: tuple[IPvAnyNetwork, ...] = Field(
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="networks that may call without a key, with commas, if anonymous_user is set",
    )
    open_enrolment: bool = Field(
        False, description="let anybody make a key by /generate_api_key, without an admin key"
    )
    metrics_listen: str = Field(
        "",
        description="host:port where Prometheus may read metrics, without a key; empty: none",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe messages to log"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console on a terminal, JSON elsewhere"
    )

    @property
    def limits(self) -> Limits:
        """What one document may not exceed."""
        return Limits(self.max_content_bytes, self.max_pixels, self.max_side, self.max_pages)

    @property
    def engine_settings(self) -> EngineSettings:
        """What the workers need to know of them."""
        return EngineSettings(
            self.easyocr_models, self.easyocr_download, self.easyocr_gpu, self.easyocr_network
        )

    @property
    def local_host(self) -> str:
        """Host by which this machine reaches the server."""
        return _local(self.listen)

    @property
    def gateway_host(self) -> str:
        """Host by which this machine reaches the gateway."""
        return _local(self.gateway_listen[0])

    @property
    def batch_in_flight(self) -> int:
        """Items of one batch stream that are worked on at once."""
        return min(16, 2 * self.workers)

    @field_validator("languages", "gateway_listen", "anonymous_from", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        parts = [value] if isinstance(value, str) else value  # a flag that repeats makes a list
        if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
            return tuple(part.strip() for part in ",".join(parts).split(",") if part.strip())
        return value

    @field_validator("metrics_listen")
    @classmethod
    def _host_and_port_or_none(cls, value: str) -> str:
        return cls._host_and_port(value) if value else ""

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if not (colon and host and port.isdigit() and int(port) < 65536):
            raise ValueError("write it as host:port, such as 127.0.0.1:50051 or [::]:50051")
        return value

    @field_validator("redis_url")
    @classmethod
    def _address_of_redis(cls, value: str) -> str:
        if value:
            from redis.connection import parse_url  # takes a while to load

            try:
                parse_url(value)  # type: ignore[no-untyped-call]
            except ValueError:  # which may quote the password
                raise ValueError("write it as redis://HOST:PORT/0") from None
        return value

    @field_validator("gateway_listen")
    @classmethod
    def _hosts_and_ports(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(cls._host_and_port(value) for value in values)

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: give both or none")
        if (self.gateway_certificate is None) != (self.gateway_key is None):
            raise ValueError("gateway_certificate and gateway_key belong together: give both")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ValueError("tls_client_ca needs tls_certificate and tls_key")
        ours = (self.listen, *(self.gateway_listen if self.gateway else ()))
        if self.insecure_no_auth and not all(map(_is_loopback, ours)):
            raise ValueError(
                "insecure_no_auth is for a loopback address only: listen on 127.0.0.1 or ::1, "
                "or leave it out and issue keys"
            )
        if self.easyocr_models is None and (
            self.easyocr_download or self.easyocr_gpu or self.easyocr_network
        ):
            raise ValueError("easyocr_download, easyocr_gpu, easyocr_network need easyocr_models")
        _ = self.limits  # refuses what the decoders could not honour
        return self


def _local(listen: str) -> str:
    host = listen.rpartition(":")[0]
    return {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104


def _is_loopback(listen: str) -> bool:
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
