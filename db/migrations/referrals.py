"""Referral campaigns: who may invite, who was invited, and the ledger of what became of it."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m013_referrals(db: Database) -> None:
    run(
        db,
        """CREATE TABLE referral_campaigns (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            platform TEXT,                       -- what it promotes, if anything
            countries TEXT NOT NULL DEFAULT '',  -- alpha-2, with commas; empty: wherever it is allowed
            starts_at TEXT NOT NULL,
            ends_at TEXT NOT NULL,
            archived_at TEXT,
            tiers TEXT NOT NULL DEFAULT '[]',    -- JSON: [[people, reward], ...]
            cap INTEGER,                         -- counted referrals a member at most
            budget INTEGER,                      -- counted referrals in all at most
            created_by INTEGER,
            at TEXT NOT NULL)""",
        """CREATE TABLE referral_rules (         -- never changed: a new version is added
            campaign_id INTEGER NOT NULL REFERENCES referral_campaigns (id),
            version INTEGER NOT NULL,
            days INTEGER NOT NULL,
            messages INTEGER NOT NULL,
            needs_country INTEGER NOT NULL,
            human INTEGER NOT NULL,
            in_group INTEGER NOT NULL,           -- must have joined a group, not the bot alone
            at TEXT NOT NULL,
            PRIMARY KEY (campaign_id, version)) WITHOUT ROWID""",
        """CREATE TABLE referral_people (        -- those who invite
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER UNIQUE,              -- null: erased
            name TEXT NOT NULL DEFAULT '',       -- masked
            name_key TEXT,                       -- keyed hash of the name, to see the same name again
            country TEXT,
            at TEXT NOT NULL)""",
        """CREATE TABLE referral_codes (
            code TEXT PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES referral_people (id),
            campaign_id INTEGER NOT NULL REFERENCES referral_campaigns (id),
            banned_at TEXT,
            UNIQUE (person_id, campaign_id)) WITHOUT ROWID""",
        """CREATE TABLE referral_links (         -- personal invite links of groups
            url TEXT PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES referral_people (id),
            campaign_id INTEGER NOT NULL REFERENCES referral_campaigns (id),
            chat_id INTEGER NOT NULL,
            revoked_at TEXT) WITHOUT ROWID""",
        """CREATE UNIQUE INDEX referral_links_live ON referral_links (person_id, campaign_id, chat_id)
           WHERE revoked_at IS NULL""",
        """CREATE TABLE referrals (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            person_key TEXT NOT NULL UNIQUE,     -- keyed hash of the invited person's id: one for ever
            invitee_id INTEGER,                  -- null: erased
            invitee_name TEXT NOT NULL DEFAULT '',   -- masked
            name_key TEXT,
            language TEXT,
            has_username INTEGER NOT NULL DEFAULT 0,
            country TEXT,
            campaign_id INTEGER NOT NULL REFERENCES referral_campaigns (id),
            referrer_id INTEGER NOT NULL REFERENCES referral_people (id),
            rules_version INTEGER NOT NULL,
            via TEXT NOT NULL,                   -- start, link, request
            chat_id INTEGER,                     -- the group that they joined
            state TEXT NOT NULL,
            opened_at TEXT NOT NULL,
            entered_at TEXT,
            due_at TEXT,
            messages INTEGER NOT NULL DEFAULT 0,
            human INTEGER NOT NULL DEFAULT 0,    -- 1: passed the check; negative: misses
            accepted INTEGER NOT NULL DEFAULT 0) -- 1: a person decided that it is honest""",
        "CREATE INDEX referrals_due ON referrals (state, due_at)",
        "CREATE INDEX referrals_referrer ON referrals (referrer_id, campaign_id, opened_at)",
        "CREATE INDEX referrals_campaign ON referrals (campaign_id, state)",
        "CREATE INDEX referrals_invitee ON referrals (invitee_id)",
        """CREATE TABLE referral_events (        -- append-only; holds nobody's name
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            referral_id INTEGER NOT NULL REFERENCES referrals (id),
            kind TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            detail TEXT NOT NULL DEFAULT '{}',   -- JSON
            by_user INTEGER,                     -- null: the bot itself, or an erased person
            at TEXT NOT NULL)""",
        "CREATE INDEX referral_events_referral ON referral_events (referral_id)",
        """CREATE TRIGGER referral_events_stay BEFORE DELETE ON referral_events
           BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
        """CREATE TRIGGER referral_events_keep
           BEFORE UPDATE OF id, referral_id, kind, reason, detail, at ON referral_events
           BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
        """CREATE TABLE referral_standing (      -- derived from the ledger; campaign 0: all of them
            campaign_id INTEGER NOT NULL,
            person_id INTEGER NOT NULL,
            country TEXT,
            opened INTEGER NOT NULL DEFAULT 0,
            joined INTEGER NOT NULL DEFAULT 0,
            departed INTEGER NOT NULL DEFAULT 0,
            held INTEGER NOT NULL DEFAULT 0,
            disqualified INTEGER NOT NULL DEFAULT 0,
            qualified INTEGER NOT NULL DEFAULT 0,
            rewarded INTEGER NOT NULL DEFAULT 0,
            reached_at TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (campaign_id, person_id)) WITHOUT ROWID""",
        """CREATE INDEX referral_standing_top
           ON referral_standing (campaign_id, qualified DESC, reached_at, person_id)""",
        """CREATE INDEX referral_standing_country
           ON referral_standing (campaign_id, country, qualified DESC, reached_at, person_id)""",
        "CREATE INDEX referral_standing_person ON referral_standing (person_id)",
        """CREATE TABLE referral_totals (        -- derived as well: a row a campaign
            campaign_id INTEGER PRIMARY KEY, qualified INTEGER NOT NULL DEFAULT 0)""",
        # Who was seen before, by a keyed hash of the id: an old member cannot be invited anew.
        "CREATE TABLE referral_known (person_key TEXT PRIMARY KEY) WITHOUT ROWID",
    )
