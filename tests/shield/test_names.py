"""Names: look-alikes of staff are found however they are written, and people keep their own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.people import MEMBERS
from bot.shield.look_alikes import TABLE, generate, read_table
from bot.shield.names import Person, full_name, is_disguised, looks_like, one_slip, skeleton
from bot.shield.words import read_words

OLA = Person(1, "Ola Owner", "ola_owner")
LINH = Person(2, "Nguyễn Thùy Linh", "linh_admin")
STAFF = [OLA, LINH]
WORDS = read_words().staff


def like(name: str, username: str = "") -> str | None:
    found = looks_like(Person(99, name, username), STAFF)
    return found.like.name if found else None


@pytest.mark.parametrize(
    "name",
    ["Ola Owner", "0la Owner", "Оla Оwner", "Ola O\u200bwner", "OlaO wner", "O L A owner", "Ola 0wner",
     "Ｏｌａ Ｏｗｎｅｒ", "𝐎𝐥𝐚 𝐎𝐰𝐧𝐞𝐫", "ola_owner", "OIa Owner", "Ola Ovvner", "Ola Owner\u202e", "Olá Owner",
     "Ola Ownr", "Ola Owners", "Ola Onwer", "Ола Owner".replace("л", "l")],
)  # fmt: skip
def test_a_look_alike_is_found(name: str) -> None:
    assert like(name) == "Ola Owner"


@pytest.mark.parametrize(
    "name",
    ["ΟΙΑ ΟWΝΕR", "ᴏʟᴀ ᴏᴡɴᴇʀ", "🅾🅻🅰 🅾🆆🅽🅴🆁", "ОӀа Оԝпеr", "ᎾᏞᎪ ᎾᎳΝᎬᏒ".replace("Ꮎ", "O"), "ꓳꓡꓮ ꓳꓪꓠꓰꓣ",
     "Օla Օwneг", "օla օաner"],
)  # fmt: skip
def test_letters_of_other_scripts_do_not_hide_a_name(name: str) -> None:
    assert like(name) == "Ola Owner"


def test_the_table_is_what_its_command_writes() -> None:
    assert TABLE.read_text("utf-8") == generate()
    table = read_table()
    assert all(len(char) == 1 and char > "\x7f" for char in table)
    assert set(table.values()) <= set("abcdefghijklmnopqrstuvwxyz")
    own = "กขคฆงจঅআকখअआकखاآبپ가나다あいうアイウ中文客服đĐơƠưƯăâêôđáàảãạ"
    assert not set(own) & set(table), "letters that people here write beside Latin"


def test_a_name_split_between_first_and_last_is_read_together() -> None:
    assert like(full_name("Ola O", "wner")) == "Ola Owner"


@pytest.mark.parametrize(
    "name", ["Olga Power", "Ola", "Owner Nguyen", "Maria Santos", "陳大文", "ผู้ใช้ ก", ""]
)
def test_other_people_keep_their_names(name: str) -> None:
    assert like(name) is None


def test_a_username_one_letter_off_is_found() -> None:
    assert like("Somebody Else", "ola_0wner") == "Ola Owner"
    assert like("Somebody Else", "ola_ownerr") == "Ola Owner"
    assert like("Somebody Else", "somebody") is None


def test_one_letter_makes_another_person_of_a_short_name() -> None:
    assert looks_like(Person(9, "Lin"), [Person(1, "Min")]) is None
    assert looks_like(Person(9, "Min"), [Person(1, "Min")]) is not None


def test_staff_are_never_their_own_look_alikes() -> None:
    assert looks_like(OLA, STAFF) is None


def test_only_a_disguise_is_sure() -> None:
    disguised = looks_like(Person(9, "Оla Owner"), STAFF)
    namesake = looks_like(Person(9, "Ola Owner"), STAFF)
    assert disguised and disguised.disguised
    assert namesake and not namesake.disguised


@pytest.mark.parametrize(
    "name",
    [
        "USDT充值",
        "小明Ming",
        "비트코인BTC",
        "Kenji けんじ",
        "Nguyễn Văn A",
        "Somchai สมชาย",
        "Lee 2000",
        "Đặng Thùy Dương",
        "Tanvir তানভীর",
        "Rahim২০",
        "Priya प्रिया",
        "Ahmed احمد",
        "NFT×Club",
        "Café Zoë",
        "Анна Петрова",
        "Ελένη",
        "Lê 黎",
    ],
)
def test_latin_beside_other_scripts_is_no_disguise(name: str) -> None:
    assert not is_disguised(name)


@pytest.mark.parametrize(
    "name",
    ["Support", "Founder", "Аdmin", "ADMIN", "Sampan Support", "Sampan Official Admin", "Admin 24/7", "客服",
     "官方客服", "Sampan 客服", "관리자", "サポート", "ผู้ดูแล", "Hỗ trợ", "S u p p o r t", "Customer Service", "Adm1n",
     "Nhân viên hỗ trợ 24/7", "เจ้าหน้าที่ Sampan", "Tagapagtatag", "Layanan Pelanggan Resmi", "Pengasas", "Khidmat Pelanggan Rasmi",
     "공식 상담원", "カスタマーサポート公式", "官方工作人员", "群管理人員", "ग्राहक सेवा", "کسٹمر سروس", "কাস্টমার সার্ভিস", "𝗙𝗼𝘂𝗻𝗱𝗲𝗿", "Ғounder".replace("Ғ", "F"),
     "ғᴏᴜɴᴅᴇʀ".replace("ғ", "ꜰ"), "Su\u200bpport"],
)  # fmt: skip
def test_a_name_that_only_claims_to_be_staff(name: str) -> None:
    assert WORDS.claimed(name, "Sampan Philippines")


@pytest.mark.parametrize(
    "name",
    ["Modesto Cruz", "Jim Support", "Maria", "Admiral", "Sampan", "Supportive Sam", "Madmin Ali", "", "🙂", "24 7",
     "Mod Salleh", "Minji 매니저팬", "Nguyễn Hỗ", "สมชาย ใจดี", "田中運営子", "客家人", "Support Your Local Bee", "Pendiri Jaya Motor", *(f"{first} {last}" for first, last, *_ in MEMBERS)],
)  # fmt: skip
def test_people_do_not_claim_to_be_staff(name: str) -> None:
    assert not WORDS.claimed(name, "Sampan Philippines")


def distance(a: str, b: str) -> int:
    """Damerau-Levenshtein (adjacent swaps), the slow way."""
    rows = [[i + j if not i * j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost = a[i - 1] != b[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_one_slip_is_distance_one(a: str, b: str) -> None:
    assert one_slip(a, b) == (distance(a, b) == 1)


@given(st.text(max_size=200))
def test_any_name_has_a_skeleton(name: str) -> None:
    assert skeleton(skeleton(name)) == skeleton(name)
    WORDS.claimed(name, name)
    is_disguised(name)


@given(st.integers(0, 8), st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e"))
def test_invisible_signs_change_no_skeleton(place: int, sign: str) -> None:
    assert skeleton("Ola Owner"[:place] + sign + "Ola Owner"[place:]) == skeleton("Ola Owner")
