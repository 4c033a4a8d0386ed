# ruff: noqa: E501  # a row for each case; the characters themselves are meant
import hashlib

import pytest

from ocr_service.entities import EntityType
from ocr_service.entities.entity import HashDetails
from tests.entities.tables import only, texts

KIND = EntityType.HASH
DIGESTS = {name: hashlib.new(name, b"x").hexdigest() for name in
           ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512")}  # fmt: skip


@pytest.mark.parametrize("name", DIGESTS)
def test_finds_digests(name: str) -> None:
    item = only(f"digest {DIGESTS[name]} end", KIND)
    assert item.value == DIGESTS[name]
    assert isinstance(item.details, HashDetails)
    assert name.replace("3_", "3-") in item.details.algorithms


@pytest.mark.parametrize(
    ("text", "algorithm"),
    [
        pytest.param("$2b$12$" + "a1B/" * 13 + "c", "bcrypt", id="bcrypt"),
        pytest.param("$1$salt$" + "a1" * 11, "md5crypt", id="md5crypt"),
        pytest.param("$5$salt$" + "a1" * 21 + "b", "sha256crypt", id="sha256crypt"),
        pytest.param("$6$rounds=5000$salt$" + "a1" * 43, "sha512crypt", id="sha512crypt"),
        pytest.param("$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$" + "aB" * 21, "argon2", id="argon2"),
        pytest.param("{SSHA}" + "aB3/" * 9 + "aa==", "ldap", id="ldap"),
        pytest.param("$P$B" + "a1" * 15, "phpass", id="phpass"),
        pytest.param("NTLM 827CCB0EEA8A706C4C34A16891F84E7B", "ntlm", id="ntlm"),
    ],
)  # fmt: skip
def test_names_the_algorithm(text: str, algorithm: str) -> None:
    details = only(text, KIND).details
    assert isinstance(details, HashDetails)
    assert details.algorithms[0] == algorithm


@pytest.mark.parametrize(
    ("read", "repairs"),
    [
        pytest.param("5f4dcc3b5aa765d6ld8327deb882cf99", 1, id="l"),
        pytest.param("5f4dcc3b5aa765d61d8327deb8B2cf99", 1, id="B"),
        pytest.param("5f4dcc3b5aa7 65d61d8327deb882cf99", 1, id="space"),
        pytest.param("5f4dcc3b5aa7 65d6id8327deb882cf99", 2, id="space-and-i"),
        pytest.param("Sf4dcc3b5aa765d6ld83Z7deb88Zcf99", 4, id="many-behind-a-label"),
    ],
)
def test_repairs(read: str, repairs: int) -> None:
    item = only(f"md5 {read}", KIND)
    assert item.value == "5f4dcc3b5aa765d61d8327deb882cf99"
    assert len(item.corrections) == repairs


def test_the_label_says_how_long_a_parted_digest_is() -> None:
    halves = f"{DIGESTS['sha256'][:32]}\n{DIGESTS['sha256'][32:]}"
    assert texts(f"SHA-256\n{halves}", KIND) == [halves]
    assert texts(f"MD5\n{halves}", KIND) == halves.split()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("123e4567-e89b-12d3-a456-426614174000", id="uuid"),
        pytest.param("#ff00aa", id="colour"),
        pytest.param("12345678901234567890123456789012", id="number"),
        pytest.param("00:11:22:33:44:55", id="mac"),
        pytest.param("2001:0db8:85a3:0000:0000:8a2e:0370:7334", id="ipv6"),
        pytest.param("g41d8cd98f00b204e9800998ecf8427e", id="one-letter-off"),
        pytest.param("5f4dcc3b5aa765d61d8327deb882cf9", id="too-short"),
        pytest.param("0123456789abcdef0123456789abcdef", id="alphabet"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []
