"""Lines of a page in the order in which a person would read them aloud, gathered into blocks."""

from collections.abc import Sequence

from ocr_service.results import Block, BoundingPoly, Line


def arrange(lines: Sequence[Line]) -> tuple[Block, ...]:
    """Arrange the lines of a page.

    Args:
        lines: In any order, in one frame.

    Returns:
        Blocks in reading order.
    """
    if not lines:
        return ()
    ordered = tuple(sorted(lines, key=lambda line: line.poly.vertices[0][::-1]))
    corners = [vertex for line in ordered for vertex in line.poly.vertices]
    across, down = zip(*corners, strict=True)
    return (Block(ordered, BoundingPoly.box(min(across), min(down), max(across), max(down))),)
