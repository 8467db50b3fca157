"""Errors that end the program with one line for the operator."""


class CannotRun(Exception):
    """The bot cannot run; its text says why and what to do."""
