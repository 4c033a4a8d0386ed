"""`ocr` against a real server. Cheap cases run inside this process, the rest as the command."""

import json
from pathlib import Path

import pytest
from ocr_client import arguments
from ocr_client.files import MAX_CONTENT_BYTES
from PIL import Image

from ocr_service.pb.ocr.v1 import entity_pb2, recognize_pb2
from tests.data import make
from tests.ocr_command import ocr
from tests.servers import Server

PAGE = make.text_image(["Total 12.50"])
TWO_PAGES = make.encode_pages([make.text_image(["First"]), make.text_image(["Second"])], "TIFF")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with pictures: a.png, b.jpg and two.tif."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(make.encode(PAGE, "PNG"))
    (tmp_path / "b.jpg").write_bytes(make.encode(make.text_image(["Second file"]), "JPEG"))
    (tmp_path / "two.tif").write_bytes(TWO_PAGES)
    return tmp_path


# Text and JSON -----------------------------------------------------------------------------------


def test_one_file_is_its_text(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "a.png")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "Total 12.50\n", "")


def test_several_files_get_headers_and_patterns_are_matched(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "*.png", "b.jpg")
    assert done.stdout == "==> a.png <==\nTotal 12.50\n\n==> b.jpg <==\nSecond file\n\n"


def test_a_file_whose_name_looks_like_a_pattern(server: Server, folder: Path) -> None:
    (folder / "a.png").rename("[a].png")
    assert ocr(server, "recognize", "[a].png").stdout == "Total 12.50\n"


def test_standard_input(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "-", stdin=(folder / "a.png").read_bytes())
    assert done.stdout == "Total 12.50\n"


def test_json_is_the_mapping_of_protobuf(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "--json", "a.png")
    assert done.stdout.count("\n") == 1
    document = json.loads(done.stdout)
    assert document["text"] == "Total 12.50"
    word = document["pages"][0]["blocks"][0]["lines"][0]["words"][0]
    assert (word["text"], word["end"]) == ("Total", 5)
    assert len(word["boundingPoly"]["vertices"]) == 4


def test_json_of_several_files_names_them(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "--json", "a.png", "b.jpg")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["file"], one["text"]) for one in documents] == [
        ("a.png", "Total 12.50"),
        ("b.jpg", "Second file"),
    ]


def test_pages_and_detail_reach_the_server(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "--json", "two.tif", "--pages", "2", "--detail", "text")
    document = json.loads(done.stdout)
    assert document["text"] == "Second"
    assert "blocks" not in document["pages"][0]


def test_every_option_is_a_field() -> None:
    reading = arguments.Reading(
        engine="rapidocr",
        language=["tr", "en"],
        preprocessing="classic",
        segmentation="sparse_text",
        detail="line",
        min_confidence=0.5,
        pages="3,1-2",
        dpi=300,
    )
    finding = arguments.Finding(entity_type=["email", "HASH"], region=["TR"], mask=True)
    assert reading.options(finding.options()) == recognize_pb2.RecognizeOptions(
        engine=recognize_pb2.ENGINE_RAPIDOCR,
        languages=["tr", "en"],
        preprocessing=recognize_pb2.PREPROCESSING_CLASSIC,
        segmentation=recognize_pb2.PAGE_SEGMENTATION_SPARSE_TEXT,
        detail=recognize_pb2.DETAIL_LEVEL_LINE,
        min_confidence=0.5,
        pages=[3, 1, 2],
        dpi=300,
        entities=entity_pb2.EntityOptions(
            types=[entity_pb2.ENTITY_TYPE_EMAIL, entity_pb2.ENTITY_TYPE_HASH],
            regions=["TR"],
            mask=True,
        ),
    )


@pytest.mark.parametrize(
    ("flag", "enum", "prefix"),
    [
        ("--engine", recognize_pb2.Engine, "ENGINE_"),
        ("--preprocessing", recognize_pb2.Preprocessing, "PREPROCESSING_"),
        ("--segmentation", recognize_pb2.PageSegmentation, "PAGE_SEGMENTATION_"),
        ("--detail", recognize_pb2.DetailLevel, "DETAIL_LEVEL_"),
    ],
    ids=["engine", "preprocessing", "segmentation", "detail"],
)
def test_every_choice_of_the_contract_is_offered(
    server: Server, flag: str, enum: type[recognize_pb2.Engine], prefix: str
) -> None:
    refused = ocr(server, "recognize", "x", flag, "nonsense").stderr
    names = [name.removeprefix(prefix).lower() for name in enum.keys()]  # noqa: SIM118
    assert all(f"'{name}'" in refused for name in names if name != "unspecified")


# Boxes -------------------------------------------------------------------------------------------


def test_boxes_are_drawn_over_every_page(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "two.tif", "--boxes", "out.png")
    assert (done.exit_code, done.stderr) == (0, "")
    reply = json.loads(ocr(server, "recognize", "two.tif", "--json").stdout)
    for name, page in zip(("out.png", "out-2.png"), reply["pages"], strict=True):
        with Image.open(folder / name) as image:
            assert image.size == (page["width"], page["height"])
            line = page["blocks"][0]["lines"][0]["words"][0]
            corner = line["boundingPoly"]["vertices"][0]
            x, y = int(corner["x"]), int(corner["y"])
            around = image.crop((x - 1, y - 1, x + 2, y + 2)).convert("RGB")
            assert (40, 110, 220) in {color for _, color in around.getcolors() or []}


def test_boxes_are_drawn_over_a_pdf(server: Server, folder: Path) -> None:
    PAGE.save("one.pdf")
    done = ocr(server, "recognize", "one.pdf", "--boxes", "out.png")
    assert (done.exit_code, done.stderr) == (0, "")
    with Image.open("out.png") as image:
        colors = image.convert("RGB").getcolors(1 << 24) or []
        assert (40, 110, 220) in {color for _, color in colors}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(("a.png", "b.jpg", "--boxes", "o.png"), 2, "takes one file", id="two files"),
        pytest.param(("a.png", "--detail", "text", "--boxes", "o.png"), 2, "detail", id="no words"),
        pytest.param(("a.png", "--boxes", "o.txt"), 1, "ends in .png", id="no picture"),
        pytest.param(("a.png", "--boxes", "no/o.png"), 1, "cannot be written", id="no folder"),
    ],
)
def test_boxes_that_cannot_be(
    server: Server, folder: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = ocr(server, "recognize", *words)
    assert done.exit_code == code
    assert says in done.stderr


# Errors ------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_does_not_stop_the_others(server: Server, folder: Path) -> None:
    (folder / "bad.png").write_bytes(b"nonsense")
    (folder / "empty.png").touch()
    with (folder / "large.png").open("wb") as large:
        large.truncate(MAX_CONTENT_BYTES + 1)
    names = ("none.png", "no*match", "bad.png", "empty.png", "large.png", ".", "a.png")
    done = ocr(server, "recognize", *names)
    assert done.exit_code == 1
    assert done.stdout == "==> a.png <==\nTotal 12.50\n\n"
    lines = done.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == list(names[:-1])
    assert "No such file" in lines[0]
    assert "32 MiB" in lines[4]
    assert "`ocr batch`" in lines[5]


def test_what_the_server_refuses_is_said(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "a.png", "-l", "cy")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("a.png: ")
    assert "Installed" in done.stderr


def test_no_server(server: Server, folder: Path) -> None:
    done = ocr(server, "recognize", "a.png", "b.jpg", "--server", "127.0.0.1:1")
    assert done.exit_code == 2
    assert done.stderr == (
        "ocr: No server answers at 127.0.0.1:1. Start one with `make serve` or give --server.\n"
    )


@pytest.mark.parametrize(
    ("key", "says"), [("", "OCR_API_KEY_FILE"), ("ocr_wrong", "not valid")], ids=["none", "wrong"]
)
def test_keys_that_do_not_work_stop_at_once(
    server: Server, folder: Path, key: str, says: str
) -> None:
    done = ocr(server, "recognize", "a.png", "b.jpg", key=key)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_key_may_stand_in_a_file(server: Server, folder: Path) -> None:
    (folder / "key").write_text(f"{server.key}\n")
    done = ocr(server, "recognize", "a.png", "--api-key-file", "key", key="")
    assert done.stdout == "Total 12.50\n"
    done = ocr(server, "recognize", "a.png", "--api-key-file", "none", key="")
    assert (done.exit_code, "cannot be read" in done.stderr) == (2, True)
    (folder / "key").write_bytes(b"\xff")
    done = ocr(server, "recognize", "a.png", "--api-key-file", "key", key="")
    assert (done.exit_code, "ASCII" in done.stderr) == (2, True)


def test_too_little_time(server: Server, folder: Path) -> None:
    page_of_seconds = make.encode(Image.effect_noise((2500, 2500), 200), "PNG")
    (folder / "noise.png").write_bytes(page_of_seconds)
    done = ocr(server, "recognize", "noise.png", "--timeout", "0.1s")
    assert (done.exit_code, "Allow more time" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("a.png", "--pages", "0"),
        ("a.png", "--pages", "3-1"),
        ("a.png", "--pages", "1-999999"),
        ("a.png", "--pages", "1,,2"),
        ("a.png", "--timeout", "90x"),
        ("a.png", "--timeout", "0"),
        ("a.png", "--dpi", "7"),
        ("a.png", "--min-confidence", "2"),
        ("a.png", "--server", "no/server"),
    ],
    ids=" ".join,
)
def test_wrong_usage(server: Server, folder: Path, words: tuple[str, ...]) -> None:
    done = ocr(server, "recognize", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90d", 7_776_000), ("12h", 43_200), ("30m", 1800), ("45s", 45), ("1.5h", 5400), ("7", 7)],
    ids=lambda value: str(value),
)
def test_durations(text: str, seconds: float) -> None:
    assert arguments.duration(text) == seconds
