"""The shape of the knowledge: countries, platforms, rails and the facts about them.

Everything is English source text. Prose is translated through the gettext domain
`knowledge`; statuses, money, percentages, durations and dates are values, so that every
language renders them without a translator. `docs/knowledge.md` is the guide for authors.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

COUNTRIES = (
    "VN", "TH", "PH", "ID", "MY", "SG", "KR", "JP", "CN", "HK", "TW", "IN", "PK", "BD",
)  # fmt: skip
LANGUAGES = (
    "en", "vi", "th", "fil", "id", "ms", "ko", "ja", "zh-Hans", "zh-Hant", "hi", "ur", "bn",
)  # fmt: skip


class Topic(StrEnum):
    ONRAMP = "onramp"
    P2P = "p2p"
    PROMO = "promo"
    REGULATION = "regulation"
    TAX = "tax"
    PLATFORM = "platform"
    STOCKS = "stocks"
    REFERRAL = "referral"
    SAFETY = "safety"
    NONE = "none"


class Activity(StrEnum):
    OVERALL = "overall"
    HOLDING = "holding"
    TRADING = "trading"
    LICENSING = "licensing"
    PAYMENTS = "payments"
    P2P = "p2p"
    STABLECOINS = "stablecoins"
    TOKENIZED_STOCKS = "tokenized_stocks"
    MARKETING = "marketing"
    REFERRAL = "referral"
    MINING = "mining"
    TAX = "tax"


class Status(StrEnum):
    """What the law says of an activity."""

    PERMITTED = "permitted"
    LICENSED_ONLY = "licensed_only"
    RESTRICTED = "restricted"
    PILOT = "pilot"
    PENDING = "pending"
    UNREGULATED = "unregulated"
    UNCLEAR = "unclear"
    PROHIBITED = "prohibited"
    TAXED = "taxed"
    UNTAXED = "untaxed"
    PARTLY_TAXED = "partly_taxed"


class Standing(StrEnum):
    """Where a platform stands with a country's regulator."""

    LICENSED = "licensed"
    REGISTERED = "registered"
    JOINT_VENTURE = "joint_venture"
    IN_PRINCIPLE = "in_principle"
    SANDBOX = "sandbox"
    APPLIED = "applied"
    WARNED = "warned"
    BLOCKED = "blocked"
    SUSPENDED = "suspended"
    LEFT = "left"
    NONE = "none"


class Kind(StrEnum):
    """What sort of fact it is: decides where and how an answer shows it."""

    RULE = "rule"  # the law on an activity; has `activity` and `status`
    EVENT = "event"  # something that happened; has `date`; makes the timeline
    STANDING = "standing"  # a platform in a country; has `platform` and `standing`
    ONRAMP = "onramp"  # how a provider takes local money; has `platform`
    RAIL = "rail"  # a payment system; has `rail`
    RISK = "risk"  # what goes wrong and how to stay safe
    TAX = "tax"  # rates, thresholds, deadlines
    FIGURE = "figure"  # a number about a platform or market, as of its date
    NOTE = "note"  # anything else worth saying


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"


class GateKind(StrEnum):
    """What the compliance gate decides on."""

    PROMOTION = "promotion"
    REFERRAL = "referral"
    ONRAMP = "onramp"
    P2P = "p2p"
    STOCKS = "stocks"
    EDUCATION = "education"
    """Teaching material sent out: how things work, the law, safety."""
    SERVICE = "service"
    """Notices of the community itself."""


class Verdict(StrEnum):
    ALLOW = "allow"
    WARN = "warn"  # only with the country's warning
    LICENSED_ONLY = "licensed_only"  # only for platforms licensed or registered there, with warning
    OWN_CHANNEL = "own_channel"  # as licensed_only, and only in that platform's own channel
    HOLD = "hold"  # never


class ValueKey(StrEnum):
    """A structured value's meaning: each has one label in every language."""

    TAX_RATE = "tax_rate"
    TAX_FREE_ALLOWANCE = "tax_free_allowance"
    WITHHOLDING_RATE = "withholding_rate"
    WITHHOLDING_THRESHOLD = "withholding_threshold"
    VAT_RATE = "vat_rate"
    TRADING_FEE = "trading_fee"
    DEPOSIT_FEE = "deposit_fee"
    WITHDRAWAL_FEE = "withdrawal_fee"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    PER_TRANSFER_LIMIT = "per_transfer_limit"
    DAILY_LIMIT = "daily_limit"
    MONTHLY_LIMIT = "monthly_limit"
    YEARLY_LIMIT = "yearly_limit"
    HOLD_TIME = "hold_time"
    SPEED = "speed"
    HOURS = "hours"
    MAX_FINE = "max_fine"
    MAX_PRISON = "max_prison"
    MINIMUM_CAPITAL = "minimum_capital"
    MINIMUM_AGE = "minimum_age"
    USERS = "users"
    ASSETS = "assets"
    AMOUNT = "amount"
    SHARE = "share"
    LICENCES = "licences"
    STARTS = "starts"
    DEADLINE = "deadline"


_DATE = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")
_ID = re.compile(r"^[a-z0-9]+([._-][a-z0-9]+)*$")


def _partial_date(value: object) -> object:
    """YAML reads 2026-06-24 as a date and 2026 as a number; both become text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return value


def _check_date(value: str) -> str:
    if not _DATE.match(value):
        raise ValueError("expected YYYY, YYYY-MM or YYYY-MM-DD")
    parts = [int(p) for p in value.split("-")]
    date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)
    return value


def _check_id(value: str) -> str:
    if not _ID.match(value):
        raise ValueError("expected lower-case letters, digits, and . _ - between them")
    return value


PartialDate = Annotated[str, BeforeValidator(_partial_date), AfterValidator(_check_date)]
"""An ISO date, or only its year, or year and month, as the source gives it."""
Id = Annotated[str, Field(max_length=64), AfterValidator(_check_id)]
Country = Literal[
    "VN", "TH", "PH", "ID", "MY", "SG", "KR", "JP", "CN", "HK", "TW", "IN", "PK", "BD"
]
Language = Literal[
    "en", "vi", "th", "fil", "id", "ms", "ko", "ja", "zh-Hans", "zh-Hant", "hi", "ur", "bn"
]
Prose = Annotated[str, Field(min_length=3, max_length=420)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s]+\.[^\s]+$", max_length=400)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """Where a fact comes from, as it is shown to a member."""

    name: Annotated[str, Field(min_length=3, max_length=140)]
    url: Url | None = None
    date: PartialDate
    kind: Literal[
        "law", "regulator", "government", "court", "company", "law_firm", "press", "research"
    ]


class Money(Strict):
    amount: float
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 4217; the amount is in major units (pesos, not centavos)."""


class Duration(Strict):
    amount: float
    unit: Literal["second", "minute", "hour", "day", "week", "month", "year"]


class Value(Strict):
    """One figure. Exactly one of the typed fields is given."""

    key: ValueKey
    percent: float | None = None
    money: Money | None = None
    duration: Duration | None = None
    count: int | None = None
    date: PartialDate | None = None
    hours: Literal["24/7", "24/5", "business_hours", "bank_hours"] | None = None
    instant: Literal[True] | None = None
    free: Literal[True] | None = None
    """`instant` and `free` stand for a speed or a fee that is nought."""

    @model_validator(mode="after")
    def _one(self) -> Value:
        given = [
            name
            for name in type(self).model_fields
            if name != "key" and getattr(self, name) is not None
        ]
        if len(given) != 1:
            raise ValueError(
                "expected exactly one of percent, money, duration, count, date, hours, instant, free"
            )
        return self


class Fact(Strict):
    """One claim, with where it comes from and when it was true."""

    id: Id
    topic: Topic
    kind: Kind
    text: Prose
    source: Annotated[
        tuple[Id, ...],
        Field(min_length=1, max_length=4),
        BeforeValidator(lambda v: (v,) if isinstance(v, str) else v),
    ]
    as_of: PartialDate
    confidence: Confidence
    review_by: PartialDate
    activity: Activity | None = None
    status: Status | None = None
    date: PartialDate | None = None
    """When an event happened (or will), for `kind: event`."""
    platform: Id | None = None
    platforms: tuple[Id, ...] = ()
    """Further platforms that the fact is about (an order that names several)."""
    standing: Standing | None = None
    rail: Id | None = None
    rails: tuple[Id, ...] = ()
    """For an on-ramp: the rails that it takes."""
    provider_kind: (
        Literal["exchange", "broker", "wallet", "bank", "aggregator", "card", "atm", "stock_broker"]
        | None
    ) = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    identity_check: Prose | None = None
    values: tuple[Value, ...] = ()
    gate: dict[GateKind, Verdict] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Fact:
        needed = {
            Kind.RULE: ("activity", "status"),
            Kind.EVENT: ("date",),
            Kind.STANDING: ("platform", "standing"),
            Kind.ONRAMP: ("platform", "currency", "provider_kind"),
            Kind.RAIL: ("rail",),
        }.get(self.kind, ())
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a fact of kind {self.kind} also needs {', '.join(missing)}")
        if self.standing and self.kind is not Kind.STANDING:
            raise ValueError("only a fact of kind standing has a standing")
        if self.gate and self.kind is not Kind.RULE:
            raise ValueError("only a fact of kind rule has a gate")
        return self

    def about(self, platform: str) -> bool:
        return platform == self.platform or platform in self.platforms


class Platform(Strict):
    """An exchange, wallet, broker, protocol or service that members name."""

    id: Id
    name: Annotated[str, Field(min_length=2, max_length=40)]
    """The canonical English name, as its own site writes it."""
    kind: Literal[
        "exchange", "wallet", "broker", "stock_broker", "payment", "stablecoin", "chain",
        "stock_tokens", "perpetuals", "pre_ipo", "protocol", "infrastructure", "p2p_market",
    ]  # fmt: skip
    home: Country | None = None
    """Set only where naming the platform alone tells the country (Upbit -> KR)."""
    text: Prose
    source: Annotated[
        tuple[Id, ...],
        Field(min_length=1),
        BeforeValidator(lambda v: (v,) if isinstance(v, str) else v),
    ]
    as_of: PartialDate
    aliases: tuple[str, ...] = ()
    """Every spelling that members use, in any script, lower case; without the name itself."""
    bare: bool = True
    """False where the name alone is an ordinary word: then only the aliases count."""
    stock: StockTokens | None = None


class StockTokens(Strict):
    """How a platform's tokenized stocks work."""

    model: Literal["custodial", "synthetic", "perpetual", "pre_ipo", "contract", "broker"]
    hours: Literal["24/7", "24/5", "market_hours"] | None = None
    assets: int | None = None
    """How many stocks and funds, at least, as of the date."""
    chains: tuple[str, ...] = ()
    who: Prose | None = None
    risks: tuple[
        Literal[
            "no_shareholder_rights", "closed_market_depeg", "custodian", "leverage",
            "illiquid", "issuer", "oracle", "not_for_residents", "discontinued",
        ], ...
    ] = ()  # fmt: skip


class Rail(Strict):
    """A payment system that moves local money."""

    id: Id
    name: Annotated[str, Field(min_length=2, max_length=40)]
    country: Country
    operator: str | None = None
    kind: Literal["instant", "bank_transfer", "wallet", "card", "cash", "qr", "convenience_store"]
    aliases: tuple[str, ...] = ()
    bare: bool = True
    """As of a platform: False where the name alone is an ordinary word."""


class Regulator(Strict):
    id: Id
    name: str
    abbreviation: str | None = None
    url: Url | None = None
    aliases: tuple[str, ...] = ()


class Card(Strict):
    """The country in one glance, translated into every language."""

    status: Status
    sentence: Prose
    warning: Prose
    source: Annotated[
        tuple[Id, ...],
        Field(min_length=1),
        BeforeValidator(lambda v: (v,) if isinstance(v, str) else v),
    ]
    as_of: PartialDate


class NeverSay(Strict):
    """What a support bot must not say there; for authors, moderators and `check`."""

    text: Prose
    source: Annotated[
        tuple[Id, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)
    ] = ()


class CountryFile(Strict):
    country: Country
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    """Languages of its members, the commonest first."""
    time_zone: str
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    card: Card
    regulators: tuple[Regulator, ...]
    sources: dict[Id, Source]
    platforms: tuple[Platform, ...] = ()
    rails: tuple[Rail, ...] = ()
    facts: tuple[Fact, ...]
    never_say: tuple[NeverSay, ...] = ()


class CommonFile(Strict):
    """Platforms of every country, and facts that belong to no country."""

    sources: dict[Id, Source] = Field(default_factory=dict)
    platforms: tuple[Platform, ...] = ()
    facts: tuple[Fact, ...] = ()


Platform.model_rebuild()
