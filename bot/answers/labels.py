"""The words for every fixed value of the knowledge, marked for the catalogs."""

from __future__ import annotations

from bot.i18n import N_, Translator
from bot.knowledge.model import Activity, Standing, Status, StockTokens, Topic, Value, ValueKey

TOPIC = {
    Topic.ONRAMP: N_("Buy & sell"),
    Topic.P2P: N_("P2P"),
    Topic.PROMO: N_("Promotions"),
    Topic.REGULATION: N_("Law"),
    Topic.TAX: N_("Tax"),
    Topic.PLATFORM: N_("Platforms"),
    Topic.STOCKS: N_("Tokenized stocks"),
    Topic.REFERRAL: N_("Referrals"),
    Topic.SAFETY: N_("Safety"),
}
TOPIC_ICON = {
    Topic.ONRAMP: "💱", Topic.P2P: "🤝", Topic.PROMO: "🎉", Topic.REGULATION: "⚖️",
    Topic.TAX: "🧾", Topic.PLATFORM: "🏛", Topic.STOCKS: "📈", Topic.REFERRAL: "🔗",
    Topic.SAFETY: "🛡",
}  # fmt: skip

ACTIVITY = {
    Activity.OVERALL: N_("In short"),
    Activity.HOLDING: N_("Holding"),
    Activity.TRADING: N_("Trading"),
    Activity.LICENSING: N_("Exchange licences"),
    Activity.PAYMENTS: N_("Paying with crypto"),
    Activity.P2P: N_("P2P trades"),
    Activity.STABLECOINS: N_("Stablecoins"),
    Activity.TOKENIZED_STOCKS: N_("Tokenized stocks"),
    Activity.MARKETING: N_("Advertising crypto"),
    Activity.REFERRAL: N_("Referral rewards"),
    Activity.MINING: N_("Mining"),
    Activity.TAX: N_("Tax"),
}

STATUS = {
    Status.PERMITTED: N_("allowed"),
    Status.LICENSED_ONLY: N_("licensed companies only"),
    Status.RESTRICTED: N_("restricted"),
    Status.PILOT: N_("pilot only"),
    Status.PENDING: N_("rules not in force yet"),
    Status.UNREGULATED: N_("no specific rules"),
    Status.UNCLEAR: N_("unclear"),
    Status.PROHIBITED: N_("prohibited"),
    Status.TAXED: N_("taxed"),
    Status.UNTAXED: N_("not taxed"),
    Status.PARTLY_TAXED: N_("partly taxed"),
}
STATUS_ICON = {
    Status.PERMITTED: "🟢", Status.LICENSED_ONLY: "🟡", Status.RESTRICTED: "🟠",
    Status.PILOT: "🟡", Status.PENDING: "⏳", Status.UNREGULATED: "⚪", Status.UNCLEAR: "⚪",
    Status.PROHIBITED: "🔴", Status.TAXED: "🧾", Status.UNTAXED: "🟢",
    Status.PARTLY_TAXED: "🧾",
}  # fmt: skip

STANDING = {
    Standing.LICENSED: N_("licensed"),
    Standing.REGISTERED: N_("registered"),
    Standing.JOINT_VENTURE: N_("licensed through a joint venture"),
    Standing.IN_PRINCIPLE: N_("approved in principle, not licensed yet"),
    Standing.SANDBOX: N_("in the regulator's sandbox"),
    Standing.APPLIED: N_("has applied for a licence"),
    Standing.WARNED: N_("not licensed, public warning"),
    Standing.BLOCKED: N_("not licensed, access blocked"),
    Standing.SUSPENDED: N_("suspended"),
    Standing.LEFT: N_("has left the country"),
    Standing.NONE: N_("no licence found"),
}

VALUE = {
    ValueKey.TAX_RATE: N_("Rate"),
    ValueKey.TAX_FREE_ALLOWANCE: N_("Tax-free up to"),
    ValueKey.WITHHOLDING_RATE: N_("Withheld"),
    ValueKey.WITHHOLDING_THRESHOLD: N_("Withheld above"),
    ValueKey.VAT_RATE: N_("VAT"),
    ValueKey.TRADING_FEE: N_("Trading fee"),
    ValueKey.DEPOSIT_FEE: N_("Deposit fee"),
    ValueKey.WITHDRAWAL_FEE: N_("Withdrawal fee"),
    ValueKey.MINIMUM: N_("Minimum"),
    ValueKey.MAXIMUM: N_("Maximum"),
    ValueKey.PER_TRANSFER_LIMIT: N_("Limit per transfer"),
    ValueKey.DAILY_LIMIT: N_("Limit per day"),
    ValueKey.MONTHLY_LIMIT: N_("Limit per month"),
    ValueKey.YEARLY_LIMIT: N_("Limit per year"),
    ValueKey.HOLD_TIME: N_("Withdrawal hold"),
    ValueKey.SPEED: N_("Speed"),
    ValueKey.HOURS: N_("Hours"),
    ValueKey.MAX_FINE: N_("Fine up to"),
    ValueKey.MAX_PRISON: N_("Prison up to"),
    ValueKey.MINIMUM_CAPITAL: N_("Minimum capital"),
    ValueKey.MINIMUM_AGE: N_("Minimum age"),
    ValueKey.USERS: N_("Users"),
    ValueKey.ASSETS: N_("Assets"),
    ValueKey.AMOUNT: N_("Amount"),
    ValueKey.SHARE: N_("Share"),
    ValueKey.LICENCES: N_("Licences"),
    ValueKey.STARTS: N_("Starts"),
    ValueKey.DEADLINE: N_("Deadline"),
}

HOURS = {
    "24/7": N_("24 hours, every day"),
    "24/5": N_("24 hours, weekdays"),
    "business_hours": N_("business hours"),
    "bank_hours": N_("bank hours"),
    "market_hours": N_("stock market hours"),
}
STOCK_MODEL = {
    "custodial": N_("backed by shares in custody"),
    "synthetic": N_("synthetic, no shares behind it"),
    "perpetual": N_("perpetual contract on the price"),
    "pre_ipo": N_("exposure to a company before its listing"),
    "contract": N_("contract on the price"),
    "broker": N_("broker for real shares"),
}
STOCK_RISK = {
    "no_shareholder_rights": N_("no shareholder rights"),
    "closed_market_depeg": N_("price can drift while the stock market is closed"),
    "custodian": N_("depends on one custodian"),
    "leverage": N_("leverage can wipe out the deposit"),
    "illiquid": N_("hard to sell"),
    "issuer": N_("depends on the issuer"),
    "oracle": N_("depends on a price feed"),
    "not_for_residents": N_("closed to residents of some countries"),
    "discontinued": N_("discontinued"),
}


def value_text(t: Translator, value: Value, country: str | None) -> str:
    """'Limit per day: ₱50,000' in the reader's language."""
    label = t(VALUE[value.key])
    return t("{label}: {value}", label=label, value=_amount(t, value, country))


def _amount(t: Translator, value: Value, country: str | None) -> str:
    if value.percent is not None:
        return t.percent(value.percent)
    if value.money is not None:
        return t.money(value.money, country)
    if value.duration is not None:
        return t.duration(value.duration)
    if value.count is not None:
        return t.number(value.count, country)
    if value.date is not None:
        return t.partial_date(value.date)
    if value.hours is not None:
        return t(HOURS[value.hours])
    return t("instant") if value.instant else t("free")


def stock_details(t: Translator, stock: StockTokens) -> tuple[str, ...]:
    details = [t(STOCK_MODEL[stock.model])]
    if stock.hours:
        details.append(t(HOURS[stock.hours]))
    if stock.assets:
        details.append(
            t.plural("at least {n} stock or fund", "at least {n} stocks and funds", stock.assets)
        )
    if stock.chains:
        details.append(t.listing(stock.chains))
    return tuple(details)
