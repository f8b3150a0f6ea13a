"""The command line as a script sees it: exit codes, stable keys, and an example in every help."""

import io
import json

import click
import pytest
from click.testing import CliRunner
from reportlab.pdfgen.canvas import Canvas

from sar.cli import main, root


@pytest.fixture
def sar(monkeypatch, capsys, data_dir):
    """Run a command through ``main``, as the installed program does: code, output, errors."""

    def run(*words, text=""):
        monkeypatch.setattr("sys.argv", ["sar", *(str(w) for w in words)])
        if text:
            monkeypatch.setattr("sys.stdin", io.StringIO(text))
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return left.value.code or 0, said.out, said.err

    return run


def commands(group, path=()):
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield (*path, name), command
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = list(commands(root))


@pytest.mark.parametrize("path", [p for p, _ in ALL], ids=" ".join)
def test_every_commands_help_has_an_example_of_itself(path):
    shown = CliRunner().invoke(root, [*path, "--help"])
    assert shown.exit_code == 0
    text = " ".join(shown.output.split())
    assert "Example: " in text
    assert f"sar {' '.join(path)}" in text.partition("Example: ")[2]


# --- clock --------------------------------------------------------------------------------------------


def test_the_clock_reads_out_the_day_and_its_law(sar):
    code, out, _ = sar("clock", "--received", "2026-11-20")
    assert code == 0
    assert "Monday 21 December 2026" in out
    assert "Article 12A" in out


def test_the_clocks_json_has_its_stable_keys(sar):
    code, out, _ = sar(
        "clock", "--received", "2026-11-20", "--identity", "2026-11-25:2026-12-04", "--clarification",
        "2026-12-07:2026-12-09", "--json",
    )  # fmt: skip
    said = json.loads(out)
    assert code == 0
    assert {
        "due_on", "start_on", "extension_notice_by", "extension_notice_latest", "excluded_days", "steps"
    } <= set(said)  # fmt: skip
    assert said["start_on"] == "2026-12-04"
    assert said["due_on"] == "2027-01-07"
    assert said["excluded_days"] == 3
    assert all({"text", "statute"} <= set(step) for step in said["steps"])


def test_the_clock_extends_and_waits(sar):
    said = json.loads(sar("clock", "--received", "2026-11-20", "--extended", "2026-12-01", "--json")[1])
    assert said["due_on"] == "2027-02-22"
    waiting = json.loads(sar("clock", "--received", "2026-11-20", "--identity", "2026-11-25:", "--json")[1])
    assert waiting["due_on"] is None


@pytest.mark.parametrize(
    "words",
    [
        ("--received", "2026-02-30"),
        ("--received", "soon"),
        ("--received", "2026-11-20", "--nation", "atlantis"),
        ("--received", "2026-11-20", "--identity", "2026-11-25"),
        ("--received", "2026-11-20", "--identity", "2026-12-04:2026-11-25"),
        ("--received", "1900-01-01"),
        (),
        ("--no-such-option",),
    ],
)
def test_what_the_clock_cannot_use_is_exit_2_with_a_way_on(sar, words):
    code, out, err = sar("clock", *words)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    assert "What to do:" in err or "Usage:" in err


def test_an_extension_too_late_is_exit_1(sar):
    code, _, err = sar("clock", "--received", "2026-11-20", "--extended", "2027-03-01")
    assert code == 1
    assert "too late" in err


@pytest.mark.parametrize(
    ("words", "due", "whose"),
    [
        (("--limit", "foi.reply", "--from", "2026-11-20"), "2026-12-21", "organisation"),
        (("--limit", "nhs.complaint.respond", "--from", "2026-11-20"), "2027-05-19", "organisation"),
        (("--limit", "lgsco.lodge", "--from", "2026-11-20"), "2027-11-19", "family"),
        (
            ("--limit", "school.record", "--from", "2026-12-16", "--term", "2026-11-02:2026-12-18",
             "--term", "2027-01-04:2027-02-12"), "2027-01-20", "organisation",
        ),
    ],
)  # fmt: skip
def test_any_time_limit_of_the_nation_is_worked_out(sar, words, due, whose):
    code, out, _ = sar("clock", *words, "--json")
    said = json.loads(out)
    assert (code, said["due_on"], said["whose"]) == (0, due, whose)
    assert said["citation"]
    assert said["runs_from"]
    assert said["uncertain"] is False
    text = sar("clock", *words)[1]
    assert said["citation"] in text
    assert f"Who must act: the {whose}." in text


def test_a_limit_that_is_not_certain_says_so_and_what_if_late(sar):
    words = ("clock", "--limit", "ico.lodge", "--from", "2026-11-20")
    said = json.loads(sar(*words, "--json")[1])
    assert said["uncertain"] is True
    assert said["discretion"]
    assert "not certain" in said["cautions"][0]
    text = sar(*words)[1]
    assert f"If it is late: {said['discretion']}" in text
    assert "Note: This limit is not certain" in text


@pytest.mark.parametrize(
    ("code", "is_forecast"), [("lgsco.lodge", False), ("dp.complaint.acknowledge", True), ("foi.reply", True)]
)
def test_only_a_date_that_rests_on_public_holidays_can_be_a_forecast(sar, code, is_forecast):
    text = sar("clock", "--limit", code, "--from", "2033-11-21")[1]
    assert ("is a forecast" in text) == is_forecast


def test_a_limit_in_hours_runs_from_a_moment(sar):
    words = ("clock", "--limit", "breach.notify", "--at", "2026-11-20T17:30+00:00")
    said = json.loads(sar(*words, "--json")[1])
    assert (said["due_at"], said["due_on"]) == ("2026-11-23T17:30:00+00:00", "2026-11-23")
    assert "Monday 23 November 2026, 17:30 UTC" in sar(*words)[1]


def test_the_limits_are_listed_by_code(sar):
    said = json.loads(sar("clock", "--list", "--json")[1])["limits"]
    titles = {row["code"]: row["title"] for row in said}
    assert titles["foi.reply"] == "Answer to a freedom of information request"
    assert list(titles) == sorted(titles)
    assert "foi.reply" in sar("clock", "--list", "--nation", "scotland")[1]
    assert "lgsco.lodge" not in sar("clock", "--list", "--nation", "scotland")[1]


@pytest.mark.parametrize(
    "words",
    [
        ("--limit", "foi.reply"),
        ("--limit", "foi.reply", "--from", "2026-02-30"),
        ("--limit", "foi.reply", "--from", "2036-01-04"),
        ("--limit", "foi.reply", "--from", "2026-11-20", "--at", "2026-11-20T09:00+00:00"),
        ("--limit", "foi.rply", "--from", "2026-11-20"),
        ("--limit", "breach.notify", "--from", "2026-11-20"),
        ("--limit", "breach.notify", "--at", "2026-11-20T09:00"),
        ("--limit", "breach.notify", "--at", "noon"),
        ("--limit", "foi.reply", "--at", "2026-11-20T09:00+00:00"),
        ("--limit", "school.record", "--from", "2026-11-20"),
        ("--limit", "school.record", "--from", "2026-11-20", "--term", "2026-12-18:2026-11-02"),
        ("--limit", "school.record", "--from", "2026-11-20", "--term", "2026-12-18"),
        ("--limit", "dp.complaint.acknowledge", "--from", "2026-06-18"),
        ("--limit", "foi.reply", "--from", "2026-11-20", "--received", "2026-11-20"),
        ("--list", "--received", "2026-11-20"),
        ("--list", "--nation", "atlantis"),
        ("--from", "2026-11-20"),
        ("--received", "2026-11-20", "--from", "2026-11-20"),
        ("--received", "2035-12-20"),
        ("--limit", "breach.notify", "--at", "9999-12-31T09:00+00:00"),
        ("--limit", "foi.regulator.lodge", "--from", "9999-12-31"),
        ("--received", "2026-11-20", "--clarification", "2026-12-04:2026-11-25"),
        ("--received", "2026-11-20", "--clarification", "2026-11-19:2026-11-25"),
    ],
)
def test_what_the_clock_is_asked_wrongly_is_exit_2_with_a_way_on(sar, words):
    code, out, err = sar("clock", *words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert "What to do:" in err or "Usage:" in err


def test_a_date_past_the_published_holidays_is_called_a_forecast(sar):
    assert json.loads(sar("clock", "--received", "2026-11-20", "--json")[1])["cautions"] == []
    far = json.loads(sar("clock", "--received", "2033-11-21", "--json")[1])
    assert far["due_on"] == "2033-12-21"
    assert "forecast" in far["cautions"][0]
    assert "forecast" in sar("clock", "--limit", "foi.reply", "--from", "2033-11-21")[1]


def test_the_clock_knows_the_days_and_the_reading_of_this_installation(sar, data_dir):
    data_dir.mkdir()
    (data_dir / "sar.toml").write_text(
        'extra_holidays = [2026-12-21]\n[law."nation/england"]\nclarification_counting = "elapsed"\n'
    )
    assert json.loads(sar("clock", "--received", "2026-11-20", "--json")[1])["due_on"] == "2026-12-22"
    row_16 = ("clock", "--received", "2026-11-03", "--clarification", "2026-11-09:2026-11-13", "--json")
    assert json.loads(sar(*row_16)[1])["due_on"] == "2026-12-07"
    # Another nation's days are its own.
    scotland = ("clock", "--received", "2026-11-20", "--nation", "scotland", "--json")
    assert json.loads(sar(*scotland)[1])["due_on"] == "2026-12-21"


# --- inspect ------------------------------------------------------------------------------------------


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "letter.pdf"
    page = Canvas(str(path))
    page.drawString(72, 720, "Kerry Lomax rang about Leanne.")
    page.save()
    return path


@pytest.fixture
def withheld(tmp_path):
    def write(content):
        path = tmp_path / "withheld.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_inspect_is_0_on_a_clean_file_and_1_with_the_place_on_a_leak(sar, letter, withheld):
    code, out, _ = sar("inspect", letter, "--withheld", withheld("# names\n\nDean Rudge\nJo\n"))
    assert code == 0
    assert "1 strings searched, 1 too short to search, 0 found." in out
    code, out, _ = sar("inspect", letter, "--withheld", withheld("Dean Rudge\nKERRY  lomax\n"))
    assert code == 1
    assert "page 1" in out
    assert "lomax" not in out.casefold()


def test_inspects_json_is_one_object(sar, letter, withheld):
    code, out, _ = sar("inspect", letter, "--withheld", withheld("Kerry Lomax\n"), "--json")
    said = json.loads(out)
    assert code == 1
    assert said["searched"] == 1
    assert said["leaks"][0]["needle"] == 0


def test_a_comment_is_not_searched(sar, letter, withheld):
    assert sar("inspect", letter, "--withheld", withheld("  # Kerry Lomax\n"))[0] == 0


def test_what_cannot_be_inspected_is_exit_2_never_clean_and_never_a_leak(sar, letter, withheld, tmp_path):
    listed = withheld("Dean Rudge\n")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"not a PDF")
    missing = tmp_path / "missing.pdf"
    cases = [
        ("inspect", missing, "--withheld", listed),
        ("inspect", letter, "--withheld", tmp_path / "missing.txt"),
        ("inspect", broken, "--withheld", listed),
        ("inspect", tmp_path, "--withheld", listed),
        ("inspect", letter),
    ]
    for words in cases:
        code, out, err = sar(*words)
        assert (code, out) == (2, ""), words
        assert "What to do:" in err or "Usage:" in err
    code, _, err = sar("inspect", letter, "--withheld", withheld(b"M\xfcller\n"))
    assert code == 2
    assert "UTF-8" in err


# --- the others ---------------------------------------------------------------------------------------


def test_verify_says_no_to_a_file_that_is_no_pack(sar, letter, tmp_path):
    code, _, err = sar("verify", letter)
    assert code == 1
    assert "What to do:" in err
    assert sar("verify", tmp_path / "missing.pdf")[0] == 2


def test_rules_try_answers_every_line_in_order(sar):
    people = [{"name": "Kerry Lomax", "role": "third_party"}]
    lines = [
        {"id": "a", "text": "Kerry Lomax rang.", "people": people},
        {"id": 2, "text": "Nobody rang.", "people": []},
    ]
    code, out, _ = sar("rules", "try", "--jsonl", text="".join(json.dumps(x) + "\n" for x in lines))
    assert code == 0
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["id"], second["id"], second["proposals"]) == ("a", 2, [])
    [found] = first["proposals"]
    assert {"start", "end", "text", "kind", "known", "rule", "person", "exemption", "certainty"} <= set(found)
    assert (found["text"], found["kind"], found["known"]) == ("Kerry Lomax", "person", True)


@pytest.mark.parametrize("table", ["people", "person"])
def test_rules_try_reads_the_people_file_its_help_describes(sar, tmp_path, table):
    people = tmp_path / "people.toml"
    people.write_text(f'[[{table}]]\nname = "Kerry Lomax"\nrole = "third_party"\n')
    code, out, err = sar("rules", "try", "--people", people, text="Then lomax wept.")
    assert (code, err) == (0, "")
    assert [f["text"] for f in json.loads(out)] == ["lomax"]


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"text": "x"}', '{"id": 1, "text": "x", "people": "Kerry"}']
)
def test_rules_try_names_what_it_cannot_read(sar, line):
    code, _, err = sar("rules", "try", "--jsonl", text=line + "\n")
    assert code == 2
    assert "What to do:" in err


def test_an_empty_installation_has_a_whole_trail(sar):
    code, out, _ = sar("trail", "verify", "--json")
    assert code == 0
    assert json.loads(out) == {"cases": 0, "events": 0, "checkpoints": 0, "unproved": 0}


def test_an_unknown_case_or_store_is_said_plainly(sar):
    code, _, err = sar("gather", "nonsense")
    assert code == 2
    assert "SA-2026-0001" in err
    assert sar("gather", "SA-2026-0001")[0] in {1, 2}
    assert sar("stores", "check", "nowhere")[0] == 2


def test_a_setting_we_do_not_know_stops_every_command_that_reads_settings(sar, data_dir):
    data_dir.mkdir()
    (data_dir / "sar.toml").write_text("contoller = 'x'\n")
    code, _, err = sar("stores", "check")
    assert code == 2
    assert "contoller" in err
