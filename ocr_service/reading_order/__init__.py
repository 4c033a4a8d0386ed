"""Lines of a page in the order in which a person would read them aloud, gathered into blocks.

Text that runs one way is looked at in a frame of its own, turned so that its lines are level. In
it columns are cut apart first; what is left is read row by row, and what stands on one row, such
as an item and its price, becomes one line.
"""

from collections.abc import Sequence

from ocr_service.reading_order import columns, frames, rows
from ocr_service.results import Block, Line


def arrange(lines: Sequence[Line]) -> tuple[Block, ...]:
    """Arrange the lines of a page.

    Args:
        lines: In any order, in one frame, as an engine detects them: there may be several to a
            visual line.

    Returns:
        Blocks in reading order, each of the words given once. Text that runs another way than
        most of the page comes last, in blocks of its own.
    """
    return tuple(
        rows.block(paragraph, frame)
        for frame, pieces in frames.frames(lines)
        for region in columns.regions(rows.close_gaps(pieces))
        for paragraph in rows.paragraphs(rows.rows(region))
    )
