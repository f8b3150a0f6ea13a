"""Every store that is set up: whose it is, by what agreement it may be read, who keeps it."""

from __future__ import annotations

from flask import Blueprint, render_template

from sar.web.access import open_to
from sar.web.context import site
from sar.web.staff_case import READERS

blueprint = Blueprint("officer_stores", __name__, url_prefix="/officer/stores")


@blueprint.get("")
@open_to(*READERS)
def page() -> str:
    """The list, as things stand today."""
    here = site()
    return render_template("officer/stores.html", rows=here.services.store_list.rows(on=here.today()))
