"""Languages: choosing one, looking texts up through gettext, and formats through Babel."""

from __future__ import annotations

import gettext
import io
import logging
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol
from babel.units import format_unit

from bot.knowledge.model import LANGUAGES, Duration, Money

log = logging.getLogger(__name__)

LOCALES = Path(__file__).resolve().parent.parent / "locales"
DOMAINS = ("sampan", "knowledge")
DEFAULT_LANGUAGE = "en"
BUDDHIST_ERA = 543
RIGHT_TO_LEFT = frozenset({"ur"})

LANGUAGE_NAMES = {
    "en": "English", "vi": "Tiếng Việt", "th": "ไทย", "fil": "Filipino",
    "id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "ko": "한국어", "ja": "日本語",
    "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "hi": "हिन्दी", "ur": "اردو", "bn": "বাংলা",
}  # fmt: skip
"""Each language by its own name, for the buttons that choose it."""

_HOME = {
    "vi": "VN", "th": "TH", "fil": "PH", "id": "ID", "ms": "MY", "ko": "KR", "ja": "JP",
    "zh-Hans": "CN", "zh-Hant": "TW", "hi": "IN", "ur": "PK", "bn": "BD", "en": "US",
}  # fmt: skip

_ALIASES = {"tl": "fil", "in": "id", "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans",
            "zh-my": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant",
            "yue": "zh-Hant"}  # fmt: skip


_OTHER_CHINESE = {"zh-Hans": ("zh-Hant", "（繁）"), "zh-Hant": ("zh-Hans", "（简）")}
"""The other script and its mark: nearer to a reader than English where a text is in that one only."""


def N_(text: str) -> str:
    """Marks a text for the catalogs where it is defined, to be looked up where it is shown."""
    return text


_COMMAND = re.compile(r"(?<![\w/])/[a-z][a-z0-9_]*")


_LAKH = {"INR": "IN", "PKR": "PK", "BDT": "BD"}
"""Money that is counted in lakh and crore, and where."""
_DOLLARS = {"USD": "US$", "TWD": "NT$"}
"""Never a bare "$": members of many dollars read the same answers."""


def isolate(text: str) -> str:
    """Keeps a Latin name, number or address in its own direction inside right-to-left text.

    Unicode UAX 9: first strong isolate ... pop directional isolate.
    """
    return f"\u2068{text}\u2069" if text and not text.startswith("\u2068") else text


def match_language(tag: str | None) -> str | None:
    """The language of ours that a BCP 47 tag (Telegram's `language_code`) asks for, if any."""
    if not tag:
        return None
    lowered = tag.lower().replace("_", "-")
    exact = {language.lower(): language for language in LANGUAGES}
    while lowered:
        if lowered in exact:
            return exact[lowered]
        if lowered in _ALIASES:
            return _ALIASES[lowered]
        lowered = lowered.rpartition("-")[0]
    return None


def folder(language: str) -> str:
    """The catalog's folder: gettext's form of the tag (zh-Hans -> zh_Hans)."""
    return language.replace("-", "_")


def _catalog(language: str, domain: str, root: Path) -> gettext.NullTranslations:
    """A compiled catalog, else the source one compiled in memory, else English."""
    base = root / folder(language) / "LC_MESSAGES" / domain
    po, mo = base.with_suffix(".po"), base.with_suffix(".mo")
    try:
        if mo.exists() and (not po.exists() or mo.stat().st_mtime >= po.stat().st_mtime):
            return gettext.GNUTranslations(io.BytesIO(mo.read_bytes()))
        if po.exists():
            buffer = io.BytesIO()
            with po.open("rb") as file:
                write_mo(buffer, read_po(file, locale=folder(language), abort_invalid=True))
            buffer.seek(0)
            return gettext.GNUTranslations(buffer)
    except (OSError, PoFileError, ValueError, UnicodeError) as error:
        log.warning("the catalog %s is not used: %s", po.name, error)
    return gettext.NullTranslations()


class Translator:
    """Everything that one language needs to say something."""

    def __init__(self, language: str, root: Path = LOCALES, years_before: int = 0) -> None:
        """`years_before`: how many years the calendar that dates are shown in is ahead."""
        self.language = language
        self._years_before = years_before
        self._ui = _catalog(language, "sampan", root)
        self._prose = _catalog(language, "knowledge", root)
        self._root = root
        self._locale = _locale(language, None)

    @property
    def right_to_left(self) -> bool:
        return self.language in RIGHT_TO_LEFT

    def __call__(self, text: str, **values: object) -> str:
        return self._fill(self._ui.gettext(text), text, values)

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """`{n}` in the text is the number, in the language's own form."""
        values = {"n": self.number(n), **values}
        return self._fill(self._ui.ngettext(one, many, n), one if n == 1 else many, values)

    def _fill(self, text: str, source: str, values: dict[str, object]) -> str:
        if not values and not self.right_to_left:
            return text
        if self.right_to_left:
            text = _COMMAND.sub(lambda found: isolate(found.group()), text)
            values = {name: isolate(str(value)) for name, value in values.items()}
        try:
            return text.format_map(values)
        except (KeyError, IndexError, ValueError):
            return source.format_map(values)

    def prose(self, text: str) -> tuple[str, bool]:
        """The knowledge's text in this language, and whether it is (else it is the English).

        Chinese that there is in the other script only is shown in that, with its mark.
        """
        if self.language == "en":
            return text, True
        translated = self._prose.gettext(text)
        if translated == text:
            translated = self._in_other_chinese(text)
        if translated == text:
            return isolate(text) if self.right_to_left else text, False
        return translated, True

    def _in_other_chinese(self, text: str) -> str:
        other = self._other_chinese
        found = other.gettext(text) if other else text
        return text if found == text else found + _OTHER_CHINESE[self.language][1]

    @cached_property
    def _other_chinese(self) -> gettext.NullTranslations | None:
        other = _OTHER_CHINESE.get(self.language)
        return _catalog(other[0], "knowledge", self._root) if other else None

    # Formats. `country` chooses the country's own form where it differs (en in India: lakh).

    def locale(self, country: str | None = None) -> Locale:
        return _locale(self.language, country) if country else self._locale

    def number(self, value: float, country: str | None = None) -> str:
        return format_decimal(value, locale=self.locale(country))

    def percent(self, value: float) -> str:
        """A percentage given as 30 for 30 %."""
        return format_percent(
            value / 100, format=_percent_pattern(self._locale), locale=self._locale
        )

    def money(self, money: Money, country: str | None = None) -> str:
        whole = float(money.amount).is_integer()
        own = _LAKH.get(money.currency)
        # The country's grouping for its own money; foreign money in thousands, as it is quoted.
        locale = self.locale(country if own and country == own else None)
        pattern = str(locale.currency_formats["standard"].pattern)
        if not own:
            pattern = pattern.replace("#,##,##0", "#,##0")
        if whole:
            pattern = _whole(pattern)
        symbol = _DOLLARS.get(money.currency) or get_currency_symbol(money.currency, locale)
        return format_currency(
            money.amount, money.currency, locale=locale, currency_digits=not whole,
            format=_with_symbol(pattern, symbol),
        )  # fmt: skip

    def duration(self, duration: Duration) -> str:
        unit = f"duration-{duration.unit}"
        for length in ("long", "short", "narrow"):
            shown = format_unit(duration.amount, unit, length=length, locale=self._locale)
            if unit not in shown:  # Babel shows the unit's key where CLDR has no pattern
                return shown
        return f"{self.number(duration.amount)} {duration.unit}"

    def partial_date(self, value: str) -> str:
        """2024, 2024-03 or 2024-03-25, as the reader writes it."""
        parts = [int(p) for p in value.split("-")]
        day = date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)
        if len(parts) == 3:
            return self.date(day)
        return _by_skeleton(
            "yMMM" if len(parts) == 2 else "y", day, self._locale, self._years_before
        )

    def day(self, day: date) -> str:
        """Without the year: for charts of a few days."""
        return str(format_skeleton("MMMd", day, locale=self._locale))

    def date(self, day: date, *, weekday: bool = False) -> str:
        if weekday:
            return _by_skeleton("yMMMEd", day, self._locale, self._years_before)
        length = "long" if self.language == "ja" else "medium"
        pattern = self._locale.date_formats[length].pattern
        return _by_pattern(pattern, day, self._locale, self._years_before)

    def datetime(self, moment: datetime) -> str:
        """A moment in its own time zone, to the minute."""
        hour = format_time(moment, "short", tzinfo=moment.tzinfo, locale=self._locale)
        both = str(self._locale.datetime_formats["medium"])
        return both.replace("'", "").replace("{0}", hour).replace("{1}", self.date(moment.date()))

    def clock(self, hour: int, minute: int = 0) -> str:
        """A time of the day: 22:00, 10:00 PM."""
        return format_time(time(hour, minute), "short", locale=self._locale)

    def days_ago(self, days: int) -> str:
        """'3 months ago', rounded as people say it."""
        return format_timedelta(
            -days * 86_400,
            threshold=1.1,
            add_direction=True,
            granularity="day",
            locale=self._locale,
        )

    def days_ahead(self, days: int) -> str:
        return format_timedelta(
            days * 86_400, threshold=1.1, add_direction=True, granularity="day", locale=self._locale
        )

    def country(self, code: str) -> str:
        return country_name(code, self.language)

    def place(self, code: str) -> str:
        """The country's name inside a sentence: English wants 'the' before some."""
        name = self.country(code)
        return f"the {name}" if self.language == "en" and code == "PH" else name

    def currency(self, code: str) -> str:
        return str(self._locale.currencies.get(code, code))

    def listing(self, items: Sequence[str]) -> str:
        if self.language == "th" and len(items) > 1:  # CLDR's Thai list puts no space around names
            last = str(self._locale.list_patterns["standard"]["2"]).format("", "").strip()
            return f"{', '.join(items[:-1])} {last} {items[-1]}"
        return format_list(list(items), locale=self._locale) if items else ""


def _by_skeleton(skeleton: str, day: date, locale: Locale, years_before: int) -> str:
    if not years_before:
        return str(format_skeleton(skeleton, day, locale=locale))
    return _by_pattern(locale.datetime_skeletons[skeleton].pattern, day, locale, years_before)


def _by_pattern(pattern: str, day: date, locale: Locale, years_before: int) -> str:
    """A CLDR pattern; in another era the year is written out, as Babel counts from AD only."""
    if years_before:
        pattern = re.sub("y+", f"'{day.year + years_before}'", pattern)
    return str(format_date(day, pattern, locale=locale))


def _whole(pattern: str) -> str:
    head, dot, tail = pattern.partition(".")
    return head + tail.lstrip("0#") if dot else pattern


def _with_symbol(pattern: str, symbol: str) -> str:
    """The pattern with its currency sign written out: a letter keeps off the digits (CLDR spacing)."""
    before = "\xa0" if symbol[:1].isalpha() else ""
    after = "\xa0" if symbol[-1:].isalpha() else ""
    pattern = re.sub(r"(?<=[0#])\xa4", f"{before}\xa4", pattern)
    pattern = re.sub(r"\xa4(?=[0#])", f"\xa4{after}", pattern)
    return pattern.replace("\xa4", f"'{symbol}'")


def _percent_pattern(locale: Locale) -> str:
    return (
        str(locale.percent_formats[None].pattern)
        .replace("0%", "0.##%")
        .replace("0\xa0%", "0.##\xa0%")
    )


@lru_cache(maxsize=64)
def _locale(language: str, country: str | None) -> Locale:
    base = folder(language)
    for tag in (f"{base}_{country}", base) if country else (base,):
        try:
            return Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")


@lru_cache(maxsize=512)
def country_name(code: str, language: str) -> str:
    """The country's short everyday name; CLDR's, but Hong Kong without its 'SAR' tail."""
    names = _locale(language, None).territories
    if code == "HK":
        short = names.get("HK-alt-short") or _SHORT_HK.get(language)
        if short:
            return str(short)
    return str(names.get(code, code))


_SHORT_HK = {
    "en": "Hong Kong", "vi": "Hồng Kông", "th": "ฮ่องกง", "fil": "Hong Kong", "id": "Hong Kong",
    "ms": "Hong Kong", "ko": "홍콩", "ja": "香港", "zh-Hans": "香港", "zh-Hant": "香港",
    "hi": "हॉन्ग कॉन्ग", "ur": "ہانگ کانگ", "bn": "হংকং",
}  # fmt: skip


def flag(country: str) -> str:
    """The country's flag: two regional indicator symbols (Unicode UTS 51)."""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in country)


class Languages:
    """All languages, each loaded when first spoken."""

    def __init__(
        self,
        root: Path = LOCALES,
        default: str = DEFAULT_LANGUAGE,
        *,
        buddhist_years: bool = False,
    ) -> None:
        """`buddhist_years`: Thai dates count from 543 BC (2026 is 2569), as on Thai papers."""
        self._root = root
        self._default = default
        self._years_before = {"th": BUDDHIST_ERA} if buddhist_years else {}
        self._loaded: dict[str, Translator] = {}

    def __getitem__(self, language: str) -> Translator:
        known = language if language in LANGUAGES else self._default
        if known not in self._loaded:
            self._loaded[known] = Translator(known, self._root, self._years_before.get(known, 0))
        return self._loaded[known]

    def choose(self, candidates: Iterable[str | None]) -> str:
        """The first candidate that is a language of ours, else the default."""
        for tag in candidates:
            matched = match_language(tag)
            if matched:
                return matched
        return self._default


def home_country(language: str) -> str:
    """The country whose habits a language's formats follow when nothing better is known."""
    return _HOME.get(language, "US")
