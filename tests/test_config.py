"""Settings: flags over variables over the file over the defaults; anything unknown stops."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocr_service.config import Settings, SettingsError
from ocr_service.config_sources import load


def test_flags_win_over_variables_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ocr.toml"
    file.write_text('workers = 3\nmax_pages = 7\nlanguages = ["de", "en"]\n')
    settings = load(
        {"workers": "5"},
        {"OCR_CONFIG": str(file), "OCR_WORKERS": "4", "OCR_MAX_SIDE": "99", "HOME": "x"},
    )
    assert (settings.workers, settings.max_side, settings.max_pages) == (5, 99, 7)
    assert settings.languages == ("de", "en")
    assert settings.limits.max_side == 99


def test_languages_are_a_list_with_commas() -> None:
    assert load({"languages": "tr, en"}, {}).languages == ("tr", "en")


def test_the_gateways_addresses_and_networks_are_lists_with_commas() -> None:
    settings = load({}, {"OCR_GATEWAY_LISTEN": "a:1, [::]:2", "OCR_ANONYMOUS_FROM": "10.0.0.0/8"})
    assert settings.gateway_listen == ("a:1", "[::]:2")
    repeated = load({"gateway_listen": ["a:1,b:2", "c:3"]}, {})
    assert repeated.gateway_listen == ("a:1", "b:2", "c:3")
    assert [str(network) for network in settings.anonymous_from] == ["10.0.0.0/8"]


def test_the_clients_variables_are_not_ours() -> None:
    environ = {"OCR_SERVER": "x", "OCR_API_KEY": "y", "OCR_API_KEY_FILE": "z"}
    assert load({}, environ) == Settings()


WRONG = {
    "unknown variable": ({}, {"OCR_WROKERS": "2"}, "Unknown setting wrokers"),
    "no number": ({"workers": "two"}, {}, "OCR_WORKERS"),
    "too small": ({"workers": "0"}, {}, "OCR_WORKERS"),
    "no language": ({"languages": ""}, {}, "OCR_LANGUAGES"),
    "no port": ({"listen": "localhost"}, {}, "host:port"),
    "pool": ({"pool": "fibers"}, {}, "OCR_POOL"),
    "key alone": ({"tls_key": "x.pem"}, {}, "belong together"),
    "client authority alone": ({"tls_client_ca": "x.pem"}, {}, "needs tls_certificate"),
    "open to the world": (
        {"listen": "0.0.0.0:50051", "insecure_no_auth": True},
        {},
        "loopback address only",
    ),
    "open to the world over HTTP": (
        {"gateway": True, "gateway_listen": ["0.0.0.0:80"], "insecure_no_auth": True},
        {},
        "loopback address only",
    ),
    "no port of the gateway": ({"gateway_listen": "127.0.0.1:1,x"}, {}, "host:port"),
    "no network": ({"anonymous_from": "here"}, {}, "OCR_ANONYMOUS_FROM"),
    "certificate without its key": (
        {"gateway_certificate": "x.pem"},
        {},
        "gateway_certificate and gateway_key belong together",
    ),
    "more than is decoded": ({"max_pixels": "200000000"}, {}, "max_pixels must be at most"),
    "no Redis": ({"redis_url": "http://localhost"}, {}, "OCR_REDIS_URL.: write it as redis://"),
    "no file": ({"config": "/no/such/file.toml"}, {}, "cannot be read"),
}


@pytest.mark.parametrize(("flags", "environ", "sentence"), WRONG.values(), ids=WRONG)
def test_wrong_settings_are_named(
    flags: dict[str, object], environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load(flags, environ)


def test_a_password_is_not_shown() -> None:
    settings = Settings(redis_url="redis://:pass-word@localhost/0")
    with pytest.raises(SettingsError, match="OCR_REDIS_URL") as raised:
        load({}, {"OCR_REDIS_URL": "redis://:pass-word@localhost:port/0"})
    assert "pass-word" not in f"{raised.value}{settings!r}"


def test_a_wrong_setting_stops_the_start() -> None:
    stopped = subprocess.run(
        [sys.executable, "-m", "ocr_service", "serve"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OCR_WROKERS": "2"},
    )
    assert stopped.returncode == 2
    assert stopped.stderr.startswith("Unknown setting wrokers")


def test_help_names_every_setting() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "ocr_service", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for name, field in Settings.model_fields.items():
        assert "--" + name.replace("_", "-") in shown.stdout
        assert field.description
