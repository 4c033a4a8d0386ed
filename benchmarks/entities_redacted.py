"""Redaction of receipts: what is left, and whether the covered places hold the findings.

    python -m benchmarks.entities_redacted [--engine tesseract] [--folder receipts]

Each picture is redacted by the running service, which says how many of the findings a second
recognition still finds. Then every covered place is cut out of the original and read by itself: a
place that is too small yields less than the finding, a place that is too large yields more.
"""

import argparse
import difflib
import io
import re
import tempfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ocr_service.pb.ocr.v1 import entity_pb2, ocr_service_pb2, recognize_pb2
from tests.servers import Server, running_server

ROOT = Path(__file__).parents[1]
HEIGHT, MARGIN = 40, 24


def cut_out(content: bytes, region: entity_pb2.EntityRegion) -> bytes:
    """Return a PNG of a place of the original, upright, with a margin, in a size engines like."""
    page = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
    corners = np.array([(at.x, at.y) for at in region.bounding_poly.vertices], np.float32)
    width = round(float(np.linalg.norm(corners[1] - corners[0])))
    height = round(float(np.linalg.norm(corners[3] - corners[0])))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getPerspectiveTransform(corners, target)
    piece = cv2.warpPerspective(page, turn, (max(width, 1), max(height, 1)), flags=cv2.INTER_CUBIC)
    scale = HEIGHT / piece.shape[0]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    piece = cv2.resize(piece, None, fx=scale, fy=scale, interpolation=way)
    paper = int(np.percentile(piece, 95))
    edges = (MARGIN, MARGIN, MARGIN, MARGIN)
    piece = cv2.copyMakeBorder(piece, *edges, cv2.BORDER_CONSTANT, value=paper)
    out = io.BytesIO()
    Image.fromarray(piece.astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def read(server: Server, content: bytes, engine: recognize_pb2.Engine.ValueType) -> str:
    """Return the text of one line."""
    options = recognize_pb2.RecognizeOptions(
        engine=engine,
        segmentation=recognize_pb2.PAGE_SEGMENTATION_SINGLE_LINE,
        entities=entity_pb2.EntityOptions(skip=True),
    )
    request = recognize_pb2.RecognizeRequest(content=content, options=options)
    return server.stub.Recognize(request, metadata=server.metadata, timeout=60).text


def plain(text: str) -> str:
    """Return letters and digits alone."""
    return re.sub(r"\W", "", text).lower()


def main() -> None:
    """Run, list what a place did not yield whole, and print the sums."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--shared-data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--folder", default="receipts")
    parser.add_argument("--engine", default="tesseract")
    arguments = parser.parse_args()
    engine = recognize_pb2.Engine.Value(f"ENGINE_{arguments.engine.upper()}")
    files = sorted((arguments.shared_data / arguments.folder).glob("*.jpg"))
    covered = whole = near = left = 0
    with tempfile.TemporaryDirectory() as home, running_server(Path(home)) as server:
        for file in files:
            content = file.read_bytes()
            reply = server.stub.Redact(
                ocr_service_pb2.RedactRequest(
                    content=content, options=recognize_pb2.RecognizeOptions(engine=engine)
                ),
                metadata=server.metadata,
                timeout=120,
            )
            left += reply.residual_count
            for item in reply.entities:
                pieces = [read(server, cut_out(content, one), engine) for one in item.regions]
                wanted, got = plain(item.text), plain("".join(pieces))
                alike = difflib.SequenceMatcher(None, wanted, got, autojunk=False).ratio()
                covered += 1
                whole += wanted == got
                near += wanted != got and alike >= 0.8
                if wanted != got:
                    print(f"{file.name:12} {alike:.2f} {item.text!r} read as {got!r}")
    print(f"{len(files)} pictures, {covered} findings covered, {left} found again in the result")
    print(f"cut out and read: {whole} exactly the finding, {near} more at .8 alike or better")


if __name__ == "__main__":
    main()
