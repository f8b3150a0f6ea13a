"""The kit explains and checks itself, its example can be asked by us, and broken servers are found out."""

import json
import os
import re
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from sar import kit_check
from sar.cli import root
from sar.documents.reader import DocumentReading
from sar.domain.records import AnswerKind, SubjectQuery
from sar.stores.http import HttpSettings
from sar.stores.sar_http import SarHttpStore, load_sar_http_mapping
from tests.fakes.stores import AT, ISLA_BY_NAME_ONLY, person
from tests.servers.scripted import DESCRIPTION, server

ROBIN = person("Robin Quill", date(2018, 1, 1), nhs="9990000018")
ALL_STATUSES = {"nothing-held", "not-used-here", "no-number", "found", "period"}
SECRET = {"KIT_CLIENT_SECRET": "kit-secret"}


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit") / "our-kit"
    written = CliRunner().invoke(root, ["kit", "write", str(folder)])
    assert written.exit_code == 0, written.output
    return folder


@contextmanager
def example(kit, old="", new=""):
    """The example server as a supplier starts it, perhaps with one line changed for the worse."""
    program = kit / "server.py"
    if old:
        text = program.read_text()
        assert old in text
        program = kit / "broken.py"
        program.write_text(text.replace(old, new))
    command = [sys.executable, program, "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield re.search(r"http://\S+", process.stdout.readline())[0]
        finally:
            process.terminate()


def checked(url, *more, secret=True, env=None):
    return CliRunner().invoke(
        root,
        ["kit", "check", url, "--number", "nhs=9990000018", "--token-url", f"{url}/token", "--client-id", "kit-client",
         "--json", *more],
        env=SECRET if env is None else env,
    )  # fmt: skip


def broken(run):
    return {r["rule"] for r in json.loads(run.stdout)["rules"] if r["ok"] is False}


def test_the_example_keeps_every_rule(kit):
    with example(kit) as url:
        run = checked(url)
    said = json.loads(run.stdout)
    assert run.exit_code == 0
    assert said["passed"]
    assert {r["rule"]: r["ok"] for r in said["rules"]} == dict.fromkeys(
        ["answers", *kit_check.RULES], True
    ), "every rule was tried"


def test_the_copied_check_needs_nothing_of_ours_and_says_the_same(kit, tmp_path):
    with example(kit) as url:
        command = [sys.executable, "-I", kit / "check.py", url, "--number", "nhs=9990000018", "--token-url",
                   f"{url}/token", "--client-id", "kit-client"]  # fmt: skip
        run = subprocess.run(
            command,
            env={**os.environ, **SECRET, "PYTHONPATH": ""},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("yes ") == 1 + len(kit_check.RULES)
    assert "9990000018" not in run.stdout


HELD = "self.answer(200 if held else 204, held)"
CONTENT = '{**held, "content": entries}'


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("self.answer(209)", "self.answer(204)", {"not-used-here"}),
        (HELD, "self.answer(200 if held else 404, held)", {"nothing-held", "period"}),
        (HELD, "self.answer(200 if held else 500, held)", {"nothing-held", "period"}),
        ("self.answer(400, {", "self.answer(204 or {", {"no-number"}),
        ("not in TOKENS", 'in {"x"}', {"token"}),
        ('kind="application/json"', 'kind="text/html"', {"json"}),
        ("else 204, held)", "else 204, json.dumps(held).encode('utf-16') if held else None)", {"json"}),
        (CONTENT, '{**held, "Content": entries, "content": None}', {"content"}),
        (CONTENT, '{**held, "content": "some words"}', {"content"}),
        (CONTENT, '{**held, "content": [{"a": 1}]}', {"dates"}),
        (CONTENT, '{**held, "content": [{**e, "t": secrets.token_hex(4)} for e in entries]}', {"same-again"}),
        (".read_bytes()}", '.read_bytes() + b"more"}', {"attachments"}),
        ("elif parts.path in FILES:", "elif False:", {"attachments"}),
        ('if parts.path == "/health/ping":', "if False:", set()),
    ],
)
def test_a_broken_server_fails_the_right_rule(kit, old, new, rules):
    with example(kit, old, new) as url:
        run = checked(url)
    assert broken(run) == rules
    assert run.exit_code == (1 if rules else 0)
    for rule in json.loads(run.stdout)["rules"]:
        assert rule["ok"] is not False or rule["what_to_do"]


@pytest.mark.parametrize(
    ("play", "rules"),
    [
        (lambda r: r.send(302, Location="http://127.0.0.1:9/"), {"no-redirect", *ALL_STATUSES}),
        (lambda r: r.send(500), ALL_STATUSES),
        (lambda r: r.connection.shutdown(2), {"answers"}),
    ],
)  # fmt: skip
def test_servers_that_do_not_even_begin(play, rules):
    with server(play) as http:
        run = CliRunner().invoke(root, ["kit", "check", http.url, "--number", "nhs=9990000018", "--json"])
    assert broken(run) == rules
    assert run.exit_code == 1


@pytest.mark.parametrize(
    "headers", [[{"name": "X"}], [{"name": "X", "value": 7}], [{"name": "a b", "value": "c"}], "X: y", [7]]
)
def test_headers_of_an_attachment_that_cannot_be_sent_break_a_rule_and_not_the_check(headers):
    url = {"url": "/a", "contentType": "text/plain", "filename": "a.txt"}
    entry = {"attachmentNumber": 1, "filesize": 2, **url, "headers": headers}
    held = {"content": [{"on": "2024-01-01"}], "attachments": [entry]}
    with server(lambda r: r.send(200, b"{}" if r.path == "/a" else held)) as http:
        findings = kit_check.Check(kit_check.Subject(http.url, number=("nhs", "9990000018"))).run()
    [found] = [f for f in findings if f.rule == "attachments"]
    assert found.ok is False
    assert "headers is not a list" in found.says


@pytest.mark.parametrize(("body", "kept"), [({}, False), ({"error": 1}, False), ({"content": None}, True)])
def test_two_hundred_without_content_does_not_say_that_nothing_is_held(body, kept):
    with server(lambda r: r.send(200, body)) as http:
        findings = kit_check.Check(kit_check.Subject(http.url)).run()
    assert [f.ok for f in findings if f.rule == "nothing-held"] == [kept]


def test_a_long_answer_that_does_not_take_a_period_is_found_out():
    entry = {"content": [{"on": "2024-01-01"}]}

    def play(request):
        asked = parse_qs(urlsplit(request.path).query)
        if "fromDate" in asked or "toDate" in asked:
            request.send(422, {})
        elif not asked:
            request.send(400, {})
        elif "nhs" not in asked:
            request.send(209)
        else:
            request.send(
                200 if asked["nhs"] == ["9990000018"] else 204,
                entry if asked["nhs"] == ["9990000018"] else b"",
            )

    with server(play) as http:
        run = CliRunner().invoke(root, ["kit", "check", http.url, "--number", "nhs=9990000018", "--json"])
    assert broken(run) == {"period"}


@pytest.mark.parametrize(
    "words",
    [
        ["not-an-address"],
        ["http://127.0.0.1:9", "--number", "9990000018"],
        ["http://127.0.0.1:9", "--token-url", "http://127.0.0.1:9/token"],
        ["http://127.0.0.1:9", "--token-url", "http://127.0.0.1:9/token", "--client-id", "x"],
    ],
)
def test_a_check_that_cannot_be_made_is_a_matter_of_usage(words, monkeypatch, capsys):
    from sar.cli import main  # noqa: PLC0415

    monkeypatch.setattr("sys.argv", ["sar", "kit", "check", *words])
    monkeypatch.setenv("KIT_CLIENT_SECRET", "y")
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    assert left.value.code == 2
    assert "What to do" in said.out + said.err


def test_a_folder_that_holds_something_is_left_alone(tmp_path, monkeypatch, capsys):
    from sar.cli import main  # noqa: PLC0415

    (tmp_path / "mine.txt").write_text("keep")
    monkeypatch.setattr("sys.argv", ["sar", "kit", "write", str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "not empty" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_the_golden_calls_are_what_the_example_answers(kit):
    calls = json.loads((kit / "golden" / "calls.json").read_text())
    assert {c["answer"]["status"] for c in calls} == {200, 204, 209, 400, 401}
    with example(kit) as url:
        token = kit_check.fetch_token(f"{url}/token", "kit-client", "kit-secret")
        for call in calls:
            headers = {k: v.replace("<token>", token) for k, v in call["request"]["headers"].items()}
            reply = kit_check.send(call["request"]["method"], url + call["request"]["path"], headers=headers)
            wanted = call["answer"]
            assert reply.status == wanted["status"], call["why"]
            assert reply.headers.get("content-type") == wanted["content_type"], call["why"]
            if isinstance(wanted["body"], str) and wanted["body"].endswith(".json"):
                assert reply.value() == json.loads((kit / "golden" / wanted["body"]).read_text())
            elif isinstance(wanted["body"], str):
                assert reply.body == (kit / "golden" / wanted["body"]).read_bytes()
            elif wanted["body"] is None:
                assert reply.body == b""
            else:
                assert reply.value() == wanted["body"]


def test_the_example_is_read_by_our_own_store_with_the_mapping_beside_it(kit):
    with example(kit) as url:
        settings = HttpSettings(
            url=url, token_url=f"{url}/token", client_id="kit-client", client_secret="kit-secret", timeout_s=5
        )
        store = SarHttpStore(
            description=DESCRIPTION,
            settings=settings,
            mapping=load_sar_http_mapping(kit / "mapping.toml"),
            reader=DocumentReading(),
        )
        assert "nothing held" in store.check()
        answer = store.answer(SubjectQuery(subject=ROBIN), at=AT)
        assert store.answer(SubjectQuery(subject=ISLA_BY_NAME_ONLY), at=AT).kind is AnswerKind.NOT_USED_HERE
    assert [r.key.native_id for r in answer.records] == ["SN-1", "SN-2"]
    assert answer.held_back == ()
    text = "\n".join(p.text for p in answer.records[0].passages)
    assert "Thank you for coming to the clinic" in text
    assert [p.name for p in answer.people] == ["Ada Quill"]


def test_the_kit_stands_alone(kit):
    assert {p.name for p in kit.iterdir() if not p.name.startswith(("broken", "__"))} == {
        "README.md", "server.py", "check.py", "mapping.toml", "golden",
    }  # fmt: skip
    assert len((kit / "server.py").read_text().splitlines()) < 100
    assert tomllib.loads((kit / "mapping.toml").read_text())["parameters"] == {"nhs": "NHS number"}
    for program in ("server.py", "check.py"):
        imported = set(re.findall(r"^(?:from|import) (\w+)", (kit / program).read_text(), re.MULTILINE))
        assert imported - {"__future__"} <= sys.stdlib_module_names
    assert Path(kit / "check.py").read_text() == Path(kit_check.__file__).read_text()
