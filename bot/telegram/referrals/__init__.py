"""The face of referral campaigns: members' links and numbers, marketing's desk, arrivals."""
