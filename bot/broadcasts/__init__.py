"""Messages to many: what they say, who gets them, when, and what became of each."""
