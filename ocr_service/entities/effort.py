"""How much a text may cost in checks that come to nothing.

A number is checked against many schemes and plans, and most of the time goes to candidates that
none of them knows. Ordinary text has few of those. A text that is made of them would cost seconds
for every hundred thousand characters, so that each finder has an allowance, which grows with the
text: what was checked and found costs nothing of it, so a long list of true numbers is read to its
end; behind a long row of false ones the next candidates are passed over until enough other text
has gone by.
"""

from dataclasses import dataclass

STORE = 10_000
"""What any text may spend."""
RATE = 250
"""What it may spend for every 1,000 characters more: more than tables of numbers need."""

# what a check costs, in some ten microseconds
CHECK = 1
"""A check digit of one scheme."""
PLAN = 2
"""A numbering plan of one country."""
PLACE = 2
"""What stands around a candidate, and the formats it may have."""


@dataclass(slots=True)
class Effort:
    """The checks of one finder in one text.

    Attributes:
        spent: The cost of the checks that came to nothing.
    """

    spent: int = 0

    def allows(self, place: int) -> bool:
        """Tell whether a candidate at a code point may still be checked."""
        return self.spent < STORE + place * RATE // 1000

    def spend(self, cost: int) -> None:
        """Count a check that came to nothing."""
        self.spent += cost
