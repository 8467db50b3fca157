"""What keeps a database of millions of rows quick: no job and no person's wish reads a whole table."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m018_large_tables(db: Database) -> None:
    run(
        db,
        # Not only those that wait: what a kill left half answered is found in it as well. Written
        # as often as the one before: an update leaves it once, when it is done.
        "DROP INDEX updates_waiting",
        "CREATE INDEX updates_open ON updates (update_id) WHERE state != 'done'",
        # Only a basic group can become a supergroup, and few groups are basic ones.
        """CREATE INDEX answers_basic_group ON answers (chat_id)
           WHERE chat_id < 0 AND chat_id > -1000000000000""",
        """CREATE INDEX referrals_basic_group ON referrals (chat_id)
           WHERE chat_id < 0 AND chat_id > -1000000000000""",
        # To give a person their data, and to delete it.
        "CREATE INDEX referral_events_by ON referral_events (by_user) WHERE by_user IS NOT NULL",
        "CREATE INDEX shield_reports_user ON shield_reports (user_id)",
        "CREATE INDEX audit_log_user ON audit_log (user_id)",
    )
