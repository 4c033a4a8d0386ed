"""`ocr keys`: make, list, rotate and revoke API keys, and look at one's own."""

# ruff: noqa: D301 - the mark that keeps lines apart is typer's

from enum import StrEnum
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration

from ocr_client import console, keys_table
from ocr_client.arguments import Connection, duration, expand
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as api_keys

keys = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Make, list, rotate and revoke API keys, and look at the one in use.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, by the mapping of protobuf.")]


KeyId = Annotated[
    str, typer.Argument(metavar="ID", show_default=False, help="As `ocr keys list` names it.")
]


def overlap_seconds(text: str) -> float:
    """Return the seconds that 7d, 24h, 30m or 0 stand for."""
    return 0.0 if text.strip() == "0" else duration(text)


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
        int, typer.Option("--requests-per-minute", min=0, help="0 means the server's default.")
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
    for name, value in keys_table.describe(reply.api_key):
        console.remark(f"{name}: {value}")
    console.write(f"{reply.secret}\n")


@keys.command(name="list")
@expand
def list_keys(
    *,
    user: Annotated[
        str, typer.Option("--user", metavar="NAME", show_default=False, help="Only this user's.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each.")] = False,
    connection: Connection,
) -> None:
    """List the keys of every state, newest first. Needs a key with the scope admin.

    \b
    Examples:
      ocr keys list
      ocr keys list --user billing --json
    """
    with console.stopping(), connection.open() as client:
        keys_table.write_keys(client.list_api_keys(user), as_json)


@keys.command()
@expand
def rotate(
    *,
    key_id: KeyId,
    overlap: Annotated[
        float | None,
        typer.Option(
            "--overlap",
            parser=overlap_seconds,
            metavar="TIME",
            help="How long the old key still works, such as 7d, at most 30d; 0 ends it at once; "
            "24h otherwise.",
        ),
    ] = None,
    as_json: Json = False,
    connection: Connection,
) -> None:
    """Replace a key: print the secret of a new one like it, this once. Needs the scope admin.

    \b
    Examples:
      ocr keys rotate 0123456789abcdef > web.key
      ocr keys rotate 0123456789abcdef --overlap 7d
    """
    with console.stopping(), connection.open() as client:
        reply = client.rotate_api_key(key_id, overlap=overlap)
    if as_json:
        console.write_json(reply)
    else:
        keys_table.write_rotation(reply)


@keys.command()
@expand
def revoke(*, key_id: KeyId, as_json: Json = False, connection: Connection) -> None:
    """End a key, the one in use too: servers refuse it within 5 seconds. Needs the scope admin.

    \b
    Example:
      ocr keys revoke 0123456789abcdef
    """
    with console.stopping(), connection.open() as client:
        key = client.revoke_api_key(key_id)
    if as_json:
        console.write_json(api_keys.RevokeApiKeyResponse(api_key=key))
    else:
        keys_table.remark_revocation(key)


@keys.command()
@expand
def whoami(*, as_json: Json = False, connection: Connection) -> None:
    """Show whose key is in use, what it allows and when it ends."""
    with console.stopping(), connection.open() as client:
        key = client.get_current_api_key()
    if as_json:
        console.write_json(key)
    else:
        console.write_table([*keys_table.describe(key)])


def _scopes(given: list[ScopeName] | None, admin: bool) -> list[ScopeName]:
    """Return the scopes to ask for; none leaves the choice to the server."""
    scopes = list(given or [])
    if admin and ScopeName.ADMIN not in scopes:
        scopes = [*(scopes or (ScopeName.RECOGNIZE, ScopeName.UNMASKED)), ScopeName.ADMIN]
    return scopes
