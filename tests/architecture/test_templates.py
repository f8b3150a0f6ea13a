"""Every template can be compiled, names only templates and filters there are, and fails on a missing word."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.filters import FILTERS

from tests.architecture.tree import TOP, called_name, program_files, shown, syntax_of

TEMPLATES = TOP / "templates"
ENVIRONMENTS = {"Environment", "SandboxedEnvironment", "ImmutableSandboxedEnvironment", "NativeEnvironment"}
# Where a template name may start from: the whole folder, or the audience's own.
ROOTS = (TEMPLATES, *(folder for folder in TEMPLATES.glob("*") if folder.is_dir()))


def environment() -> Environment:
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return Environment(undefined=StrictUndefined, autoescape=True, loader=govuk, extensions=["jinja2.ext.do"])


def template_files() -> list[Path]:
    return [
        file
        for file in sorted(TEMPLATES.rglob("*"))
        if file.is_file() and file.suffix in {".html", ".txt", ".j2"}
    ]


def words_of_the_program() -> set[str]:
    """Every name and quoted word in the program: a filter must be registered under one of them."""
    words: set[str] = set()
    for file in program_files():
        text = file.read_text(encoding="utf-8")
        words |= set(re.findall(r"[A-Za-z_]\w*", text))
    return words


def exists(name: str, env: Environment) -> bool:
    if name.startswith("govuk_frontend_jinja/"):
        return env.loader is not None and name in env.loader.list_templates()
    return any((root / name).is_file() for root in ROOTS)


@pytest.mark.parametrize("file", template_files(), ids=shown)
def test_template(file: Path) -> None:
    env = environment()
    tree = env.parse(file.read_text(encoding="utf-8"), filename=str(file))
    missing = [name for name in meta.find_referenced_templates(tree) if name and not exists(name, env)]
    assert missing == []
    filters = {node.name for node in tree.find_all(nodes.Filter)}
    assert filters - set(FILTERS) - words_of_the_program() == set()


def loose_environments(tree: ast.AST) -> list[int]:
    """Places that make a Jinja environment in which a missing word would be silently empty.

    Only GOV.UK's own macros may live in one: they ask after parameters that need not be given.
    """
    calls = [
        call for call in ast.walk(tree) if isinstance(call, ast.Call) and called_name(call) in ENVIRONMENTS
    ]
    said = [{word.arg: ast.unparse(word.value) for word in call.keywords} for call in calls]
    return [
        call.lineno
        for call, words in zip(calls, said, strict=True)
        if not words.get("undefined", "").endswith("StrictUndefined")
        if not re.fullmatch(
            r"PrefixLoader\(\{'govuk_frontend_jinja': PackageLoader\('govuk_frontend_jinja'\)\}\)",
            words.get("loader", ""),
        )
    ]


def test_every_environment_is_strict() -> None:
    found = {shown(file): loose_environments(syntax_of(file)) for file in program_files()}
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_flask_is_told_to_be_strict_too() -> None:
    web = "\n".join(
        file.read_text(encoding="utf-8")
        for file in program_files()
        if shown(file).startswith(("sar/web/", "sar/bootstrap"))
    )
    assert "Flask(" in web
    assert re.search(r"\.jinja_env\.undefined = (jinja2\.)?StrictUndefined\b", web)


def test_a_loose_environment_is_noticed() -> None:
    assert loose_environments(ast.parse("Environment(autoescape=True)")) == [1]
    assert loose_environments(ast.parse("Environment(undefined=jinja2.StrictUndefined)")) == []
    assert loose_environments(
        ast.parse("Environment(loader=FileSystemLoader('templates'), undefined=ChainableUndefined)")
    )


def test_a_broken_template_is_noticed() -> None:
    with pytest.raises(TemplateSyntaxError):
        environment().parse("{% if case %}no end")
