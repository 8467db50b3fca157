"""Reads the environment and .env into `Settings`: the only place that does."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.knowledge.model import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
_TOKEN = re.compile(r"^\d{3,20}:[A-Za-z0-9_-]{30,64}$")

_HOURS = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")
_SECRET = re.compile(r"^[A-Za-z0-9_-]{16,256}$")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_WEBHOOK_PORTS = (443, 80, 88, 8443)
"""Bot API, setWebhook."""


class SettingsError(Exception):
    """The settings cannot be used; its text is one line a problem, without secrets."""


class Settings(BaseSettings):
    """Every setting of the bot. Each is an environment variable or a line of `.env`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="SAMPAN_", extra="ignore", hide_input_in_errors=True
    )

    telegram_bot_token: SecretStr = Field(
        default=SecretStr(""), validation_alias="TELEGRAM_BOT_TOKEN"
    )
    """From @BotFather. Needed by `run` alone."""
    telegram_api_base_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.telegram.org"), validation_alias="TELEGRAM_API_BASE_URL"
    )
    """Another Bot API server, such as a local one."""
    database: Path = Path("data/sampan.db")
    owners: Annotated[frozenset[int], NoDecode] = frozenset()
    """Telegram user ids, with commas between, that may do everything."""
    desk_chat: int | None = None
    """The group where moderators answer; asked questions are announced there."""
    bot_name: str = Field(default="Sampan", max_length=40)
    """Shown before "crypto help desk" in each language; empty leaves the name as @BotFather has it."""
    default_language: str = "en"
    buddhist_years: bool = False
    """Whether Thai dates are told in years of the Buddhist era (2026 is 2569)."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    concurrent_updates: int = Field(default=64, ge=1, le=1024)
    """Updates of different chats dealt with at the same time."""
    poll_timeout: int = Field(default=30, ge=1, le=50)
    """Seconds that one getUpdates call waits."""
    answers_per_minute: int = Field(default=20, ge=1, le=600)
    """What one person may ask in a minute before the bot asks them to wait."""
    answer_retention_days: int = Field(default=90, ge=1, le=3650)
    """How long the text of a question is kept."""
    updates_per_minute: int = Field(default=300, ge=10, le=1_000_000)
    """What is read of one person in a minute; more of it is dropped unread."""
    watch_host: str = "127.0.0.1"
    """Where /healthz, /readyz and /metrics are served; off-host is a decision, not a default."""
    watch_port: int = Field(default=9464, ge=0, le=65535)
    """0: not served."""
    webhook_url: AnyHttpUrl | None = None
    """The public https address that Telegram posts updates to; without it the bot polls."""
    webhook_secret: SecretStr = SecretStr("")
    """What each post must carry; without it a new one is made at each start."""
    webhook_host: str = "127.0.0.1"
    """Where the bot listens for the proxy that ends TLS."""
    webhook_port: int = Field(default=8080, ge=0, le=65535)

    @field_validator("webhook_url", mode="before")
    @classmethod
    def _no_webhook(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("webhook_url")
    @classmethod
    def _telegram_can_post_there(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value is None or value.host in _LOOPBACK:
            return value
        if value.scheme != "https":
            raise ValueError("expected an https address: Telegram posts to no other")
        if value.port not in _WEBHOOK_PORTS:
            raise ValueError("expected port 443, 80, 88 or 8443: Telegram posts to no other")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _strong_secret(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _SECRET.match(value.get_secret_value()):
            raise ValueError("expected 16 to 256 letters, digits, _ or -")
        return value

    approval: bool = True
    """Whether a second person has to approve each broadcast."""
    redirect_url: AnyHttpUrl | None = None
    """Base of the addresses under which clicks on broadcasts' buttons are counted."""
    festival_reminder_days: int = Field(default=21, ge=1, le=120)
    """How many days before a festival marketing is reminded that it has no campaign."""
    broadcast_late_minutes: int = Field(default=30, ge=1, le=1440)
    """A broadcast that missed its moment by more is not sent before a person says so."""
    broadcast_quiet_hours: str = "22:00-08:00"
    """By each recipient's clock; nothing is sent then. "none": never quiet."""
    paid_broadcasts: bool = False
    """Lets broadcasts be sent at up to 1,000 a second, at 0.1 Telegram Star a message."""

    @field_validator("broadcast_quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        if value != "none" and not _HOURS.match(value):
            raise ValueError('expected hours such as 22:00-08:00, or "none"')
        return value

    @field_validator("owners", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [p.strip() for p in value.split(",") if p.strip()]
        if not all(p.isdigit() for p in parts):
            raise ValueError("expected Telegram user ids (numbers) with commas between them")
        return frozenset(int(p) for p in parts)

    @field_validator("default_language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"expected one of {', '.join(LANGUAGES)}")
        return value

    @field_validator("desk_chat", "redirect_url", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return None if value == "" else value

    def quiet_hours(self) -> tuple[time, time]:
        """From, to; the same twice where there are none."""
        if self.broadcast_quiet_hours == "none":
            return time(0), time(0)
        start, _, end = self.broadcast_quiet_hours.partition("-")
        return time.fromisoformat(start), time.fromisoformat(end)

    def token(self) -> str:
        """The bot's token.

        Raises SettingsError when it is missing or cannot be one; its text never holds the token.
        """
        token = self.telegram_bot_token.get_secret_value().strip()
        if not token:
            raise SettingsError(
                "TELEGRAM_BOT_TOKEN is not set: put the token that @BotFather gave you into "
                "the environment or into .env (or try `make demo`, which needs none)"
            )
        if not _TOKEN.match(token):
            raise SettingsError(
                "TELEGRAM_BOT_TOKEN is malformed: expected digits, a colon and at least "
                "30 letters, digits, _ or - (as @BotFather shows it)"
            )
        return token

    def api_base(self) -> str:
        return str(self.telegram_api_base_url).rstrip("/")


def load_settings(**overrides: object) -> Settings:
    """Reads the settings. Raises SettingsError with one line for each wrong value."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for item in error.errors():
            name = str(item["loc"][0]) if item["loc"] else "settings"
            shown = name if name.isupper() else f"SAMPAN_{name.upper()}"
            lines.append(f"{shown}: {item['msg'].removeprefix('Value error, ')}")
        raise SettingsError("\n".join(lines)) from None
