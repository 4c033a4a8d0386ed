"""A small network that reads lines, in the form in which EasyOCR takes networks of its user.

`tests/data/easyocr_weights.py` trains it and puts a copy of this file beside its weights.
"""

import torch
from torch import nn


class Model(nn.Module):  # type: ignore[misc]
    """Convolutions only: strokes, letters, and a letter's neighbours."""

    def __init__(self, num_class: int, width: int) -> None:
        super().__init__()
        self.look = nn.Sequential(
            *_layer(1, width, 3, (2, 2), (1, 1)),
            *_layer(width, 2 * width, 3, (2, 1), (1, 1)),
            *_layer(2 * width, 4 * width, 3, (2, 1), (1, 1)),
            *_layer(4 * width, 6 * width, (4, 3), 1, (0, 1)),
        )
        self.compare = nn.Sequential(
            nn.Conv1d(6 * width, 6 * width, 9, padding=4),
            nn.BatchNorm1d(6 * width),
            nn.ReLU(),
            nn.Conv1d(6 * width, 2 * num_class, 3, padding=1),
        )

    def forward(self, lines: torch.Tensor, _text: object = None) -> torch.Tensor:
        """Return the characters' scores, (lines, W, characters), of pixels, (lines, 1, 32, W).

        Features are two pixels broad; each gives the scores of both.
        """
        scores = self.compare(self.look(lines).squeeze(2)).permute(0, 2, 1)
        return scores.reshape(len(scores), 2 * scores.shape[1], -1)


def _layer(channels: int, out: int, *shape: int | tuple[int, int]) -> tuple[nn.Module, ...]:
    return (nn.Conv2d(channels, out, *shape), nn.BatchNorm2d(out), nn.ReLU())
