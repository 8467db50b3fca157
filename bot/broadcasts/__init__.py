"""Broadcasts: who gets them, when, at what pace; a ledger that a kill cannot confuse."""
