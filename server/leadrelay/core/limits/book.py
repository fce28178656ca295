"""The book of all caps: who holds a place, and what was sold (behaviour 7).

A place is held before a lead is sent and is sold, freed or kept by what the facts say of the delivery
afterwards, so it makes no difference who writes them: the attempt itself, a restart, or `Resolve` days
later. What may have arrived keeps its place. A sale counts in the period of its place, however late
the answer came. Nothing here waits, so nothing can be sold between a look and a hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from leadrelay.core.limits.caps import Claim, Count, Holder, Wanted, cap_full, lack, the_longest
from leadrelay.core.limits.full import Full
from leadrelay.core.outcome import Outcome

Place = tuple[str, str]  # a cap's key and the period's label


@dataclass(frozen=True, slots=True)
class Sold:
    """One more sale in a place, at a cost."""

    claim: Claim
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a holder's places: all of them are sold, or none is."""

    holder: Holder
    sold: tuple[Sold, ...] = ()


@dataclass(slots=True)
class _Held:
    claims: tuple[Claim, ...]
    is_told: bool = False  # by a fact, which a later fact will answer


class Book:
    """The counts of the present, and every place that is held."""

    def __init__(self) -> None:
        self._counts: dict[Place, Count] = {}
        self._ends: dict[Place, int] = {}
        self._held: dict[Holder, _Held] = {}
        self._kept: dict[Holder, Claim] = {}  # for deliveries that are on their way to take them
        self._dearest: dict[str, Decimal] = {}  # the highest price seen under a cap that counts money

    def sold_before(self, claim: Claim, sold: int, spent: Decimal) -> None:
        """Take over a count from an earlier run."""
        count = self._count(claim)
        count.sold, count.spent = sold, spent

    def full(self, holder: Holder, wanted: Sequence[Wanted]) -> Full | None:
        """Why a delivery that counts under all of these could not go now; None where it could."""
        if holder in self._held:
            return None
        kept = self._kept.get(holder)
        self.let_go(holder)  # what is set aside for it is no place that somebody else has
        try:
            return self._most_lasting(wanted)
        finally:
            if kept is not None:
                self._set_aside(holder, kept)

    def _most_lasting(self, wanted: Sequence[Wanted]) -> Full | None:
        found = [full for want in wanted if (full := self._full(want)) is not None]
        lasting = [full for full in found if not full.is_brief]
        return the_longest(lasting or found) if found else None

    def hold(self, holder: Holder, wanted: Sequence[Wanted]) -> tuple[Claim, ...] | Full:
        """Hold a place under every cap, or none and why.

        A delivery that holds its places from an earlier attempt, which may have arrived, keeps those.
        """
        if (held := self._held.get(holder)) is not None:
            return held.claims
        full = self.full(holder, wanted)
        if full is not None:
            return full
        self.let_go(holder)
        for want in wanted:
            if (want.cap.key, want.period.label) not in self._counts:
                self._forget(want.period.starts)
        claims = tuple(map(self._claim, wanted))
        self._take(holder, claims)
        return claims

    def keep(self, holder: Holder, want: Wanted) -> bool:
        """Set a place aside for a delivery that will come to hold it; False where there is none."""
        if self.full(holder, [want]) is not None:
            return False
        self.let_go(holder)
        self._set_aside(holder, self._claim(want))
        return True

    def expects(self, holder: Holder) -> bool:
        """It has places, or one is set aside for it."""
        return holder in self._held or holder in self._kept

    def let_go(self, holder: Holder) -> str:
        """The delivery does not come, or is here: the cap whose place was set aside; empty: none was."""
        kept = self._kept.pop(holder, None)
        if kept is None:
            return ""
        self._give_back(kept)
        return kept.cap

    def release(self, holder: Holder) -> None:
        """Give back what was held for a send that never began. What a fact told of stays."""
        held = self._held.get(holder)
        if held is not None and not held.is_told:
            self._free(holder)

    def told(self, holder: Holder, claims: tuple[Claim, ...]) -> None:
        """A fact says that these are held; from now on facts alone decide what becomes of them."""
        if holder not in self._held:
            self._take(holder, claims)
        self._held[holder].is_told = True

    def verdict(self, holder: Holder, outcome: Outcome) -> Verdict | None:
        """What an outcome means for the places of its delivery; None where it changes nothing."""
        held = self._held.get(holder)
        if held is None or outcome.is_unresolved:
            return None
        if not outcome.accepted:
            return Verdict(holder)
        return Verdict(
            holder,
            tuple(Sold(claim, claim.cost(outcome.price, outcome.currency)) for claim in held.claims),
        )

    def settle(self, verdict: Verdict) -> None:
        """Book a verdict; a second one about the same places changes nothing."""
        if verdict.holder not in self._held:
            return
        for sold in verdict.sold:
            claim, cost = sold.claim, sold.cost
            if (count := self._counts.get((claim.cap, claim.period))) is not None:
                count.sold += 1
                count.spent += cost
            if claim.money is not None:
                self._dearest[claim.cap] = max(self._dearest.get(claim.cap, cost), cost)
        self._free(verdict.holder)

    def caps_of(self, holder: Holder) -> tuple[str, ...]:
        """The caps under which a delivery holds places."""
        held = self._held.get(holder)
        return () if held is None else tuple(claim.cap for claim in held.claims)

    def _full(self, want: Wanted) -> Full | None:
        cap, period, _ = want
        count = self._counts.get((cap.key, period.label)) or Count()
        price = self._price(want)
        what = lack(cap, count, price)
        if what:
            return cap_full(cap, period, count, what)
        if cap.money is not None and price is None and count.held:
            what = "what a lead costs is not known until the first is sold"
            return cap_full(cap, period, count, what, is_brief=True)
        return None

    def _price(self, want: Wanted) -> Decimal | None:
        """What has to be set aside for a lead; None: nobody knows yet."""
        agreed = want.cap.per_lead if want.price is None else want.price
        return self._dearest.get(want.cap.key) if agreed is None else agreed

    def _claim(self, want: Wanted) -> Claim:
        cap, period, price = want
        if cap.money is None:
            return Claim(cap=cap.key, period=period.label, ends_at=period.ends)
        return Claim(
            cap=cap.key,
            period=period.label,
            ends_at=period.ends,
            money=self._price(want) or Decimal(0),
            currency=cap.money.currency,
            price=cap.per_lead if price is None else price,
        )

    def _take(self, holder: Holder, claims: tuple[Claim, ...]) -> None:
        self._held[holder] = _Held(claims)
        for claim in claims:
            self._occupy(claim)

    def _free(self, holder: Holder) -> None:
        held = self._held.pop(holder)
        for claim in held.claims:
            self._give_back(claim)

    def _set_aside(self, holder: Holder, claim: Claim) -> None:
        self._kept[holder] = claim
        self._occupy(claim)

    def _occupy(self, claim: Claim) -> None:
        count = self._count(claim)
        count.held += 1
        count.set_aside += claim.money or 0

    def _give_back(self, claim: Claim) -> None:
        if (count := self._counts.get((claim.cap, claim.period))) is not None:
            count.held -= 1
            count.set_aside -= claim.money or 0

    def _forget(self, moment: int) -> None:
        """Drop the counts of periods that were over by then: nobody asks for them again."""
        for place in [place for place, ends in self._ends.items() if ends <= moment]:
            del self._counts[place], self._ends[place]

    def _count(self, claim: Claim) -> Count:
        place = (claim.cap, claim.period)
        if place not in self._counts:
            self._counts[place] = Count()
            self._ends[place] = claim.ends_at
        return self._counts[place]
