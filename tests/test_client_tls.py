"""The client over TLS: the server's certificate is checked, and its own is shown where asked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import grpc
import ocr_client
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from ocr_client import OcrClient

from tests.fake_servicers import Fake, serving


@dataclass(frozen=True)
class Identity:
    """A self-signed certificate for 127.0.0.1, and the files that hold it and its key."""

    cert: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> "Identity":
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        identity = cls(folder / "cert.pem", folder / "key.pem")
        identity.cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        identity.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return identity

    def server_credentials(self, *, ask_for_certificate: bool = False) -> grpc.ServerCredentials:
        pair = (self.key.read_bytes(), self.cert.read_bytes())
        roots = self.cert.read_bytes() if ask_for_certificate else None
        return grpc.ssl_server_credentials(
            [pair], root_certificates=roots, require_client_auth=ask_for_certificate
        )


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.make(tmp_path_factory.mktemp("tls"))


def test_a_server_whose_authority_is_given_is_trusted(identity: Identity) -> None:
    with (
        serving(Fake(), identity.server_credentials()) as address,
        OcrClient(f"https://{address}", ca=identity.cert) as client,
    ):
        assert client.capabilities().version == "fake"


def test_a_client_shows_its_certificate(identity: Identity) -> None:
    credentials = identity.server_credentials(ask_for_certificate=True)
    with serving(Fake(), credentials) as address:
        with OcrClient(
            address, ca=identity.cert, cert=identity.cert, cert_key=identity.key
        ) as client:
            assert client.capabilities().version == "fake"
        with (
            OcrClient(address, ca=identity.cert) as nobody,
            pytest.raises(ocr_client.ServerAway),
        ):
            nobody.capabilities()


def test_a_server_of_an_unknown_authority_is_refused(identity: Identity) -> None:
    with (
        serving(Fake(), identity.server_credentials()) as address,
        OcrClient(address, tls=True) as client,
        pytest.raises(ocr_client.ServerAway, match=r"No TLS connection to .* --ca"),
    ):
        client.capabilities()


def test_a_server_without_tls_is_told_apart_from_none() -> None:
    with (
        serving(Fake()) as address,
        OcrClient(address, tls=True) as client,
        pytest.raises(ocr_client.ServerAway, match="leave TLS out"),
    ):
        client.capabilities()


def test_files_that_cannot_be_used(identity: Identity, tmp_path: Path) -> None:
    with pytest.raises(ocr_client.BadInput, match="--ca cannot be read: No such file"):
        OcrClient(ca=tmp_path / "none.pem")
    with pytest.raises(ocr_client.BadInput, match="both --cert and --cert-key"):
        OcrClient(cert=identity.cert)
