"""Parts of a mail that need a key, a program or a person: each is named, none is passed over."""

from __future__ import annotations

from email.message import Message

from sar.ports.gathering import ReadPart

_SEALED = "This part of the message is encrypted or sealed (S/MIME). Open it where the key is kept."
_OUTLOOK = "Attachments are packed in Outlook's own way (winmail.dat). Open the message in Outlook."
_NEEDS_A_PERSON = {
    "application/pkcs7-mime": _SEALED,
    "application/x-pkcs7-mime": _SEALED,
    "application/pgp-encrypted": "This message is encrypted (PGP). Open it where the key is kept.",
    "multipart/encrypted": "This message is encrypted. Open it where the key is kept.",
    "application/ms-tnef": _OUTLOOK,
    "application/vnd.ms-tnef": _OUTLOOK,
    "message/partial": "This is one piece of a message sent in several. Put the pieces together in a mail program.",
    "message/external-body": "A part of this message is kept elsewhere. Ask whoever keeps it.",
}
_SIGNATURES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)


def locked(part: Message) -> ReadPart | None:
    """What to say of such a part; none for any other."""
    kind = part.get_content_type()
    name = (part.get_filename() or "").casefold()
    if name == "winmail.dat":
        kind = "application/ms-tnef"
    elif name.endswith(".p7m"):
        kind = "application/pkcs7-mime"
    if kind in _NEEDS_A_PERSON:
        return ReadPart(place="unreadable", text=_NEEDS_A_PERSON[kind])
    if kind in _SIGNATURES:
        return ReadPart(place="other", text="The message carries a digital signature. It was not checked.")
    return None
