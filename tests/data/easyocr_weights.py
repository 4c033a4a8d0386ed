"""Makes weights for the real EasyOCR, because its own cannot be had without a network.

The detector is CRAFT itself. Its weights are set so that dark strokes with light on both sides
score as text, and what lies between strokes of one height links them. The reader is
`easyocr_network`, trained here, on lines drawn in Pillow's own font, until it reads them.

    python -m tests.data.easyocr_weights FOLDER
"""

import hashlib
import json
import random
import shutil
import string
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from easyocr.craft import CRAFT
from PIL import Image

from tests import drawn
from tests.data import easyocr_network

NETWORK = "drawn"
SMALL, CAPITALS, FIGURES = string.ascii_lowercase + "öü", string.ascii_uppercase, string.digits
MARKS = ".,-:@/+"
CHARACTERS = " " + SMALL + CAPITALS + FIGURES + MARKS
KINDS = (SMALL, SMALL + ".@,-", CAPITALS, FIGURES, FIGURES + MARKS)
HEIGHT = 32
WIDTH = 16  # channels of the first layer
STEPS, LINES = 700, 16

Floats = npt.NDArray[np.float32]


def make(folder: Path) -> None:
    """Write weights, the network's description and code, and their sums into the folder."""
    torch.manual_seed(1)
    torch.set_num_threads(1)
    torch.save(detector().state_dict(), folder / "craft_mlt_25k.pth")
    weights = {f"module.{name}": tensor for name, tensor in train().state_dict().items()}
    torch.save(weights, folder / f"{NETWORK}.pth")
    shutil.copy(str(easyocr_network.__file__), folder / f"{NETWORK}.py")
    description = {
        "imgH": HEIGHT,
        "lang_list": ["en", "tr"],
        "character_list": CHARACTERS,
        "network_params": {"width": WIDTH},
    }
    (folder / f"{NETWORK}.yaml").write_text(json.dumps(description))  # which is YAML too
    write_sums(folder)


def write_sums(folder: Path) -> None:
    """Write what ``sha256sum *`` prints."""
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(sums))


@torch.no_grad()  # type: ignore[untyped-decorator]
def detector() -> Any:
    """CRAFT with all weights zero but those of one path through its finest level.

    Where a value must stay within 0 to 1 it goes by two channels, relu(x) and relu(x - 1), of
    which the next layer takes the difference.
    """
    net = CRAFT()
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.weight.zero_()
            module.bias.zero_()
    _see_strokes(net.basenet.slice1, net.upconv4.conv[0])
    _score(net.upconv4.conv[3], *(net.conv_cls[number] for number in (0, 2, 4, 6, 8)))
    return net


def _see_strokes(finest: Any, first: Any) -> None:
    """A stroke is dark here and light on both sides, one or two columns of half the size away."""
    # Brightness 0 to 1 from normalised colours, darkness beside it; 0 beyond the edge is dark.
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    for channel, sign in ((0, 1), (1, -1)):
        finest[0].weight[channel, :, 1, 1] = sign * deviation / 3
        finest[0].bias[channel] = mean.mean() if sign > 0 else 1 - mean.mean()
        finest[3].weight[channel, channel, 1, 1] = 1
    for channel, source, column in ((0, 0, 0), (1, 0, 2), (2, 1, 1)):
        finest[7].weight[channel, source, 1, column] = 1
    for channel, source, column in ((0, 0, 1), (1, 1, 1), (2, 0, 0), (3, 1, 2), (4, 2, 1)):
        finest[10].weight[channel, source, 1, column] = 1
    coarser = 64  # channels that come before those of the finest level
    for channel, (left, right) in enumerate(((0, 1), (0, 1), (2, 3), (2, 3))):
        for source in (left, right, 4):
            first.weight[channel, coarser + source, 0, 0] = 3
        first.bias[channel] = -6 - channel % 2


def _score(first: Any, *others: Any) -> None:
    """Text is the inside of a stroke, two rows from its ends: the library adds about as much.

    A link is what has a stroke within four columns.
    """
    second, third, fourth, last_but_one, last = others
    strokes = ((0, 1), (1, -1), (2, 1), (3, -1))
    for layer, sources in ((first, strokes), (second, strokes[:2])):
        for channel in (0, 1):
            for source, sign in sources:
                layer.weight[channel, source, :, 1] = 2 * sign
            layer.bias[channel] = -4 - channel
    for source, sign in strokes:
        first.weight[2, source, 1, :] = sign
    for layer in (second, third, fourth):
        layer.weight[2, 2, 1, :] = 1
    for channel in (0, 1):
        for layer in (third, fourth):
            layer.weight[channel, channel, 1, 1] = 1
    for channel in (0, 1, 2):
        last_but_one.weight[channel, channel, 0, 0] = 1
    last.weight[0, :2, 0, 0] = torch.tensor([1.0, -1.0])
    last.weight[1, 2, 0, 0] = 1


def train() -> Any:
    """Train the reader on drawn lines; the same weights on every run of one machine."""
    chance = random.Random(1)  # noqa: S311 - the same lines each time
    model = easyocr_network.Model(len(CHARACTERS) + 1, WIDTH)
    optimizer = torch.optim.AdamW(model.parameters())
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=STEPS)
    for _ in range(STEPS):
        texts = [_text(chance) for _ in range(LINES)]
        loss = _loss(model, texts, chance)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rate.step()
    return model.eval()


def _loss(model: Any, texts: list[str], chance: random.Random) -> Any:
    """How far the scores are from the characters that were drawn at known places."""
    lines = [_line(text, chance) for text in texts]
    widest = max(pixels.shape[1] for pixels, _ in lines)
    pixels = np.stack([_padded(pixels, widest) for pixels, _ in lines])
    scores = model(torch.from_numpy(pixels)[:, None])
    wanted = np.zeros(scores.shape[:2], np.int64)
    for row, (_, characters) in zip(wanted, lines, strict=True):
        row[: len(characters)] = characters[: len(row)]
    return torch.nn.functional.cross_entropy(scores.permute(0, 2, 1), torch.from_numpy(wanted))


def _text(chance: random.Random) -> str:
    """Two words: in small letters, capitals or figures, so that I and l can be told apart."""
    words = []
    for _ in range(2):
        word = "".join(chance.choices(chance.choice(KINDS), k=chance.randint(1, 8)))
        words.append(word.capitalize() if word.isascii() and chance.random() < 0.3 else word)
    return " ".join(words)


def _line(text: str, chance: random.Random) -> tuple[Floats, list[int]]:
    """A line as the detector cuts it out, ink and some margin, and what its columns show."""
    size, margin = chance.randint(24, 40), 20
    page = drawn.page((text,), size=size, margin=margin)
    box = Image.eval(page.image, lambda level: 255 - level).getbbox()
    assert box is not None
    left, top, right, bottom = (
        edge + sign * chance.randint(3, 14) for edge, sign in zip(box, (-1, -1, 1, 1), strict=True)
    )
    line = np.asarray(page.image.crop((left, top, right, bottom)))
    width = round(line.shape[1] * HEIGHT / line.shape[0])
    line = cv2.resize(line, (width, HEIGHT), interpolation=cv2.INTER_LINEAR)
    per_pixel = HEIGHT / (bottom - top)
    edges = [
        (margin - left + drawn.length(text[:end], size)) * per_pixel for end in range(len(text) + 1)
    ]
    return line.astype(np.float32) / 127.5 - 1, _columns(text, edges, width)


def _columns(text: str, edges: list[float], count: int) -> list[int]:
    """A character in its middle, nothing between two."""
    shown = [0] * (count + round(max(edges)))
    for number, (left, right) in enumerate(pairwise(edges)):
        middle, reach = (left + right) / 2, (right - left) / (3 if text[number] == " " else 4)
        for column in range(int(middle - reach), int(middle + reach) + 1):
            shown[column] = CHARACTERS.index(text[number]) + 1
    return shown


def _padded(pixels: Floats, width: int) -> Floats:
    """As EasyOCR does: the last column repeated to the right."""
    return np.pad(pixels, ((0, 0), (0, width - pixels.shape[1])), mode="edge")


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    make(Path(sys.argv[1]))
