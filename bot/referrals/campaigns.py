"""Campaigns, their rules' versions, codes and invite links, in SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple
from datetime import datetime

from sqlite_utils import Database

from bot.referrals.codes import new_code
from bot.referrals.model import Campaign, Person, Plan, Rules, Tier

_CAMPAIGN = """SELECT c.id, name, platform, countries, starts_at, ends_at, archived_at, tiers, cap,
    budget, days, messages, needs_country, human, in_group, version
    FROM referral_campaigns c JOIN referral_rules r ON r.campaign_id = c.id AND r.version =
    (SELECT max(version) FROM referral_rules WHERE campaign_id = c.id)"""


class CampaignStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")

    # Campaigns

    def all(self, *, archived: bool = False) -> list[Campaign]:
        """The newest first."""
        rows = self._db.execute(
            f"{_CAMPAIGN} WHERE (archived_at IS NOT NULL) = ? ORDER BY c.id DESC", [int(archived)]
        )
        return [_campaign(row) for row in rows]

    def get(self, campaign_id: int) -> Campaign | None:
        row = self._db.execute(f"{_CAMPAIGN} WHERE c.id = ?", [campaign_id]).fetchone()
        return _campaign(row) if row else None

    def running(self, country: str | None = None) -> list[Campaign]:
        """Those that a member of the country may take part in now."""
        now = self._now()
        return [c for c in self.all() if c.runs(now) and c.invites(country)]

    def add(self, plan: Plan, by: int) -> int:
        with self._db.atomic():
            cursor = self._db.execute(
                """INSERT INTO referral_campaigns (name, platform, countries, starts_at, ends_at,
                   tiers, cap, budget, created_by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                [plan.name, plan.platform, ",".join(sorted(plan.countries)), _iso(plan.starts_at),
                 _iso(plan.ends_at), json.dumps([astuple(t) for t in plan.tiers], ensure_ascii=False),
                 plan.cap, plan.budget, by, self._at()],
            )  # fmt: skip
            campaign_id = int(cursor.lastrowid or 0)
            self._add_rules(campaign_id, plan.rules, 1)
        return campaign_id

    def change_rules(self, campaign_id: int, rules: Rules) -> int:
        """A new version, for the referrals that begin from now on."""
        with self._db.atomic():
            newest = self._db.execute(
                "SELECT max(version) FROM referral_rules WHERE campaign_id = ?", [campaign_id]
            ).fetchone()[0]
            self._add_rules(campaign_id, rules, newest + 1)
        return int(newest) + 1

    def _add_rules(self, campaign_id: int, rules: Rules, version: int) -> None:
        self._db.execute(
            """INSERT INTO referral_rules (campaign_id, version, days, messages, needs_country,
               human, in_group, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            [campaign_id, version, rules.days, rules.messages, int(rules.needs_country),
             int(rules.human), int(rules.in_group), self._at()],
        )  # fmt: skip

    def rules(self, campaign_id: int, version: int) -> Rules:
        row = self._db.execute(
            """SELECT days, messages, needs_country, human, in_group, version FROM referral_rules
               WHERE campaign_id = ? AND version = ?""",
            [campaign_id, version],
        ).fetchone()
        return _rules(row)

    def end(self, campaign_id: int) -> bool:
        """Ends it now; False when it is over already."""
        now = self._at()
        cursor = self._db.execute(
            """UPDATE referral_campaigns SET ends_at = ?, starts_at = min(starts_at, ?)
               WHERE id = ? AND ends_at > ?""",
            [now, now, campaign_id, now],
        )
        return cursor.rowcount > 0

    def archive(self, campaign_id: int) -> bool:
        """Only one that is over."""
        cursor = self._db.execute(
            """UPDATE referral_campaigns SET archived_at = ?
               WHERE id = ? AND archived_at IS NULL AND ends_at <= ?""",
            [self._at(), campaign_id, self._at()],
        )
        return cursor.rowcount > 0

    # Those who invite

    def person(self, user_id: int) -> Person | None:
        return self._person("user_id = ?", user_id)

    def person_by_id(self, person_id: int) -> Person | None:
        return self._person("id = ?", person_id)

    def _person(self, where: str, value: int) -> Person | None:
        row = self._db.execute(
            f"SELECT id, user_id, name, country FROM referral_people WHERE {where}", [value]
        ).fetchone()
        return Person(*row) if row else None

    def take_part(
        self, user_id: int, name: str, name_key: str | None, country: str | None
    ) -> Person:
        """Who invites, kept up to date (`name` is masked already)."""
        known = self.person(user_id)
        if known and (known.name, known.country) == (name, country):
            return known
        with self._db.atomic():
            self._db.execute(
                """INSERT INTO referral_people (user_id, name, name_key, country, at)
                   VALUES (?, ?, ?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET
                   name = excluded.name, name_key = excluded.name_key, country = excluded.country""",
                [user_id, name, name_key, country, self._at()],
            )
            person = self.person(user_id)
            assert person is not None
            self._db.execute(
                "UPDATE referral_standing SET country = ? WHERE person_id = ? AND country IS NOT ?",
                [country, person.id, country],
            )
        return person

    def code(self, person_id: int, campaign_id: int) -> str:
        """The person's code in a campaign: made once, the same for ever."""
        query = "SELECT code FROM referral_codes WHERE person_id = ? AND campaign_id = ?"
        known = self._db.execute(query, [person_id, campaign_id]).fetchone()
        if known:
            return str(known[0])
        with self._db.atomic():
            self._db.execute(
                """INSERT INTO referral_codes (code, person_id, campaign_id) VALUES (?, ?, ?)
                   ON CONFLICT (person_id, campaign_id) DO NOTHING""",
                [new_code(), person_id, campaign_id],
            )
            row = self._db.execute(query, [person_id, campaign_id]).fetchone()
        return str(row[0])

    def behind_code(self, code: str) -> tuple[Person, Campaign] | None:
        row = self._db.execute(
            "SELECT person_id, campaign_id FROM referral_codes WHERE code = ?", [code]
        ).fetchone()
        return self._both(row)

    def behind_link(self, url: str) -> tuple[Person, Campaign] | None:
        """Whose invite link it is. Telegram shortens links that others made ('https://t.me/+ab...')."""
        row = self._db.execute(
            """SELECT person_id, campaign_id FROM referral_links
               WHERE url = ? AND revoked_at IS NULL""",
            [url],
        ).fetchone()
        return self._both(row)

    def _both(self, row: tuple[int, int] | None) -> tuple[Person, Campaign] | None:
        person = self.person_by_id(row[0]) if row else None
        campaign = self.get(row[1]) if row else None
        if person is None or campaign is None or person.user_id is None:
            return None
        return person, campaign

    def is_banned(self, person_id: int, campaign_id: int) -> bool:
        row = self._db.execute(
            "SELECT banned_at FROM referral_codes WHERE person_id = ? AND campaign_id = ?",
            [person_id, campaign_id],
        ).fetchone()
        return bool(row and row[0])

    def ban(self, person_id: int, campaign_id: int) -> None:
        self.code(person_id, campaign_id)
        self._db.execute(
            "UPDATE referral_codes SET banned_at = ? WHERE person_id = ? AND campaign_id = ?",
            [self._at(), person_id, campaign_id],
        )

    # Invite links of groups

    def link(self, person_id: int, campaign_id: int, chat_id: int) -> str | None:
        row = self._db.execute(
            """SELECT url FROM referral_links WHERE person_id = ? AND campaign_id = ?
               AND chat_id = ? AND revoked_at IS NULL""",
            [person_id, campaign_id, chat_id],
        ).fetchone()
        return str(row[0]) if row else None

    def add_link(self, url: str, person_id: int, campaign_id: int, chat_id: int) -> str:
        """The link in use: of two made at the same moment the first stays."""
        self._db.execute(
            """INSERT OR IGNORE INTO referral_links (url, person_id, campaign_id, chat_id)
               VALUES (?, ?, ?, ?)""",
            [url, person_id, campaign_id, chat_id],
        )
        return self.link(person_id, campaign_id, chat_id) or url

    def spent_links(self, limit: int = 20) -> list[tuple[str, int]]:
        """(url, chat) of links to revoke: the campaign is over, the person banned or erased."""
        return list(
            self._db.execute(
                """SELECT url, chat_id FROM referral_links l
                   JOIN referral_campaigns c ON c.id = l.campaign_id
                   JOIN referral_people p ON p.id = l.person_id
                   LEFT JOIN referral_codes k ON k.person_id = p.id AND k.campaign_id = c.id
                   WHERE l.revoked_at IS NULL AND (c.ends_at <= ? OR c.archived_at IS NOT NULL
                     OR p.user_id IS NULL OR k.banned_at IS NOT NULL) LIMIT ?""",
                [self._at(), limit],
            )
        )

    def links_of(self, user_id: int, chat_id: int) -> list[str]:
        return [
            url
            for (url,) in self._db.execute(
                """SELECT url FROM referral_links JOIN referral_people p ON p.id = person_id
                   WHERE p.user_id = ? AND chat_id = ? AND revoked_at IS NULL""",
                [user_id, chat_id],
            )
        ]

    def revoked(self, url: str) -> None:
        self._db.execute(
            "UPDATE referral_links SET revoked_at = ? WHERE url = ?", [self._at(), url]
        )


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _rules(row: tuple[int, int, int, int, int, int]) -> Rules:
    return Rules(row[0], row[1], bool(row[2]), bool(row[3]), bool(row[4]), row[5])


def _campaign(row: tuple[object, ...]) -> Campaign:
    number, name, platform, countries, begins, ends, archived, tiers, cap, budget, *rules = row
    return Campaign(
        int(str(number)), str(name), str(platform) if platform else None,
        frozenset(c for c in str(countries).split(",") if c),
        datetime.fromisoformat(str(begins)), datetime.fromisoformat(str(ends)),
        archived is not None,
        tuple(Tier(people, reward) for people, reward in json.loads(str(tiers))),
        cap if isinstance(cap, int) else None, budget if isinstance(budget, int) else None,
        _rules(tuple(rules)),  # type: ignore[arg-type]
    )  # fmt: skip
