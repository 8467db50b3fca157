"""Bot API, "Sending files": photos, documents, albums, and getting a file back."""

from __future__ import annotations

import hashlib
import mimetypes

from bot.sandbox.entities import formatted
from bot.sandbox.errors import ApiError, bad
from bot.sandbox.images import image_size
from bot.sandbox.methods.call import (
    Call,
    Methods,
    caption_of,
    checked_caption,
    pace,
    reply_of,
    topic_of,
    user_of,
    writable_chat,
)
from bot.sandbox.methods.sending import deliver
from bot.sandbox.model import File, Json
from bot.sandbox.params import Upload

MAX_PHOTO = 10 * 1024 * 1024
MAX_DOCUMENT = 50 * 1024 * 1024
MAX_DOWNLOAD = 20 * 1024 * 1024


def keep_file(call: Call, upload: Upload, *, photo: bool) -> File:
    """Store an upload under a file_id (Bot API, "Sending files")."""
    size = len(upload.data)
    if size > MAX_DOCUMENT:
        raise ApiError(413, "Request Entity Too Large")
    if size == 0:
        raise bad("file must be non-empty")
    width, height = image_size(upload.data)
    if photo and size > MAX_PHOTO:
        text = f"file of size {size} bytes is too big for a photo"
        raise bad(f"{text}; the maximum size is {MAX_PHOTO} bytes")
    if photo and not width:
        raise bad("IMAGE_PROCESS_FAILED")
    if photo and (width + height > 10_000 or max(width, height) > 20 * min(width, height)):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    digest = hashlib.sha256(upload.data).hexdigest()[:16]
    prefix = "AgACAgUAAxkBAAI" if photo else "BQACAgUAAxkBAAI"
    mime = upload.mime or mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
    file = File(f"{prefix}{digest}", f"AQAD{digest}", upload.name, mime, upload.data)
    file.width, file.height = width, height
    call.world.files[file.file_id] = file
    return file


def input_file(call: Call, value: str, what: str, uploads_under: str = "") -> File:
    """Bot API, "InputFile": an upload, an `attach://` name, or a file_id."""
    uploads = call.params.uploads
    photo = what == "photo"
    if uploads_under in uploads:
        return keep_file(call, uploads[uploads_under], photo=photo)
    if not value:
        raise bad(f"there is no {what} in the request")
    if value.startswith("attach://"):
        upload = uploads.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad(f"there is no {what} in the request")
        return keep_file(call, upload, photo=photo)
    if "://" in value:
        raise bad("failed to get HTTP URL content")
    file = call.world.files.get(value)
    if file is None or (photo and not file.width):
        raise bad("wrong file identifier/HTTP URL specified")
    return file


def file_content(file: File, what: str) -> Json:
    """The message's `photo` or `document` (Bot API, "PhotoSize" and "Document")."""
    shown: Json = {"file_id": file.file_id, "file_unique_id": file.unique_id}
    shown["file_size"] = len(file.data)
    if what == "photo":
        return {"photo": [shown | {"width": file.width, "height": file.height}]}
    return {"document": shown | {"file_name": file.name, "mime_type": file.mime}}


def media_content(call: Call, given: Json) -> Json:
    """Bot API, "InputMediaPhoto" and "InputMediaDocument"."""
    what = given.get("type")
    if what not in ("photo", "document"):
        raise bad("can't parse InputMedia: type must be non-empty")
    file = input_file(call, str(given.get("media", "")), what)
    mode = str(given.get("parse_mode") or "")
    text, found = formatted(str(given.get("caption") or ""), mode, given.get("caption_entities"))
    return file_content(file, what) | checked_caption(text, found)


def send_photo(call: Call) -> Json:
    """Bot API, "sendPhoto"."""
    return _send_file(call, "photo")


def send_document(call: Call) -> Json:
    """Bot API, "sendDocument"."""
    return _send_file(call, "document")


def _send_file(call: Call, what: str) -> Json:
    caption = caption_of(call)
    file = input_file(call, call.params.text(what), what, what)
    return deliver(call, file_content(file, what) | caption).body


def send_media_group(call: Call) -> list[Json]:
    """Bot API, "sendMediaGroup": 2-10 of one kind, each counted as a message."""
    chat = writable_chat(call)
    given = call.params.json("media", "can't parse media JSON object")
    if not isinstance(given, list) or not given:
        raise bad("there are no messages to send")
    if len(given) > 10:
        raise bad("too many messages to send as an album")
    if len(given) < 2:
        raise bad("album must contain at least 2 messages")
    if len({one.get("type") for one in given}) > 1:
        raise bad("can't use the media of the specified type in the album")
    contents = [media_content(call, one) for one in given]
    reply_to = reply_of(call, chat)
    topic = topic_of(call, chat, reply_to)
    for _ in contents:
        pace(call, chat)
    album = {"media_group_id": str(13_000_000_000 + call.world.fresh_id())}
    posted = [
        call.world.post(chat, call.me, album | one, topic=topic, reply_to=reply_to)
        for one in contents
    ]
    return [message.body for message in posted]


def get_file(call: Call) -> Json:
    """Bot API, "getFile": up to 20 MB."""
    file_id = call.params.text("file_id")
    if not file_id:
        raise bad("file_id not specified")
    file = call.world.files.get(file_id)
    if file is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > MAX_DOWNLOAD:
        raise bad("file is too big")
    folder = "photos" if file.width else "documents"
    shown = {"file_id": file.file_id, "file_unique_id": file.unique_id}
    return shown | {
        "file_size": len(file.data),
        "file_path": f"{folder}/{file.file_id}",
    }


def get_user_profile_photos(call: Call) -> Json:
    """Bot API, "getUserProfilePhotos": the cast has none."""
    user_of(call)
    return {"total_count": 0, "photos": []}


METHODS: Methods = {
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
    "getUserProfilePhotos": get_user_profile_photos,
}
