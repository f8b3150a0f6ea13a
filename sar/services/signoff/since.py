"""What came in after a sign-off and is in no pack: asked again on the day of release, and on that of handing over."""

from __future__ import annotations

from collections.abc import Iterable

from sar.domain.alerts import listed
from sar.domain.references import StoreName
from sar.domain.trail import EventKind
from sar.ports.casework import leg_records
from sar.ports.gaps import unsettled_places
from sar.services.signoff.leg_review import LegReview, to_ask_again


def come_since(signed: LegReview) -> Iterable[str]:
    """Why a round that was signed off does not hold all that is known by now.

    A place that was declared as a gap at the sign-off hinders nothing: what it brings follows in a supplement.

    :param signed: the review of the round that was signed off, as it stands now.
    """
    yield from to_ask_again(signed)
    declared = _declared(signed)
    places = unsettled_places(signed.file, signed.round, signed.leg.number)
    if late := [place.label for place in places if place.store not in declared]:
        yield (
            f"{listed(late)} answered after this was signed off, and nobody has decided on what came. Take it in, "
            "decide on it and sign off again."
        )
    if found := _found_since(signed, declared):
        one = found == 1
        yield (
            f"A later gathering holds {found} {'record' if one else 'records'} that {'was' if one else 'were'} not "
            "there, or not as now, when this was signed off. Decide on the later gathering and sign that off."
        )


def _declared(signed: LegReview) -> frozenset[StoreName]:
    return frozenset(
        StoreName(str(e.facts["store"]))
        for e in signed.file.events()
        if e.kind is EventKind.GAP_DECLARED
        and e.leg == signed.leg.number
        and e.facts["round"] == signed.round
    )


def _found_since(signed: LegReview, declared: frozenset[StoreName]) -> int:
    newest = signed.state.gathered_round
    if newest <= signed.round:
        return 0
    known = {(r.key, r.version) for r in signed.records}
    return sum(
        not r.kind.is_generated and r.provenance.store not in declared and (r.key, r.version) not in known
        for r in leg_records(signed.file, newest, signed.leg.number)
    )
