"""Tasks for a person: whoever keeps a store of paper sees whom to look for, and says what is there."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sar.domain.parties import StaffRole
from sar.domain.tasks import LOOKERS, PAPER_KINDS
from sar.ports.by_hand import Looked, Paper, TaskPage
from sar.web.access import case_reference, open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_LINE, LONGEST_TEXT, Form
from sar.web.staff_case import refused_on
from sar.web.uploads import takes_files

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")

KEEPERS = (StaffRole.OFFICER, StaffRole.RECORD_HOLDER)
SLOTS = (3, 10, 20)
"""How many papers the page has room for."""
LARGEST_PAPER = 20 * 1024 * 1024
_KINDS = {code: kind.value[:1].upper() + kind.value[1:] for code, kind in PAPER_KINDS.items()}
_ROLES = {code: role[:1].upper() + role[1:] for code, role in LOOKERS.items()}
_LOOKED = {"name": "name", "role": "role", "looked_on": "looked_on", "where": "where"}


@blueprint.get("")
@open_to(*KEEPERS)
def mine() -> str:
    """The tasks that this account may answer. No names: a list is read over shoulders."""
    here = site()
    return render_template(
        "tasks/mine.html", rows=here.services.tasks.mine(on=here.today(), by=staff_actor())
    )


@blueprint.get("/<reference>/<int:number>")
@open_to(*KEEPERS)
def task(reference: str, number: int) -> str:
    """One task: whom to look for, by when, and what can be said."""
    return render_template("tasks/task.html", task=_task(reference, number))


@blueprint.get("/<reference>/<int:number>/found")
@open_to(*KEEPERS)
def found_form(reference: str, number: int) -> str:
    """The empty form for papers."""
    return _found_form(_task(reference, number)).render()


@blueprint.post("/<reference>/<int:number>/found")
@open_to(*KEEPERS)
@takes_files
def found(reference: str, number: int) -> Response:
    """Take the papers in."""
    page, here = _task(reference, number), site()
    form = _found_form(page)
    papers = _papers(form)
    if not papers:
        form.fail("file-1", "Choose the file of a paper that you found")
    looked = _looked(form)
    form.check()
    fields = {
        f"{name}-{place}": f"{name}-{slot}"
        for place, slot in enumerate(papers, start=1)
        for name in ("file", "kind", "dated", "title")
    }
    with refused_on(form, fields={**_LOOKED, **fields, "papers": "file-1"}):
        held = here.services.tasks.found(
            page.case, number, papers=list(papers.values()), looked=looked, at=here.clock(), by=staff_actor()
        )
    _take_in(page)
    return _thanks(reference, number, held=held)


@blueprint.get("/<reference>/<int:number>/nothing")
@open_to(*KEEPERS)
def nothing_form(reference: str, number: int) -> str:
    """The empty form for "nothing held"."""
    return _nothing_form(_task(reference, number)).render()


@blueprint.post("/<reference>/<int:number>/nothing")
@open_to(*KEEPERS)
def nothing(reference: str, number: int) -> Response:
    """Nothing is held there, with a name under it."""
    page, here = _task(reference, number), site()
    form = _nothing_form(page)
    looked = _looked(form)
    form.check()
    with refused_on(form, fields=_LOOKED):
        here.services.tasks.nothing_held(page.case, number, looked=looked, at=here.clock(), by=staff_actor())
    _take_in(page)
    return _thanks(reference, number)


@blueprint.get("/<reference>/<int:number>/more-time")
@open_to(*KEEPERS)
def more_time_form(reference: str, number: int) -> str:
    """The empty form for more time."""
    return _more_time_form(_task(reference, number)).render()


@blueprint.post("/<reference>/<int:number>/more-time")
@open_to(*KEEPERS)
def more_time(reference: str, number: int) -> Response:
    """A later day, with a reason."""
    page, here = _task(reference, number), site()
    form = _more_time_form(page)
    until = form.day("until", what="day you need until")
    reason = form.words("reason", empty="Write what keeps you from looking", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"until": "until", "reason": "reason"}):
        here.services.tasks.more_time(
            page.case, number, until=until, reason=reason, at=here.clock(), by=staff_actor()
        )
    return _thanks(reference, number)


@blueprint.get("/<reference>/<int:number>/papers/<int:which>")
@open_to(*KEEPERS)
def original(reference: str, number: int, which: int) -> Response:
    """A paper as it was handed in. It is offered for saving, never opened by the site."""
    page = _task(reference, number)
    name, content = site().services.tasks.original(
        page.case, number, which=which, on=site().today(), by=staff_actor()
    )
    answer = current_app.response_class(content, mimetype="application/octet-stream")
    ending = name.rpartition(".")[2] if "." in name else ""
    safe = ending if ending.isascii() and ending.isalnum() else "bin"
    answer.headers["Content-Disposition"] = f'attachment; filename="{reference}-{number}-{which}.{safe}"'
    return answer


def _take_in(page: TaskPage) -> None:
    """While nobody has begun to decide, what came late goes straight to the records; later an officer says when."""
    here = site()
    here.services.gathering.take_in(page.case, round_number=page.round, at=here.clock())


def _task(reference: str, number: int) -> TaskPage:
    here = site()
    return here.services.tasks.page(case_reference(reference), number, on=here.today(), by=staff_actor())


def _slots() -> int:
    given = request.args.get("papers", "")
    return int(given) if given in {str(count) for count in SLOTS} else SLOTS[0]


def _found_form(page: TaskPage) -> Form:
    return Form(
        "tasks/found.html", task=page, slots=_slots(), choices=SLOTS, kinds=_KINDS, roles=_ROLES, chosen=_chosen()
    )  # fmt: skip


def _chosen() -> dict[int, str]:
    """What the files were called that came with the form: a browser does not keep them, so they are chosen again."""
    names = {
        slot: request.files[f"file-{slot}"].filename
        for slot in range(1, _slots() + 1)
        if f"file-{slot}" in request.files
    }
    return {slot: _plain_name(name) for slot, name in names.items() if name}


def _plain_name(name: str) -> str:
    """The last part of a file's name, without what no screen can show."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in last)[
        -LONGEST_LINE:
    ]


def _nothing_form(page: TaskPage) -> Form:
    return Form("tasks/nothing.html", task=page, roles=_ROLES)


def _more_time_form(page: TaskPage) -> Form:
    return Form("tasks/more_time.html", task=page)


def _looked(form: Form) -> Looked:
    return Looked(
        name=form.words("name", empty="Enter the name of the person who looked"),
        role=form.choice("role", LOOKERS, empty="Choose what they do"),
        looked_on=form.day("looked_on", what="day they looked", latest=site().today()),
        where=form.words("where", empty="Write where they looked", longest=LONGEST_TEXT),
    )


def _papers(form: Form) -> dict[int, Paper]:
    """The papers by their place on the page; a place without a file and without words is left out."""
    found: dict[int, Paper] = {}
    for slot in range(1, _slots() + 1):
        file = request.files.get(f"file-{slot}")
        dated = (f"dated-{slot}-{part}" for part in ("day", "month", "year"))
        names = (f"title-{slot}", f"kind-{slot}", *dated)
        if file is None or not file.filename:
            if any(form.value(name) for name in names):
                form.fail(f"file-{slot}", f"Choose the file of paper {slot} again")
            continue
        content = file.stream.read(LARGEST_PAPER + 1)
        if len(content) > LARGEST_PAPER:
            form.fail(f"file-{slot}", f"The file of paper {slot} is larger than 20 megabytes")
        kind = form.choice(f"kind-{slot}", PAPER_KINDS, empty=f"Choose what paper {slot} is")
        found[slot] = Paper(
            file_name=_plain_name(file.filename),
            content=content,
            kind=PAPER_KINDS.get(kind, PAPER_KINDS["case-note"]),
            dated_on=form.day(f"dated-{slot}", what=f"date of paper {slot}", latest=site().today()),
            title=form.words(f"title-{slot}", empty=f"Enter a title for paper {slot}"),
        )
    return found


def _thanks(reference: str, number: int, *, held: int = 0) -> Response:
    done = f"held-{held}" if held else "yes"
    return redirect(url_for("tasks.task", reference=reference, number=number, done=done), code=303)
