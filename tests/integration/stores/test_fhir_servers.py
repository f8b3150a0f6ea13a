"""FHIR servers of different minds: with and without ``$everything``, signed sign-in, merged patients, odd bundles."""

import base64
import io
import zipfile
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sar.demonstration import sample_fhir
from sar.demonstration.sample_http import CLIENT_ID, SampleServer
from sar.documents.reader import DocumentReading
from sar.domain.errors import BadMapping, StoreRefused, StoreUnavailable
from sar.domain.parties import Role
from sar.domain.records import AnswerKind, RecordKind, SubjectQuery
from sar.installation import present
from sar.stores import fhir_near
from sar.stores.fhir import FhirStore, load_fhir_mapping
from sar.stores.http import HttpSettings
from sar.stores.http_tokens import read_signing_key
from sar.stores.load import load_stores
from sar.stores.names import CHANGED
from tests.fakes.stores import AT, ISLA, LEANNE, STRANGER
from tests.servers.scripted import DESCRIPTION, NHS, PATIENT, ask, bundle, fhir, server, serving

SAMPLE = Path(__file__).parents[3] / "sample_data" / "stores"
FOLDERS = (SAMPLE / "trust_fhir", SAMPLE / "trust_fhir_more")


@contextmanager
def sample(*, everything=False, **more):
    resources = sample_fhir.Resources(*FOLDERS, everything=everything)
    handler = sample_fhir.handler_for(resources)
    asked = []

    class Noting(handler):
        def reply(self, path, query):
            asked.append(self.path)
            super().reply(path, query)

    http = SampleServer(Noting, "the-secret", **more)
    http.asked, http.resources = asked, resources
    with serving(http):
        yield http


def sample_store(http, **more):
    settings = {
        "url": f"{http.origin}{sample_fhir.BASE}",
        "token_url": f"{http.origin}/token",
        "client_id": CLIENT_ID,
        "client_secret": "the-secret",
    }
    return FhirStore(
        description=DESCRIPTION,
        settings=HttpSettings(**(settings | more)),
        mapping=load_fhir_mapping(SAMPLE / "trust_fhir.mapping.toml"),
        reader=DocumentReading(),
        page_size=4,
    )


def natives(answer):
    return {r.key.native_id for r in answer.records}


# ------------------------------------------------------------------------------- everything and searches


def test_everything_and_searches_bring_the_same_records():
    with sample() as searched, sample(everything=True) as whole:
        by_search = ask(sample_store(searched))
        by_everything = ask(sample_store(whole))
    assert natives(by_search) == natives(by_everything)
    assert {r.key: r.version for r in by_search.records} == {r.key: r.version for r in by_everything.records}
    assert any("$everything" in path and "_start" in path for path in whole.asked), "it was read by pages"
    assert not any("$everything" in path for path in searched.asked)


def test_who_looked_is_an_access_log_with_their_name_in_the_register():
    with sample(everything=True) as http:
        answer = ask(sample_store(http))
    looks = [r for r in answer.records if r.kind is RecordKind.ACCESS_LOG]
    assert [r.dated_on for r in looks] == [date(2026, 9, 7), date(2026, 10, 2)]
    said = {p.label: p.text for p in looks[0].passages}
    assert said["What was done"] == "Read"
    assert "Judith Penrose" in said["By"]
    assert "ward-pc-114" in said["By"]
    assert "New starter list" in said["Why"]
    [someone] = [p for p in answer.people if p.name == "Judith Penrose"]
    assert (someone.role, someone.job_title) == (Role.PROFESSIONAL, "School nurse")


@pytest.mark.parametrize("everything", [False, True])
def test_a_type_nobody_knows_is_kept_as_readable_text(everything):
    with sample(everything=everything) as http:
        answer = ask(sample_store(http))
    [board] = [r for r in answer.records if r.key.native_id == "WardBoardNote/board-1"]
    said = {p.label: p.text for p in board.passages}
    assert said["Kind of entry"] == "Ward board note"
    assert said["Board text"] == "Ask safeguarding before visitors come in."
    assert board.dated_on == date(2024, 3, 5)


def test_what_the_server_does_not_offer_is_said_and_nothing_fails():
    with sample() as http:
        answer = ask(sample_store(http))
    assert "does not offer" in answer.note
    assert "care plan, task" in answer.note
    assert not any("/Task" in path for path in http.asked), "its statement said so already"


@pytest.mark.parametrize("status", [400, 404, 422, 501])
def test_a_type_the_server_lists_and_then_turns_away_is_on_the_officers_list(status):
    turned_away = {"Flag", "Communication", "RelatedPerson"}
    listed = [
        {"type": t, "searchParam": [{"name": "patient"}]} for t in ("Patient", "Condition", *turned_away)
    ]
    statement = {
        "resourceType": "CapabilityStatement",
        "fhirVersion": "4.0.1",
        "rest": [{"mode": "server", "resource": listed}],
    }

    def play(request):
        kind = request.path.partition("?")[0].strip("/")
        if kind == "metadata":
            request.send(200, statement)
        elif kind in turned_away:
            request.send(status, {"resourceType": "OperationOutcome", "issue": []})
        else:
            request.send(200, bundle(*([PATIENT] if kind == "Patient" else [])))

    with server(play) as http:
        answer = ask(fhir(http))
    held = [(h.key.native_id, h.code) for h in answer.held_back]
    assert sorted(held) == [(kind, "incomplete") for kind in sorted(turned_away)]
    assert not {"alert", "flag", "communication"} & set(answer.note.lower().replace(",", " ").split())


def test_a_server_without_a_statement_is_asked_for_everything_on_our_list():
    def play(request):
        kind = request.path.partition("?")[0].strip("/")
        if kind == "metadata":
            request.send(404, {})
        elif kind == "Task":
            request.send(501, {"resourceType": "OperationOutcome"})
        elif kind == "AuditEvent":
            request.send(403, {"resourceType": "OperationOutcome"})
        else:
            request.send(200, bundle(*([PATIENT] if kind == "Patient" else [])))

    with server(play) as http:
        answer = ask(fhir(http))
        asked = {path.partition("?")[0].strip("/") for path, _ in http.asked}
    assert {
        "Flag", "Communication", "DocumentReference", "Observation", "Condition", "QuestionnaireResponse", "Encounter",
        "RiskAssessment", "CarePlan", "Task", "RelatedPerson", "AuditEvent",
    } <= asked  # fmt: skip
    assert "task" in answer.note
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("AuditEvent", "not-allowed")]
    assert natives(answer) == {"Patient/p1"}


def test_when_everything_breaks_off_the_searches_bring_the_rest():
    observation = {
        "resourceType": "Observation",
        "id": "o",
        "effectiveDateTime": "2024-05-01",
        "status": "final",
    }
    statement = {
        "resourceType": "CapabilityStatement",
        "rest": [
            {
                "resource": [
                    {"type": "Patient", "operation": [{"name": "everything"}]},
                    {"type": "Observation"},
                ]
            }
        ],
    }

    def play(request):
        kind = request.path.partition("?")[0]
        if kind == "/metadata":
            request.send(200, statement)
        elif "everything" in kind:
            request.send(200, b"<html>", "text/html")
        else:
            found = {"/Patient": [PATIENT], "/Observation": [observation]}.get(kind, [])
            request.send(200, bundle(*found))

    with server(play) as http:
        answer = ask(fhir(http))
    assert natives(answer) == {"Patient/p1", "Observation/o"}
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("$everything", "incomplete")]


@pytest.mark.parametrize("everything", [False, True])
def test_an_estimate_says_how_much_changed_since_the_last_answer(everything):
    since = datetime(2026, 9, 1, tzinfo=UTC)
    new = {
        "resourceType": "Observation", "id": "new", "subject": {"reference": "Patient/isla"},
        "effectiveDateTime": "2026-10-01", "meta": {"lastUpdated": "2026-10-01T09:00:00Z"},
    }  # fmt: skip
    with sample(everything=everything) as http:
        store = sample_store(http)
        [patient_id] = {n for n in natives(ask(store)) if n.startswith("Patient/")}

        def changed(seen_at):
            return store.estimate(SubjectQuery(subject=ISLA, seen_at=seen_at), at=AT).changed

        assert changed(None) is None
        before = changed(since)
        http.resources.by_name["Observation/new"] = new | {"subject": {"reference": patient_id}}
        assert changed(since) == before + 1
        assert changed(datetime(2026, 10, 26, tzinfo=UTC)) == 0
        assert any("_since" in path for path in http.asked) is everything
        assert before == len(LOOKS)


LOOKS = ("AuditEvent/look-1", "AuditEvent/look-2")


def test_an_estimate_counts_and_fetches_no_record():
    with sample() as http:
        store = sample_store(http)
        estimate = store.estimate(SubjectQuery(subject=ISLA), at=AT)
        asked = [p for p in http.asked if "/Patient" not in p and "metadata" not in p]
        assert asked
        assert all("_summary=count" in p for p in asked)
        assert estimate.kind is AnswerKind.FOUND
        assert estimate.records == ask(store).found
        near = store.estimate(SubjectQuery(subject=LEANNE), at=AT)
        assert near.near_names == 1
        assert store.estimate(SubjectQuery(subject=STRANGER), at=AT).kind is AnswerKind.NOTHING_HELD


def test_records_leave_in_batches_while_pages_still_come():
    pages = [
        [
            {
                "resourceType": "Observation",
                "id": f"o{p}-{i}",
                "effectiveDateTime": "2024-05-01",
                "status": "final",
            }
            for i in range(50)
        ]
        for p in range(6)
    ]
    first_batch_at = []

    def play(request):
        path, _, rest = request.path.partition("?")
        if path == "/Observation":
            page = int(rest.partition("page=")[2] or 0)
            following = f"Observation?page={page + 1}" if page + 1 < len(pages) else None
            request.send(200, bundle(*pages[page], following=following))
        else:
            request.send(200, bundle(*([PATIENT] if path == "/Patient" else [])))

    with server(play) as http:
        batches = []

        def into(records):
            batches.append(len(records))
            first_batch_at.append(sum("page=" in p for p, _ in http.asked))

        answer = ask(fhir(http), into=into)
    assert sum(batches) == answer.found == 301
    assert max(batches) <= 100
    assert first_batch_at[0] < 5
    assert answer.records == ()


# ------------------------------------------------------------------------------- signed sign-in


def keys(tmp_path, kind):
    private = (
        ec.generate_private_key(ec.SECP384R1()) if kind == "ES384" else rsa.generate_private_key(65537, 2048)
    )
    path = tmp_path / f"{kind}.pem"
    path.touch(mode=0o600)
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path, private.public_key()


@pytest.mark.parametrize("kind", ["RS384", "ES384"])
@pytest.mark.parametrize("wrong_by", [timedelta(0), timedelta(hours=3), None])
def test_a_signed_question_gets_a_token_even_when_the_clocks_differ(tmp_path, kind, wrong_by):
    path, public = keys(tmp_path, kind)
    key = read_signing_key(path, key_id="k1", where="x")
    clock = None if wrong_by is None else lambda: present() + wrong_by
    with sample(keys={"k1": public}) as http:
        store = sample_store(http, client_secret="", key=key, clock=clock)
        assert ask(store).kind is AnswerKind.FOUND
        assert ask(store).kind is AnswerKind.FOUND, "a new number each time, so none is refused as replayed"
        assert len(http.used_numbers) >= 2


def test_a_key_the_server_does_not_know_is_refused(tmp_path):
    path, _ = keys(tmp_path, "ES384")
    _, other = keys(tmp_path, "RS384")
    key = read_signing_key(path, key_id="k1", where="x")
    with sample(keys={"k1": other}) as http, pytest.raises(StoreRefused, match="token"):
        ask(sample_store(http, key=key, clock=present))


def test_the_signed_question_is_short_lived_for_one_address_and_for_one_use(tmp_path):
    path, public = keys(tmp_path, "RS384")
    key = read_signing_key(path, key_id="k1", where="x")
    forms = []

    with sample(keys={"k1": public}) as http:
        handler = http.RequestHandlerClass
        original = handler._is_signed
        handler._is_signed = lambda self, form: forms.append(form) or original(self, form)
        store = sample_store(http, key=key, clock=present)
        ask(store)
        ask(store)
        claims = [
            jwt.decode(
                f["client_assertion"][0], public, algorithms=["RS384"], audience=f"{http.origin}/token"
            )
            for f in forms
        ]
        assert jwt.get_unverified_header(forms[0]["client_assertion"][0])["kid"] == "k1"
        assert all(c["exp"] - c["iat"] <= 300 for c in claims)
        assert all(c["iss"] == c["sub"] == CLIENT_ID for c in claims)
        assert claims[0]["jti"] != claims[1]["jti"]
        assert not original(handler_stub(http), forms[0]), "the sample server itself refuses a replay"


def handler_stub(http):
    class Stub:
        path = "/token"
        server = http

    return Stub()


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda p: p.chmod(0o644), "read by others"),
        (lambda p: p.unlink(), "cannot be read"),
        (lambda p: p.write_text("not a key"), "not a private key"),
    ],
)
def test_a_key_file_that_cannot_be_trusted_is_named(tmp_path, spoil, named):
    path, _ = keys(tmp_path, "ES384")
    spoil(path)
    with pytest.raises(BadMapping, match=named) as wrong:
        read_signing_key(path, key_id="k1", where="connections.toml, x")
    assert wrong.value.field == "private_key"


def test_a_weak_key_and_a_key_without_its_name_are_refused(tmp_path):
    path, _ = keys(tmp_path, "ES384")
    with pytest.raises(BadMapping, match="key_id"):
        read_signing_key(path, key_id="", where="x")
    private = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadMapping, match="do not accept"):
        read_signing_key(path, key_id="k1", where="x")


STORES = """
[[store]]
name = "ward"
label = "The ward"
controller = "Nobody"
kind = "fhir"
"""
CONNECTIONS = """
[ward]
url = "{url}"
token_url = "{token_url}"
client_id = "{client_id}"
private_key = "ward.pem"
key_id = "k1"
attachment_hosts = ["files.example"]
reply_s = 30
mapping = "MAPPING"
"""


def test_the_settings_file_names_the_key_and_its_own_mistakes(tmp_path):
    path, public = keys(tmp_path, "ES384")
    path.rename(tmp_path / "ward.pem")
    (tmp_path / "stores.toml").write_text(STORES)
    written = CONNECTIONS.replace("MAPPING", str(SAMPLE / "trust_fhir.mapping.toml"))
    with sample(keys={"k1": public}) as http:

        def load(connections):
            (tmp_path / "connections.toml").write_text(connections)
            variables = {
                "url": f"{http.origin}{sample_fhir.BASE}",
                "token_url": f"{http.origin}/token",
                "client_id": CLIENT_ID,
            }
            files = {"connections": tmp_path / "connections.toml", "variables": variables}
            return load_stores(tmp_path / "stores.toml", **files, reader=DocumentReading(), clock=present)

        [store] = load(written)
        assert ask(store).kind is AnswerKind.FOUND
        assert "accepts our credentials" in store.check()
        for wrong, named in (
            (("ward.pem", "wood.pem"), "private_key"),
            (('key_id = "k1"', 'key_id = ""'), "key_id"),
            (("reply_s = 30", "reply_s = -1"), "reply_s"),
            (('["files.example"]', "7"), "attachment_hosts"),
        ):
            with pytest.raises(BadMapping, match=named):
                load(written.replace(*wrong))


# ------------------------------------------------------------------------------- who is who


def of_kinds(**found):
    """A server that answers each type with these entries (whole bundles are sent as they are)."""

    def play(request):
        path = request.path.partition("?")[0].strip("/")
        said = found.get(path.replace("/", "_"), [])
        request.send(200, said if isinstance(said, dict) else bundle(*said))

    return server(play)


def patient(native, **more):
    return PATIENT | {"id": native} | more


def test_entries_merged_with_the_subject_s_are_followed_when_their_own_facts_agree():
    old = patient("old", active=False, link=[{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}])
    now = patient("p1", link=[{"other": {"reference": "Patient/old"}, "type": "replaces"}])
    note = {
        "resourceType": "Observation",
        "id": "o",
        "effectiveDateTime": "2024-01-01",
        "subject": {"reference": "Patient/old"},
    }
    with of_kinds(Patient=[now], Patient_old={**old}, Observation=[note]) as http:
        answer = ask(fhir(http))
        asked = {p for p, _ in http.asked}
    assert natives(answer) == {"Patient/p1", "Patient/old", "Observation/o"}
    assert any("Observation?patient=Patient%2Fold" in p for p in asked)
    [details] = [r for r in answer.records if r.key.native_id == "Patient/old"]
    assert "No" in {p.text for p in details.passages if p.label == "Active"}


def test_a_merged_entry_whose_facts_do_not_agree_is_for_an_officer():
    other = patient("other", identifier=[], name=[{"text": "Someone Else"}], birthDate="1950-01-01")
    now = patient("p1", link=[{"other": {"reference": "Patient/other"}, "type": "replaces"}])
    with of_kinds(Patient=[now], Patient_other=other) as http:
        store = fhir(http)
        answer = ask(store)
        assert [(h.key.native_id, h.code) for h in answer.held_back] == [("Patient/other", "near-name")]
        assert natives(answer) == {"Patient/p1"}
        confirmed = ask(store, confirmed=frozenset({"Patient/other"}))
        assert natives(confirmed) == {"Patient/p1", "Patient/other"}
        ruled_out = ask(store, ruled_out=frozenset({"Patient/other"}))
        assert (natives(ruled_out), ruled_out.held_back) == ({"Patient/p1"}, ())


@pytest.mark.parametrize(
    ("name", "born"),
    [
        ({"family": "Penrose", "given": ["Isla"]}, "2022-02-08"),  # married into, adopted by
        ({"family": "Hartley", "given": ["I"]}, "2022-02-08"),
        ({"family": "Penrose", "given": ["I"]}, "2022-02-08"),
        ({"family": "Hartly", "given": ["Bella"]}, "2022-02-08"),
        ({"text": "Isla of the Hartleys"}, "2022-02-08"),
        ({"family": "Hartley", "given": ["I"]}, "2022-08-02"),
        ({"family": "Hartly", "given": ["Isla"]}, "2022-08-02"),
        ({"family": "Hartley", "given": ["Isla"]}, None),
        ({"family": "Hartley", "given": ["Baby"]}, None),
    ],
)
def test_a_patient_without_a_number_whom_only_half_a_name_and_a_birth_find_is_shown_and_not_read(name, born):
    entry = {"resourceType": "Patient", "id": "near", "name": [name]} | ({"birthDate": born} if born else {})
    strangers = [
        {"resourceType": "Patient", "id": "bystander", "name": [{"family": "Quayle", "given": ["Ida"]}],
         "birthDate": "2022-06-06"},
        {"resourceType": "Patient", "id": "elder", "name": [{"family": "Hartwell", "given": ["Bo"]}],
         "birthDate": "1950-01-01"},
    ]  # fmt: skip
    with sample() as http:
        before = ask(sample_store(http))
        for each in (entry, *strangers):
            http.resources.by_name[f"Patient/{each['id']}"] = each
        answer = ask(sample_store(http))
    assert natives(answer) == natives(before)
    near = {h.key.native_id for h in answer.held_back} - {h.key.native_id for h in before.held_back}
    assert near == {"Patient/near"}


def test_a_former_surname_finds_a_patient_under_it():
    entry = {
        "resourceType": "Patient", "id": "near", "name": [{"family": "Doyle", "given": ["L"]}],
        "birthDate": "1993-03-14",
    }  # fmt: skip
    with sample() as http:
        http.resources.by_name["Patient/near"] = entry
        answer = ask(sample_store(http), LEANNE)
    assert "Patient/near" in {h.key.native_id for h in answer.held_back if h.code == "near-name"}


def test_a_search_for_near_names_that_brings_everybody_ends_and_says_so(monkeypatch):
    monkeypatch.setattr(fhir_near, "MOST_LOOKED_AT", 100)

    def play(request):
        path, _, rest = request.path.partition("?")
        page = int(rest.partition("page=")[2] or 0)
        if path != "/Patient" or "identifier" in rest:
            request.send(200, bundle())
            return
        # It passes over what it is asked for, and begins to give all its patients.
        people = [
            patient(f"x{page}-{n}", identifier=[], name=[{"text": "Ada Quayle"}], birthDate="2022-03-03")
            for n in range(100)
        ]
        request.send(200, bundle(*people, following=f"Patient?page={page + 1}"))

    with server(play) as http:
        answer = ask(fhir(http))
        pages = sum("page=" in path for path, _ in http.asked)
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("Patient", "incomplete")]
    assert pages <= 12
    assert "cannot be asked for people without a date of birth or people without a surname" in answer.note


def test_a_server_that_cannot_be_asked_for_what_is_missing_still_answers():
    def play(request):
        if "missing" in request.path:
            request.send(400, {"resourceType": "OperationOutcome"})
            return
        request.send(200, bundle(*([PATIENT] if request.path.startswith("/Patient?") else [])))

    with server(play) as http:
        answer = ask(fhir(http))
    assert natives(answer) == {"Patient/p1"}
    assert "cannot be asked for people without a date of birth or people without a surname" in answer.note


def test_a_patient_id_that_is_somebody_else_s_now_is_compared_again():
    near = patient("p7", identifier=[], birthDate="2022-02-09")
    with of_kinds(Patient=[near], Patient_p7=near) as http:
        [held] = ask(fhir(http)).held_back
        decided = {
            "confirmed": frozenset({"Patient/p7"}),
            "compared": {"Patient/p7": frozenset(held.facts)},
        }
        assert natives(ask(fhir(http), **decided)) == {"Patient/p7"}
    moved = near | {"address": [{"text": "1 New Street"}], "telecom": [{"system": "phone", "value": "1"}]}
    with of_kinds(Patient=[moved], Patient_p7=moved) as http:
        assert natives(ask(fhir(http), **decided)) == {"Patient/p7"}
    anothers = near | {"name": [{"text": "Wayne Other"}], "birthDate": "1960-01-01"}
    with of_kinds(Patient=[], Patient_p7=anothers) as http:
        answer = ask(fhir(http), **decided)
    assert (natives(answer), [(h.key.native_id, h.why) for h in answer.held_back]) == (
        set(), [("Patient/p7", CHANGED)],
    )  # fmt: skip
    with of_kinds(Patient=[]) as http:
        answer = ask(fhir(http), **decided)
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("Patient/p7", "deleted")]


def test_a_patient_with_two_numbers_in_use_is_read_and_pointed_out():
    both = [{"system": NHS, "value": "9992311584"}, {"system": NHS, "value": "9990000018"}]
    with of_kinds(Patient=[patient("p1", identifier=both)]) as http:
        answer = ask(fhir(http))
    assert natives(answer) == {"Patient/p1"}
    assert [h.code for h in answer.held_back] == ["several-numbers"]
    both[1]["use"] = "old"
    with of_kinds(Patient=[patient("p1", identifier=both)]) as http:
        assert ask(fhir(http)).held_back == ()


def test_what_is_about_another_patient_is_held_back_whatever_the_search_said():
    def about(native, reference):
        return {
            "resourceType": "Observation", "id": native, "effectiveDateTime": "2024-01-01",
            "subject": {"reference": reference}, "note": [{"text": "Private"}],
        }  # fmt: skip

    with server(lambda r: None) as elsewhere:
        url = elsewhere.url
    mixed = [
        about("mine", "Patient/p1"),
        about("mine-in-full", f"{url}/fhir/Patient/p1/_history/2"),
        about("hers", "Patient/p2"),
        patient("p2", name=[{"text": "Other Child"}], identifier=[]),
    ]
    with of_kinds(Patient=[patient("p1")], Observation=mixed) as http:
        answer = ask(fhir(http))
    assert natives(answer) == {"Patient/p1", "Observation/mine", "Observation/mine-in-full"}
    assert {(h.key.native_id, h.code) for h in answer.held_back} == {
        ("Observation/hers", "other-person"),
        ("Patient/p2", "other-person"),
    }
    assert "Private" not in str([p for r in answer.records for p in r.passages if "hers" in r.key.native_id])


def test_next_of_kin_inside_the_patient_s_entry_are_in_the_register():
    kin = [
        {
            "name": {"text": "Aunt Carol"},
            "relationship": [{"text": "aunt"}],
            "telecom": [{"system": "phone", "value": "1"}],
        }
    ]
    with of_kinds(Patient=[patient("p1", contact=kin)]) as http:
        answer = ask(fhir(http))
    [aunt] = [p for p in answer.people if p.name == "Aunt Carol"]
    assert (aunt.role, aunt.relation, aunt.phones) == (Role.THIRD_PARTY, "aunt", ("1",))
    assert any("Aunt Carol" in p.text for r in answer.records for p in r.passages)


# ------------------------------------------------------------------------------- odd bundles


def test_pages_of_one_type_that_do_not_end_stop_and_are_said_and_other_types_go_on():
    count = iter(range(100_000))

    def play(request):
        path = request.path.partition("?")[0]
        if path == "/Condition":
            condition = {
                "resourceType": "Condition",
                "id": "same",
                "recordedDate": "2024-01-01",
                "code": {"text": "Cough"},
            }
            request.send(200, bundle(condition, following=f"Condition?page={next(count)}"))
        elif path == "/Encounter":
            visit = {
                "resourceType": "Encounter",
                "id": "e",
                "period": {"start": "2024-01-02"},
                "status": "finished",
            }
            request.send(200, bundle(visit))
        else:
            request.send(200, bundle(*([PATIENT] if path == "/Patient" else [])))

    with server(play) as http:
        answer = ask(fhir(http))
    assert natives(answer) == {"Patient/p1", "Condition/same", "Encounter/e"}
    [held] = answer.held_back
    assert (held.key.native_id, held.code) == ("Condition", "incomplete")
    assert "pages do not end" in held.why
    assert next(count) < 50


def test_fewer_entries_than_the_server_counted_are_said():
    short = bundle(
        {"resourceType": "Observation", "id": "o", "effectiveDateTime": "2024-01-01", "status": "final"}
    )
    with of_kinds(Patient=[PATIENT], Observation=short | {"total": 12}) as http:
        answer = ask(fhir(http))
    assert natives(answer) == {"Patient/p1", "Observation/o"}
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("Observation", "incomplete")]


def test_deleted_entries_warnings_and_holes_in_a_bundle_are_said():
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "diagnostics": "Isla Hartley"}],
    }
    warning = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}
    odd = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": "http://x/fhir/Observation/gone", "response": {"status": "410 Gone"}},
            {"request": {"method": "DELETE", "url": "Observation/wiped"}},
            {"resource": "text"},
            7,
            {"resource": outcome},
            {"resource": {"resourceType": "Observation"}},
        ],
    }
    with of_kinds(Patient=[PATIENT], Observation=odd, Condition=[warning]) as http:
        answer = ask(fhir(http))
    assert {(h.key.native_id, h.code) for h in answer.held_back} == {
        ("Observation/gone", "deleted"),
        ("Observation/wiped", "deleted"),
        ("Observation", "unreadable"),
        ("Observation", "incomplete"),
        ("Observation/", "unreadable"),
    }
    assert "warning" in answer.note
    assert "Isla" not in str(answer.held_back) + answer.note


@pytest.mark.parametrize(
    "shape",
    [
        {"meta": ["x"]},
        {"effectivePeriod": {"start": {"a": 1}}},
        {"code": 7},
        {"subject": [7, {"reference": 8}]},
        {"identifier": {"value": {"a": []}}},
        {"extension": {"url": 5}},
        {"text": "no object"},
    ],
)
def test_no_shape_of_one_entry_stops_the_others(shape):
    good = {"resourceType": "Observation", "id": "good", "effectiveDateTime": "2024-01-01", "status": "final"}
    with of_kinds(Patient=[PATIENT], Observation=[good | shape | {"id": "odd"}, good]) as http:
        answer = ask(fhir(http))
    assert "Observation/good" in natives(answer)
    assert "Observation/odd" in natives(answer) | {h.key.native_id for h in answer.held_back}


def test_nothing_of_an_entry_is_dropped():
    rich = {
        "resourceType": "Observation",
        "id": "o",
        "meta": {
            "versionId": "1",
            "lastUpdated": "2024-05-02T08:00:00Z",
            "security": [{"display": "restricted"}],
        },
        "text": {"div": "<div><script>x()</script><p>Narrative &amp; more</p></div>"},
        "contained": [{"resourceType": "Device", "id": "d", "deviceName": [{"name": "Scale nine"}]}],
        "extension": [{"url": "https://x.example/reason-for-weighing", "valueString": "worried school"}],
        "modifierExtension": [{"url": "https://x.example/negated", "valueBoolean": True}],
        "effectiveDateTime": "2024-05-01",
        "code": {"text": "Weight", "coding": [{"code": "27113001", "display": "Body weight measure"}]},
        "performer": [
            {"display": "Dr Penhale", "extension": [{"url": "https://x/grade", "valueCode": "locum"}]}
        ],
        "component": [{"code": {"text": "Shoes"}, "valueBoolean": False}],
        "_status": {"extension": [{"url": "https://x/why-missing", "valueString": "never asked"}]},
    }
    with of_kinds(Patient=[PATIENT], Observation=[rich]) as http:
        [record] = [r for r in ask(fhir(http)).records if r.key.native_id == "Observation/o"]
    text = "\n".join(f"{p.label}: {p.text}" for p in record.passages)
    for said in (
        "Narrative & more", "Scale nine", "Reason-for-weighing: worried school", "Negated: Yes", "Weight",
        "Body weight measure", "Dr Penhale", "locum", "Shoes", "No", "never asked", "restricted",
    ):  # fmt: skip
        assert said in text, said
    assert "x()" not in text


def test_when_a_record_was_first_entered_and_last_changed_is_kept():
    with sample() as http:
        records = {r.key.native_id: r.provenance for r in ask(sample_store(http)).records}
    alert = records["Flag/al-40113"]
    assert alert.entered_at is not None
    assert alert.entered_at.date() == date(2024, 3, 5)
    assert alert.changed_at is not None
    assert alert.changed_at > alert.entered_at
    assert records["Encounter/visit-1"].entered_at is None, "its first version is not known"
    assert records["Encounter/visit-1"].changed_at == datetime(2024, 3, 9, 9, tzinfo=UTC)


def test_a_server_that_goes_away_in_the_middle_is_unavailable_not_a_short_answer():
    def play(request):
        if request.path.startswith("/Encounter"):
            request.send(503, {})
        else:
            request.send(200, bundle(*([PATIENT] if request.path.startswith("/Patient") else [])))

    with server(play) as http, pytest.raises(StoreUnavailable):
        ask(fhir(http))


def test_what_an_entry_refers_to_may_fail_without_the_entry():
    flag = {
        "resourceType": "Flag", "id": "f", "status": "active", "period": {"start": "2024-01-01"},
        "code": {"text": "Careful"}, "author": {"reference": "Practitioner/broken", "display": "Ann Other"},
        "subject": {"reference": "Patient/p1"},
    }  # fmt: skip
    odd = flag | {"id": "g", "author": {"reference": "Practitioner/../../admin"}}

    def play(request):
        path = request.path.partition("?")[0]
        if path == "/Practitioner/broken":
            request.send(200, b"{torn")
        elif path.endswith("_history"):
            request.send(403, {})
        else:
            found = {"/Patient": [PATIENT], "/Flag": [flag, odd]}.get(path, [])
            request.send(200, bundle(*found))

    with server(play) as http:
        answer = ask(fhir(http))
        assert not any("admin" in path for path, _ in http.asked)
    assert natives(answer) == {"Patient/p1", "Flag/f", "Flag/g"}
    assert {(h.key.native_id, h.code) for h in answer.held_back} == {
        ("Practitioner/broken", "unreadable"),
        ("Flag/f", "incomplete"),
        ("Flag/g", "incomplete"),
    }


def outcome(code):
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}


@pytest.mark.parametrize(
    ("status", "said", "codes"),
    [
        (404, outcome("not-found"), []),
        (405, b"No", []),
        (501, outcome("not-supported"), []),
        (400, outcome("not-supported"), []),
        (400, outcome("invalid"), ["incomplete"]),
        (400, b"<html>Bad request</html>", ["incomplete"]),
        (400, b"", ["incomplete"]),
        (410, outcome("deleted"), ["incomplete"]),
        (422, outcome("processing"), ["incomplete"]),
    ],
)
def test_only_a_server_that_says_it_keeps_no_versions_is_taken_to_keep_none(status, said, codes):
    def play(request):
        path = request.path.partition("?")[0]
        if path == "/Flag/f1/_history":
            request.send(status, said)
        else:
            request.send(200, bundle(*{"/Patient": [PATIENT], "/Flag": [FLAG]}.get(path, [])))

    with server(play) as http:
        answer = ask(fhir(http))
    assert natives(answer) == {"Patient/p1", "Flag/f1"}
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("Flag/f1", code) for code in codes]


def test_two_entries_under_one_number_are_one_kept_and_one_held_back():
    def note(text):
        return {
            "resourceType": "Observation",
            "id": "o",
            "effectiveDateTime": "2024-01-01",
            "code": {"text": text},
        }

    with of_kinds(Patient=[PATIENT], Observation=[note("One"), note("One"), note("Other")]) as http:
        answer = ask(fhir(http))
    assert natives(answer) == {"Patient/p1", "Observation/o"}
    assert [h.code for h in answer.held_back] == ["duplicate-id"]


def test_a_document_on_another_host_is_fetched_without_the_token_if_that_host_is_listed():
    with server(lambda r: r.send(200, b"Words from elsewhere", "text/plain")) as elsewhere:
        where = f"127.0.0.1:{elsewhere.server_address[1]}"
        attachment = {"url": f"{elsewhere.url}/d.txt", "contentType": "text/plain", "title": "d.txt"}
        document = {"resourceType": "DocumentReference", "id": "d", "date": "2024-01-01"}
        document["content"] = [{"attachment": attachment}]
        with of_kinds(Patient=[PATIENT], DocumentReference=[document]) as http:
            unlisted = ask(fhir(http))
            listed = ask(fhir(http, attachment_hosts=(where,)))
        assert elsewhere.asked == [("/d.txt", None)]
    assert [h.code for h in unlisted.held_back] == ["unreadable"]
    assert "Words from elsewhere" in {p.text for r in listed.records for p in r.passages}


def test_a_page_that_comes_twice_does_not_count_twice_nor_does_what_comes_along():
    def seen(native):
        return {"resourceType": "Observation", "id": native, "effectiveDateTime": "2024-01-01"}

    def page(*natives, **more):
        listed = [{"resource": seen(n), "search": {"mode": "match"}} for n in natives]
        along = {"resource": {"resourceType": "Practitioner", "id": "x"}, "search": {"mode": "include"}}
        return {"resourceType": "Bundle", "total": 4, "entry": [*listed, along, along], **more}

    following = {"link": [{"relation": "next", "url": "Observation?page=2"}]}

    def play(second):
        def answer(request):
            if request.path.startswith("/Observation"):
                last = "page=2" in request.path
                request.send(200, page(*second) if last else page("1", "2", **following))
            else:
                request.send(200, bundle(*([PATIENT] if request.path.startswith("/Patient") else [])))

        return server(answer)

    with play(["1", "2"]) as http:
        assert [(h.key.native_id, h.code) for h in ask(fhir(http)).held_back] == [
            ("Observation", "incomplete")
        ]
    with play(["3", "4"]) as http:
        assert ask(fhir(http)).held_back == ()


@pytest.mark.parametrize(("total", "held"), [(3, 0), (4, 1)])
def test_a_total_that_only_the_last_page_states_is_compared_as_well(total, held):
    def page(*natives, **more):
        listed = [
            {"resource": {"resourceType": "Observation", "id": n, "effectiveDateTime": "2024-01-01"}}
            for n in natives
        ]
        return {"resourceType": "Bundle", "entry": listed, **more}

    following = {"link": [{"relation": "next", "url": "Observation?page=2"}]}

    def answer(request):
        if request.path.startswith("/Observation"):
            last = "page=2" in request.path
            request.send(200, page("2", "3", total=total) if last else page("1", "2", **following))
        else:
            request.send(200, bundle(*([PATIENT] if request.path.startswith("/Patient") else [])))

    with server(answer) as http:
        assert [h.code for h in ask(fhir(http)).held_back] == ["incomplete"] * held


def test_two_texts_under_one_number_are_two_of_those_that_the_server_counted():
    def seen(words):
        return {
            "resourceType": "Observation",
            "id": "o",
            "effectiveDateTime": "2024-01-01",
            "valueString": words,
        }

    twice = bundle(seen("calm"), seen("tired"), dict(reversed(seen("calm").items()))) | {"total": 2}
    with of_kinds(Patient=[PATIENT], Observation=twice) as http:
        held = ask(fhir(http)).held_back
    assert [h.code for h in held] == ["duplicate-id"]


def test_a_field_that_a_server_sends_twice_loses_neither_value():
    one = '{"resourceType": "Observation", "id": "o", "effectiveDateTime": "2024-01-01", "valueString": "Calm.", '
    body = f'{{"resourceType": "Bundle", "entry": [{{"resource": {one}"valueString": "Tired."}}}}]}}'.encode()

    def play(request):
        kind = request.path.partition("?")[0].strip("/")
        send = {"Patient": bundle(PATIENT), "Observation": body}.get(kind, bundle())
        request.send(200, send, "application/fhir+json")

    with server(play) as http:
        words = " ".join(p.text for r in ask(fhir(http)).records for p in r.passages)
    assert "Calm." in words
    assert "Tired." in words


FLAG = {
    "resourceType": "Flag",
    "id": "f1",
    "status": "active",
    "subject": {"reference": "Patient/p1"},
    "code": {"text": "Parents argue"},
    "period": {"start": "2024-01-01"},
}


def acted(native, target="Flag/f1"):
    return {
        "resourceType": "Provenance",
        "id": native,
        "target": [{"reference": target}],
        "recorded": "2024-01-02T00:00:00Z",
        "reason": [{"text": f"Mother not told because of {native}"}],
        "agent": [{"who": {"display": "Nurse Penhale"}}],
    }


@pytest.mark.parametrize("versions", [[], [FLAG | {"meta": {"versionId": "1", "lastUpdated": "2024-01-01"}}]])
def test_who_did_what_to_an_alert_and_why_is_in_its_words_with_versions_and_without(versions):
    with of_kinds(
        Patient=[PATIENT], Flag=[FLAG], Flag_f1__history=versions, Provenance=[acted("a"), acted("b")]
    ) as http:
        answer = ask(fhir(http))
    [alert] = [r for r in answer.records if r.key.native_id == "Flag/f1"]
    words = "\n".join(p.text for p in alert.passages)
    for said in ("not told because of a", "not told because of b", "Nurse Penhale", "2 January 2024"):
        assert said in words, said
    assert answer.held_back == ()


def test_what_came_along_about_alerts_is_told_even_when_it_cannot_be_searched():
    statement = {
        "resourceType": "CapabilityStatement",
        "rest": [
            {"resource": [{"type": "Patient", "operation": [{"name": "everything"}]}, {"type": "Flag"}]}
        ],
    }
    # The one comes before its alert, the other after it; the third tells of an alert nobody sent.
    everything = bundle(PATIENT, acted("a"), FLAG, acted("b", "Flag/f1/_history/1"), acted("c", "Flag/f2"))

    def play(request):
        path = request.path.partition("?")[0].strip("/")
        held = {"metadata": statement, "Patient": bundle(PATIENT), "Patient/p1/$everything": everything}
        request.send(*((200, held[path]) if path in held else (404, {})))

    with server(play) as http:
        answer = ask(fhir(http))
    [alert] = [r for r in answer.records if r.key.native_id == "Flag/f1"]
    words = "\n".join(p.text for p in alert.passages)
    assert "because of a" in words
    assert "Version 1. " in words
    assert "because of b" in words
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("Provenance/c", "incomplete")]


def test_no_part_of_a_person_s_own_entry_is_dropped():
    parts = {
        "telecom": [
            {"system": "fax", "value": "FAXNUMBER"},
            {"system": "sms", "value": "SMSNUMBER"},
            {"system": "other", "value": "pigeon"},
            {"system": "phone", "value": "PHONE", "use": "old", "period": {"end": "2020-05-06"}},
        ],
        "address": [
            {"use": "temp", "text": "The refuge, told to nobody", "line": ["1 Road"], "country": "Wales"},
            {"line": ["2 Road"], "period": {"start": "2019-01-02"}},
        ],
        "name": [
            {"text": "Isla Hartley", "family": "Hartley", "given": ["Isla"], "use": "official"},
            {"text": "Isla H", "family": "Oldfamily", "use": "old", "period": {"end": "2020-01-01"}},
        ],
        "identifier": [
            *PATIENT["identifier"],
            {"system": "https://x", "value": "77", "type": {"text": "Case number"}, "use": "old"},
        ],
    }
    relative = {"resourceType": "RelatedPerson", "id": "r", "patient": {"reference": "Patient/p1"}}
    relative |= {"name": [{"text": "Leanne Hartley"}], "telecom": parts["telecom"][:2]}
    with of_kinds(Patient=[PATIENT | parts], RelatedPerson=[relative]) as http:
        answer = ask(fhir(http))
    [record] = answer.records
    text = "\n".join(f"{p.label}: {p.text}" for p in record.passages)
    for said in (
        "Fax: FAXNUMBER", "Text messages: SMSNUMBER", "pigeon", "Telephone: PHONE; Use: old", "6 May 2020",
        "1 Road", "The refuge, told to nobody", "Wales", "temp", "2 January 2019", "Oldfamily", "1 January 2020",
        "Number: 77; ", "Case number", "Leanne Hartley", "Fax: FAXNUMBER, Text messages",
    ):  # fmt: skip
        assert said in text, said
    assert "official" not in text
    [me] = [p for p in answer.people if p.role is Role.DATA_SUBJECT]
    assert "The refuge, told to nobody" in me.addresses
    assert "SMSNUMBER" in me.phones


def test_a_document_read_only_in_part_is_held_back_too():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "Words about Isla")
        archive.writestr("b.bin", b"\x00\x01\x02" * 50)
    data = base64.b64encode(packed.getvalue()).decode()
    attachment = {"data": data, "contentType": "application/zip", "title": "d.zip"}
    document = {"resourceType": "DocumentReference", "id": "d", "date": "2024-01-01"}
    document["content"] = [{"attachment": attachment}]
    with of_kinds(Patient=[PATIENT], DocumentReference=[document]) as http:
        answer = ask(fhir(http))
    assert "Words about Isla" in {p.text for r in answer.records for p in r.passages}
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [
        ("DocumentReference/d#not-read-1", "unreadable")
    ]


def test_a_namesake_with_a_date_beyond_all_dates_ends_no_answer():
    other = patient("p2", identifier=[], birthDate="0001-01-01T00:00:00Z", name=[{"text": "Isl Other"}])
    odd = patient("p3", name=7, meta={"lastUpdated": "9999-12-31T23:59:59-05:00"})
    with of_kinds(Patient=[PATIENT, other, odd]) as http:
        answer = ask(fhir(http))
    assert "Patient/p1" in natives(answer)
