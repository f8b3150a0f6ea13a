"""How much of a leg's review there is and how much waits, as its case file holds it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sar.ports.keeping import CaseFile, Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCounts:
    """Kept in the transaction of every change, so that no page has to open the records to count them."""

    records: int = 0
    undecided_records: int = 0
    proposals: int = 0
    undecided: int = 0

    def with_fewer(self, *, records: int = 0, proposals: int = 0) -> ReviewCounts:
        """So many fewer wait; a negative number means that more wait again."""
        return replace(
            self, undecided_records=self.undecided_records - records, undecided=self.undecided - proposals
        )


def counts_of(file: CaseFile, round_number: int, leg: int) -> ReviewCounts | None:
    """The counts as they stand; None where the review is older than they are."""
    name = _name(round_number, leg)
    if name not in file.names(Collection.REVIEW_COUNTS, under=name):
        return None
    return file.latest(Collection.REVIEW_COUNTS, name, ReviewCounts)


def keep_counts(file: CaseFile, round_number: int, leg: int, counts: ReviewCounts) -> None:
    """Keep the counts, if they are not kept already."""
    if counts_of(file, round_number, leg) != counts:
        file.keep(Collection.REVIEW_COUNTS, _name(round_number, leg), counts)


def _name(round_number: int, leg: int) -> str:
    return f"{round_number}/{leg}"
