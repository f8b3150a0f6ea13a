"""Files in Microsoft's older container, made by hand from the published format: messages, embedded objects."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from datetime import datetime

Tree = Mapping[str, "bytes | Tree"]
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_TEXT, _BINARY, _NUMBER, _TIME, _OBJECT = 0x1F, 0x102, 0x3, 0x40, 0xD


def compound(tree: Tree) -> bytes:
    """A container with these streams and storages."""
    entries: list[list] = [["Root Entry", 5, _FREE, b""]]
    _enter(tree, 0, entries)
    mini, minifat, chains, big = bytearray(), [], {}, {}
    for number, entry in enumerate(entries[1:], start=1):
        if entry[1] == 2 and len(entry[3]) < _CUTOFF:
            chains[number] = len(minifat) if entry[3] else _END
            count = -(-len(entry[3]) // _MINI)
            minifat += [*range(len(minifat) + 1, len(minifat) + count), _END] if count else []
            mini += entry[3].ljust(count * _MINI, b"\0")
        elif entry[1] == 2:
            big[number] = entry[3]
    directory_size = -(-len(entries) * 128 // _SECTOR)
    pieces = [b"", struct.pack(f"<{len(minifat)}I", *minifat), bytes(mini), *big.values()]
    sizes = [directory_size, *(-(-len(p) // _SECTOR) for p in pieces[1:])]
    fat_size = 1
    while (fat_size + sum(sizes)) > fat_size * _SECTOR // 4:
        fat_size += 1
    starts, at, fat = [], fat_size, [_FAT] * fat_size
    for size in sizes:
        starts.append(at if size else _END)
        fat += [*range(at + 1, at + size), _END] if size else []
        at += size
    chains |= dict(zip(big, starts[3:], strict=True))
    pieces[0] = _directory(entries, chains, starts[2], len(mini)).ljust(directory_size * _SECTOR, b"\0")
    fat += [_FREE] * (fat_size * _SECTOR // 4 - len(fat))
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6, 0, fat_size, starts[0], 0, _CUTOFF,
        starts[1], sizes[1], _END, 0,
    ) + struct.pack("<109I", *range(fat_size), *[_FREE] * (109 - fat_size))  # fmt: skip
    body = b"".join(p.ljust(-(-len(p) // _SECTOR) * _SECTOR, b"\0") for p in pieces)
    return head + struct.pack(f"<{len(fat)}I", *fat) + body


def _enter(tree: Tree, parent: int, entries: list[list]) -> None:
    """Children as a chain of right neighbours, in the order the format asks for."""
    before = None
    for name in sorted(tree, key=lambda n: (len(n), n.upper())):
        inner = tree[name]
        number = len(entries)
        entries.append([name, 2 if isinstance(inner, bytes) else 1, _FREE, inner, _FREE])
        if before is None:
            entries[parent][2] = number
        else:
            entries[before][4] = number
        before = number
        if not isinstance(inner, bytes):
            _enter(inner, number, entries)


def _directory(entries: list[list], chains: dict[int, int], mini_start: int, mini_size: int) -> bytes:
    out = b""
    for number, entry in enumerate(entries):
        name, kind, child, content = entry[:4]
        right = entry[4] if number else _FREE
        raw = (name + "\0").encode("utf-16-le")
        start = mini_start if number == 0 else chains.get(number, _END if kind == 2 else 0)
        size = mini_size if number == 0 else len(content) if kind == 2 else 0
        out += struct.pack("<64sHBBIII16xI16xIQ", raw, len(raw), kind, 1, _FREE, right, child, 0, start, size)
    return out


def fields(
    texts: Mapping[int, str] | None = None,
    *,
    numbers: Mapping[int, int] | None = None,
    binaries: Mapping[int, bytes] | None = None,
    times: Mapping[int, datetime] | None = None,
    header: int = 8,
) -> dict[str, bytes | Tree]:
    """The streams of one message, recipient or attachment."""
    streams: dict[str, bytes | Tree] = {}
    lines = b""
    for pid, text in (texts or {}).items():
        raw = text.encode("utf-16-le")
        streams[f"__substg1.0_{pid:04X}{_TEXT:04X}"] = raw
        lines += struct.pack("<HHIII", _TEXT, pid, 6, len(raw) + 2, 0)
    for pid, raw in (binaries or {}).items():
        streams[f"__substg1.0_{pid:04X}{_BINARY:04X}"] = raw
        lines += struct.pack("<HHIII", _BINARY, pid, 6, len(raw), 0)
    for pid, number in (numbers or {}).items():
        lines += struct.pack("<HHIII", _NUMBER, pid, 6, number, 0)
    for pid, moment in (times or {}).items():
        ticks = int((moment - datetime(1601, 1, 1, tzinfo=moment.tzinfo)).total_seconds()) * 10_000_000
        lines += struct.pack("<HHIQ", _TIME, pid, 6, ticks)
    streams["__properties_version1.0"] = bytes(header) + lines
    return streams


def outlook(
    message: Mapping[str, bytes | Tree],
    *,
    recipients: Iterable[Mapping[str, bytes | Tree]] = (),
    attachments: Iterable[Mapping[str, bytes | Tree]] = (),
) -> dict[str, bytes | Tree]:
    """A message with those it went to and what was attached."""
    tree = dict(message)
    tree |= {f"__recip_version1.0_#{n:08X}": r for n, r in enumerate(recipients)}
    tree |= {f"__attach_version1.0_#{n:08X}": a for n, a in enumerate(attachments)}
    return tree


def message_inside(name: str, inner: Tree) -> dict[str, bytes | Tree]:
    """An attachment that is itself a message."""
    streams = fields({0x3001: name}, numbers={0x3705: 5})
    streams[f"__substg1.0_3701{_OBJECT:04X}"] = inner
    return streams


def native(name: str, content: bytes) -> bytes:
    """A file dropped into a document, as the container keeps it."""
    names = name.encode() + b"\0" + b"C:\\" + name.encode() + b"\0"
    path = b"C:\\" + name.encode() + b"\0"
    inner = b"\x02\0" + names + b"\0\0\x03\0" + struct.pack("<I", len(path)) + path
    inner += struct.pack("<I", len(content)) + content
    return struct.pack("<I", len(inner)) + inner
