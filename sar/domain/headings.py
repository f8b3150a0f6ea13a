"""Headings of tables that every office uses. They say nothing about anybody, and so may stand as a label.

Nobody looks through the labels of a record for names: a table without headings has people in its first row, and a
class list has a pupil at the head of each column. Whatever is not made of these words is text, and is read as text.
"""

from __future__ import annotations

import re

_CALLED = """
id ids ref reference references no nos num number numbers row line index key code codes type types kind
category sub subcategory subtype status stage state level priority urgency version date dates time times day
days week weeks month months year years term terms period start started starts end ended ends from to until
on at by of in for and or the a an is was per due closed opened open close created updated modified entered
changed recorded received sent reported raised logged reviewed completed signed given made seen last first
next previous latest
"""
"""What a line is called by, and when it was."""
_WHO = """
pupil pupils student students child children patient patients client clients person people service user
users subject family parent parents guardian carer carers contact contacts name names full forename
forenames surname surnames middle given known preferred legal former title initials dob birth born age
gender sex ethnicity language religion nationality address addresses street town city county country
postcode post email mail e telephone phone mobile tel fax nhs upn uln urn uprn mrn hospital local case file
record records
"""
"""Whom it is about, in words that are nobody's name."""
_BY = """
author writer recorder worker workers officer staff member teacher tutor doctor nurse midwife consultant gp
professional practitioner manager team teams department dept service services office school schools class
classes form group groups house ward wards clinic practice trust council organisation organization agency
site location place room role job position reporter referrer recipient recipients sender owner source
"""
"""Who wrote it, and where."""
_SAID = """
note notes entry entries comment comments text description details detail summary subject title heading
message content contents body action actions outcome outcomes result results decision decisions reason
reasons referral referrals assessment assessments plan plans review reviews visit visits meeting meetings
appointment appointments incident incidents concern concerns event events attendance absence attended
session sessions am pm duration minutes hours total count amount value values units unit score scores grade
grades subjects question questions answer answers response responses yes other further information info data
document documents filename folder attachment attachments link url medication dose route frequency diagnosis
symptom symptoms observation observations weight height temperature test tests column field
"""
"""What it says."""
_WORDS = frozenset(f"{_CALLED} {_WHO} {_BY} {_SAID}".split())
_WORD = re.compile(r"[^\W_]+")
_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 60


def is_common_heading(heading: str) -> bool:
    """Whether a heading is made of words that every office uses; ``recordedBy`` and ``recorded_by`` both are.

    A single letter is a heading of the program that made the table.
    """
    words = [word.casefold() for word in _WORD.findall(_CAPITALS.sub(" ", heading))]
    return len(heading) <= _LONGEST and all(word in _WORDS or _is_letter(word) for word in words)


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isascii() and word.isalpha()
