from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zipfile

import pytest

from edgewise.cli.tables.content import decode, unpack
from edgewise.errors import FileError

TEXT = "Straße;Größe\nMünchner Straße;12,5\nKöln;3\n"


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, bz2.compress, lzma.compress, lambda content: zipped(a=content)]
)
def test_packed_files_are_known_by_their_content(pack):
    assert unpack(pack(b"a,b\n1,2\n"), "x") == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"a" * 1000)[:-9], zipped(a=b"1", b=b"2"), b"PK\x03\x04nonsense"],
    ids=["cut gzip", "two files in a zip", "no zip"],  # packed bytes hold the time: no names for tests
)
def test_what_cannot_be_unpacked_is_said(content):
    with pytest.raises(FileError, match="^read: 'x'"):
        unpack(content, "x")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode("utf-8-sig"), ""),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
        (TEXT.encode("latin-1"), "cp1252"),
    ],
)
def test_the_encoding_is_found(content, name):
    assert decode(content, None, "x") == (TEXT, name)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "prix;ville\n12 €;Orléans\n13 €;Nîmes\n"),
        ("latin-1", "ciudad,año\nEspaña,1\nLogroño,2\n"),
        ("cp1251", "Цена;Город\n12;Москва\n13;Тверь\n"),
        ("shift_jis", "名前,値段\n東京,12\n大阪,13\n"),
        ("gb18030", "名称,价格\n北京,12\n上海,13\n"),
        ("cp1250", "Město;Cena\nPříbram;12\nŽďár;14\n"),
    ],
)
def test_text_of_other_encodings_comes_out_as_it_was_written(encoding, text):
    assert decode(text.encode(encoding), None, "x")[0] == text


def test_line_ends_are_one():
    assert decode(b"a\r\nb\rc\n", None, "x")[0] == "a\nb\nc\n"


def test_what_the_user_says_counts():
    assert decode("Größe".encode("mac_roman"), "mac_roman", "x") == ("Größe", "mac_roman")
    with pytest.raises(FileError, match="utf-8"):
        decode("Größe".encode("latin-1"), "utf-8", "x")


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4 a", b"\xd0\xcf\x11\xe0", b"\x28\xb5\x2f\xfd", b"ab\x00cd, efghijklm"]
)
def test_what_is_no_table_is_refused(content):
    with pytest.raises(FileError, match="must be a table"):
        decode(content, None, "x")
