"""Are tables read as the world writes them? Over 50 files, hostile but honest, go through fit, predict and export.

All hold one table: the size of flats, their city and the day, and the price. Each file must give the right values in
the right kinds, or be refused in one line that says what to do. No traceback, nothing overwritten.

    python benchmarks/hostile_files.py             # 0 if all do
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from edgewise.cli import main as main_of_edgewise

ROWS = 60
KINDS = {"size": "number", "city": "text", "day": "date"}
CITIES = ("Bern", "Köln", "Zürich")


def flats() -> pd.DataFrame:
    """The table that all files hold."""
    random = np.random.default_rng(0)
    size = np.round(random.uniform(20, 1500, ROWS), 1)
    city = random.choice(CITIES, ROWS)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 365, ROWS), "D")
    price = np.round(2 * size + 500 * (city == "Bern") + 1000.25, 2)
    return pd.DataFrame({"size": size, "city": city, "day": day, "price": price})


@dataclass(frozen=True)
class Case:
    """A file.

    Attributes:
        name: Of what is hostile in it.
        content: Its bytes.
        suffix: Of its name.
        options: Of the command line.
        kinds: Of its columns, where they are not those of all.
        gaps: How many entries of a column became gaps.
        says: What is said of it; in a refusal where it is `refused`.
        refused: Whether it must be refused.
        scale: By which sizes are to be multiplied.
    """

    name: str
    content: bytes
    suffix: str = ".csv"
    options: Sequence[str] = ()
    kinds: dict[str, str] = field(default_factory=lambda: dict(KINDS))
    gaps: dict[str, int] = field(default_factory=dict)
    says: str = ""
    refused: bool = False
    scale: float = 1.0


def number(value: float, style: str) -> str:
    """A number as people write it: "." or "," for the decimal mark, before it the mark of thousands."""
    text = f"{value:,.2f}" if value != round(value, 1) else f"{value:,.1f}"
    thousands, decimal = (style[0] if len(style) == 2 else ""), style[-1]
    return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def table(
    sep: str = ",",
    style: str = ".",
    day: str = "%Y-%m-%d",
    names: Sequence[str] = ("size", "city", "day", "price"),
    cell: Callable[[int, str, str], str] = lambda row, name, text: text,
    quote: str = '"',
) -> str:
    """The table as text.

    Args:
        sep: Between cells.
        style: Of numbers.
        day: Format of dates.
        names: Above the rows.
        cell: Changes a cell, given its row and column.
        quote: Around cells that hold a separator.
    """
    lines = [sep.join(names)]
    for place, row in enumerate(flats().itertuples(index=False)):
        cells = [number(row.size, style), row.city, row.day.strftime(day), number(row.price, style)]
        cells = [
            cell(place, name, text)
            for name, text in zip(("size", "city", "day", "price"), cells, strict=True)
        ]
        lines.append(
            sep.join(f"{quote}{text}{quote}" if sep in text or "\n" in text else text for text in cells)
        )
    return "\n".join(lines) + "\n"


def only(column: str, change: Callable[[int, str], str]) -> Callable[[int, str, str], str]:
    """A change of the cells of one column."""
    return lambda row, name, text: change(row, text) if name == column else text


def some(column: str, text: str, every: int = 20) -> Callable[[int, str, str], str]:
    """Another text in every so many-th cell of a column."""
    return only(column, lambda row, old: text if row % every == 0 else old)


def cases() -> list[Case]:
    """All files, but those of workbooks."""
    return [*layouts(), *encodings(), *numbers(), *dates(), *gaps(), *other_formats(), *refusals()]


def layouts() -> list[Case]:
    """Separators, quotes, names, and lines that are no rows."""
    plain = table()
    rows = plain.split("\n", 1)[1]
    added = plain.replace("\n", ",\n").replace("price,\n", "price\n", 1)
    return [
        Case("plain", plain.encode()),
        Case("semicolons", table(";").encode()),
        Case("tabs", table("\t").encode(), ".tsv"),
        Case("tabs in a .csv", table("\t").encode()),
        Case("bars", table("|").encode()),
        Case("white space", table(" ").encode(), ".txt"),
        Case("sep=; for Excel", ("sep=;\n" + table(";", ",")).encode(), options=()),
        Case("line ends of Windows", plain.replace("\n", "\r\n").encode()),
        Case("line ends of old Macs", plain.replace("\n", "\r").encode()),
        Case("spaces around cells", plain.replace(",", " ,  ").encode()),
        Case("quoted line ends", table(cell=only("city", lambda row, text: f"{text}\nCH")).encode()),
        Case("quoted separators", table(cell=only("city", lambda row, text: f"{text}, CH; x")).encode()),
        Case("doubled quotes", table(cell=only("city", lambda row, text: f'"{text} ""x"""')).encode()),
        Case("single quotes", table(style=",.", quote="'").encode()),
        Case("everything quoted", "\n".join('"' + line.replace(",", '","') + '"' for line in plain.strip().split("\n")).encode()),
        Case("lines above", ("Flats\nmade on 1 May, by hand\n\n" + plain).encode(), says="2 lines above"),
        Case("comments above", ("# flats\n# made, by hand\n" + plain).encode(), says="above the names"),
        Case("comments between", plain.replace("\n", "\n# here, there\n", 20).encode(), says="comment"),
        Case("a total below", (plain + "Total;;;99999\n".replace(";", ",")).encode(), says="below the rows"),
        Case("a line below", (plain + "60 rows exported\n").encode(), says="below the rows"),
        Case("empty lines", plain.replace("\n", "\n\n").encode()),
        Case("empty rows at the end", (plain + ",,,\n,,,\n").encode(), says="empty rows"),
        Case("a separator at the end of lines", added.encode()),
        Case("row names as R writes them", "\n".join([plain.split("\n")[0], *(f'"{n + 1}",{line}' for n, line in enumerate(rows.strip().split("\n")))]).encode(), says="numbers the rows"),
        Case("an index of pandas", "\n".join([f",{plain.split(chr(10))[0]}", *(f"{n},{line}" for n, line in enumerate(rows.strip().split("\n")))]).encode(), says="numbers the rows"),
        Case("names twice", table(names=("size", "city", "day", "price")).replace("day", "city", 1).encode(), kinds={"size": "number", "city": "text", "city_2": "date"}, says="city_2"),
        Case("an empty name", plain.replace("city", "", 1).encode(), kinds={"size": "number", "column 2": "text", "day": "date"}, says="no name"),
        Case("names in spaces", plain.replace("size,city", " size , city ", 1).encode()),
        Case("names repeated below", (plain + plain).encode(), says="repeats the names"),
        Case("rows that are cut short", (plain + "12.5,Bern\n13.5,Bern\n" + rows).encode(), says="too few cells"),
    ]  # fmt: skip


def encodings() -> list[Case]:
    """Bytes that are not plain UTF-8."""
    text = table(";", ",")
    return [
        Case("latin-1", text.encode("latin-1"), says="cp1252"),
        Case("UTF-8 with a mark", text.encode("utf-8-sig")),
        Case("UTF-16 with a mark", text.encode("utf-16"), says="utf-16"),
        Case("UTF-16 without a mark", text.encode("utf-16-le"), says="utf-16-le"),
        Case("packed by gzip", gzip.compress(text.encode()), ".csv.gz"),
        Case("packed by gzip, unsaid", gzip.compress(text.encode())),
        Case("packed by zip", zipped(text.encode()), ".zip"),
    ]


def zipped(content: bytes) -> bytes:
    """A zip file that holds one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("flats.csv", content)
    return buffer.getvalue()


def numbers() -> list[Case]:
    """Numbers as people write them."""
    return [
        Case("decimal commas", table(";", ",").encode(), says=""),
        Case("decimal commas, in quotes", table(",", ",").encode()),
        Case("thousands by points", table(";", ".,").encode()),
        Case("thousands by commas", table(",", ",.").encode()),
        Case("thousands by apostrophes", table(";", "'.").encode()),
        Case("thousands by spaces", table(";", " ,").encode()),
        Case("thousands by no-break spaces", table(";", "\u00a0,").encode()),
        Case("a currency before", table(style=",.", cell=only("price", lambda row, text: f"${text}")).encode(), says="$ was taken off"),
        Case("a currency behind", table(";", ".,", cell=only("price", lambda row, text: f"{text} €")).encode(), says="€ was taken off"),
        Case("percent", table(cell=only("size", lambda row, text: f"{text}%")).encode(), says="% was taken off"),
        Case("a unit", table(cell=only("size", lambda row, text: f"{text} m²")).encode(), says="m² was taken off"),
        Case("signs of minus", table(cell=only("size", lambda row, text: f"−{text}")).encode(), scale=-1),
        Case("brackets for minus", table(cell=only("size", lambda row, text: f"({text})")).encode(), scale=-1),
        Case("what --decimal says", table(";", ",").encode(), options=("--decimal", ",")),
    ]  # fmt: skip


def dates() -> list[Case]:
    """Dates as people write them."""
    return [
        Case("days by points", table(";", ",", day="%d.%m.%Y").encode()),
        Case("days of two digits", table(";", day="%d.%m.%y").encode()),
        Case("days first", table(day="%d/%m/%Y").encode()),
        Case("months first", table(day="%m/%d/%Y").encode()),
        Case("years by slashes", table(day="%Y/%m/%d").encode()),
        Case("names of months", table(day="%d %b %Y").encode()),
        Case("days without marks", table(day="%Y%m%d").encode()),
        Case("dates with a clock", table(day="%Y-%m-%dT00:00:00Z").encode()),
        Case(
            "some dates unknown",
            table(cell=some("day", "unknown")).encode(),
            gaps={"day": 3},
            says='"unknown" (3)',
        ),
        Case("what --kind says", table(day="%d/%m/%Y").encode(), options=("--kind", "day=date:%d/%m/%Y")),
    ]


def gaps() -> list[Case]:
    """What stands for nothing, and what looks as if it did."""
    return [
        Case("empty cells", table(cell=some("size", "")).encode(), gaps={"size": 3}),
        Case("NA among numbers", table(cell=some("size", "NA")).encode(), gaps={"size": 3}, says='"NA" (3)'),
        Case("words among numbers", table(cell=some("size", "see note")).encode(), gaps={"size": 3}, says='"see note" (3)'),
        Case("dashes among numbers", table(cell=some("size", "-", 3)).encode(), gaps={"size": 20}, says='"-" (20)'),
        Case("a code for gaps", table(cell=some("size", "-999")).encode(), options=("--missing", "-999"), gaps={"size": 3}),
        Case("infinite numbers", table(cell=some("size", "inf")).encode(), gaps={"size": 3}, says='"inf" (3)'),
        Case("None as a level", table(cell=some("city", "None", 4)).encode()),
        Case("NA as a level", table(cell=some("city", "NA", 4)).encode()),
        Case("codes with zeros", table(cell=only("city", lambda row, text: f"00{CITIES.index(text) + 7}")).encode(), says="leading zeros"),
        Case("cities by number", table(cell=only("city", lambda row, text: str(CITIES.index(text)))).encode(), options=("--categories", "city")),
        Case("a unit below the names", table().replace("\n", "\nm2,,,CHF\n", 1).encode(), says='"CHF" (1)'),
        Case("true and false", table(cell=only("city", lambda row, text: str(text == "Bern").lower())).encode(), kinds={**KINDS, "city": "bool"}),
    ]  # fmt: skip


def other_formats() -> list[Case]:
    """JSON and Parquet."""
    frame = flats()
    lines = "".join(
        json.dumps({**row, "day": str(row["day"].date())}) + "\n" for row in frame.to_dict("records")
    )
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    return [
        Case("JSON lines", lines.encode(), ".jsonl", says="JSON"),
        Case(
            "a list in JSON", ("[" + ",".join(lines.strip().split("\n")) + "]").encode(), ".json", says="JSON"
        ),
        Case("Parquet", parquet.getvalue(), ".parquet", says="Parquet"),
    ]


def refusals() -> list[Case]:
    """What cannot be read, or not be learned from, in one line."""
    keys = table(cell=only("price", lambda row, text: f"k{row}x"))
    return [
        Case("a row too long", table().replace("Bern", "Bern,CH", 1).encode(), says="line ", refused=True),
        Case("nothing", b"", says="at least one row", refused=True),
        Case("names without rows", b"size,city,day,price\n", says="at least one row", refused=True),
        Case("a page", b"<!doctype html><html><body>price</body></html>", says="HTML", refused=True),
        Case("a PDF", b"%PDF-1.7 \x00\x01 price", says="PDF", refused=True),
        Case("bytes", bytes(range(256)) * 20, says="must be a table", refused=True),
        Case("half a gzip file", gzip.compress(table().encode())[:-20], ".csv.gz", says="unpacked", refused=True),
        Case("a target of keys", keys.encode(), says="few classes", refused=True),
        Case("another target", table(names=("size", "city", "day", "Price")).encode(), says="Did you mean", refused=True),
        Case("damaged JSON", b'{"size": 1}\n{"size": 2,\n', ".jsonl", says="JSON", refused=True),
    ]  # fmt: skip


@dataclass(frozen=True)
class Result:
    """How a command ended: its exit code, what it wrote, and an error that nobody put into words."""

    exit_code: int
    stdout: str
    stderr: str
    exception: Exception | None = None


def edgewise(*words: object) -> Result:
    """Run the command line within this process, as a shell would."""
    out, error, before = io.StringIO(), io.StringIO(), sys.argv
    code, fault = 0, None
    sys.argv = ["edgewise", *map(str, words)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            main_of_edgewise()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as wrong:
        code, fault = 1, wrong
    finally:
        sys.argv = before
    return Result(code, out.getvalue(), error.getvalue(), fault)


def faults(case: Case, folder: Path) -> list[str]:
    """What is wrong with how a file goes through fit, predict and export."""
    path = folder / f"flats{case.suffix}"
    path.write_bytes(case.content)
    fitted = edgewise(
        "fit",
        path,
        "-t",
        "price",
        "--hidden",
        0,
        "--no-symbolic",
        "--json",
        *case.options,
        "-o",
        folder / "m",
    )
    said = (fitted.stdout + fitted.stderr).replace('\\"', '"')  # as JSON writes it
    found = ["traceback"] if "Traceback" in said else []
    if case.refused:
        found += (
            []
            if fitted.exit_code == 1 and case.says in said
            else [f"not refused by {case.says!r}: {said[-300:]}"]
        )
        return found + ([] if not (folder / "m").exists() else ["a folder was written"])
    if fitted.exit_code:
        return [*found, f"fit: {said[-300:]}"]
    told = json.loads(fitted.stdout)
    if told["scores"]["held_out"].get("r2", 0) < 0.5:
        found.append(f"scores {told['scores']['held_out']}")
    if case.says not in said:
        found.append(f"{case.says!r} is not said")
    reading = [
        word
        for word in case.options
        if not word.startswith("--k") and "=" not in word and word not in ("--categories", "city")
    ]
    predicted = edgewise("predict", folder / "m", path, "-o", folder / "found.csv", *reading)
    exported = edgewise("export", folder / "m", "--to", "json")
    again = edgewise("predict", folder / "m", path, "-o", folder / "found.csv", *reading)
    for run, code in ((predicted, 0), (exported, 0), (again, 1)):
        if run.exit_code != code or run.exception:
            found.append(f"ended with {run.exit_code}, not {code}: {run.stderr[-300:]}")
    if edgewise("info", folder / "m").exit_code or path.read_bytes() != case.content:
        found.append("a file was overwritten")
    return found


def main() -> int:
    """Run all files; the number of faults is written, and 0 returned where there is none."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="files whose name holds this")
    given = parser.parse_args()
    wrong = 0
    chosen = [case for case in cases() if given.only in case.name]
    for case in chosen:
        with tempfile.TemporaryDirectory() as folder:
            found = faults(case, Path(folder))
        wrong += bool(found)
        print(f"{case.name}: {'; '.join(found) or 'well'}", flush=True)
    print(f"{len(chosen)} files, {wrong} with a fault")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
