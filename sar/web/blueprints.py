"""Every group of pages. A group that is not listed is not served."""

from __future__ import annotations

from flask import Blueprint

from sar.web import (
    complaints_correction,
    complaints_desk,
    family,
    family_ask,
    family_pack,
    family_rights,
    family_sent,
    officer,
    officer_address,
    officer_answering,
    officer_consulting,
    officer_dates,
    officer_decide,
    officer_entry,
    officer_health,
    officer_law,
    officer_letters,
    officer_matches,
    officer_people,
    officer_record,
    officer_review,
    officer_signoff,
    sign_in,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    family.blueprint,
    family_ask.blueprint,
    family_pack.blueprint,
    family_rights.blueprint,
    family_sent.blueprint,
    sign_in.blueprint,
    officer.blueprint,
    officer_entry.blueprint,
    officer_answering.blueprint,
    officer_record.blueprint,
    officer_address.blueprint,
    officer_dates.blueprint,
    officer_letters.blueprint,
    officer_consulting.blueprint,
    officer_people.blueprint,
    officer_matches.blueprint,
    officer_review.blueprint,
    officer_decide.blueprint,
    officer_health.blueprint,
    officer_law.blueprint,
    officer_signoff.blueprint,
    complaints_desk.blueprint,
    complaints_correction.blueprint,
)
