"""The rich text of an Outlook message, unpacked from the way Outlook packs it."""

from __future__ import annotations

import struct

_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20"
    rb"\b\i\u\tab\tx"
)
"""Words that every packed text may point back to."""
_PACKED, _PLAIN = 0x75465A4C, 0x414C454D
_HEAD = struct.Struct("<IIII")
_WINDOW = 4096
_MOST = 50 * 1024 * 1024
_SHORTEST = 2


def unpacked(packed: bytes) -> bytes | None:
    """The rich text, or none where it is damaged; the caller says so."""
    if len(packed) < _HEAD.size:
        return None
    _, size, kind, _ = _HEAD.unpack_from(packed)
    if kind == _PLAIN:
        return packed[_HEAD.size : _HEAD.size + size]
    if kind != _PACKED or size > _MOST:
        return None
    try:
        return _unrolled(packed, size)
    except IndexError:
        return None


def _unrolled(packed: bytes, size: int) -> bytes:
    window = bytearray(_KNOWN.ljust(_WINDOW, b"\x00"))
    write, at, out = len(_KNOWN), _HEAD.size, bytearray()
    while len(out) < size:
        marks, at = packed[at], at + 1
        for bit in range(8):
            if not marks >> bit & 1:
                found, at = packed[at : at + 1], at + 1
                if not found:
                    return bytes(out)
            else:
                point = packed[at] << 8 | packed[at + 1]
                at += 2
                read, length = point >> 4, (point & 15) + _SHORTEST
                if read == write:
                    return bytes(out)
                found = b""
                for step in range(length):
                    letter = window[(read + step) % _WINDOW]
                    window[(write + step) % _WINDOW] = letter
                    found += bytes([letter])
            for letter in found:
                window[write] = letter
                write = (write + 1) % _WINDOW
            out += found
    return bytes(out[:size])
