"""A short run of days on which everything happens, so that coincidences are common."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

Span = tuple[date, date | None]


@dataclass(frozen=True)
class Calendar:
    """Twelve days (or, with a longer step, months) that hold the implementation date, 1 November 2018."""

    first: date
    step: int = 1
    length: int = 12

    def day(self, index: int) -> date:
        return self.first + timedelta(days=self.step * index)

    def any_day(self, rng: Random, before: int = 0, after: int = 0) -> date:
        """A day of the window, or up to so many steps before or after it."""
        return self.day(rng.randint(-before, self.length - 1 + after))

    def spans(
        self, rng: Random, most: int = 3, gaps: float = 0.2, before: int = 2, endless: float = 0.7
    ) -> list[Span]:
        """Up to so many half-open periods that do not overlap: often adjoining, the last often endless."""
        count = rng.randint(1, most)
        cuts = sorted({rng.randint(-before, self.length) for _ in range(count)})
        spans: list[Span] = []
        for index, cut in enumerate(cuts):
            end = cuts[index + 1] if index + 1 < len(cuts) else None
            if end is None and rng.random() >= endless:
                end = cut + rng.randint(1, 4)
            elif end is not None and end - cut > 1 and rng.random() < gaps:
                end = rng.randint(cut + 1, end - 1)
            spans.append((self.day(cut), self.day(end) if end is not None else None))
        return spans

    def days_asked(self) -> list[date]:
        """Days worth asking about: every one of a short window, those around each step of a long one."""
        days = {self.day(index) for index in range(-2, self.length + 1)}
        return sorted(days | {day - timedelta(days=1) for day in days})


SHORT = Calendar(date(2018, 10, 27))
LONG = Calendar(date(2018, 9, 24), step=9)
