"""The scam shield: pure rules that tell a look-alike, a bad link and an ask for a seed phrase,
and the stores of what was seen, reported and done."""
