"""A signed pack: what is proved, and that one changed byte anywhere ends the proof."""

from __future__ import annotations

import random
import re
import threading
from datetime import datetime
from io import BytesIO

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from reportlab.pdfgen.canvas import Canvas

from sar.domain.errors import EnvironmentFault, InvalidInput, PackAltered
from sar.packs.signing import KEY_FILE, PackSigning
from sar.packs.verification import PackVerification
from tests.integration.packs.conftest import AT

VERIFY = PackVerification().verify


def _other_producer() -> bytes:
    out = BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 700, "A letter of somebody else")
    canvas.save()
    return out.getvalue()


def test_a_whole_pack_is_proved_and_the_limits_are_said(signed, signing):
    proof = VERIFY(signed)
    assert proof.signer_fingerprint == signing.fingerprint
    assert (proof.reference, proof.round, proof.dated_on) == ("SA-2031-0042", 1, "2026-11-18")
    assert any(line.startswith("Proved") for line in proof.lines)
    assert any(line.startswith("Not proved") for line in proof.lines)


def test_any_single_changed_byte_is_found(signed):
    dice = random.Random(20261120)
    start, end = (int(n) for n in re.findall(rb"/ByteRange \[0 (\d+) (\d+)", signed)[0])
    revision = signed.rindex(b"%%EOF", 0, start) + 6
    der = start + 1 + 2 * (4 + int(signed[start + 5 : start + 9], 16))
    offsets = {
        0, 4, start - 1, start, start + 1, end - 1, end, end + 1, der - 1, der, der + 1, revision, len(signed) - 1,
        *dice.sample(range(len(signed)), 80),
        *dice.sample(range(revision, start), 50),
        *dice.sample(range(start, der), 110),
        *dice.sample(range(der, end), 40),
        *dice.sample(range(end, len(signed)), 40),
    }  # fmt: skip
    assert len(offsets) > 300
    missed = []
    for offset in sorted(offsets):
        # A digit's other case is the subtle one: it decodes to the same signature.
        for flip in (0x01, 0x20):
            changed = bytearray(signed)
            changed[offset] ^= flip
            try:
                VERIFY(bytes(changed))
            except PackAltered:
                continue
            missed.append((offset, flip))
    assert missed == []


@pytest.mark.parametrize("extra", [b"\n", b"\0", b"%more", b"\n%%EOF\n"])
def test_bytes_added_at_the_end_are_found(signed, extra):
    with pytest.raises(PackAltered):
        VERIFY(signed + extra)
    with pytest.raises(PackAltered):
        VERIFY(signed[: -len(extra)])


def test_signing_twice_is_refused_and_saving_anew_is_found(signed, signing):
    with pytest.raises(InvalidInput, match="signed already"):
        signing.sign(signed, at=AT)
    later = BytesIO()
    with pikepdf.open(BytesIO(signed)) as pdf:
        pdf.docinfo["/Title"] = "Another"
        pdf.save(later)
    with pytest.raises(PackAltered):
        VERIFY(later.getvalue())


def test_an_unsigned_pack_and_a_signed_letter_are_not_packs(rendered, signing):
    with pytest.raises(PackAltered, match="no signature"):
        VERIFY(rendered.pdf)
    with pytest.raises(PackAltered, match="not one of our packs"):
        VERIFY(signing.sign(_other_producer(), at=AT))


def test_a_file_that_is_no_pdf_is_a_mistake_not_a_fraud():
    with pytest.raises(InvalidInput):
        VERIFY(b"hello")


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path):
    folder = tmp_path / "keys"
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(PackSigning.open(folder).fingerprint)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(made) == 4
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [p.name for p in folder.iterdir()] == [KEY_FILE]


def test_a_key_that_others_can_read_is_refused(tmp_path):
    PackSigning.open(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(EnvironmentFault, match="read by others"):
        PackSigning.open(tmp_path)


def test_a_damaged_key_is_an_error_not_a_new_key(tmp_path):
    (tmp_path / KEY_FILE).write_text("nothing")
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(EnvironmentFault, match="damaged"):
        PackSigning.open(tmp_path)


def test_the_moment_of_signing_needs_a_zone_and_the_key_is_not_printed(signing, rendered):
    with pytest.raises(InvalidInput):
        signing.sign(rendered.pdf, at=datetime(2026, 11, 18))  # noqa: DTZ001  the mistake under test
    assert "PRIVATE" not in repr(signing)


def test_signing_leaves_no_trace_of_the_library_or_the_clock(signed, rendered):
    added = signed[len(rendered.pdf) :]
    assert b"pyHanko" not in added
    assert b"ModDate" not in added
    assert b"20261118093000Z" in added


def test_an_organisations_own_rsa_key_does_as_well(tmp_path, rendered):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Aldermoor Council")])
    certificate = (
        x509.CertificateBuilder(
            subject_name=name, issuer_name=name, public_key=key.public_key(), serial_number=7
        )
        .not_valid_before(AT)
        .not_valid_after(AT.replace(year=2036))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / KEY_FILE).write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / KEY_FILE).chmod(0o600)
    signing = PackSigning.open(tmp_path)
    proof = VERIFY(signing.sign(rendered.pdf, at=AT))
    assert proof.signer_fingerprint == certificate.fingerprint(hashes.SHA256()).hex()
    assert any("Aldermoor Council" in line for line in proof.lines)
