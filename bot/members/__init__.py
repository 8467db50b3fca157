"""Members and groups: their settings, and what is stored of them."""

from bot.members.store import Group, GroupStore, Member, MemberStore

__all__ = ["Group", "GroupStore", "Member", "MemberStore"]
