"""PAdES signatures with the controller's own key, which lives in a file and never in the database."""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import pem as asn1_pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sar.domain.errors import EnvironmentFault, InvalidInput

KEY_FILE = "pack-signing.pem"
FIELD = "PackSignature"
_ROOM = 2 * 4096
"""Hex digits kept free for the signature: twice what a certificate of ours and a signature take."""
_NOT_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""RFC 5280's "no end known". The certificate names a key; nobody vouches for its dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSigning:
    """Signs packs. Two calls on one folder, even at once, use one key."""

    key_pem: bytes
    certificate_pem: bytes

    @classmethod
    def open(cls, key_dir: Path, *, organisation: str = "Shared records service") -> PackSigning:
        """Read the key, or make it at first use (owner-readable only).

        :raises EnvironmentFault: the folder cannot be written, or the key is open to others or broken.
        """
        path = key_dir / KEY_FILE
        try:
            if not path.exists():
                _create(path, organisation)
            mode = path.stat().st_mode
            content = path.read_bytes()
        except OSError as fault:
            raise EnvironmentFault(
                f"The signing key cannot be read or made: {fault.strerror}.",
                next_step=f"Let this program read and write {key_dir}.",
            ) from fault
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise EnvironmentFault(
                "The signing key can be read by others on this machine.", next_step=f"Type: chmod 600 {path}"
            )
        return cls._from_pem(content, path)

    @classmethod
    def _from_pem(cls, content: bytes, path: Path) -> PackSigning:
        parts = {name: der for name, _, der in _unarmour(content)}
        if set(parts) != {"PRIVATE KEY", "CERTIFICATE"}:
            raise EnvironmentFault(
                "The signing key file is damaged.",
                next_step=f"Put {path.name} back from its backup; families compare its fingerprint.",
            )
        return cls(
            key_pem=asn1_pem.armor("PRIVATE KEY", parts["PRIVATE KEY"]),
            certificate_pem=asn1_pem.armor("CERTIFICATE", parts["CERTIFICATE"]),
        )

    def __repr__(self) -> str:
        return f"<PackSigning {self.fingerprint[:16]}>"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the signing certificate, hex."""
        return x509.load_pem_x509_certificate(self.certificate_pem).fingerprint(hashes.SHA256()).hex()

    def sign(self, pdf: bytes, *, at: datetime) -> bytes:
        """The same PDF with an invisible PAdES B-B signature over every byte of it.

        :raises InvalidInput: ``at`` has no time zone, or the bytes are no PDF this can sign.
        """
        if at.tzinfo is None:
            raise InvalidInput(
                "The moment of signing has no time zone.", next_step="Pass an aware time.", field="at"
            )
        return _sign(pdf, key=self.key_pem, certificate=self.certificate_pem, at=at)


def _unarmour(content: bytes) -> list[tuple[str, Any, bytes]]:
    try:
        return list(asn1_pem.unarmor(content, multiple=True))
    except ValueError:
        return []


def _create(path: Path, organisation: str) -> None:
    """Write key and certificate to a private file, then give it its name unless another was faster."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, "Disclosure packs"),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NEVER)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(private + certificate.public_bytes(serialization.Encoding.PEM))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _sign(pdf: bytes, *, key: bytes, certificate: bytes, at: datetime) -> bytes:
    # The signing library costs half a second to load and nothing but this needs it.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415
    from pyhanko.sign import fields, signers  # noqa: PLC0415
    from pyhanko.sign.general import SigningError  # noqa: PLC0415
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup  # noqa: PLC0415

    class Writer(IncrementalPdfFileWriter):
        """Adds the signature and nothing else: no producer of its own, no date of the machine."""

        def _update_meta(self) -> None: ...

    try:
        writer = Writer(BytesIO(pdf))
        field = fields.SigFieldSpec(FIELD, readable_field_name="Signature of the organisation")
        steps = PdfCMSEmbedder(new_field_spec=field).write_cms(FIELD, writer)
        next(steps)
        steps.send(
            SigObjSetup(
                sig_placeholder=signers.pdf_byterange.SignatureObject(
                    timestamp=at, subfilter=fields.SigSeedSubFilter.PADES, bytes_reserved=_ROOM
                )
            )
        )
        prepared, output = steps.send(SigIOSetup(md_algorithm="sha256", in_place=False))
    except (PdfError, SigningError) as fault:
        raise InvalidInput(
            "The file is not a PDF that can be signed, or it is signed already.",
            next_step="Build the pack again.",
        ) from fault
    signature = _container(prepared.document_digest, key=key, certificate=certificate)
    steps.send(signature)
    return bytes(output.getvalue())


def _container(digest: bytes, *, key: bytes, certificate: bytes) -> Any:
    """The CMS container over the digest of what the signature covers."""
    from pyhanko.sign import signers  # noqa: PLC0415
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(asn1_pem.unarmor(certificate)[2]),
        signing_key=asn1_keys.PrivateKeyInfo.load(asn1_pem.unarmor(key)[2]),
        cert_registry=SimpleCertificateStore(),
        embed_roots=True,
    )
    return asyncio.run(signer.async_sign(digest, digest_algorithm="sha256", use_pades=True))
