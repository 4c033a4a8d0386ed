"""Callers for benchmarks under load, in processes of their own, and what they saw."""

import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
import psutil
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ocr_service.observation import STAGES
from ocr_service.pb.ocr.v1 import recognize_pb2
from ocr_service.pb.ocr.v1.ocr_service_pb2_grpc import OcrServiceStub

MIB = 2**20
_OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.enable_retries", 0))
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One call.

    Attributes:
        began: Seconds, by the clock that all processes of the machine share.
        seconds: Until its end.
        code: Its status.
        hit: Whether the answer came from the cache.
        beside: Seconds in the server that were neither waiting for a worker nor its work.
    """

    began: float
    seconds: float
    code: str
    hit: bool = False
    beside: float = 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """Recognize calls.

    Attributes:
        address: The server's.
        key: An API key.
        contents: Documents, sent in turns.
        seconds: How long new calls are begun.
        callers: Each begins its next call when the last has ended; 0 for calls at a fixed rate.
        rate: Calls begun a second, whatever becomes of them, where there are no callers.
        anew: Give each call a document of its own: some bytes behind the picture.
    """

    address: str
    key: str
    contents: Sequence[bytes]
    seconds: float
    callers: int = 0
    rate: float = 0.0
    anew: bool = False

    def run(self) -> list[Seen]:
        """Call until the time is over, and wait for the calls in hand."""
        return asyncio.run(self._run())

    async def _run(self) -> list[Seen]:
        numbers = itertools.count(time.monotonic_ns())
        seen: list[Seen] = []
        async with grpc.aio.insecure_channel(self.address, options=_OPTIONS) as channel:
            await channel.channel_ready()
            stub = OcrServiceStub(channel)
            until = time.monotonic() + self.seconds

            async def one() -> None:
                seen.append(await self._call(stub, next(numbers)))

            async def caller() -> None:
                while time.monotonic() < until:
                    await one()

            if self.callers:
                await asyncio.gather(*(caller() for _ in range(self.callers)))
                return seen
            async with asyncio.TaskGroup() as group:
                due = time.monotonic()
                while due < until:
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                    group.create_task(one())
                    due += 1 / self.rate
        return seen

    async def _call(self, stub: OcrServiceStub, number: int) -> Seen:
        content = self.contents[number % len(self.contents)]
        if self.anew:
            content += number.to_bytes(8, "big")
        request = recognize_pb2.RecognizeRequest(content=content)
        began = time.monotonic()
        code, hit, beside = grpc.StatusCode.OK, False, 0.0
        try:
            reply = await stub.Recognize(  # type: ignore[misc]  # the types know the other stub
                request, metadata=(("x-api-key", self.key),), timeout=_PATIENCE_SECONDS
            )
            hit = reply.cache_status == recognize_pb2.CACHE_STATUS_HIT
            beside = _beside(reply.timings)
        except grpc.aio.AioRpcError as error:
            code = error.code()
        return Seen(began, time.monotonic() - began, code.name, hit, beside)


def _beside(timings: recognize_pb2.Timings) -> float:
    inside: int = sum(getattr(timings, stage).ToMicroseconds() for stage in STAGES)
    return (timings.total.ToMicroseconds() - inside) / 1e6


def ask_health(address: str, seconds: float) -> list[float]:
    """Ask every 20 ms; returns the seconds that each answer took."""
    taken = []
    until = time.monotonic() + seconds
    with grpc.insecure_channel(address) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)  # its types know no method
        health.Check(health_pb2.HealthCheckRequest())
        while (began := time.monotonic()) < until:
            health.Check(health_pb2.HealthCheckRequest())
            taken.append(time.monotonic() - began)
            time.sleep(0.02)
    return taken


def memory(pid: int) -> dict[int, float]:
    """MiB of the server and of each process below it, by process id; shared pages in part."""
    sizes = {}
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            sizes[process.pid] = process.memory_full_info().pss / MIB
    return sizes


def percentile(seconds: Sequence[float], rank: int) -> float:
    """The value that so many of a hundred do not exceed; not a number where there are none."""
    if len(seconds) < 2:
        return seconds[0] if seconds else float("nan")
    return statistics.quantiles(seconds, n=100, method="inclusive")[rank - 1]


def milliseconds(seconds: Sequence[float]) -> str:
    """Median, 99th percentile and most, in ms."""
    most = max(seconds, default=float("nan"))
    figures = (percentile(seconds, 50), percentile(seconds, 99), most)
    return ", ".join(f"{1e3 * figure:.1f}" for figure in figures)


def codes(seen: Sequence[Seen]) -> dict[str, int]:
    """How many calls ended how."""
    return dict(Counter(one.code for one in seen))
