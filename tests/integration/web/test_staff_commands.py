"""Staff accounts from the command line: what is printed opens the site, until the account is shut."""

from __future__ import annotations

import json

import pyotp
import pytest

from sar.bootstrap import House
from sar.cli import main
from sar.config import read_settings
from sar.domain.parties import StaffRole
from sar.installation import present
from sar.ports.access import SessionKind, SessionOver, SignInRefused


@pytest.fixture
def sar(monkeypatch, capsys, data_dir):
    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["sar", "staff", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        code = left.value.code or 0
        assert isinstance(code, int)
        return code, said.out, said.err

    return run


ADD = ("add", "p.nair", "--name", "Priya  Nair", "--role", "officer", "--role", "complaints")


def test_what_is_printed_signs_in_and_a_shut_account_is_out_at_once(sar) -> None:
    code, out, _ = sar(*ADD, "--json")
    assert code == 0
    made = json.loads(out)
    accounts, at = House(read_settings()).accounts, present()

    def sign_in():
        second = pyotp.parse_uri(made["otpauth"])
        assert isinstance(second, pyotp.TOTP)
        return accounts.sign_in_staff(username="p.nair", password=made["password"], code=second.at(at), at=at)

    account = sign_in()
    assert (account.name, account.roles) == ("Priya Nair", {StaffRole.OFFICER, StaffRole.COMPLAINTS})
    accounts.open_session(token="t" * 43, kind=SessionKind.STAFF, holder=account.id, at=at)
    assert sar("disable", "P.Nair")[0] == 0
    with pytest.raises(SessionOver):
        accounts.session("t" * 43, at=at)
    with pytest.raises(SignInRefused):
        sign_in()


def test_the_password_is_another_one_each_time_and_stands_in_the_plain_words_too(sar) -> None:
    _, first, _ = sar(*ADD)
    _, second, _ = sar("add", "other", *ADD[2:])
    assert "otpauth://totp/" in first
    passwords = {next(w for w in text.split() if w.count("-") == 3) for text in (first, second)}
    assert len(passwords) == 2


def test_what_cannot_be_is_refused(sar) -> None:
    assert sar(*ADD)[0] == 0
    code, out, said = sar(*ADD)
    assert code == 1
    assert "There is an account of that name" in said
    assert "otpauth" not in out
    assert "There is no account of that name" in sar("disable", "nobody")[2]
    assert "has no name" in sar("add", "x", "--name", " ", "--role", "officer")[2]
    assert sar("add", "x", "--name", "X", "--role", "king")[0] == 2
    assert sar("add", "x", "--name", "X")[0] == 2


def test_an_account_names_the_bodies_it_acts_for_and_only_those_that_are_set_up(sar, data_dir) -> None:
    data_dir.mkdir(exist_ok=True)
    (data_dir / "sar.toml").write_text('controller = "Fenwater Trust"\ncontrollers = ["Aldermoor Council"]\n')
    refused = sar(*ADD, "--controller", "Aldermoor")
    assert refused[0] == 2
    assert "called Aldermoor." in refused[2]
    assert "Aldermoor Council, Fenwater Trust" in refused[2]
    code, out, _ = sar(*ADD, "--controller", "Aldermoor Council", "--json")
    assert code == 0
    house = House(read_settings())
    account = house.accounts.staff(house.accounts.staff_named(json.loads(out)["username"]))
    assert account.controllers == {"Aldermoor Council"}
    assert house.own_controllers == {"Fenwater Trust", "Aldermoor Council"}


def test_a_record_holder_keeps_stores_that_are_set_up_and_nobody_else_has_any(sar, data_dir) -> None:
    holder = ("add", "c.beck", "--name", "Colin Beck", "--role", "record-holder")
    data_dir.mkdir(exist_ok=True)
    (data_dir / "sar.toml").write_text('controller = "Fenwater Trust"\nstores = "stores.toml"\n')
    (data_dir / "connections.toml").write_text("")
    (data_dir / "stores.toml").write_text(
        '[[store]]\nname = "papers"\nlabel = "The papers"\ncontroller = "Fenwater Trust"\nkind = "manual"\n'
        'owner = "a@example.org"\nescalate_to = "b@example.org"\n'
    )
    assert "stores they keep" in sar(*holder)[2]
    assert "no store called maps" in sar(*holder, "--store", "maps")[2]
    assert "stores they keep" in sar(*ADD, "--store", "papers")[2]
    code, out, _ = sar(*holder, "--store", "papers", "--json")
    assert code == 0
    made = json.loads(out)
    accounts, at = House(read_settings()).accounts, present()
    second = pyotp.parse_uri(made["otpauth"])
    assert isinstance(second, pyotp.TOTP)
    account = accounts.sign_in_staff(username="c.beck", password=made["password"], code=second.at(at), at=at)
    assert (account.roles, account.stores) == ({StaffRole.RECORD_HOLDER}, {"papers"})
    assert accounts.staff(account.id).stores == {"papers"}
