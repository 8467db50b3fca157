"""Referrals as a whole: who may invite, who came by whom, what counts. Knows no Telegram."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlite_utils import Database

from bot.compliance.gate import Decision, Gate
from bot.knowledge.model import GateKind
from bot.members.store import GroupStore, MemberStore
from bot.referrals import codes, rules, signals
from bot.referrals.board import Board
from bot.referrals.campaigns import CampaignStore
from bot.referrals.cases import case
from bot.referrals.ledger import RECHECK, Ledger
from bot.referrals.model import (
    Campaign,
    Event,
    Invited,
    Person,
    Referral,
    Rules,
    Signal,
    State,
)

CHOICES = 4
"""Pictures of the human check, one of them right."""
MISSES = 3
FEW = 20
"""Decided in one go."""
_UNDECIDED = frozenset({State.OPENED, State.JOINED, State.LEFT, State.HELD})


class Came(StrEnum):
    """What became of somebody who followed a link."""

    NEW = "new"
    AGAIN = "again"
    KNOWN = "known"
    OWN = "own"
    OVER = "over"
    INVALID = "invalid"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True)
class Arrival:
    came: Came
    campaign: Campaign | None = None
    person: Person | None = None
    referral_id: int | None = None
    decision: Decision | None = None


@dataclass(frozen=True)
class News:
    """What a person who invites is told, once: so many more of theirs count."""

    user_id: int
    campaign: Campaign
    more: int
    qualified: int


class Referrals:
    def __init__(
        self, db: Database, now: Callable[[], datetime], gate: Callable[[], Gate],
        members: MemberStore, groups: GroupStore,
    ) -> None:  # fmt: skip
        self._db = db
        self.now = now
        self._gate = gate
        self._members = members
        self._groups = groups
        self.campaigns = CampaignStore(db, now)
        self.ledger = Ledger(db, now)
        self.board = Board(db)
        self._awaited = self.ledger.awaited()
        self._asked: dict[int, set[int]] = {}

    # Compliance: of two countries the stricter one decides

    def allowed(self, country: str | None, platform: str | None = None) -> Decision:
        return self._gate().decide(GateKind.REFERRAL, country, platform)

    def pair(self, campaign: Campaign, inviter: str | None, invited: str | None) -> Decision:
        """Whether a person of one country may be rewarded for one of another."""
        first = self.allowed(inviter, campaign.platform)
        return first if not first.allowed else self.allowed(invited, campaign.platform)

    def country_of(self, user_id: int, chat_id: int | None = None) -> str | None:
        """The person's own setting, else that of the group that they joined."""
        own = self._members.get(user_id).country
        group = self._groups.get(chat_id) if chat_id and own is None else None
        return own or (group.country if group else None)

    # Those who invite

    def open_to(self, country: str) -> list[tuple[Campaign, Decision]]:
        """Campaigns that run for a country, each with what the gate says there."""
        return [(c, self.allowed(country, c.platform)) for c in self.campaigns.running(country)]

    def take_part(self, user_id: int, name: str, country: str, campaign: Campaign) -> Person:
        key = codes.name_key(self.ledger.secret, name)
        person = self.campaigns.take_part(user_id, codes.mask(name), key, country)
        self.campaigns.code(person.id, campaign.id)
        self.ledger.saw(user_id)
        return person

    # Arrivals

    def opened(self, code: str, who: Invited) -> Arrival:
        """Somebody followed a deep link."""
        return self._arrive(self.campaigns.behind_code(code), who, "start")

    def requested(self, url: str, who: Invited) -> Arrival:
        """Somebody asked to join by a personal link."""
        found = self.campaigns.behind_link(url)
        referral = self.ledger.of(who.user_id)
        if found and referral and referral.state is State.OPENED:
            return Arrival(Came.AGAIN, found[1], found[0], referral.id)
        return self._arrive(found, who, "request", None)

    def joined(self, who: Invited, chat_id: int, url: str | None) -> Arrival | None:
        """Somebody came into a group: with the link that they came by, if Telegram told it."""
        referral = self.ledger.of(who.user_id)
        if referral is not None:
            self._enter(referral, chat_id)
            return Arrival(Came.AGAIN, referral_id=referral.id)
        found = self.campaigns.behind_link(url) if url else None
        arrival = None
        if found is not None:
            arrival = self._arrive(found, who, "link", chat_id)
            fresh = self.ledger.get(arrival.referral_id) if arrival.referral_id else None
            if fresh is not None and arrival.came is Came.NEW:
                self._enter(fresh, chat_id)
        self.ledger.saw(who.user_id)
        return arrival

    def _arrive(
        self, found: tuple[Person, Campaign] | None, who: Invited, via: str,
        chat_id: int | None = None,
    ) -> Arrival:  # fmt: skip
        if found is None:
            return Arrival(Came.INVALID)
        person, campaign = found
        if not campaign.runs(self.now()) or self.campaigns.is_banned(person.id, campaign.id):
            return Arrival(Came.OVER, campaign, person)
        if person.user_id == who.user_id:
            return Arrival(Came.OWN, campaign, person, self._hold_own(person, campaign, who, via))
        if self.ledger.of(who.user_id) is not None:
            return Arrival(Came.AGAIN, campaign, person)
        if who.is_bot or self.ledger.knows(who.user_id):
            return Arrival(Came.KNOWN, campaign, person)
        country = self.country_of(who.user_id, chat_id)
        decision = self.pair(campaign, person.country, country)
        if not campaign.invites(country) and country is not None:
            return Arrival(Came.NOT_ALLOWED, campaign, person)
        if country is not None and not decision.allowed:
            return Arrival(Came.NOT_ALLOWED, campaign, person, decision=decision)
        number = self.ledger.open(who, campaign.id, person.id, campaign.rules.version, via)
        if number is None:
            return Arrival(Came.AGAIN, campaign, person)
        self._awaited.add(who.user_id)
        if not campaign.rules.in_group:
            self.ledger.postpone(number, rules.due(campaign.rules, self.now(), None))
        return Arrival(Came.NEW, campaign, person, number)

    def _hold_own(self, person: Person, campaign: Campaign, who: Invited, via: str) -> int | None:
        number = self.ledger.open(
            who, campaign.id, person.id, campaign.rules.version, via, own=True
        )
        if number is not None:
            self._hold(number, "self", [signals.own_link(via)])
        return number

    def _enter(self, referral: Referral, chat_id: int) -> None:
        """Into a group: the first time begins the stay, a return is for a person to judge."""
        kept = self.campaigns.rules(referral.campaign_id, referral.rules_version)
        if self.ledger.note(referral.id, Event.JOINED):
            self.ledger.entered(referral.id, chat_id, rules.due(kept, self.now(), self.now()))
        elif self.ledger.note(referral.id, Event.RETURNED):
            self.ledger.entered(referral.id, chat_id, rules.due(kept, self.now(), self.now()))
            self._hold(referral.id, "returned", [Signal("returned", 5.0)])

    def _hold(self, referral_id: int, reason: str, found: list[Signal]) -> None:
        self.ledger.note(
            referral_id, Event.HELD, reason, detail={"signals": [asdict(s) for s in found]}
        )

    def left(self, user_id: int, chat_id: int) -> None:
        """Out of a group: only the one that they came into counts."""
        self.ledger.saw(user_id)
        referral = self.ledger.of(user_id)
        if referral is None or referral.chat_id != chat_id or referral.entered_at is None:
            return
        hours = (self.now() - referral.entered_at).total_seconds() / 3600
        self.ledger.note(referral.id, Event.LEFT, detail={"hours": round(hours, 1)})

    def wrote(self, user_id: int) -> None:
        """Somebody wrote in a group: counted for those who are not decided yet."""
        if user_id in self._awaited:
            self.ledger.wrote(user_id)

    def ask_in(self, user_id: int, chat_id: int) -> None:
        """Somebody waits before a group's door. Telegram lets the bot write for five minutes, so
        this need not outlive a restart: who still waits then is let in by administrators."""
        if len(self._asked) > 10_000:
            self._asked.clear()
        self._asked.setdefault(user_id, set()).add(chat_id)

    def requests(self, user_id: int) -> set[int]:
        return self._asked.pop(user_id, set())

    # The human check

    def right_picture(self, referral_id: int) -> int:
        digest = hmac.new(self.ledger.secret, b"check:%d" % referral_id, hashlib.sha256).digest()
        return digest[0] % CHOICES

    def check(self, user_id: int, referral_id: int, picked: int) -> bool | None:
        """Whether the person passed; None when there is nothing to pass (any more)."""
        referral = self.ledger.get(referral_id)
        if referral is None or referral.invitee_id != user_id or referral.human == 1:
            return None
        if referral.state not in _UNDECIDED or referral.human <= -MISSES:
            return None
        if picked == self.right_picture(referral_id):
            self.ledger.set_human(referral_id, 1)
            return True
        self.ledger.set_human(referral_id, referral.human - 1)
        if referral.human - 1 <= -MISSES:
            self._hold(referral_id, "check", [Signal("check", 3.0, {"misses": MISSES})])
        return False

    # What counts

    def settle(self) -> list[News]:
        """Decides those whose time has come, as the ledger knows them; what to tell whom."""
        counted: Counter[tuple[int, int]] = Counter()
        while found := self.due():
            self.decide(found, counted)
        return self.news(counted)

    def due(self, limit: int = FEW) -> list[Referral]:
        """Those whose time has come: a few at a time, so that answers need not wait."""
        for number in self.ledger.erased():
            self.ledger.note(number, Event.DISQUALIFIED, "erased")
        return self.ledger.due(limit)

    def decide(self, found: Iterable[Referral], counted: Counter[tuple[int, int]]) -> None:
        """Each of them counts, is held, is let go, or waits on; `counted` is added to."""
        for referral in found:
            if self._decide(referral):
                counted[referral.referrer_id, referral.campaign_id] += 1

    def look_again(self, referral: Referral) -> None:
        """Nobody could tell whether they are in the group still: asked again, not for ever."""
        kept = self.campaigns.rules(referral.campaign_id, referral.rules_version)
        self._wait(kept, referral)

    def news(self, counted: Counter[tuple[int, int]]) -> list[News]:
        return [n for (p, c), more in counted.items() if (n := self._news(p, c, more))]

    def _decide(self, referral: Referral) -> bool:
        """Whether it counts now. Any other end or delay is written down with its reason."""
        kept = self.campaigns.rules(referral.campaign_id, referral.rules_version)
        own = self._members.get(referral.invitee_id).country if referral.invitee_id else None
        nowhere = not referral.invitee_id or not self.country_of(
            referral.invitee_id, referral.chat_id
        )
        if nowhere or rules.missing(
            kept, referral, own
        ):  # no country: nobody knows what is allowed
            self._wait(kept, referral)
            return False
        reason = self._refused(referral)
        if reason:
            self.ledger.note(referral.id, Event.DISQUALIFIED, reason)
            return False
        if not referral.accepted:
            found = signals.examine(*case(self._db, referral))
            if signals.is_held(found):
                self._hold(referral.id, "signals", found)
                return False
        return self.ledger.note(referral.id, Event.QUALIFIED, detail={"rules": kept.version})

    def _wait(self, kept: Rules, referral: Referral) -> None:
        if rules.too_late(kept, referral, self.now()):
            self.ledger.note(referral.id, Event.DISQUALIFIED, "unmet")
        else:
            self.ledger.postpone(referral.id, self.now() + RECHECK)

    def _refused(self, referral: Referral) -> str | None:
        campaign = self.campaigns.get(referral.campaign_id)
        person = self.campaigns.person_by_id(referral.referrer_id)
        assert campaign is not None and person is not None and referral.invitee_id is not None
        country = self.country_of(referral.invitee_id, referral.chat_id)
        home = self.country_of(person.user_id) if person.user_id else person.country
        if country and country != referral.country:
            self.ledger.set_country(referral.id, country)
        if not self.pair(campaign, home or person.country, country).allowed:
            return "country"
        if country and not campaign.invites(country):
            return "country"
        mine = self.board.standing(person.id, campaign.id).qualified
        if campaign.cap is not None and mine >= campaign.cap:
            return "cap"
        if campaign.budget is not None and self.board.counted(campaign.id) >= campaign.budget:
            return "budget"
        return None

    def _news(self, person_id: int, campaign_id: int, more: int) -> News | None:
        person, campaign = self.campaigns.person_by_id(person_id), self.campaigns.get(campaign_id)
        if person is None or person.user_id is None or campaign is None:
            return None
        qualified = self.board.standing(person_id, campaign_id).qualified
        return News(person.user_id, campaign, more, qualified)

    # A person's decisions

    def accept(self, referral_id: int, by: int) -> bool:
        """Honest after all: it counts when its time has come. One's own link never is."""
        referral = self.ledger.get(referral_id)
        if referral is None or self.is_own(referral):
            return False
        if not self.ledger.note(referral_id, Event.ACCEPTED, by=by):
            return False
        kept = self.campaigns.rules(referral.campaign_id, referral.rules_version)
        self.ledger.set_accepted(referral_id)
        self.ledger.postpone(referral_id, rules.due(kept, referral.opened_at, referral.entered_at))
        return True

    def is_own(self, referral: Referral) -> bool:
        person = self.campaigns.person_by_id(referral.referrer_id)
        return person is not None and person.user_id == referral.invitee_id

    def reject(self, referral_id: int, by: int) -> bool:
        return self.ledger.note(referral_id, Event.DISQUALIFIED, "rejected", by=by)

    def ban(self, referral_id: int, by: int) -> bool:
        """Who invited is out of the campaign: what was not paid yet does not count."""
        referral = self.ledger.get(referral_id)
        if referral is None:
            return False
        self.campaigns.ban(referral.referrer_id, referral.campaign_id)
        for number in self.ledger.undecided_of(referral.referrer_id, referral.campaign_id):
            self.ledger.note(number, Event.DISQUALIFIED, "banned", by=by)
        return True

    def reward(self, campaign_id: int, expected: int, by: int) -> int | None:
        """Notes that what counts was paid; None when it is not what the person saw."""
        numbers = self.ledger.to_reward(campaign_id)
        if len(numbers) != expected:
            return None
        for number in numbers:
            self.ledger.note(number, Event.REWARDED, by=by)
        return len(numbers)
