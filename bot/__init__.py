"""Sampan: a multilingual Telegram support desk for crypto communities in Asia."""

__version__ = "0.1.0"
