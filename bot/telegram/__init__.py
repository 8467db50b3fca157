"""The face in Telegram: the only package that imports `telegram`."""
