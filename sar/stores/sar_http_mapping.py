"""What the fields of a service's own JSON mean: numbers, dates, labels, people, the life of an alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sar.domain.parties import IdentifierKind
from sar.domain.records import AlertStep
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.templates import check


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFields:
    """One fact of an alert's life: templates over the fields of an item."""

    step: AlertStep
    on: str
    recipient: str = ""
    category: str = ""
    status: str = ""
    parents_told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonField:
    """A person written into one field: ``form`` says what stands between the commas."""

    field: str
    form: tuple[str, ...]
    employer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SarHttpMapping:
    """What the fields of the service's own JSON mean."""

    parameters: Mapping[str, IdentifierKind]
    """Query parameter -> kind of identifier sent in it."""
    reference: str
    kind: str
    dated_on: tuple[str, ...]
    labels: Mapping[str, str]
    people: tuple[PersonField, ...]
    alert_number: str
    alerts: tuple[AlertFields, ...]


def load_sar_http_mapping(path: Path) -> SarHttpMapping:
    """Read a mapping file.

    :raises BadMapping: with the place and what to do.
    """
    top = Fields(read_toml(path), path.name)
    kinds = {k.value: k for k in IdentifierKind}
    parameters = top.words("parameters")
    if not parameters or set(parameters.values()) - set(kinds):
        raise bad(path.name, f"`parameters` must map query parameters to one of: {', '.join(kinds)}")
    mapping = SarHttpMapping(
        parameters={name: kinds[words] for name, words in parameters.items()},
        reference=top.text("reference"),
        kind=top.text("kind"),
        dated_on=top.texts("dated_on"),
        labels=top.words("labels"),
        people=tuple(_person_field(f) for f in top.tables("people")),
        alert_number=check(top.text("alert_number", ""), path.name),
        alerts=tuple(_alert_fields(f) for f in top.tables("alert")),
    )
    top.done()
    return mapping


def _person_field(f: Fields) -> PersonField:
    person = PersonField(field=f.text("field"), form=f.texts("form"), employer=f.text("employer", ""))
    f.done()
    if "name" not in person.form or set(person.form) - {"name", "job_title", "employer", "-"}:
        raise bad(f.where, "`form` lists name, job_title, employer or - in the order they are written")
    return person


def _alert_fields(f: Fields) -> AlertFields:
    step = f.text("step").upper()
    if step not in AlertStep.__members__:
        raise bad(f.where, f"`step` must be one of: {', '.join(s.name.lower() for s in AlertStep)}")
    texts = {
        key: check(f.text(key, ""), f.where)
        for key in ("on", "recipient", "category", "status", "parents_told")
    }
    f.done()
    return AlertFields(step=AlertStep[step], **texts)
