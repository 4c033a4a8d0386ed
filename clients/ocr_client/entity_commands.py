"""`ocr find` and `ocr redact`: the commands about sensitive data."""

# ruff: noqa: D301 - the mark that keeps lines apart is typer's

import mimetypes
from pathlib import Path
from typing import Annotated, Literal

import typer

from ocr_client import console, files
from ocr_client.arguments import Connection, Finding, Reading, duration, expand
from ocr_client.errors import BadInput
from ocr_service.pb.ocr.v1 import ocr_service_pb2 as service
from ocr_service.pb.ocr.v1.entity_pb2 import EntityType, SensitiveEntity, Validation


@expand
def find(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="A text file, UTF-8; standard input by default.")
    ] = "-",
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, by the mapping of protobuf.")
    ] = False,
    finding: Finding,
    connection: Connection,
) -> None:
    """Find the sensitive data in plain text.

    Prints a line for each finding: type, what was found, what it means, confidence, and what its
    check says.

    \b
    Examples:
      ocr find < letter.txt
      pdftotext letter.pdf - | ocr find --json
      ocr find notes.txt --type email --type phone_number --region TR
    """
    with console.stopping(), connection.open() as client:
        reply = client.find_entities(_text(file), options=finding.options())
    if as_json:
        console.write_json(reply)
    else:
        console.write_table([_row(entity) for entity in reply.entities])


def _text(file: str) -> str:
    try:
        return files.read(file).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise BadInput("The text is not UTF-8. Convert it first, for example by iconv.") from exc


def _row(entity: SensitiveEntity) -> tuple[str, ...]:
    validation = Validation.Name(entity.validation).removeprefix("VALIDATION_").lower()
    return (
        EntityType.Name(entity.type).removeprefix("ENTITY_TYPE_"),
        " ".join(entity.text.split()),
        entity.value,
        f"{entity.confidence:.2f}",
        validation.replace("not_applicable", "-"),
    )


@expand
def redact(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An image or document.")],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="OUT", help="Where the redacted file goes.")
    ],
    style: Annotated[
        Literal["black", "white", "label"],
        typer.Option("--style", help="What is painted: a box, or a box with the type's name."),
    ] = "black",
    padding: Annotated[
        int, typer.Option("--padding", min=0, max=100, help="Pixels added around each box.")
    ] = 2,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", parser=duration, metavar="TIME", help="60s by default."),
    ] = None,
    reading: Reading,
    finding: Finding,
    connection: Connection,
) -> None:
    """Paint over the sensitive data of an image or document.

    The result is of the same kind, made of pixels only: no hidden text, no metadata of the
    original. It is read once more, and what is still found there is counted; look at the result
    yourself before you give it away, because what was not found was not painted over.

    \b
    Exit codes: 0 nothing is left of what was found; 1 something is.

    \b
    Examples:
      ocr redact receipt.jpg -o redacted.jpg
      ocr redact letter.pdf -o redacted.pdf --style label --type email
    """
    options = reading.options(finding.options())
    with console.stopping(), connection.open(timeout) as client:
        request = service.RedactRequest(
            content=files.read(file),
            options=options,
            style=service.RedactionStyle.Value(f"REDACTION_STYLE_{style.upper()}"),
            padding=padding,
        )
        reply = client.redact(request)
        try:
            out.write_bytes(reply.content)
        except OSError as exc:
            raise BadInput(f"{out} cannot be written: {exc.strerror}.") from exc
    guessed, _ = mimetypes.guess_type(out.name)
    if guessed not in {None, reply.mime_type}:
        console.remark(f"{out.name} holds {reply.mime_type}: the kind of the original is kept.")
    console.remark(f"{len(reply.entities)} painted over, {reply.residual_count} still found.")
    if reply.residual_count:
        raise typer.Exit(1)
