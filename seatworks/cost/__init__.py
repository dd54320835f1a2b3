"""What a plan costs: a bill of materials priced from dated books, over 1, 3 and 5 years, for three modes side by side.

`books.load` reads prices, `bill` counts one plan, `compare` puts modes side by side. Money is Decimal from the text of
the book to the total. How it is counted: docs/cost.md.
"""

from seatworks.cost import books
from seatworks.cost.bill import bill
from seatworks.cost.books import Book
from seatworks.cost.choices import Assumption, Choices, Exchange, Licence, assumptions
from seatworks.cost.compare import compare
from seatworks.cost.model import (
    Band,
    Bill,
    Comparison,
    Contradiction,
    Every,
    Kind,
    Line,
    Price,
    Sensitivity,
    Total,
)

__all__ = [
    "Assumption",
    "Band",
    "Bill",
    "Book",
    "Choices",
    "Comparison",
    "Contradiction",
    "Every",
    "Exchange",
    "Kind",
    "Licence",
    "Line",
    "Price",
    "Sensitivity",
    "Total",
    "assumptions",
    "bill",
    "books",
    "compare",
]
