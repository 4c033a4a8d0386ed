"""Keys are listed, page by page, and every change of them is logged."""

from collections.abc import Callable
from datetime import UTC

import pytest
from google.protobuf import duration_pb2

from ocr_service.pb.ocr.v1 import api_key_service_pb2 as pb
from tests.key_calls import issue, page, revoke, rotate, use
from tests.servers import Server, eventually
from tests.test_wire_errors import failure


@pytest.fixture
def server(key_server: Server) -> Server:
    return key_server


def test_every_key_is_listed_once_newest_first(server: Server) -> None:
    made = [issue(server, "lister", description=str(number)).api_key for number in range(5)]
    issue(server, "somebody else")
    pages = [page(server, "lister", size=2)]
    made.append(issue(server, "lister").api_key)  # too late for this list
    while token := pages[-1].next_page_token:
        pages.append(page(server, "lister", size=2, token=token))
    assert [len(one.api_keys) for one in pages] == [2, 2, 1]
    listed = [key for one in pages for key in one.api_keys]
    assert listed == made[4::-1]
    whole = page(server, "lister", size=2**31 - 1)
    assert list(whole.api_keys) == made[::-1]
    assert whole.next_page_token == ""
    assert {key.user_id for key in page(server, "").api_keys} > {"lister", "somebody else"}


def test_keys_of_every_state_are_listed(server: Server) -> None:
    active, revoked, rotated = (issue(server, "states").api_key.id for _ in range(3))
    revoke(server, revoked)
    successor = rotate(server, rotated, overlap=duration_pb2.Duration()).api_key.id
    assert {key.id: (key.state, key.successor_id) for key in page(server, "states").api_keys} == {
        active: (pb.API_KEY_STATE_ACTIVE, ""),
        revoked: (pb.API_KEY_STATE_REVOKED, ""),
        rotated: (pb.API_KEY_STATE_EXPIRED, successor),
        successor: (pb.API_KEY_STATE_ACTIVE, ""),
    }


def token_of(server: Server, user: str) -> str:
    for _ in range(2):
        issue(server, user)
    return page(server, user, size=1).next_page_token


TOKENS: dict[str, Callable[[Server], str]] = {
    "nonsense": lambda _: "next please",
    "not ASCII": lambda _: "é",
    "short": lambda _: "AAAA",
    "empty inside": lambda _: "A" * 22,
    "of another user's list": lambda server: token_of(server, "other"),
    "of everybody's list": lambda server: page(server, "", 1).next_page_token,
    "changed": lambda server: token_of(server, "pager").swapcase(),
    "cut off": lambda server: token_of(server, "pager")[:-2],
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_page_tokens_are_checked(server: Server, token: Callable[[Server], str]) -> None:
    refused = failure(lambda: page(server, "pager", token=token(server)))
    assert (refused.reason, refused.field) == ("OPTION_INVALID", "page_token")


def test_every_change_leaves_a_line_in_the_log(server: Server) -> None:
    by = use(server, server.admin_key).id
    key = issue(server, "audited", scopes=[pb.SCOPE_RECOGNIZE])
    successor = rotate(server, key.api_key.id, overlap=duration_pb2.Duration(seconds=60))
    revoke(server, key.api_key.id)
    revoke(server, key.api_key.id)  # changes nothing
    written = server.said()
    assert changes_of(server, "audited") == [
        {"event": "key issued", "key_id": key.api_key.id, "scopes": ["recognize"]},
        {
            "event": "key rotated",
            "key_id": key.api_key.id,
            "successor_id": successor.api_key.id,
            "overlap_seconds": 60,
        },
        {"event": "key revoked", "key_id": key.api_key.id},
    ]
    entries = [entry for entry in server.log if entry.get("user_id") == "audited"]
    assert {entry["by_key_id"] for entry in entries} == {by}
    assert all(entry["request_id"] for entry in entries)
    assert not [one for one in (key.secret, successor.secret, server.admin_key) if one in written]


def changes_of(server: Server, user: str) -> list[dict[str, object]]:
    same = {"user_id", "by_key_id", "request_id", "timestamp", "level"}
    return [
        {name: value for name, value in entry.items() if name not in same}
        for entry in list(server.log)
        if entry.get("user_id") == user
    ]


def test_last_use_is_known_to_the_minute(server: Server) -> None:
    key = issue(server, "user of late")
    assert not page(server, "user of late").api_keys[0].HasField("last_use_time")
    used = use(server, key.secret).last_use_time
    assert used.ToDatetime(UTC) >= key.api_key.create_time.ToDatetime(UTC)
    assert eventually(lambda: page(server, "user of late").api_keys[0].last_use_time == used)
