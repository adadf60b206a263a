"""From the bytes of a file to its text: packed files are unpacked, and the encoding is found."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib

from ..._optional import optional
from ...errors import FileError

_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_SAMPLE = 200_000
FOREIGN = {
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
}
"""How files start that are no tables, and what they are."""


def unpack(content: bytes, where: str) -> bytes:
    """What a file packed by gzip, bzip2, xz or zip holds; other content as it is.

    Args:
        content: Of the file.
        where: Name of the file, for errors.

    Raises:
        FileError: it is damaged, or several files are packed together.

    Example:
        >>> unpack(gzip.compress(b"a,b"), "x.csv.gz")
        b'a,b'
    """
    try:
        if content[:2] == b"\x1f\x8b":
            return gzip.decompress(content)
        if content[:3] == b"BZh":
            return bz2.decompress(content)
        if content[:6] == b"\xfd7zXZ\x00":
            return lzma.decompress(content)
        if content[:4] == b"PK\x03\x04":
            return _only_file(content, where)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise FileError(
            f"read: {where!r} must be a whole file; it cannot be unpacked ({error}). Get another copy."
        ) from error
    return content


def _only_file(content: bytes, where: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = packed.namelist()
        if "[Content_Types].xml" in names:  # a workbook, which is read as it is
            return content
        files = [name for name in names if not name.endswith("/") and not name.startswith("__MACOSX")]
        if len(files) != 1:
            raise FileError(
                f"read: {where!r} must hold one file; got {len(files)} ({', '.join(files[:5])}). Unpack it and name one."
            )
        return packed.read(files[0])


def decode(content: bytes, encoding: str | None, where: str) -> tuple[str, str]:
    """The text of bytes, with line ends "\\n", and the encoding it was read by; "" where that is UTF-8.

    Without a byte-order mark, text is UTF-8 where it can be. Otherwise the encoding is guessed by charset-normalizer;
    wherever Windows-1252 (Western Europe, which holds latin-1) gives the same text as the guess, that is named.

    Args:
        content: Unpacked.
        encoding: What the user says; None to find it out.
        where: Name of the file, for errors.

    Raises:
        FileError: it is no text in this encoding, or no text at all.

    Example:
        >>> decode("Größe".encode("latin-1"), None, "x.csv")
        ('Größe', 'cp1252')
    """
    for start, what in FOREIGN.items():
        if content.startswith(start):
            raise FileError(f"read: {where!r} must be a table; it is {what}. Save it as CSV and read that.")
    name = encoding or _encoding(content)
    try:
        text = content.decode(name)
    except (UnicodeError, LookupError) as error:
        raise FileError(
            f"read: {where!r} must be text in {name}; it is not ({error}). Leave --encoding out, or name another."
        ) from error
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        raise FileError(
            f"read: {where!r} must be a table; it is no text. Name a CSV, Parquet, Excel or JSON lines file."
        )
    return text, "" if name in ("utf-8", "utf-8-sig") else name


def _encoding(content: bytes) -> str:
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return name
    sample = content[:_SAMPLE]
    if sample.count(0) > 0.2 * len(sample):  # Latin letters have every other byte 0 in UTF-16
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return _guess(content)


def _guess(content: bytes) -> str:
    lines = [line for line in content.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    best = optional("charset_normalizer", "cli", "reading a file that is not UTF-8").from_bytes(sample).best()
    for name in ("cp1252", "latin-1"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if best is None or "cp1252" in best.could_be_from_charset or _western(text):
            return name
    return "cp1252" if best is None else str(best.encoding)


def _western(text: str) -> bool:
    """Whether every letter beyond ASCII is one of German, French, Spanish, Italian, Portuguese or Scandinavian text."""
    strange = {letter for letter in text if not letter.isascii()}
    return strange <= set(
        "äöüßÄÖÜàâæçéèêëîïôœùûÿÀÂÆÇÉÈÊËÎÏÔŒÙÛŸáíñóúÁÍÑÓÚìòÌÒãõÃÕåøÅØ€£§°²³µ·«»–—’‘“”„…½¼±×÷¿¡º\xa0"
    )
