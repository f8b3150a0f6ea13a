"""Lays a pack out: a tagged PDF with its manifest inside, an accessible HTML copy and a data copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sar.domain.disclosure import Pack
from sar.domain.errors import EnvironmentFault, InvalidInput
from sar.packs.characters import Characters
from sar.packs.layout import FILTERS, view
from sar.packs.manifest import ATTACHMENT, Manifest, data_copy
from sar.ports.disclosing import RenderedPack

FACE = "atkinson-hyperlegible-next-"
_PACKAGED = Path(__file__).parent / "fonts"
_TEMPLATES = tuple(
    root / "templates" for root in (Path(__file__).parents[2], Path(__file__).parents[1] / "_shipped")
)
_SCHEME = "packfont:"


class PackRenderer:
    """Implements ``Renderer``. Cheap to make and to send to another process; loads WeasyPrint at first use.

    :param signer_fingerprint: printed on the page that says how to check the pack.
    :param templates: the folder that holds ``pack/``; found beside the program when not given.
    :param allow_system_fonts: for a developer without the fetched fonts. A real pack never does this:
        what it looks like would depend on the machine.
    """

    def __init__(
        self,
        *,
        signer_fingerprint: str = "",
        templates: Path | None = None,
        fonts: Path = _PACKAGED,
        allow_system_fonts: bool = False,
    ) -> None:
        self._signer = signer_fingerprint
        self._templates = templates
        self._fonts = fonts
        self._allow_system_fonts = allow_system_fonts

    def render(self, pack: Pack) -> RenderedPack:
        """The three copies of a pack and its manifest. The same pack gives the same bytes.

        :raises EnvironmentFault: fonts or templates are missing, or no font has a letter that occurs.
        """
        fonts = self._font_files()
        data = data_copy(pack)
        manifest = Manifest.of(pack, data)
        shown = view(pack, manifest, _characters(fonts), signer=self._signer)
        environment = _environment(self._template_folder())
        template = environment.get_template("pack.html.jinja")
        css = (self._template_folder() / "print.css").read_text("utf-8")
        screen = (self._template_folder() / "screen.css").read_text("utf-8")
        pdf, pages = _pdf(
            template.render(shown, printed=True, styles=""), css, fonts, pack, manifest.to_json()
        )
        return RenderedPack(
            pdf=pdf,
            html=template.render(shown, printed=False, styles=screen).encode("utf-8"),
            data=data,
            pages=pages,
            manifest=manifest.to_json(),
        )

    def _font_files(self) -> tuple[Path, ...]:
        """The text face, then any further font put there for other scripts."""
        found = sorted(p for p in self._fonts.glob("*") if p.suffix in (".woff2", ".woff", ".ttf", ".otf"))
        if any(p.name.startswith(FACE) for p in found):
            return tuple(found)
        if self._allow_system_fonts:
            return ()
        raise EnvironmentFault("The pack's typeface has not been fetched.", next_step="Type: make setup")

    def _template_folder(self) -> Path:
        for root in (self._templates,) if self._templates else _TEMPLATES:
            if (root / "pack" / "pack.html.jinja").is_file():
                return root / "pack"
        raise EnvironmentFault(
            "The pack's page template is missing.", next_step="Install the program again: make setup"
        )


@lru_cache(maxsize=4)
def _characters(fonts: tuple[Path, ...]) -> Characters:
    return Characters.of(fonts) if fonts else Characters(covered=None)


@lru_cache(maxsize=4)
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment


def _pdf(html: str, css: str, fonts: tuple[Path, ...], pack: Pack, manifest: bytes) -> tuple[bytes, int]:
    # A third of a second to load, and most commands of the program never lay anything out.
    import weasyprint  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    fetcher = _fetcher({p.name: p for p in fonts})
    configuration = FontConfiguration()
    sheet = weasyprint.CSS(
        string=_faces(fonts) + css, font_config=configuration, url_fetcher=fetcher, base_url=_SCHEME
    )
    written_at = datetime.combine(pack.dated_on, time(), UTC)
    attachment = weasyprint.Attachment(
        string=manifest, name=ATTACHMENT, description="Digests of what this pack discloses", base_url=_SCHEME,
        created=written_at, modified=written_at, relationship="Data", url_fetcher=fetcher,
    )  # fmt: skip
    with _refusals():
        document = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url=_SCHEME).render(
            stylesheets=[sheet], font_config=configuration, pdf_variant="pdf/ua-1", attachments=[attachment]
        )
        output = BytesIO()
        document.write_pdf(
            output,
            pdf_variant="pdf/ua-1",
            attachments=[attachment],
            pdf_identifier=hashlib.sha256(manifest).hexdigest()[:32].encode(),
            finisher=_finish,
        )
    return output.getvalue(), len(document.pages)


def _faces(fonts: tuple[Path, ...]) -> str:
    """One ``@font-face`` a file; a file of another script joins the family and is used where needed."""
    rules = []
    for path in fonts:
        parts = path.stem.split("-")
        ours = path.name.startswith(FACE)
        style = parts[-1] if ours else "normal"
        weight = parts[-2] if ours else "400"
        family = "Pack" if ours else "Pack Further"
        rules.append(
            f'@font-face{{font-family:"{family}";font-style:{style};font-weight:{weight};src:url("{_SCHEME}{path.name}")}}'
        )
    return "\n".join(rules)


def _fetcher(files: dict[str, Path]) -> Any:
    """Serves the packaged fonts and refuses the rest of the world, loudly."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class OnlyFonts(URLFetcher):  # type: ignore[misc]  # the library carries no types
        def fetch(self, url: str, headers: Any = None) -> Any:
            del headers
            name = url.removeprefix(_SCHEME)
            if url.startswith(_SCHEME) and name in files:
                return URLFetcherResponse(url, files[name].read_bytes(), {"Content-Type": "font/woff2"})
            raise FatalURLFetchingError("A pack fetches nothing but its own typeface.")

    return OnlyFonts(allowed_protocols=())


@contextmanager
def _refusals() -> Iterator[None]:
    """The library's refusal is no ``Exception``; turn it into one of ours before it ends a worker."""
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415

    try:
        yield
    except FatalURLFetchingError as refusal:
        raise InvalidInput(
            "Something in the pack asked for a file from outside; nothing was built.",
            next_step="Report this: words of a record were not escaped.",
        ) from refusal


def _finish(document: Any, pdf: Any) -> None:
    """Say what the manifest is to the pages and what each table header heads; name ``sar`` as producer."""
    import pydyf  # noqa: PLC0415
    import weasyprint  # noqa: PLC0415

    del document
    pdf.info["Producer"] = pydyf.String("sar")
    theirs = f"WeasyPrint {weasyprint.__version__}".encode()
    for thing in pdf.objects:
        if isinstance(thing, pydyf.Stream) and thing.extra.get("Type") == "/Metadata":
            thing.stream = [part.replace(theirs, b"sar") for part in thing.stream]
        elif isinstance(thing, pydyf.Dictionary) and thing.get("Type") == "/Filespec":
            thing["AFRelationship"] = "/Data"
            pdf.catalog["AF"] = pydyf.Array([thing.reference])
    _scope_headers([thing for thing in pdf.objects if isinstance(thing, pydyf.Dictionary)])


def _scope_headers(entries: list[Any]) -> None:
    """A header in the table's head is for its column, any other for its row; the library leaves it open."""
    elements = {e.reference: e for e in entries if e.get("Type") == "/StructElem"}
    for element in elements.values():
        if element["S"] == "/TH":
            group = elements[elements[element["P"]]["P"]]
            element["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"
