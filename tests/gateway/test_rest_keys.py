"""The life of a key by REST."""

from typing import Any

from tests.gateway.gateways import Gateway, refused


def test_an_admin_makes_a_key(gateway: Gateway) -> None:
    made = gateway.post(
        "/v1/apiKeys",
        headers={"X-API-Key": gateway.server.admin_key},
        json={"userId": "bob", "ttl": "3600s", "scopes": ["SCOPE_RECOGNIZE"]},
    ).json()
    own = gateway.get("/v1/apiKeys:current", headers={"X-API-Key": made["secret"]}).json()
    assert own["apiKey"]["userId"] == "bob"
    assert own["apiKey"]["scopes"] == ["SCOPE_RECOGNIZE"]


def test_an_admin_lists_rotates_and_revokes_keys(gateway: Gateway) -> None:
    admin = {"X-API-Key": gateway.server.admin_key}

    def post(path: str, body: dict[str, str]) -> dict[str, Any]:
        response = gateway.post(f"/v1/apiKeys{path}", headers=admin, json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    old = post("", {"userId": "rest"})
    new = post(f"/{old['apiKey']['id']}:rotate", {"overlap": "60s"})
    assert new["previous"]["successorId"] == new["apiKey"]["id"]
    post(f"/{new['apiKey']['id']}:revoke", {})
    first = gateway.get("/v1/apiKeys?userId=rest&pageSize=1", headers=admin).json()
    query = {"userId": "rest", "pageToken": first["nextPageToken"]}
    second = gateway.get("/v1/apiKeys", headers=admin, params=query).json()
    listed = [*first["apiKeys"], *second["apiKeys"]]
    assert [key["state"] for key in listed] == ["API_KEY_STATE_REVOKED", "API_KEY_STATE_ACTIVE"]
    gone = gateway.get("/v1/apiKeys:current", headers={"X-API-Key": new["secret"]})
    assert refused(gone).reason == "API_KEY_INVALID"
