"""FHIR R4 resources as passages. What has no wording of its own stays as readable text: nothing is dropped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from sar.domain.parties import Person
from sar.domain.records import Passage
from sar.stores.fhir_shapes import Resource, address, an_object, concept, dicts, full_name, full_names
from sar.stores.values import as_date, readable

_TAG = re.compile(r"<[^>]+>")
_UNSEEN = re.compile(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->")
_SILENT = frozenset({"resourceType", "id", "meta", "implicitRules", "text"})
_CODED = frozenset({"system", "code", "display", "text", "coding", "version", "userSelected"})
_NUMBERED = frozenset({"system", "value", "use", "code"})
_REFERENCE = frozenset({"reference", "display", "type"})
_NONE: frozenset[str] = frozenset()
_SELF = frozenset({"subject", "patient", "for"})
_ACTIONS = {"C": "Created", "R": "Read", "U": "Changed", "D": "Deleted", "E": "Carried out"}


def passages_of(resource: Resource) -> list[Passage]:
    """The whole of a resource: what we have words for first, then the rest field by field."""
    worded = _WORDED.get(str(resource.get("resourceType")))
    pairs, told = worded(resource) if worded else ([("Kind of entry", kind_words(resource))], _NONE)
    shown = [Passage(label=label, text=text) for label, text in pairs if text]
    shown += rest(resource, told)
    return shown


def rest(resource: Resource, told: frozenset[str] = frozenset()) -> Iterator[Passage]:
    """Every field that is not told already, with its narrative and whatever hangs on it."""
    story = plain(str(an_object(resource.get("text")).get("div") or "")) if "text" in resource else ""
    if story:
        yield Passage(label="Summary", text=story)
    for key, value in resource.items():
        if (
            key in _SILENT
            or key in told
            or (key in _SELF and isinstance(value, dict) and set(value) == {"reference"})
        ):
            continue
        if text := flat(value):
            yield Passage(label=_label(key), text=text)
    meta = resource.get("meta")
    if not isinstance(meta, dict) or not ("security" in meta or "tag" in meta):
        return
    if marks := flat([*dicts(meta.get("security")), *dicts(meta.get("tag"))]):
        yield Passage(label="Marked as", text=marks)


def flat(value: object) -> str:
    """Any value on one line: codes in words, references by name, extensions by the end of their address."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return "; ".join(filter(None, map(flat, value)))
    return readable(value)


def _object(value: Mapping[str, object]) -> str:
    if "resourceType" in value:
        inner = ". ".join(f"{p.label}: {p.text}" for p in passages_of(value))
        return f"[{inner}]"
    if "coding" in value:
        return _joined(_concept(value), value, _CODED)
    if "display" in value:
        known = _CODED if "code" in value else _REFERENCE
        return _joined(readable(value["display"]), value, known)
    if "reference" in value:
        return _joined(readable(value["reference"]), value, _REFERENCE)
    if "url" in value and len(value) > 1 and any(k.startswith("value") or k == "extension" for k in value):
        name = str(value["url"]).rstrip("/").rpartition("/")[2]
        return f"{_spaced(name)}: " + "; ".join(t for k, v in value.items() if k != "url" and (t := flat(v)))
    if set(value) == {"text"}:
        return readable(value["text"])
    if "value" in value and "system" in value:
        return _joined(readable(value["value"]), value, _NUMBERED)
    return "; ".join(f"{_spaced(k)}: {t}" for k, v in value.items() if (t := flat(v)))


def _joined(head: str, value: Mapping[str, object], known: frozenset[str]) -> str:
    """What is named, and behind it whatever else was recorded with the name."""
    more = [f"{_spaced(k)}: {t}" for k, v in value.items() if k not in known and (t := flat(v))]
    return "; ".join(filter(None, (head, *more)))


def _concept(value: Mapping[str, object]) -> str:
    """Its own words, and those of its codes where they say something else."""
    said = readable(value.get("text"))
    codes = [readable(c.get("display") or c.get("code")) for c in dicts(value["coding"])]
    return ", ".join(dict.fromkeys(filter(None, (said, *(c for c in codes if c not in said)))))


def plain(markup: str) -> str:
    """The words of an XHTML story."""
    if "<" not in markup:
        return " ".join(html.unescape(markup).split())
    return " ".join(html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", markup))).split())


def kind_words(resource: Resource) -> str:
    """``Risk assessment``: the type as a person writes it."""
    return _spaced(str(resource.get("resourceType", "")))


@cache
def _label(key: str) -> str:
    return _spaced(key.lstrip("_")) if key.lstrip("_").isalpha() and len(key) <= _LONGEST else "Also recorded"


_LONGEST = 40


@cache
def _spaced(key: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)
    return words[:1].upper() + words[1:].lower()


Pairs = tuple[Iterable[tuple[str, str]], frozenset[str]]
"""Labels and texts, and the fields that they tell whole."""


def _message(resource: Resource) -> Pairs:
    said, notes = dicts(resource.get("payload")), dicts(resource.get("note"))
    plain_words = all(p.keys() == {"contentString"} for p in said)
    plain_notes = all(n.keys() == {"text"} for n in notes)
    pairs = [
        ("Sent", readable(resource.get("sent"))),
        ("From", flat(resource.get("sender"))),
        *[("To", flat(r)) for r in dicts(resource.get("recipient"))],
        ("About", flat(resource.get("category"))),
    ]
    if plain_words:
        pairs += [("Message", readable(p["contentString"])) for p in said]
    if plain_notes:
        pairs += [("Note", readable(n["text"])) for n in notes]
    return pairs, _TOLD[plain_words, plain_notes]


_OF_MESSAGE = frozenset({"sent", "sender", "recipient", "category"})
_TOLD = {
    (True, True): _OF_MESSAGE | {"payload", "note"},
    (True, False): _OF_MESSAGE | {"payload"},
    (False, True): _OF_MESSAGE | {"note"},
    (False, False): _OF_MESSAGE,
}
"""By whether the words, and the notes, of a message are told whole."""


def _flag(resource: Resource) -> Pairs:
    period = an_object(resource.get("period"))
    pairs = [
        *(("Alert number", readable(i.get("value"))) for i in dicts(resource.get("identifier"))),
        ("Category now", flat(resource.get("category"))),
        ("What it says", flat(resource.get("code"))),
        ("State now", str(resource.get("status") or "")),
        ("From", readable(period.get("start"))),
        ("To", readable(period.get("end"))),
        ("Last changed by", flat(resource.get("author"))),
    ]
    return pairs, frozenset({"identifier", "category", "code", "status", "period", "author"})


def _document(resource: Resource) -> Pairs:
    pairs = [
        ("Title", readable(resource.get("description")) or concept(resource.get("type"))),
        ("Date", readable(as_date(resource.get("date")))),
        *(("Written by", flat(a)) for a in dicts(resource.get("author"))),
    ]
    title = {"description"} if resource.get("description") else set()
    return pairs, frozenset({"date", "author", "content", *title, *(() if title else ("type",))})


def _look(resource: Resource) -> Pairs:
    pairs = [
        ("Looked at", readable(resource.get("recorded"))),
        ("What was done", _ACTIONS.get(str(resource.get("action")), flat(resource.get("action")))),
        *(("By", flat(a)) for a in dicts(resource.get("agent"))),
        ("Why", flat(resource.get("purposeOfEvent"))),
    ]
    return pairs, frozenset({"recorded", "action", "agent", "purposeOfEvent"})


_WORDED = {"Communication": _message, "Flag": _flag, "DocumentReference": _document, "AuditEvent": _look}


def details(patient: Resource, related: Iterable[tuple[Resource, Person]]) -> list[Passage]:
    """A Patient as passages, with the people recorded as family."""
    pairs = [
        ("Name", "; ".join(full_names(patient))),
        ("Born", readable(patient.get("birthDate"))),
        *_in_parts(patient),
        *(("GP", flat(g)) for g in dicts(patient.get("generalPractitioner"))),
        *(("Recorded as family", _family(r, p)) for r, p in related),
    ]
    told = {"name", "birthDate", "identifier", "address", "telecom", "generalPractitioner"}
    return [
        *(Passage(label=label, text=text) for label, text in pairs if text),
        *rest(patient, frozenset(told)),
    ]


_OF_FAMILY = frozenset({"patient", "name", "relationship", "telecom", "address", "identifier", "birthDate"})


def _family(resource: Resource, p: Person) -> str:
    born = readable(resource.get("birthDate"))
    parts = (text if label in _PLAIN else f"{label}: {text}" for label, text in _in_parts(resource) if text)
    more = (f"{x.label}: {x.text}" for x in rest(resource, _OF_FAMILY))
    said = (p.name, *p.aliases, flat(resource.get("relationship")), born, *parts, *more)
    return ", ".join(dict.fromkeys(filter(None, said)))


_PLAIN = frozenset({"Number", "Address", "Telephone", "E-mail"})
_REACHED = {"phone": "Telephone", "email": "E-mail", "fax": "Fax", "sms": "Text messages", "pager": "Pager"}
_USUAL = frozenset({"official", "usual"})
_NAME_PARTS = frozenset({"text", "prefix", "given", "family"})


def _in_parts(resource: Resource) -> Iterator[tuple[str, str]]:
    """Names, numbers, addresses and telephones, each with whatever is recorded beside it: former, until when."""
    for name in dicts(resource.get("name")):
        written = full_name(name)
        told = {k for k in _NAME_PARTS if k == "text" or all(w in written for w in _words(name.get(k)))}
        if more := _beside(name, told):
            yield "About the name", f"{written}; {more}" if written else more
    for number in dicts(resource.get("identifier")):
        yield "Number", _with(readable(number.get("value")), number, {"value", "system"})
    for one in dicts(resource.get("address")):
        written = address(one)
        told = {"line", "city", "district", "postalCode"}
        told |= {"text"} if readable(one.get("text")) == written else set()
        yield "Address", _with(written, one, told)
    for way in dicts(resource.get("telecom")):
        label = _REACHED.get(str(way.get("system")), "Other way to reach them")
        known = {"value"} | ({"system"} if way.get("system") in _REACHED else set())
        yield label, _with(readable(way.get("value")), way, known)


def _words(value: object) -> list[str]:
    return [readable(v) for v in (value if isinstance(value, list) else [value]) if v]


def _with(written: str, value: Mapping[str, object], told: set[str]) -> str:
    return "; ".join(filter(None, (written, _beside(value, told))))


def _beside(value: Mapping[str, object], told: set[str]) -> str:
    """What a value holds beside its wording; that it is the usual one goes without saying."""
    silent = {*told, *(("use",) if value.get("use") in _USUAL else ())}
    return "; ".join(f"{_spaced(k)}: {t}" for k, v in value.items() if k not in silent and (t := flat(v)))


def action_passages(actions: Iterable[Resource], target: str) -> Iterator[Passage]:
    """One passage a Provenance: everything it says of who did what to an entry, when and why."""
    for action in actions:
        others = [t for t in dicts(action.get("target")) if set(t) != {"reference"}]
        said = [f"{p.label}: {p.text}" for p in rest(action, frozenset(() if others else ("target",)))]
        targets = (str(t.get("reference") or "") for t in dicts(action.get("target")))
        versions = [v for t in targets if f"{target}/_history/" in t and (v := t.rpartition("/")[2])]
        of = f"Version {', '.join(versions)}" if versions else ""
        yield Passage(label="Who did what to it, and why", text=". ".join(filter(None, (of, *said))))


def version_passages(versions: Iterable[Resource]) -> Iterator[Passage]:
    """One line a version: when, what category, what state, by whom."""
    for number, version in enumerate(versions, start=1):
        by = readable(an_object(version.get("author")).get("display"))
        parts = (concept(version.get("category")), str(version.get("status") or ""), by)
        on = readable(an_object(version.get("meta")).get("lastUpdated"))
        yield Passage(label=f"Version {number}", text=", ".join(filter(None, (on, *parts))))
