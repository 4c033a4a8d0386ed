"""Reads a server's metrics as Prometheus does."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.servers import Server, eventually

Samples = Mapping[str, float]


def text(server: Server) -> str:
    """The exposition."""
    reply = requests.get(f"http://{server.metrics_address}/metrics", timeout=30)
    reply.raise_for_status()
    return reply.text


def samples(exposition: str) -> Samples:
    """Values by ``name{label="value",...}``; the labels by name, the empty ones left out."""
    found = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            labels = [f'{name}="{value}"' for name, value in sorted(sample.labels.items()) if value]
            found[sample.name + ("{" + ",".join(labels) + "}" if labels else "")] = sample.value
    return found


@contextmanager
def moving(server: Server, expected: Samples) -> Iterator[None]:
    """Check that the block moves counters of that server so; those that it does not name are free.

    A call is counted before its answer leaves, but a killed worker is replaced for the next job and
    a cancelled call ends after its caller has gone, so that is waited for.
    """
    before = samples(text(server))
    yield

    def moved() -> Samples:
        now = samples(text(server))
        return {name: now.get(name, 0.0) - before.get(name, 0.0) for name in expected}

    eventually(lambda: moved() == expected)
    assert moved() == expected


def value(server: Server, name: str) -> Callable[[], float]:
    """Asks for one sample each time it is called."""
    return lambda: samples(text(server)).get(name, 0.0)
