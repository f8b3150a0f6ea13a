"""The law as this installation applies it, for every member of staff: cited, dated, and marked where uncertain."""

from __future__ import annotations

from flask import Blueprint, render_template

from sar.web.access import ANY_STAFF, open_to
from sar.web.context import site

blueprint = Blueprint("officer_law", __name__, url_prefix="/officer/law")


@blueprint.get("")
@open_to(ANY_STAFF)
def page() -> str:
    """Limits, exemptions, routes, the regulator, ages and counting."""
    here = site()
    return render_template("officer/law.html", sections=here.services.enquiries.law_applied())
