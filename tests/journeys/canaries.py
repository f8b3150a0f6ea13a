"""Words that must stand nowhere in clear but in the family's own packs and letters, and how they could hide."""

from __future__ import annotations

import base64

NAMES = (
    "Leanne Hartley", "Marcus Hartley", "Isla Hartley", "Jean Hartley", "Maureen Tully", "Kerry Lomax",
    "Leanne Hartly", "Gemma Prosser", "Chantelle Rowe", "Dorothy Finch", "Ryan Speight", "Grace Okonjo",
    "Chidi Okafor", "Adaeze Okafor",
)  # fmt: skip
PLACES_AND_NUMBERS = (
    "14 Tanner Row", "16 Tanner Row", "Quarry Rise", "Cooper Yard", "Cinder Lane", "8 Lantern Court",
    "9992044179", "9992311584", "9993001171", "01632 960144", "07700 900102", "1993-03-14",
)  # fmt: skip
MAIL = (
    "leanne.hartley@example.com", "marcus.hartley@example.com", "maureen.tully@example.com",
    "adaeze.okafor@example.com",
)  # fmt: skip
RECORDS = (
    "through the party wall", "Parkinson", "needle phobia", "Willow Court", "stood twice on the footbridge",
    "exposed on point 2", "grey van", "Poppy has been asked to tea",
)  # fmt: skip
DECISIONS = (
    "No risk to this person is known", "A private person who told in confidence", "Read in full on review",
    "The test of serious harm is not met",
)  # fmt: skip
REQUEST = (
    "We would like everything you hold", "please send me my son Chidi", "do not send post: Jean opens it",
    "You put an alert on my records", "It has never been true of me", "Full birth certificate",
)  # fmt: skip
CANARIES = (*NAMES, *PLACES_AND_NUMBERS, *MAIL, *RECORDS, *DECISIONS, *REQUEST)

PUBLIC_MAIL = MAIL[:2]
"""The demo names these on the terminal, so that somebody can sign in."""


def forms_of(canary: str) -> tuple[bytes, ...]:
    """As text, as UTF-16 of both orders, escaped as JSON and hex would, and inside base64 at any offset."""
    plain = canary.encode()
    return (
        plain,
        canary.encode("utf-16-le"),
        canary.encode("utf-16-be"),
        plain.hex().encode(),
        *_in_base64(plain),
    )


def _in_base64(content: bytes) -> tuple[bytes, ...]:
    """The characters that stand for the words whatever comes before and after them."""
    found = []
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + content).rstrip(b"=")
        start = (8 * before + 5) // 6
        end = (8 * (before + len(content))) // 6
        found.append(coded[start:end])
    return tuple(found)
