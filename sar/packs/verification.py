"""What anyone can check offline about a pack: its bytes, its signature, its manifest.

The check is stricter than PDF viewers': a signature leaves its own place in the file uncovered, and the
container in that place has parts nothing signs. So the container is built again from its verified parts
and must equal the file's byte for byte, with nothing but zeros after it. One changed byte anywhere fails.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf
from asn1crypto import algos, cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from sar.domain.errors import InvalidInput, PackAltered
from sar.packs.manifest import ATTACHMENT, Manifest
from sar.packs.page_texts import PageFault, is_on_a_page
from sar.ports.disclosing import PackProof

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_CLOSE = "Ask the organisation for a fresh copy, and keep this one."


def _altered(message: str) -> PackAltered:
    return PackAltered(message, next_step=_CLOSE)


_CERTIFICATE_BINDING = tsp.SigningCertificateV2
"""Named here because loading its module is what teaches ``cms`` to read the attribute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackVerification:
    """Implements ``PackVerifier``."""

    def verify(self, pdf: bytes) -> PackProof:
        """Raises ``PackAltered`` when any byte, digest or the signature does not agree.

        :raises InvalidInput: the file is no PDF at all.
        """
        if b"%PDF-" not in pdf[:1024] and b"/ByteRange" not in pdf:
            raise InvalidInput(
                "This file is not a PDF.", next_step="Choose the pack's PDF file.", field="pack"
            )
        covered, container = _parts(pdf)
        certificate = _check_signature(covered, container)
        manifest = _manifest_inside(pdf)
        fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
        return PackProof(
            signer_fingerprint=fingerprint,
            reference=manifest.reference,
            round=manifest.round,
            dated_on=manifest.dated_on,
            digest=hashlib.sha256(pdf).hexdigest(),
            lines=_lines(certificate, manifest),
        )


def _parts(pdf: bytes) -> tuple[bytes, bytes]:
    """What the signature covers, and the container it leaves out; all of the file is one or the other."""
    found = _BYTE_RANGE.findall(pdf)
    if not found:
        raise _altered("This file carries no signature, so nothing about it can be proved.")
    if len(found) > 1:
        raise _altered("This file carries more than one signature; our packs carry one.")
    start, first, second, rest = (int(n) for n in found[0])
    if start != 0 or not 0 < first < second or second + rest != len(pdf):
        raise _altered("The signature does not cover the whole file: something was added or cut.")
    gap = pdf[first:second]
    digits = gap[1:-1]
    if gap[:1] != b"<" or gap[-1:] != b">" or not re.fullmatch(rb"[0-9A-F]+", digits) or len(digits) % 2:
        raise _altered("The place of the signature holds something else.")
    padded = bytes.fromhex(digits.decode("ascii"))
    size = _der_size(padded)
    if any(padded[size:]):
        raise _altered("Something is hidden behind the signature.")
    return pdf[:first] + pdf[second:], padded[:size]


def _der_size(content: bytes) -> int:
    """The length of the one DER value at the front."""
    if len(content) < 4 or content[0] != 0x30 or content[1] != 0x82:  # noqa: PLR2004  a SEQUENCE of 256 to 65,535 bytes
        raise _altered("The signature cannot be read.")
    size = 4 + int.from_bytes(content[2:4], "big")
    if size > len(content):
        raise _altered("The signature cannot be read.")
    return size


def _check_signature(covered: bytes, container: bytes) -> x509.Certificate:
    try:
        return _proved(covered, container)
    except PackAltered:
        raise
    except InvalidSignature as fault:
        raise _altered("The signature is not valid: the file or its signature was changed.") from fault
    except Exception as fault:  # whatever damage does to the parsers, it is damage
        raise _altered("The signature cannot be read.") from fault


def _proved(covered: bytes, container: bytes) -> x509.Certificate:
    signed = cms.ContentInfo.load(container, strict=True)["content"]
    signer = signed["signer_infos"][0]
    claimed = {a["type"].native: a["values"] for a in signer["signed_attrs"]}
    if claimed["message_digest"][0].native != hashlib.sha256(covered).digest():
        raise _altered("The file was changed after it was signed.")
    der = signed["certificates"][0].chosen.dump()
    named = claimed["signing_certificate_v2"][0]["certs"][0]["cert_hash"].native
    if named != hashlib.sha256(der).digest() or _rebuilt(signer, der).dump(force=True) != container:
        raise _altered("The signature was changed after it was made.")
    certificate = x509.load_der_x509_certificate(der)
    certificate.verify_directly_issued_by(certificate)
    _check_raw(certificate, signer["signature"].native, signer["signed_attrs"].untag().dump())
    return certificate


def _rebuilt(signer: Any, certificate: bytes) -> cms.ContentInfo:
    """The container as our signer writes it, from the parts that the signature itself proves."""
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    chosen = cms.Certificate.load(certificate)
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": cms.DigestAlgorithms((sha256,)),
                    "encap_content_info": {"content_type": "data"},
                    "certificates": [chosen],
                    "signer_infos": [
                        {
                            "version": "v1",
                            "sid": cms.SignerIdentifier(
                                {
                                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                                        {"issuer": chosen.issuer, "serial_number": chosen.serial_number}
                                    )
                                }
                            ),
                            "digest_algorithm": sha256,
                            "signature_algorithm": {"algorithm": _algorithm(chosen)},
                            "signed_attrs": signer["signed_attrs"].copy(),
                            "signature": signer["signature"].native,
                        }
                    ],
                }
            ),
        }
    )


def _algorithm(certificate: Any) -> str:
    return "sha256_ecdsa" if certificate.public_key.algorithm == "ec" else "sha256_rsa"


def _check_raw(certificate: x509.Certificate, signature: bytes, to_sign: bytes) -> None:
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, to_sign, ec.ECDSA(hashes.SHA256()))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, to_sign, padding.PKCS1v15(), hashes.SHA256())
    else:
        raise _altered("The signature uses a kind of key our packs do not use.")


def _manifest_inside(pdf: bytes) -> Manifest:
    """The manifest the pack carries, after comparing it with what the pages say."""
    try:
        with pikepdf.open(BytesIO(pdf), attempt_recovery=False) as opened:
            held = opened.attachments.get(ATTACHMENT)
            content = held.get_file().read_bytes() if held is not None else b""
        manifest = Manifest.read(content)
        printed = _printed(pdf, manifest.content_sha256)
    except (pikepdf.PdfError, PageFault, ValueError, KeyError, TypeError) as fault:
        raise _altered(
            "The file is signed, but it is not one of our packs: it carries no manifest."
        ) from fault
    if not printed:
        raise _altered("The manifest and the pages do not belong together.")
    return manifest


def _printed(pdf: bytes, digest: str) -> bool:
    """Whether a page prints the digest."""
    return is_on_a_page(pdf, lambda text: digest in "".join(text.split()))


def _lines(certificate: x509.Certificate, manifest: Manifest) -> tuple[str, ...]:
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    organisation = str(names[0].value) if names else "an unnamed organisation"
    count = len(manifest.records)
    return (
        "Proved: not one byte of this file has changed since it was signed.",
        f"Proved: it was signed with the key whose fingerprint is shown here. The key calls itself “{organisation}”.",
        f"Proved: it is the pack of case {manifest.reference}, round {manifest.round}, dated {manifest.dated_on}.",
        f"Proved: its manifest and its pages belong together and list {count} record{'' if count == 1 else 's'}.",
        "Not proved: who owns the key. Compare the fingerprint with the one in your letter or on our site.",
        "Not proved: that nothing else is held about you, or that the records are right.",
        "Not proved: the moment of signing, which is the signer's own clock.",
    )
