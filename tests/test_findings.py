"""Findings through the service: in text, on the page, masked, and for keys without UNMASKED."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr_service import convert_entities
from ocr_service.api_keys import Scope
from ocr_service.entities.entity import EntityType
from ocr_service.pb.ocr.v1 import document_pb2, entity_pb2, ocr_service_pb2, recognize_pb2
from tests.data import make
from tests.servers import Server
from tests.test_wire_errors import failure

TEXT = "Card 4111 1111 1111 1111, mail ann@example.com, paid 2024-03-05"
SECRETS = ("4111 1111 1111", "ann@", "2024-03-05")
EMAIL = entity_pb2.ENTITY_TYPE_EMAIL
CARD = entity_pb2.ENTITY_TYPE_CREDIT_CARD_NUMBER
DATE = entity_pb2.ENTITY_TYPE_DATE


def find(
    server: Server, text: str, key: str = "", **options: object
) -> list[entity_pb2.SensitiveEntity]:
    request = ocr_service_pb2.FindEntitiesRequest(
        text=text,
        options=entity_pb2.EntityOptions(**options),  # type: ignore[arg-type]
    )
    metadata = (("x-api-key", key or server.key),)
    return list(server.stub.FindEntities(request, metadata=metadata, timeout=30).entities)


def recognize(
    server: Server, image: Image.Image, key: str = "", **options: object
) -> recognize_pb2.RecognizeResponse:
    request = recognize_pb2.RecognizeRequest(
        content=make.encode(image, "PNG"),
        options=recognize_pb2.RecognizeOptions(
            entities=entity_pb2.EntityOptions(**options)  # type: ignore[arg-type]
        ),
    )
    metadata = (("x-api-key", key or server.key),)
    return server.stub.Recognize(request, metadata=metadata, timeout=30)


@pytest.fixture(scope="module")
def masked_key(server: Server) -> str:
    """A key that may not see findings in clear."""
    return server.new_key(frozenset({Scope.RECOGNIZE}))


def test_plain_text_gives_typed_checked_values(server: Server) -> None:
    card, email, date = find(server, TEXT)
    assert (card.type, email.type, date.type) == (CARD, EMAIL, DATE)
    assert (card.value, email.value, date.value) == (
        "4111111111111111",
        "ann@example.com",
        "2024-03-05",
    )
    assert card.validation == entity_pb2.VALIDATION_VALID
    assert (card.credit_card.brand, card.credit_card.last_four) == ("visa", "1111")
    assert date.WhichOneof("details") == "date"
    for entity in (card, email, date):
        assert TEXT[entity.start : entity.end] == entity.text
        assert 0 < entity.confidence <= 1
        assert not entity.regions
        assert "*" in entity.masked_text
        assert len(entity.masked_text) == len(entity.text)


def test_misread_characters_are_repaired_and_said(server: Server) -> None:
    (card,) = find(server, "Card No: 4111 1111 l111 1111", types=[CARD])
    assert card.value == "4111111111111111"
    assert card.text == "4111 1111 l111 1111"
    (correction,) = card.corrections
    assert (correction.offset, correction.recognized, correction.corrected) == (10, "l", "1")


def test_types_confidence_and_skip_choose(server: Server) -> None:
    assert [entity.type for entity in find(server, TEXT, types=[EMAIL])] == [EMAIL]
    assert find(server, TEXT, min_confidence=1.0) == [
        entity for entity in find(server, TEXT) if entity.confidence >= 1.0
    ]
    assert not recognize(server, make.text_image([TEXT]), skip=True).entities


def test_findings_stand_where_their_characters_are(server: Server) -> None:
    lines = ["Invoice", "mail to ann@example.com today", "card 4111 1111 1111 1111"]
    reply = recognize(server, make.text_image(lines, size=40))
    assert {entity.type for entity in reply.entities} == {EMAIL, CARD}
    words = [w for block in reply.pages[0].blocks for line in block.lines for w in line.words]
    for entity in reply.entities:
        assert reply.text[entity.start : entity.end] == entity.text
        (region,) = entity.regions
        assert region.page_number == 1
        inside = [word for word in words if entity.start <= word.start and word.end <= entity.end]
        xs = [vertex.x for vertex in region.bounding_poly.vertices]
        ys = [vertex.y for vertex in region.bounding_poly.vertices]
        for vertex in (vertex for word in inside for vertex in word.bounding_poly.vertices):
            assert min(xs) - 1 <= vertex.x <= max(xs) + 1
            assert min(ys) - 1 <= vertex.y <= max(ys) + 1


def test_masking_leaves_nothing_in_clear(server: Server) -> None:
    image = make.text_image([TEXT[:24], TEXT[25:46], TEXT[47:]], size=40)
    clear, masked = recognize(server, image), recognize(server, image, mask=True)
    assert len(clear.entities) == len(masked.entities) == 3
    for secret in SECRETS:
        assert secret in clear.text
        assert secret not in str(masked)
        assert secret.replace(" ", "") not in str(masked)
    for entity in masked.entities:
        assert entity.text == entity.masked_text
        assert not entity.value
        assert not entity.corrections
    assert len(masked.text) == len(clear.text)
    words = [w for block in masked.pages[0].blocks for line in block.lines for w in line.words]
    assert all(masked.text[word.start : word.end] == word.text for word in words)


def test_a_key_without_unmasked_sees_nothing_in_clear_whatever_it_asks(
    server: Server, masked_key: str
) -> None:
    image = make.text_image([TEXT[:24], TEXT[25:46], TEXT[47:]], size=40)
    for options in ({}, {"skip": True}, {"types": [DATE]}, {"min_confidence": 1.0}):
        reply = recognize(server, image, masked_key, **options)
        assert reply.entities
        assert not [secret for secret in SECRETS if secret in str(reply)]
        found = find(server, TEXT, masked_key, **options)
        assert found
        assert not [secret for secret in SECRETS if secret in str(found)]


def test_pages_of_a_document_have_their_own_findings(server: Server, masked_key: str) -> None:
    pages = [make.text_image([f"mail {name}@example.com"], size=40) for name in ("ann", "bob")]
    tiff = make.encode_pages(pages, "TIFF")
    whole = server.stub.Recognize(
        recognize_pb2.RecognizeRequest(content=tiff), metadata=server.metadata
    )
    assert [entity.value for entity in whole.entities] == ["ann@example.com", "bob@example.com"]
    assert [entity.regions[0].page_number for entity in whole.entities] == [1, 2]
    assert [whole.text[e.start : e.end] for e in whole.entities] == [e.text for e in whole.entities]
    request = document_pb2.RecognizeDocumentRequest(content=tiff)
    for key, clear in ((server.key, True), (masked_key, False)):
        events = server.stub.RecognizeDocument(request, metadata=(("x-api-key", key),))
        results = [event.page for event in events if event.HasField("page")]
        assert [page.entities[0].regions[0].page_number for page in results] == [1, 2]
        assert ("bob@example.com" in results[1].text) == clear


WRONG = {
    "type": ({"types": [99]}, "options.types"),
    "confidence": ({"min_confidence": 2.0}, "options.min_confidence"),
    "region": ({"regions": ["Turkey"]}, "options.regions"),
}


@pytest.mark.parametrize(("options", "field"), WRONG.values(), ids=WRONG)
def test_wrong_options_name_the_field(server: Server, options: dict[str, Any], field: str) -> None:
    refused = failure(lambda: find(server, TEXT, **options))
    assert (refused.code, refused.reason, refused.field) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "OPTION_INVALID",
        field,
    )


def test_too_long_a_text_is_refused(server: Server) -> None:
    refused = failure(lambda: find(server, "x" * 1_000_001))
    assert (refused.reason, refused.field) == ("CONTENT_TOO_LARGE", "text")


def test_every_type_has_its_value_and_details() -> None:
    unset = entity_pb2.ENTITY_TYPE_UNSPECIFIED
    assert {convert_entities.type_to_proto(kind) for kind in EntityType} == set(
        entity_pb2.EntityType.values()
    ) - {unset}
    fields = entity_pb2.SensitiveEntity.DESCRIPTOR.oneofs_by_name["details"].fields
    assert set(convert_entities._DETAILS.values()) == {field.name for field in fields}


@given(st.text(max_size=60))
@settings(max_examples=30)
def test_any_text_is_answered(server: Server, text: str) -> None:
    for entity in find(server, text):
        assert text[entity.start : entity.end] == entity.text


def test_labelled_dates_of_receipts_are_found(server: Server, shared_data: Path) -> None:
    """A look that the whole way works on real pictures; the figures are in benchmarks/."""
    receipt = (shared_data / "receipts" / "003.jpg").read_bytes()
    reply = server.stub.Recognize(
        recognize_pb2.RecognizeRequest(content=receipt), metadata=server.metadata
    )
    assert "2018-12-25" in [entity.value for entity in reply.entities if entity.type == DATE]
