"""The mapping that comes with the program reads the dataset as councils really make it, codes in words."""

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from sar.documents.reader import DocumentReading
from sar.domain.errors import BadMapping
from sar.domain.parties import IdentifierKind
from sar.domain.records import RecordKind, SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.load import load_stores
from sar.stores.sql import SqlStore
from sar.stores.sql_extending import ready_mapping, ready_mappings
from sar.stores.sql_mapping import load_mapping
from tests.fakes.stores import AT, ISLA, LEANNE

SAMPLE = Path(__file__).parents[3] / "sample_data" / "stores"
TABLES = (SAMPLE / "council_ssd.sql").read_text().partition("CREATE TABLE local_case_notes")[0]
SOURCES = "ssd_professionals", "ssd_department"
# Numbers as a database server gives them: each table counts from one, so that all of them are 1.
ROWS = """
INSERT INTO ssd_person (pers_person_id, pers_legacy_id, pers_forename, pers_surname, pers_dob, pers_ethnicity,
    pers_single_unique_id, pers_sex, pers_upn_unknown, pers_is_mother)
    VALUES ('1', 'OLD-7', 'Isla', 'Hartley', '2022-02-08 00:00:00', 'WBRI', '9992311584', 'F', 'UN1', 'N'),
    ('2', NULL, 'Leanne', 'Hartley', '1993-03-14', NULL, '9992044179', 'F', NULL, 'Y');
INSERT INTO ssd_mother VALUES ('1', '2', '1', '2022-02-08');
INSERT INTO ssd_family VALUES ('1', 'FAM-9', '1'), ('2', 'FAM-9', '2');
INSERT INTO ssd_address VALUES ('1', '1', 'Home', '2022-02-08', NULL, 'WX7 4QL',
    '{"ROOM": "", "HOUSE": "14", "STREET": "Tanner Row", "TOWN": "Wexcombe", "UPRN": "100", "WING": "East"}');
INSERT INTO ssd_linked_identifiers VALUES ('1', '1', 'UPN', 'Y937204417026', '2026-09-01', NULL);
INSERT INTO ssd_disability VALUES ('1', '1', 'HEAR'), ('2', '1', 'XYZ');
INSERT INTO ssd_contacts VALUES ('1', '1', '2024-03-06', '3F', 'Hospital',
    '{"NEW_REFERRAL_FLAG": "Y", "NFA_FLAG": "N", "COMMENTS": "Rang back.", "WHOLLY_NEW_FLAG": "Y"}');
INSERT INTO ssd_early_help_episodes VALUES ('1', '1', '2024-01-01', '2024-02-01', 'Sleep', 'Done', 'Centre', '1');
INSERT INTO ssd_cin_episodes VALUES ('1', '1', '2024-03-07', 'N1', 'INDACQ', 'A neighbour', '{}', 'N', 'RC9',
    '2024-04-26', 'East', '1');
INSERT INTO ssd_cin_assessments VALUES ('1', '1', '1', '2024-03-07', 'Y', NULL, 'Plain words, not JSON', 'N',
    'East', '1');
INSERT INTO ssd_assessment_factors VALUES ('1', '1', '{"18A": "Yes", "18C": "Yes", "3A": "No", "77Z": "Yes"}');
INSERT INTO ssd_s47_enquiry VALUES ('1', '1', '1', '2024-03-08', NULL, 'Y', '{"CP_CONFERENCE_FLAG": "N"}', 'E', '1');
INSERT INTO ssd_initial_cp_conference VALUES ('1', 'M1', '1', '1', '1', '1', 'N', '2024-03-20', NULL, 'Y', NULL,
    'East', '1');
INSERT INTO ssd_cp_plans VALUES ('1', '1', '1', '1', '2024-03-21', NULL, 'N', 'PHY', 'Neglect');
INSERT INTO ssd_cin_plans VALUES ('1', '1', '1', '2024-04-01', NULL, 'East', '1');
INSERT INTO ssd_cp_reviews VALUES ('1', '1', '1', '2024-06-20', '2024-06-18', 'M2', 'Y', 'Y', 'PN0');
INSERT INTO ssd_cin_visits VALUES ('1', '1', '2024-03-12', 'Y', 'N', 'Y');
INSERT INTO ssd_cp_visits VALUES ('1', '1', '1', '2024-04-12', 'Y', 'N', 'Y');
INSERT INTO ssd_involvements VALUES ('1', '1', 'Allocated', '1', '1', '2024-03-07', NULL, NULL, '1');
INSERT INTO ssd_legal_status VALUES ('1', '1', 'V2', '2024-05-01', '2024-05-09'), ('2', '1', 'Q9', '2024-05-09', NULL);
INSERT INTO ssd_missing VALUES ('1', '1', '2024-05-02', 'M', '2024-05-03', 'Y', 'NA');
INSERT INTO ssd_voice_of_child VALUES ('1', '1', 'Yes', 'No', 'Yes', 'Yes', 'No');
INSERT INTO ssd_professionals VALUES ('1', 'S1', 'Nadia Rahim', NULL, NULL, 'Social worker', '12', 'East', '1');
INSERT INTO ssd_department VALUES ('1', 'Team East', NULL, NULL);
"""


@pytest.fixture
def council(tmp_path):
    def build(*, mapping='extends = "ssd"', more=""):
        path = tmp_path / "ssd.sqlite"
        path.unlink(missing_ok=True)
        database = sqlite3.connect(path)
        database.executescript(TABLES + ROWS + more)
        database.close()
        (tmp_path / "own.mapping.toml").write_text(mapping)
        return SqlStore(
            description=StoreDescription(name=StoreName("ssd"), label="The council", controller="C"),
            url=str(path),
            mapping=load_mapping(tmp_path / "own.mapping.toml"),
        )

    return build


def answer(store):
    return store.answer(SubjectQuery(subject=ISLA), at=AT)


def words(records, prefix):
    [record] = [r for r in records if r.key.native_id == f"{prefix}/1"]
    return {p.label: p.text for p in record.passages}, record


def test_every_table_with_facts_about_a_person_is_read_though_all_count_from_one(council):
    found = answer(council())
    assert found.held_back == ()
    tables = set(re.findall(r"INSERT INTO (ssd_\w+)", ROWS)) - {*SOURCES, "ssd_person"}
    children = {"ssd_mother", "ssd_family", "ssd_address", "ssd_linked_identifiers", "ssd_disability"}
    children |= {"ssd_voice_of_child", "ssd_assessment_factors"}
    assert len(found.records) == len(tables - children) + 2  # the person, and a second legal status
    kinds = {r.key.native_id.partition("/")[0]: r.kind for r in found.records}
    assert kinds["section-47"] is RecordKind.SECTION_47
    assert kinds["conference"] is RecordKind.CONFERENCE
    assert kinds["1"] is RecordKind.PERSON_DETAILS


def test_codes_of_any_year_are_words_and_unknown_ones_are_shown_as_they_are(council):
    records = answer(council()).records
    referral, record = words(records, "referral")
    assert referral["Main need recorded"] == "abuse, neglect and exploitation (code N1)"
    assert referral["Who referred"] == "individual: acquaintance, including neighbours and childminders"
    assert [(f.code, f.words) for f in record.findings] == [
        ("RC9", "case closed after assessment, passed to early help")
    ]
    plan, _ = words(records, "protection-plan")
    assert (plan["First category"], plan["Latest category"]) == ("physical abuse", "neglect")
    status = {r.key.native_id: r.passages[0].text for r in records if "legal-status" in r.key.native_id}
    assert status == {
        "legal-status/1": "accommodated by agreement (section 20) (code V2)",
        "legal-status/2": "Q9",
    }
    missing, _ = words(records, "missing")
    assert (missing["Kind of absence"], missing["Talk on return accepted"]) == ("missing", "not applicable")


# Every code that the dataset's specification, its lists and the census rules publish, and what its words must say.
PUBLISHED = {
    "factor": {
        "1A": "alcohol", "1B": "alcohol", "1C": "alcohol", "2A": "drug", "2B": "drug", "2C": "drug",
        "3A": "domestic abuse", "3B": "domestic abuse", "3C": "domestic abuse",
        "4A": "mental health", "4B": "mental health", "4C": "mental health",
        "5A": "learning disability", "5B": "learning disability", "5C": "learning disability",
        "6A": "physical disability or illness", "6B": "physical disability or illness",
        "6C": "physical disability or illness", "7A": "young carer",
        "8B": "means to return", "8C": "means to stay", "8D": "educational placement",
        "8E": "other family arrangement", "8F": "private fostering: other", "9A": "asylum seeking",
        "10A": "missing", "11A": "sexual exploitation", "12A": "trafficking", "13A": "gangs",
        "14A": "unacceptable behaviour", "15A": "self-harm", "16A": "neglect", "17A": "emotional abuse",
        "18B": "physical abuse: child on child", "18C": "physical abuse: adult on child",
        "19B": "sexual abuse: child on child", "19C": "sexual abuse: adult on child", "20": "other",
        "21": "no factors identified", "22A": "female genital mutilation", "23A": "faith or belief",
        "24A": "child criminal exploitation",
    },
    "need": {
        "N0": "not stated", "N1": "abuse, neglect and exploitation", "N2": "the child's disability",
        "N3": "a parent's disability", "N4": "acute stress", "N5": "family not functioning",
        "N6": "unacceptable behaviour", "N7": "low income", "N8": "absent parenting",
        "N9": "other than a child in need",
    },
    "closure": {
        "RC1": "adopted", "RC2": "died", "RC3": "child arrangements order", "RC4": "special guardianship",
        "RC5": "another council", "RC6": "adult services", "RC7": "no longer in need",
        "RC8": "after assessment, no further action", "RC9": "after assessment, passed to early help",
    },
    "source": {
        "1A": "family member", "1B": "acquaintance", "1C": "themselves", "1D": "other", "2A": "schools",
        "2B": "education services", "3A": "GP", "3B": "health visitor", "3C": "school nurse",
        "3D": "other primary health", "3E": "emergency department", "3F": "health services: other",
        "4": "housing", "5A": "social care", "5B": "within the council", "5C": "another council",
        "5D": "early help", "6": "police", "7": "legal", "8": "other", "9": "anonymous", "10": "unknown",
        "INDFRC": "family member", "INDACQ": "acquaintance", "INDSELF": "themselves", "SCHOOLS": "schools",
        "EDUSERV": "education services", "HSERVGP": "GP", "HSERVHVSTR": "health visitor",
        "HSERVSNRSE": "school nurse", "HSERVPHSERV": "other primary health", "HSERVAE": "emergency department",
        "HSERVOTHR": "health services: other", "HOUSLA": "housing", "LASERVSCR": "social care",
        "LASERVOINT": "within the council", "LASERVEXT": "another council", "POLICE": "police",
        "OTHERLEG": "legal", "OTHER": "other", "ANON": "anonymous", "UNKNOWN": "unknown",
    },
    "abuse": {
        "NEG": "neglect", "PHY": "physical", "SAB": "sexual", "EMO": "emotional",
        "MUL": "more than one category, or none recommended",
    },
    "legal_status": {
        "C1": "interim care order", "C2": "full care order", "D1": "freeing order", "E1": "placement order",
        "V2": "section 20", "V3": "each recorded", "V4": "recorded as one", "L1": "police protection",
        "L2": "emergency protection order", "L3": "child assessment order", "J1": "remanded",
        "J2": "by the police", "J3": "foster carers",
    },
    "disability": {
        "NONE": "none", "MOB": "mobility", "HAND": "hand", "PC": "personal care", "INC": "incontinence",
        "COMM": "communication", "LD": "learning", "HEAR": "hearing", "VIS": "vision", "BEH": "behaviour",
        "CON": "consciousness", "AUT": "autism", "DDA": "another disability",
    },
    "ethnicity": {
        "WBRI": "White British", "WIRI": "White Irish", "WIRT": "Traveller", "WOTH": "other White",
        "WROM": "Roma", "MWBC": "White and Black Caribbean", "MWBA": "White and Black African",
        "MWAS": "White and Asian", "MOTH": "mixed", "AIND": "Indian", "APKN": "Pakistani",
        "ABAN": "Bangladeshi", "AOTH": "other Asian", "BCRB": "Caribbean", "BAFR": "African",
        "BOTH": "other Black", "CHNE": "Chinese", "OOTH": "other ethnic", "REFU": "declined", "NOBT": "not yet",
    },
    "upn_unknown": {
        "UN1": "not of school age", "UN2": "never been to a state school", "UN3": "outside England",
        "UN4": "last week", "UN5": "disagree", "UN7": "no further action",
    },
    "participation": {
        "PN0": "under 4", "PN1": "spoke for themselves", "PN2": "attended and an advocate spoke",
        "PN3": "without speech", "PN4": "gave no views", "PN5": "did not attend; an advocate spoke",
        "PN6": "sent their views", "PN7": "sent no views",
    },
    "sex": {"F": "Female", "M": "Male", "U": "Unknown", "1": "Male", "2": "Female"},
    "gender": {"00": "Not known", "01": "Man or boy", "02": "Woman or girl", "09": "own words"},
    "missing": {"M": "missing", "A": "without permission"},
    "return_talk": {"Y": "Yes", "N": "No", "NA": "not applicable"},
}  # fmt: skip
UNCONFIRMED = {
    "factor": {"8A", "18A", "19A"}, "sex": {"I", "0", "9"}, "gender": {"0", "9"}, "source": {"INDFAM"}
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_code_is_in_words_and_none_of_them_is_a_guess(name):
    codes = load_mapping(ready_mapping("ssd")).codes[name]
    for code, said in PUBLISHED[name].items():
        assert said in codes[code]
        assert "as we read it" not in codes[code]
    assert {code for code, said in codes.items() if "as we read it" in said} == UNCONFIRMED.get(name, set())


def test_a_code_nobody_vouches_for_says_so_and_one_in_no_list_is_shown_as_it_is(council):
    more = """UPDATE ssd_assessment_factors SET cinf_assessment_factors_json = '{"8A": "Yes", "25A": "Yes"}';
        UPDATE ssd_person SET pers_sex = 'I', pers_gender = '77', pers_upn_unknown = 'UN6', pers_send_flag = '1',
        pers_ethnicity = 'XXXX';"""
    records = answer(council(more=more)).records
    _, assessment = words(records, "assessment")
    assert [p.text for p in assessment.passages if p.label == "Factor found"] == [
        "private fostering, as we read it (code 8A)",
        "25A: Yes",
    ]
    [person] = [r for r in records if r.kind is RecordKind.PERSON_DETAILS]
    said = {p.label: p.text for p in person.passages}
    assert said["Sex"] == "Neither female nor male, as we read it (code I)"
    assert said["Gender"] == "77"
    assert said["Why there is no unique pupil number"] == "UN6"
    assert said["Special educational needs, or a plan for them"] == "1"
    assert said["Ethnicity"] == "XXXX"


@pytest.mark.parametrize(
    "written", ['{ words = "x" }', '{ words = "x", source = "" }', '{ words = "x", source = "y", z = "" }']
)
def test_words_of_our_own_need_a_source(council, written):
    with pytest.raises(BadMapping, match="need"):
        council(mapping=f'extends = "ssd"\n[codes.need]\nN99 = {written}')


def test_factors_are_told_one_by_one_in_words_and_only_a_yes_is_a_finding(council):
    _, record = words(answer(council()).records, "assessment")
    factors = [p.text for p in record.passages if p.label == "Factor found"]
    assert factors == [
        "physical abuse, as we read it (code 18A)",
        "physical abuse: adult on child (code 18C)",
        "domestic abuse: child the subject (code 3A): No",
        "77Z: Yes",
    ]
    # The assessment was never authorised: its findings are dated by its beginning, not lost.
    assert {(f.code, str(f.on)) for f in record.findings} == {("18A", "2024-03-07"), ("18C", "2024-03-07")}
    assert "Plain words, not JSON" in [p.text for p in record.passages]


def test_flags_of_an_outcome_are_words_and_what_nobody_mapped_is_kept(council):
    [record] = [r for r in answer(council()).records if r.key.native_id == "contact/1"]
    said = [(p.label, p.text) for p in record.passages]
    assert ("New referral", "Yes") in said
    assert ("No further action", "No") in said
    assert ("Comments", "Rang back.") in said
    assert ("Also recorded", "WHOLLY_NEW_FLAG: Yes") in said


def test_the_person_comes_with_addresses_numbers_disabilities_family_and_their_own_view(council):
    found = answer(council())
    [record] = [r for r in found.records if r.kind is RecordKind.PERSON_DETAILS]
    said = [(p.label, p.text) for p in record.passages]
    assert ("Address", "Home, 14, Tanner Row, Wexcombe, WX7 4QL, from 8 February 2022") in said
    assert ("Address as recorded", "WING: East") in said
    assert [t for label, t in said if label == "Disability"] == ["hearing", "XYZ"]
    assert ("Ethnicity", "White British") in said
    assert ("Number in an earlier system", "OLD-7") in said
    assert ("Family number", "FAM-9") in said
    assert ("Mother's council person number", "2") in said
    assert ("Child's view: the plan makes them safe", "Yes") in said
    assert {p.name: p.relation for p in found.people if p.relation} == {"Leanne Hartley": "mother"}
    assert any(i == "Y937204417026" for p in found.people for i in p.identifiers)


def test_a_variant_that_lacks_a_table_and_a_column_says_so_and_is_read(council):
    dropped = "DROP TABLE ssd_missing; DROP TABLE ssd_department; DROP TABLE ssd_disability;"
    dropped += "ALTER TABLE ssd_person DROP COLUMN pers_send_flag;"
    with pytest.raises(BadMapping) as wrong:
        council(more=dropped).check()
    for name in ("ssd_missing", "ssd_department", "ssd_disability", "pers_send_flag"):
        assert name in wrong.value.message
    without = '["ssd_missing", "ssd_department", "ssd_disability", "ssd_person.pers_send_flag"]'
    store = council(more=dropped, mapping=f'extends = "ssd"\nwithout = {without}')
    store.check()
    found = answer(store)
    assert found.held_back == ()
    involvement, _ = words(found.records, "involvement")
    assert "Team" not in involvement
    assert involvement["Team number"] == "1"


MOVED = "UPDATE ssd_address SET addr_address_json = 'KEPT';"
NOBODY_BORN = (
    "INSERT INTO ssd_person (pers_person_id, pers_forename, pers_surname, pers_expected_dob) VALUES "
)


@pytest.mark.parametrize(
    ("row", "near"),
    [
        ("('77', 'Isla', 'Hartley', NULL)", True),
        ("('77', 'Unborn', 'Hartley', '2022-02-20')", True),
        ("('77', NULL, 'Hartley', '2022-02-20')", True),
        ("('77', 'Unborn', 'Hartley', '2026-02-20')", False),
        ("('77', 'Erin', 'Hartley', '2022-02-20')", False),
    ],
)
def test_an_entry_made_before_the_birth_is_put_before_an_officer(council, row, near):
    found = answer(council(more=NOBODY_BORN + row))
    assert [(h.key.native_id, h.code) for h in found.held_back] == ([("77", "near-name")] if near else [])


def test_a_database_without_expected_births_is_read_and_its_mapping_can_say_so(council):
    dropped = "ALTER TABLE ssd_person DROP COLUMN pers_expected_dob;"
    without = 'extends = "ssd"\nwithout = ["ssd_person.pers_expected_dob"]'
    assert "2 people" in council(more=dropped, mapping=without).check()
    found = answer(council(more=dropped))
    assert any(p.name == "Isla Hartley" for p in found.people)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("14 Tanner Row, Wexcombe WX7 4QL", "14 Tanner Row, Wexcombe WX7 4QL"),
        ('["14 Tanner Row", "Wexcombe"]', "14 Tanner Row, Wexcombe, WX7 4QL"),
        ('{"LINE1": "14 Tanner Row", "TOWN_NAME": "Wexcombe"}', "14 Tanner Row, Wexcombe, WX7 4QL"),
        ('{"HOUSE_NAME": "The Willows", "UPRN": "100"}', "The Willows, WX7 4QL"),
        (
            '{"FLAT": "14", "HOUSE": "4", "STREET": "Tanner Row", "WING": "East"}',
            "14, 4, Tanner Row, WX7 4QL, East",
        ),
        ('{"HOUSE": "14", "STREET": "Tanner Row"}', "14, Tanner Row, WX7 4QL"),
    ],
)
def test_an_address_of_any_shape_reaches_the_register(council, kept, said):
    found = answer(council(more=MOVED.replace("KEPT", kept)))
    assert said in [a for p in found.people for a in p.addresses]


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ('extends = "sdd"', "names no ready mapping"),
        ('extends = "ssd"\nwithout = ["ssd_mising"]', "ssd_mising"),
        ('extends = "ssd"\nwithout = "ssd_missing"', "must be a list"),
        ('extends = "ssd"\ncolour = "red"', "unknown setting `colour`"),
    ],
)
def test_an_extension_that_does_not_add_up_is_refused(council, mapping, named):
    with pytest.raises(BadMapping, match=named):
        council(mapping=mapping)


def test_its_name_is_enough_in_the_connections(tmp_path):
    assert ready_mappings() == ("ssd",)
    assert ready_mapping("no_such") is None
    database = sqlite3.connect(tmp_path / "ssd.sqlite")
    database.executescript(TABLES + ROWS)
    database.close()
    (tmp_path / "stores.toml").write_text(
        '[[store]]\nname = "ssd"\nlabel = "The council"\ncontroller = "C"\ndata_class = "social-work"\nkind = "sql"'
    )
    (tmp_path / "connections.toml").write_text('[ssd]\ndatabase = "ssd.sqlite"\nmapping = "ssd"')
    [store] = load_stores(
        tmp_path / "stores.toml",
        connections=tmp_path / "connections.toml",
        variables={},
        reader=DocumentReading(),
    )
    assert "2 people" in store.check()
    assert answer(store).found > 10


def test_codes_in_other_letters_or_with_blanks_are_words(council):
    more = """UPDATE ssd_cin_episodes SET cine_close_reason = 'rc8 ', cine_cin_primary_need_code = ' n1',
        cine_referral_source_code = '3f', cine_referral_nfa = 'y';
        UPDATE ssd_cp_plans SET cppl_cp_plan_initial_category = 'phy';
        UPDATE ssd_assessment_factors SET cinf_assessment_factors_json = '{"18c": "t", "Found": ["3A", " 77Z"]}';"""
    records = answer(council(more=more)).records
    referral, record = words(records, "referral")
    assert referral["Main need recorded"] == "abuse, neglect and exploitation (code N1)"
    assert referral["Who referred"] == "health services: other, such as a hospital or hospice (code 3F)"
    assert referral["Referral ended with no further action"] == "Yes"
    assert [f.code for f in record.findings] == ["RC8"]
    assert words(records, "protection-plan")[0]["First category"] == "physical abuse"
    _, assessment = words(records, "assessment")
    assert [f.code for f in assessment.findings] == ["18C", "3A", "77Z"]
    assert [p.text for p in assessment.passages if p.label == "Factor found"] == [
        "physical abuse: adult on child (code 18C)",
        "Found: domestic abuse: child the subject (code 3A); 77Z",
    ]


def test_what_a_row_has_only_in_part_is_told_for_what_it_has(council):
    more = "DELETE FROM ssd_professionals; DELETE FROM ssd_department;"
    more += "UPDATE ssd_person SET pers_forename = NULL;"
    # With another council number beside half a name, an officer would have to compare them first.
    isla = replace(
        ISLA, identifiers=tuple(i for i in ISLA.identifiers if i.kind is IdentifierKind.NHS_NUMBER)
    )
    records = council(more=more).answer(SubjectQuery(subject=isla), at=AT).records
    [person] = [r for r in records if r.kind is RecordKind.PERSON_DETAILS]
    assert ("Name", "Hartley") in [(p.label, p.text) for p in person.passages]
    involvement, _ = words(records, "involvement")
    assert involvement["Worker"] == involvement["Team"] == "number 1 (the store says no more)"


def test_a_workers_registration_and_a_teams_place_are_told(council):
    more = "UPDATE ssd_department SET dept_team_parent_name = 'Children East';"
    more += "UPDATE ssd_professionals SET prof_social_worker_registration_no = 'SW12';"
    involvement, _ = words(answer(council(more=more)).records, "involvement")
    assert involvement["Worker"] == "Nadia Rahim, Social worker, social work registration SW12"
    assert involvement["Team"] == "Team East, part of Children East"


def test_a_mother_as_the_subject_is_told_what_is_kept_of_her_children(council):
    found = council().answer(SubjectQuery(subject=LEANNE), at=AT)
    [record] = [r for r in found.records if r.kind is RecordKind.PERSON_DETAILS]
    assert ("Child", "council person number 1, born 8 February 2022") in [
        (p.label, p.text) for p in record.passages
    ]
