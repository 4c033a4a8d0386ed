"""What is in deploy/: read by Compose's own library, and run without containers."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocr_service.config import Settings
from ocr_service.config_sources import CONFIG_VARIABLE, PREFIX
from tests import scrape
from tests.data import make
from tests.gateway.gateways import running_gateway
from tests.redis_server import free_port
from tests.servers import Server, eventually, running_server

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DASHBOARD = json.loads((DEPLOY / "grafana.json").read_text())


def test_compose_takes_the_file() -> None:
    program = shutil.which("compose-go")
    if program is None:
        pytest.skip("compose-go is not here; `make tools` builds it where Go is")
    done = subprocess.run(
        [program, "-format=json", "compose.yaml"],
        cwd=DEPLOY,
        env=os.environ | {"COMPOSE_PROFILES": "monitoring,tunnel"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert set(read["services"]) == set(SERVICES)
    files = {Path(item["file"]) for item in read["configs"].values() if "file" in item}
    assert files
    assert [file for file in files if not file.exists()] == []


def test_variables_are_settings() -> None:
    docker = re.findall(r"\b(OCR_\w+)=", (ROOT / "Dockerfile").read_text())
    named = {name for service in SERVICES.values() for name in service.get("environment", {})}
    ours = {name for name in {*docker, *named} if name.startswith(PREFIX)}
    assert len(ours) > 5
    assert ours - {CONFIG_VARIABLE} <= {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] or name == "grafana"
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert all(re.match(r"\$\{\w+:-127\.0\.0\.1:", port) for port in service.get("ports", []))


def test_redis_is_reached_by_the_server_only() -> None:
    assert COMPOSE["networks"]["back"]["internal"]
    assert SERVICES["redis"]["networks"] == ["back"]
    assert "ports" not in SERVICES["redis"]
    assert [name for name, service in SERVICES.items() if "back" in service["networks"]] == [
        "server",
        "redis",
    ]


def test_the_dashboard_asks_for_what_there_is(server: Server) -> None:
    """Its metrics, and their labels."""
    assert scrape.recognize(server, b"no image").exception()
    scrape.recognize(server, make.encode(make.text_image(["Ink"]), "PNG")).result()
    there, labels = scrape.names(scrape.text(server))
    queries = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert len(queries) > 10
    for query in queries:
        metrics = set(re.findall(r"\b((?:ocr|process)_\w+)", query))
        assert metrics
        assert metrics <= there
        grouped = re.findall(r"by \(([^)]*)\)", query)
        used = {name.strip() for names in grouped for name in names.split(",")}
        used |= set(re.findall(r"[{,](\w+)[=!]", query))
        assert used <= labels | {"job", "instance"}  # which Prometheus adds


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folder, with secrets."""
    folder = tmp_path_factory.mktemp("deployed") / "deploy"
    shutil.copytree(DEPLOY, folder, ignore=shutil.ignore_patterns("secrets"))
    subprocess.run([folder / "secrets.sh"], check=True)
    return folder


def there(text: str, deployed: Path, port: int = 0) -> str:
    """A text of compose.yaml with the places of a container put where they are here."""
    text = text.replace("$$", "$").replace("/run/secrets", f"{deployed}/secrets")
    text = text.replace("--dir /data", f"--dir {deployed} --bind 127.0.0.1 --port {port}")
    return text.replace("redis-cli", f"redis-cli -p {port}")


@contextmanager
def running_redis_of_compose(deployed: Path, port: int) -> Iterator[None]:
    """Redis by its command there, until its health check there has passed."""
    service = SERVICES["redis"]
    *shell, script = service["command"]
    check = there(service["healthcheck"]["test"][1], deployed, port)
    with subprocess.Popen(
        [*shell, there(script, deployed, port)], stdout=subprocess.DEVNULL
    ) as ran:
        try:
            assert eventually(
                lambda: subprocess.run(["sh", "-c", check], check=False).returncode == 0
            )
            yield
        finally:
            ran.terminate()


def test_the_deployment_runs_and_keeps_its_keys(deployed: Path, tmp_path: Path) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server here; `scripts/setup.sh dev` installs it where it may")
    port = free_port()
    file = deployed / "secrets" / "server.toml"
    file.chmod(0o644)
    file.write_text(file.read_text().replace("redis:6379", f"127.0.0.1:{port}"))
    environ = {
        name: there(value, deployed)
        for name, value in SERVICES["server"]["environment"].items()
        if value.startswith("/run/secrets")
    }
    assert len(environ) == 2
    ours = os.environ | environ

    def run(*arguments: str, **more: str) -> str:
        words = [sys.executable, *arguments]
        return subprocess.run(
            words, env=ours | more, capture_output=True, text=True, check=True
        ).stdout.strip()

    with running_redis_of_compose(deployed, port):
        key = run("-m", "ocr_service", "keys", "issue", "--user=ann")
    with (
        running_redis_of_compose(deployed, port),
        running_server(tmp_path / "data", "--workers=1", environ=environ) as server,
        running_gateway(server, "--listen=127.0.0.1:0") as gateway,
    ):
        assert run("-m", "ocr_service", "health", OCR_LISTEN=server.address) == "SERVING"
        kind, python, *check = SERVICES["gateway"]["healthcheck"]["test"]
        assert (kind, python) == ("CMD", "python")
        run(*(word.replace("127.0.0.1:8000", gateway.address) for word in check))
        image = make.encode(make.text_image(["Ink"]), "PNG")
        headers = {"X-API-Key": key, "Content-Type": "image/png"}
        answer = gateway.post("/v1/images:recognize", data=image, headers=headers)
        assert answer.json()["text"] == "Ink"
        again = gateway.post("/v1/images:recognize", data=image, headers=headers)
        assert again.json()["cacheStatus"] == "CACHE_STATUS_HIT"


def test_secrets_are_the_owners_and_kept(deployed: Path) -> None:
    folder = deployed / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    before = {file.name: file.read_text() for file in folder.iterdir()}
    assert set(before) == set(COMPOSE["secrets"])
    subprocess.run([deployed / "secrets.sh"], check=True)
    assert {file.name: file.read_text() for file in folder.iterdir()} == before
