"""Who talks to the bot and where, in SQL. Personal data is what answering needs, no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from sqlite_utils import Database

from bot.broadcasts.ledger import keys_of_chat

_DELIVERY = "run_id = ? AND due = ? AND chat_id = ?"
NOTIFICATIONS = ("promotion", "festival", "service")
"""Kinds of broadcast that a member can switch off one by one."""

Answering = Literal["off", "mentions", "confident"]
"""What a group wants answered: commands alone; mentions and replies too; clear questions too."""
ANSWERING: tuple[Answering, ...] = get_args(Answering)


@dataclass(frozen=True)
class Member:
    user_id: int
    language: str | None = None
    country: str | None = None
    telegram_language: str | None = None
    notify: frozenset[str] = frozenset(NOTIFICATIONS)
    started: bool = False


@dataclass(frozen=True)
class Group:
    chat_id: int
    title: str
    country: str | None = None
    language: str | None = None
    """The first of its languages: what is announced there is written in it."""
    timezone: str | None = None
    """IANA; None: the country's own (`group_rules.zone_name`)."""
    answering: Answering = "mentions"
    festivals: bool = True
    quiet_from: int | None = None
    """Hours of the group's local day (0 to 23) in which nothing unasked is said; both or none."""
    quiet_to: int | None = None
    clean_minutes: int | None = None
    """After how long the bot's own notices are deleted; None: never."""
    more_languages: tuple[str, ...] = ()
    """Those spoken there besides the first."""

    @property
    def languages(self) -> tuple[str, ...]:
        """All that are spoken there, the first one first."""
        return (self.language, *self.more_languages) if self.language else ()


class MemberStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def get(self, user_id: int) -> Member:
        """The member as stored, or one with nothing set."""
        row = self._db.execute(
            """SELECT language, country, telegram_language, notify, started_at
               FROM members WHERE user_id = ?""",
            [user_id],
        ).fetchone()
        if row is None:
            return Member(user_id)
        kinds = frozenset(k for k in row[3].split(",") if k)
        return Member(user_id, row[0], row[1], row[2], kinds, row[4] is not None)

    def _ensure(self, user_id: int) -> None:
        at = self._at()
        self._db.execute(
            "INSERT OR IGNORE INTO members (user_id, first_seen, last_seen) VALUES (?, ?, ?)",
            [user_id, at, at],
        )

    def _set(self, user_id: int, column: str, value: object) -> None:
        with self._db.atomic():
            self._ensure(user_id)
            self._db.execute(
                f"UPDATE members SET {column} = ?, last_seen = ? WHERE user_id = ?",
                [value, self._at(), user_id],
            )

    def first_name(self, user_id: int) -> str:
        """As their app said when they last opened the private chat; empty when it is not known."""
        row = self._db.execute(
            "SELECT first_name FROM members WHERE user_id = ?", [user_id]
        ).fetchone()
        return row[0] or "" if row else ""

    def start(
        self, user_id: int, telegram_language: str | None, first_name: str | None = None
    ) -> bool:
        """Notes that the member opened the private chat. True when it is the first time."""
        first = not self.get(user_id).started
        with self._db.atomic():
            self._ensure(user_id)
            self._db.execute(
                """UPDATE members SET started_at = coalesce(started_at, ?), blocked_at = NULL,
                   telegram_language = ?, last_seen = ?,
                   first_name = coalesce(?, first_name) WHERE user_id = ?""",
                [self._at(), telegram_language, self._at(), first_name, user_id],
            )
        return first

    def set_language(self, user_id: int, language: str | None) -> None:
        self._set(user_id, "language", language)

    def set_country(self, user_id: int, country: str | None) -> None:
        self._set(user_id, "country", country)

    def set_notify(self, user_id: int, kinds: frozenset[str]) -> None:
        self._set(user_id, "notify", ",".join(k for k in NOTIFICATIONS if k in kinds))

    def set_blocked(self, user_id: int, blocked: bool) -> None:
        self._set(user_id, "blocked_at", self._at() if blocked else None)

    def export(self, user_id: int) -> dict[str, Any]:
        """Everything stored of one person, by table."""
        tables = {
            "members": "user_id",
            "answers": "user_id",
            "votes": "user_id",
            "desk_questions": "user_id",
            "fact_revisions": "user_id",
            "fact_drafts": "user_id",
            "staff": "user_id",
            "audit_log": "user_id",
            "dialogues": "user_id",
            "shield_people": "user_id",
            "shield_cleared": "user_id",
            "shield_reports": "user_id",
            "shield_reporters": "user_id",
            "shield_links": "user_id",
            "shield_cards": "chat_id",
            "shield_warned": "user_id",
            "promotions": "author_id",
            "broadcasts": "author_id",
            "broadcast_watches": "chat_id",
            "desk_cases": "closed_by",
            "faqs": "author",
            "referral_people": "user_id",
            "referrals": "invitee_id",
            "referral_events": "by_user",
            "referral_campaigns": "created_by",
        }
        found = {
            table: [dict(row) for row in self._db[table].rows_where(f"{column} = ?", [user_id])]
            for table, column in tables.items()
        }
        found["broadcasts"] = list(
            self._db.query("SELECT id, title, kind FROM broadcasts WHERE author_id = ?", [user_id])
        )
        found["deliveries"] = [
            row
            for key in keys_of_chat(self._db, user_id)
            for row in self._db["deliveries"].rows_where(_DELIVERY, key)
        ]
        return found

    def erase(self, user_id: int) -> None:
        """Deletes what is theirs alone; what others rely on stays without their name."""
        with self._db.atomic():
            self._db.execute("DELETE FROM fact_drafts WHERE user_id = ?", [user_id])
            self._db.execute("DELETE FROM staff WHERE user_id = ?", [user_id])
            self._db.execute("UPDATE staff SET added_by = NULL WHERE added_by = ?", [user_id])
            self._db.execute("UPDATE faqs SET author = NULL WHERE author = ?", [user_id])
            self._db.execute("DELETE FROM dialogues WHERE user_id = ?", [user_id])
            self._db.execute("DELETE FROM broadcast_watches WHERE chat_id = ?", [user_id])
            self._db.execute(
                "UPDATE promotions SET author_id = NULL WHERE author_id = ?", [user_id]
            )
            self._db.execute("UPDATE audit_log SET user_id = NULL WHERE user_id = ?", [user_id])
            for column in ("author_id", "approver_id"):
                self._db.execute(
                    f"UPDATE broadcasts SET {column} = NULL WHERE {column} = ?", [user_id]
                )
            for key in keys_of_chat(self._db, user_id):
                self._db.execute(f"DELETE FROM deliveries WHERE {_DELIVERY}", key)
            self._db.execute(
                "UPDATE audit_log SET target = '' WHERE target = ? AND what GLOB 'staff.*'",
                [str(user_id)],
            )
            self._db.execute("DELETE FROM votes WHERE user_id = ?", [user_id])
            cases = self._db.execute(
                "SELECT DISTINCT case_id FROM desk_questions WHERE user_id = ?", [user_id]
            ).fetchall()
            self._db.execute("DELETE FROM desk_questions WHERE user_id = ?", [user_id])
            self._db.conn.executemany(
                """DELETE FROM desk_cases WHERE id = ?
                   AND NOT EXISTS (SELECT 1 FROM desk_questions q WHERE q.case_id = desk_cases.id)""",
                cases,
            )
            for what in ("claimed", "closed"):
                self._db.execute(
                    f"UPDATE desk_cases SET {what}_by = NULL, {what}_name = '' WHERE {what}_by = ?",
                    [user_id],
                )
            self._db.execute("UPDATE faqs SET author = NULL WHERE author = ?", [user_id])
            self._db.execute("DELETE FROM answers WHERE user_id = ?", [user_id])
            self._db.execute("DELETE FROM shield_cards WHERE chat_id = ?", [user_id])
            for table in ("shield_people", "shield_cleared", "shield_reporters", "shield_warned"):
                self._db.execute(f"DELETE FROM {table} WHERE user_id = ?", [user_id])
            self._db.execute(
                "DELETE FROM shield_reports WHERE user_id = ? AND state <> 'open'", [user_id]
            )
            self._db.execute("UPDATE shield_links SET user_id = NULL WHERE user_id = ?", [user_id])
            self._db.execute("DELETE FROM members WHERE user_id = ?", [user_id])
            self._db.execute(
                "UPDATE fact_revisions SET user_id = NULL WHERE user_id = ?", [user_id]
            )
            self._erase_from_referrals(user_id)

    def _erase_from_referrals(self, user_id: int) -> None:
        """Totals stay, as events of nobody; links of the person lead nowhere from now on."""
        mine = "(SELECT id FROM referral_people WHERE user_id = :user)"
        for statement in (
            f"DELETE FROM referral_codes WHERE person_id IN {mine}",
            """UPDATE referrals SET invitee_id = NULL, invitee_name = '', name_key = NULL,
               language = NULL, has_username = 0 WHERE invitee_id = :user""",
            """UPDATE referral_people SET user_id = NULL, name = '', name_key = NULL
               WHERE user_id = :user""",
            "UPDATE referral_events SET by_user = NULL WHERE by_user = :user",
            "UPDATE referral_campaigns SET created_by = NULL WHERE created_by = :user",
        ):
            self._db.execute(statement, {"user": user_id})


_SETTABLE = (
    "country", "language", "timezone", "answering", "festivals", "quiet_from", "quiet_to",
    "clean_minutes", "more_languages",
)  # fmt: skip
_GROUP_COLUMNS = ", ".join(("chat_id", "title", *_SETTABLE))


_BASIC = "chat_id < 0 AND chat_id > -1000000000000"
"""Only a basic group becomes a supergroup; large tables have an index of just those."""


def _group(row: Sequence[Any]) -> Group:
    *settings, more = row
    found = Group(*settings)
    return replace(
        found,
        festivals=bool(found.festivals),
        more_languages=tuple(more.split(",")) if more else (),
    )


_AUDIENCES = """UPDATE broadcasts SET audience = json_set(audience, '$.chats',
        (SELECT json_group_array(DISTINCT iif(value = :old, :new, value))
         FROM json_each(audience, '$.chats')))
    WHERE EXISTS (SELECT 1 FROM json_each(audience, '$.chats') WHERE value = :old)"""
"""Broadcasts to single groups: what was approved stays approved, for it is the same group."""


class GroupStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def get(self, chat_id: int) -> Group | None:
        row = self._db.execute(
            f"SELECT {_GROUP_COLUMNS} FROM groups WHERE chat_id = ?", [chat_id]
        ).fetchone()
        return _group(row) if row else None

    def country_of(self, chat_id: int) -> str | None:
        group = self.get(chat_id)
        return group.country if group else None

    def all(self) -> list[Group]:
        """The groups that the bot is in, by title."""
        rows = self._db.execute(
            f"SELECT {_GROUP_COLUMNS} FROM groups WHERE left_at IS NULL ORDER BY title, chat_id"
        )
        return [_group(row) for row in rows]

    def join(self, chat_id: int, title: str) -> None:
        """Notes a group that the bot is in; settings of an earlier stay are kept."""
        self._db.execute(
            """INSERT INTO groups (chat_id, title, joined_at) VALUES (?, ?, ?)
               ON CONFLICT (chat_id) DO UPDATE SET title = excluded.title, left_at = NULL""",
            [chat_id, title[:255], self._now().isoformat(timespec="seconds")],
        )

    def leave(self, chat_id: int) -> None:
        self._db.execute(
            "UPDATE groups SET left_at = ? WHERE chat_id = ?",
            [self._now().isoformat(timespec="seconds"), chat_id],
        )

    def configure(self, chat_id: int, **changes: object) -> None:
        """Sets fields of a known group."""
        with self._db.atomic():
            for column, value in changes.items():
                if column not in _SETTABLE:
                    raise ValueError(column)
                stored = ",".join(value) if isinstance(value, tuple) else value
                self._db.execute(
                    f"UPDATE groups SET {column} = ? WHERE chat_id = ?", [stored, chat_id]
                )

    def migrate(self, old: int, new: int) -> None:
        """A group became a supergroup: its id changes everywhere (Bot API, migrate_to_chat_id)."""
        if self.get(old) is None:  # told of twice: once in the old chat, once in the new
            return
        with self._db.atomic():
            self._db.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [f"moved.{old}", str(new)]
            )  # for ids that stand in the settings
            self._db.execute("DELETE FROM groups WHERE chat_id = ?", [new])
            for table in ("answers", "desk_questions"):
                # Messages are counted anew there: an old number would be another message's.
                self._db.execute(
                    f"""UPDATE {table} SET message_id = -id
                        WHERE chat_id = ? AND message_id > 0 AND {_BASIC}""",
                    [old],
                )
            self._db.execute("UPDATE shield_reports SET messages = '[]' WHERE chat_id = ?", [old])
            self._db.execute("DELETE FROM shield_cards WHERE chat_id = ?", [old])
            for table in (
                "groups", "answers", "desk_questions", "fact_drafts", "dialogues", "shield_groups",
                "shield_people", "shield_cleared", "shield_raids", "shield_reports",
                "referral_links", "referrals",
            ):  # fmt: skip
                self._db.execute(
                    f"UPDATE OR REPLACE {table} SET chat_id = ? WHERE chat_id = ? AND {_BASIC}",
                    [new, old],
                )
            self._db.execute(_AUDIENCES, {"old": old, "new": new})
            # Its messages have other numbers now; who has a role in it keeps it.
            self._db.execute("DELETE FROM group_messages WHERE chat_id IN (?, ?)", [old, new])
            self._db.execute(
                "UPDATE OR IGNORE staff SET scope = ? WHERE scope = ?", [str(new), str(old)]
            )
