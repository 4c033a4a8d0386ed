"""`ocr keys`: make API keys and look at one's own."""

# ruff: noqa: D301 - the mark that keeps lines apart is typer's

from enum import StrEnum
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration

from ocr_client import console
from ocr_client.arguments import Connection, duration, expand
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as api_keys

keys = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Make API keys, and look at the one in use.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, by the mapping of protobuf.")]


class ScopeName(StrEnum):
    """The scopes as they are typed."""

    RECOGNIZE = "recognize"
    UNMASKED = "unmasked"
    ADMIN = "admin"


@keys.command()
@expand
def issue(
    *,
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="Whose key it is.")],
    admin: Annotated[
        bool, typer.Option("--admin", help="Also allow making and ending keys.")
    ] = False,
    scope: Annotated[
        list[ScopeName] | None,
        typer.Option(
            "--scope", show_default=False, help="May be repeated; recognize and unmasked if none."
        ),
    ] = None,
    ttl: Annotated[
        float | None,
        typer.Option(
            "--ttl",
            parser=duration,
            metavar="TIME",
            help="Its life, such as 90d or 12h; the server's default otherwise.",
        ),
    ] = None,
    description: Annotated[
        str, typer.Option("--description", show_default=False, help="What it is for.")
    ] = "",
    requests_per_minute: Annotated[
        int, typer.Option("--requests-per-minute", min=0, help="0 means no limit of its own.")
    ] = 0,
    as_json: Json = False,
    connection: Connection,
) -> None:
    """Make a key and print its secret, this once. Needs a key with the scope admin.

    \b
    Examples:
      ocr keys issue --user billing
      ocr keys issue --user ops --admin --ttl 12h
      ocr keys issue --user web --scope recognize > web.key
    """
    request = api_keys.IssueApiKeyRequest(
        user_id=user,
        scopes=[api_keys.Scope.Value(f"SCOPE_{name.upper()}") for name in _scopes(scope, admin)],
        ttl=Duration(seconds=round(ttl)) if ttl else None,
        description=description,
        requests_per_minute=requests_per_minute,
    )
    with console.stopping(), connection.open() as client:
        reply = client.issue_api_key(request)
    if as_json:
        console.write_json(reply)
        return
    for name, value in _describe_key(reply.api_key):
        console.remark(f"{name}: {value}")
    console.write(f"{reply.secret}\n")


@keys.command()
@expand
def whoami(*, as_json: Json = False, connection: Connection) -> None:
    """Show whose key is in use, what it allows and when it ends."""
    with console.stopping(), connection.open() as client:
        key = client.get_current_api_key()
    if as_json:
        console.write_json(key)
    else:
        console.write_table([*_describe_key(key)])


def _scopes(given: list[ScopeName] | None, admin: bool) -> list[ScopeName]:
    """Return the scopes to ask for; none leaves the choice to the server."""
    scopes = list(given or [])
    if admin and ScopeName.ADMIN not in scopes:
        scopes = [*(scopes or (ScopeName.RECOGNIZE, ScopeName.UNMASKED)), ScopeName.ADMIN]
    return scopes


def _describe_key(key: api_keys.ApiKey) -> list[tuple[str, ...]]:
    scopes = (api_keys.Scope.Name(scope).removeprefix("SCOPE_").lower() for scope in key.scopes)
    state = api_keys.ApiKeyState.Name(key.state).removeprefix("API_KEY_STATE_").lower()
    ends = key.expire_time.ToJsonString() if key.HasField("expire_time") else "never"
    rows = [
        ("id", key.id),
        ("user", key.user_id),
        ("description", key.description),
        ("starts with", key.display_prefix),
        ("scopes", ", ".join(scopes)),
        ("state", state),
        ("made", key.create_time.ToJsonString()),
        ("ends", ends),
        ("calls a minute", str(key.requests_per_minute or "no limit of its own")),
    ]
    return [row for row in rows if row[1]]
