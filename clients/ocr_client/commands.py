"""The commands of `ocr`."""

# ruff: noqa: D301 - the mark that keeps lines apart is typer's

import importlib.metadata
from pathlib import Path
from typing import Annotated

import typer

from ocr_client import boxes, console, files
from ocr_client.arguments import Connection, Finding, Reading, duration, expand
from ocr_client.entity_commands import find, redact
from ocr_client.errors import NotAuthenticated, NotPermitted, OcrClientError, ServerAway
from ocr_client.folder import read_folder
from ocr_client.keys_cli import keys
from ocr_client.outputs import Outputs
from ocr_service.pb.ocr.v1 import ocr_service_pb2 as service
from ocr_service.pb.ocr.v1 import recognize_pb2 as recognition
from ocr_service.pb.ocr.v1.entity_pb2 import EntityType

_STOPS_ALL = (ServerAway, NotAuthenticated, NotPermitted)  # the next file would fare no better

app = typer.Typer(
    name="ocr",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(keys, name="keys")
app.command()(find)
app.command()(redact)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, by the mapping of protobuf.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        console.write(f"ocr {importlib.metadata.version('ocr-service')}\n")
        raise typer.Exit


@app.callback()
def ocr(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Read text from images and documents, and find the sensitive data in it.

    \b
    The server and the key come from options or from the environment:
      OCR_SERVER        HOST:PORT, 127.0.0.1:50051 by default
      OCR_API_KEY       the key
      OCR_API_KEY_FILE  a file that holds the key

    \b
    Exit codes: 0 all is well; 1 some files could not be read; 2 wrong usage, no connection or
    no right to call; 130 stopped by Ctrl-C.
    """


@app.command()
@expand
def recognize(
    file: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Images or documents; - is standard input."),
    ],
    *,
    as_json: Json = False,
    boxes_out: Annotated[
        Path | None,
        typer.Option(
            "--boxes",
            metavar="OUT.png",
            help="Draw words and findings over the page; later pages go to OUT-2.png and so on.",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            parser=duration,
            metavar="TIME",
            help="For each file, such as 90s or 2m; 60s by default.",
        ),
    ] = None,
    outputs: Outputs,
    reading: Reading,
    finding: Finding,
    connection: Connection,
) -> None:
    """Read files and print their text.

    Several files are parted by header lines. With --json each file is one JSON document on a line,
    its name in "file" when there are several. A file that cannot be read is named on standard
    error; the others go on.

    \b
    Examples:
      ocr recognize receipt.jpg
      ocr recognize 'scans/*.png' --json | jq -r .text
      ocr recognize letter.pdf --pages 1,3-5 -l tr -l en --mask
      curl -s https://example.org/page.png | ocr recognize -
      ocr recognize receipt.jpg --boxes boxes.png
      ocr recognize scan.tiff --pdf scan.pdf
    """
    names = files.expand(file)
    options = reading.options(finding.options())
    options.outputs.extend(outputs.files)
    if outputs.files and len(names) > 1:
        raise typer.BadParameter("--pdf, --hocr and --alto take one file.")
    if boxes_out and (len(names) > 1 or reading.detail == "text"):
        raise typer.BadParameter("--boxes takes one file, and not --detail text.")
    failed = False
    with console.stopping(), connection.open(timeout) as client:
        for path in names:
            name = files.portable(path)
            try:
                content = files.read(path)
                reply = client.recognize(content, options=options)
                _show(reply, name if len(names) > 1 else "", as_json=as_json)
                _remark_warnings(reply, name)
                outputs.write(reply)
                if boxes_out:
                    boxes.draw(content, reply, boxes_out)
            except _STOPS_ALL:
                raise
            except OcrClientError as exc:
                failed = True
                console.remark(f"{name}: {console.describe(exc)}")
    if failed:
        raise typer.Exit(1)


def _show(reply: recognition.RecognizeResponse, header: str, *, as_json: bool) -> None:
    if as_json:
        console.write_json(reply, **({"file": header} if header else {}))
        return
    text = reply.text if reply.text.endswith("\n") or not reply.text else f"{reply.text}\n"
    console.write(f"==> {header} <==\n{text}\n" if header else text)


def _remark_warnings(reply: recognition.RecognizeResponse, name: str) -> None:
    for warning in reply.warnings:
        page = f", page {warning.page_number}" if warning.page_number else ""
        console.remark(f"{name}{page}: {warning.message}")


@app.command()
@expand
def batch(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Read with all below it."),
    ],
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", help="Gets a line of JSON for each file."),
    ],
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try files again that failed before.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            parser=duration,
            metavar="TIME",
            help="For each file; the server's default otherwise.",
        ),
    ] = None,
    reading: Reading,
    finding: Finding,
    connection: Connection,
) -> None:
    """Read a folder of images and PDFs through one stream.

    Stop it whenever you like, with Ctrl-C too: the same command goes on where it stopped. A server
    that restarts is waited for. Hidden files are left out.

    \b
    A line is one of
      {"file": "a/b.png", "ok": true, "response": {...}}
      {"file": "c.png", "ok": false, "error": {"code": ..., "reason": ..., "message": ...}}

    \b
    Examples:
      ocr batch scans --out results.jsonl
      ocr batch scans --out results.jsonl --retry-failed --engine rapidocr
      jq -r 'select(.ok) | .file + "\\t" + .response.text' results.jsonl
    """
    options = reading.options(finding.options())
    with console.stopping(), connection.open() as client:
        all_read = read_folder(
            client,
            folder,
            out,
            options=options,
            item_timeout=timeout or 0.0,
            retry_failed=retry_failed,
        )
    if not all_read:
        raise typer.Exit(1)


@app.command()
@expand
def capabilities(*, as_json: Json = False, connection: Connection) -> None:
    """Show the server's engines, languages, formats and limits.

    \b
    Examples:
      ocr capabilities
      ocr capabilities --json | jq -r '.engines[].engine'
    """
    with console.stopping(), connection.open() as client:
        reply = client.capabilities()
    if as_json:
        console.write_json(reply)
    else:
        console.write_table(_describe_server(reply))


def _describe_server(reply: service.GetCapabilitiesResponse) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("version", reply.version)]
    for engine in reply.engines:
        name = recognition.Engine.Name(engine.engine).removeprefix("ENGINE_").lower()
        default = " (default)" if engine.is_default else ""
        rows.append(("engine", f"{name} {engine.version}{default}: {', '.join(engine.languages)}"))
    types = (EntityType.Name(kind).removeprefix("ENTITY_TYPE_") for kind in reply.entity_types)
    outputs = (
        recognition.OutputFormat.Name(kind).removeprefix("OUTPUT_FORMAT_")
        for kind in reply.output_formats
    )
    rows += [
        ("finds", ", ".join(types).lower() or "nothing"),
        ("reads", ", ".join(reply.mime_types)),
        ("makes", ", ".join(outputs).lower() or "nothing"),
        ("largest file", f"{reply.limits.max_content_bytes / (1 << 20):g} MiB"),
        ("largest page", f"{reply.limits.max_pixels:,} pixels"),
        ("longest side", f"{reply.limits.max_side:,} pixels"),
        ("most pages", f"{reply.limits.max_pages}"),
        ("batch items at once", f"{reply.limits.max_batch_items_in_flight}"),
        ("longest time", f"{reply.limits.max_deadline_seconds} s"),
    ]
    return rows
