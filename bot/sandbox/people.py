"""The sample cast: people of fourteen countries, their groups, and the desk."""

from __future__ import annotations

from bot.sandbox.methods.topics import open_topic
from bot.sandbox.model import Chat, Member, User
from bot.sandbox.world import World

MEMBERS = (
    ("Linh", "Nguyễn", "linh_ng", "vi", "VN"),
    ("Somchai", "Jaidee", "somchai_j", "th", "TH"),
    ("Ploy", "Srisuk", "ploy_s", "th", "TH"),
    ("Maria", "Santos", "maria_s", "fil", "PH"),
    ("Jun", "Reyes", "jun_reyes", "fil", "PH"),
    ("Budi", "Santoso", "budi_s", "id", "ID"),
    ("Aisyah", "Rahman", "aisyah_r", "ms", "MY"),
    ("Minji", "Kim", "minji_k", "ko", "KR"),
    ("Haruto", "Sato", "haruto_s", "ja", "JP"),
    ("Wei", "Tan", "wei_tan", "zh-hans", "SG"),
    ("Mei", "Chan", "mei_chan", "zh-hant", "HK"),
    ("Priya", "Sharma", "priya_sh", "hi", "IN"),
    ("Ahmed", "Khan", "ahmed_k", "ur", "PK"),
    ("Tanvir", "Hossain", "tanvir_h", "bn", "BD"),
    ("Sam", "Lee", "sam_lee", "en", "SG"),
)
STAFF = (
    ("Nok", "Moderator", "nok_mod", "en", "TH", "moderator"),
    ("Dara", "Marketing", "dara_mkt", "en", "SG", "marketing"),
    ("Ola", "Owner", "ola_owner", "en", "SG", "owner"),
)
GROUPS = (
    ("VN", "Sampan Việt Nam"),
    ("TH", "Sampan ไทย"),
    ("PH", "Sampan Philippines"),
    ("ID", "Sampan Indonesia"),
    ("MY", "Sampan Malaysia"),
    ("SG", "Sampan Singapore"),
    ("KR", "Sampan 한국"),
    ("JP", "Sampan 日本"),
    ("CN", "Sampan 中国"),
    ("HK", "Sampan 香港"),
    ("TW", "Sampan 台灣"),
    ("IN", "Sampan भारत"),
    ("PK", "Sampan پاکستان"),
    ("BD", "Sampan বাংলাদেশ"),
)
DESK_TOPICS = ("Inbox", "Facts to check", "Broadcasts")
FIRST_MEMBER_ID = 7_000_100_001
FIRST_GROUP_ID = -1_002_000_000_001
DESK_ID = -1_002_000_000_100
OPEN_GROUP_ID = -1_002_000_000_101
BASIC_GROUP_ID = -4_100_000_001
NEWS_ID = -1_002_000_000_102
GUESTS = {"CN": ("Wei",), "TW": ("Mei",), "HK": ("Mei", "Sam"), "SG": ("Wei", "Sam")}


def populate(world: World) -> World:
    """Fill an empty world with the cast; ids are the same every time."""
    people = _members(world)
    staff = _staff(world)
    for index, (country, title) in enumerate(GROUPS):
        _country_group(world, FIRST_GROUP_ID - index, country, title, people, staff)
    _desk(world, staff)
    _others(world, people, staff)
    return world


def _members(world: World) -> list[User]:
    users = [
        User(FIRST_MEMBER_ID + index, first, last, username, language, country=country)
        for index, (first, last, username, language, country) in enumerate(MEMBERS)
    ]
    return [world.add_user(user) for user in users]


def _staff(world: World) -> list[User]:
    users = [
        User(
            FIRST_MEMBER_ID + 100 + index,
            first,
            last,
            name,
            tongue,
            country=country,
            role=role,
        )
        for index, (first, last, name, tongue, country, role) in enumerate(STAFF)
    ]
    return [world.add_user(user) for user in users]


def _country_group(
    world: World,
    chat_id: int,
    country: str,
    title: str,
    people: list[User],
    staff: list[User],
) -> Chat:
    """A private supergroup: its people, the moderator and owner as administrators."""
    guests = GUESTS.get(country, ())
    members = [it for it in people if it.country == country or it.first_name in guests]
    chat = world.add_chat(title, chat_id=chat_id, country=country, members=members)
    _rule(chat, staff)
    chat.members[world.bot.user.id].status = "administrator"
    world.new_link(chat, staff[-1], is_primary=True)
    return chat


def _rule(chat: Chat, staff: list[User]) -> None:
    moderator, marketer, owner = staff
    chat.members[moderator.id] = Member(moderator, "administrator", title="moderator")
    chat.members[marketer.id] = Member(marketer)
    chat.members[owner.id] = Member(owner, "creator")


def _desk(world: World, staff: list[User]) -> None:
    """The moderators' own forum group."""
    desk = world.add_chat("Sampan desk", chat_id=DESK_ID, is_forum=True)
    _rule(desk, staff)
    desk.members[world.bot.user.id].status = "administrator"
    for name in DESK_TOPICS:
        open_topic(world, desk, name)


def _others(world: World, people: list[User], staff: list[User]) -> None:
    """A group where the bot is a plain member, a basic group, a group without it, a channel."""
    sam, wei, maria, linh = (
        next(it for it in people if it.first_name == name)
        for name in ("Sam", "Wei", "Maria", "Linh")
    )
    basic = world.add_chat(
        "Manila meet-up",
        "group",
        chat_id=BASIC_GROUP_ID,
        country="PH",
        members=[maria, sam],
    )
    basic.members[maria.id].status = "creator"
    world.add_chat(
        "Crypto friends SEA",
        chat_id=OPEN_GROUP_ID,
        username="cryptofriendssea",
        members=[sam, wei, maria, linh],
        with_bot=False,
    ).members[sam.id].status = "creator"
    channel = world.add_chat("Sampan News", "channel", chat_id=NEWS_ID, username="sampan_news")
    _rule(channel, staff)
    channel.members[world.bot.user.id].status = "administrator"
    channel.linked_chat_id = next(it.id for it in world.chats.values() if it.country == "SG")
    world.chats[channel.linked_chat_id].linked_chat_id = channel.id
