"""Referral campaigns: links, who came by them, what counts and why, and signs of fraud."""
