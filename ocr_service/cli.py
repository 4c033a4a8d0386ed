"""``ocr-service serve``, ``gateway``, ``keys`` and ``health``: the operator's command.

Imports what it needs only when it needs it: every worker process imports this module once more.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

_ABOUT = """\
Settings come from flags, from variables (OCR_LISTEN for --listen and so on), from the TOML file
that --config or OCR_CONFIG names, and from the defaults, in this order.
"""
_ABOUT_GATEWAY = """\
The same settings as of `serve`, where --listen is --gateway-listen or OCR_GATEWAY_LISTEN and so on.
--listen repeats, or takes several with commas.
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit: 0 when all went well, 2 when the settings are wrong."""
    from ocr_service.config import SettingsError
    from ocr_service.errors import OcrError

    flags = vars(_parser().parse_args(arguments))
    run = flags.pop("run")
    try:
        run(flags)
    except (SettingsError, OcrError) as exc:
        print(exc, file=sys.stderr)  # noqa: T201
        sys.exit(2)
    sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ocr-service", description="Run the OCR service.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="start the server", epilog=_ABOUT)
    serve.set_defaults(run=_serve)
    _add_settings(serve)
    gateway = commands.add_parser(
        "gateway", help="serve HTTP for a server elsewhere", epilog=_ABOUT_GATEWAY
    )
    gateway.set_defaults(run=_gateway)
    _add_gateway_settings(gateway)
    _add_keys(commands.add_parser("keys", help="manage API keys on this machine"))
    health = commands.add_parser(
        "health", help="exit with 0 if the server on this machine takes calls, with 1 if not"
    )
    health.set_defaults(run=_health)
    health.add_argument("--listen", default=argparse.SUPPRESS, help="the server's address")
    health.add_argument("--config", default=argparse.SUPPRESS, help="TOML file of settings")
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    """Add what can be done with keys."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    issue = actions.add_parser("issue", help="make a key and print it")
    issue.add_argument("--user", required=True, help="whose key it is")
    issue.add_argument("--admin", action="store_true", help="the key may make other keys")
    issue.add_argument(
        "--ttl", default="90d", help="how long it lives: 90d, 12h, 30m (default 90d)"
    )
    issue.add_argument("--description", default="", help="what it is for")
    issue.add_argument(
        "--requests-per-minute", default="0", help="calls it may make; 0 for the server's default"
    )
    keys = actions.add_parser("list", help="list the keys of every state, newest first")
    keys.add_argument("--user", default="", help="only this user's")
    rotate = actions.add_parser("rotate", help="replace a key: print a new one like it")
    rotate.add_argument("id", metavar="ID", help="the old key, as `list` names it")
    rotate.add_argument(
        "--overlap",
        default="24h",
        help="how long the old key still works: 24h, 7d, at most 30d, or 0 (default 24h)",
    )
    revoke = actions.add_parser("revoke", help="end a key: servers refuse it within 5 seconds")
    revoke.add_argument("id", metavar="ID", help="the key, as `list` names it")
    for action in (keys, rotate, revoke):
        action.add_argument("--json", action="store_true", help="print JSON, as `ocr keys` does")
    for name, action in actions.choices.items():
        action.set_defaults(run=_keys, action=name)
        action.add_argument("--data-dir", default=argparse.SUPPRESS, help="folder of the key store")
        action.add_argument("--config", default=argparse.SUPPRESS, help="TOML file of settings")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every field of `Settings`; values are checked there."""
    from ocr_service.config import Settings

    parser.add_argument("--config", default=argparse.SUPPRESS, help="TOML file of settings")
    for name in Settings.model_fields:
        _add_setting(parser, name, name)


def _add_gateway_settings(parser: argparse.ArgumentParser) -> None:
    """Add a flag for what concerns the gateway, its own settings without their prefix."""
    from ocr_service.config import GATEWAY_FIELDS

    parser.add_argument("--config", default=argparse.SUPPRESS, help="TOML file of settings")
    for name in GATEWAY_FIELDS:
        _add_setting(parser, name, name.removeprefix("gateway_"))


def _add_setting(parser: argparse.ArgumentParser, name: str, shown: str) -> None:
    from ocr_service.config import Settings

    field = Settings.model_fields[name]
    kind: dict[str, Any] = {"metavar": "VALUE"}
    if field.annotation is bool:
        kind = {"action": "store_true"}
    elif name == "gateway_listen":
        kind = {"action": "append", "metavar": "HOST:PORT"}
    parser.add_argument(
        "--" + shown.replace("_", "-"),
        dest=name,
        default=argparse.SUPPRESS,
        help=(field.description or "").replace("%", "%%"),
        **kind,
    )


def _serve(flags: Mapping[str, Any]) -> None:
    import asyncio

    from ocr_service import first_key, logs, server
    from ocr_service.config_sources import PREFIX, load

    settings = load(flags, os.environ)
    os.environ.pop(f"{PREFIX}REDIS_URL", None)  # workers have no need of its password
    logs.configure(settings.log_level, settings.log_format)
    if not settings.gateway:
        asyncio.run(server.serve(settings, lambda port: first_key.announce(settings, port)))
        return
    from ocr_service.gateway import run

    with run.beside(settings) as (link, ports):
        asyncio.run(
            server.serve(settings, lambda port: first_key.announce(settings, port, ports), link)
        )


def _gateway(flags: Mapping[str, Any]) -> None:
    from ocr_service import logs
    from ocr_service.config_sources import load
    from ocr_service.gateway import run

    settings = load(flags, os.environ)
    logs.configure(settings.log_level, settings.log_format)
    run.run(settings)


def _health(flags: Mapping[str, Any]) -> None:
    from ocr_service import probe
    from ocr_service.config_sources import load

    status = probe.status_of(load(flags, os.environ))
    print(status)  # noqa: T201
    if status != probe.SERVING:
        sys.exit(1)


def _keys(flags: Mapping[str, Any]) -> None:
    from ocr_service import keys_command

    keys_command.run(flags["action"], flags)
