"""Reads one workbook in a process of its own, which a hostile one may bring down: no import but the library that reads it.

Arguments: bytes of memory and seconds of the processor it may take, sheet (empty: the first, `*`: all). The workbook is open as standard input. To
standard output go pickled tuples: ("sheet", name, first column, merged ranges, all names), ("rows", how many, columns) and at last ("end",), or
("error", kind, text, names of sheets) of kind password, no_sheet or damaged. A column is a tuple of values or, where all are text, that in UTF-8
with NUL between: a cell costs a tenth on its way.
"""

import itertools
import pickle
import resource
import sys
from typing import Any

ROWS_PER_BATCH = 10_000
FIRST, EVERY = "", "*"


def main(memory: str, seconds: str, sheet: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound

    def send(*message: object) -> None:
        pickle.dump(message, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()

    names: list[str] = []
    try:
        # An open file lets calamine look at the content and not at the file's extension.
        workbook = CalamineWorkbook.from_filelike(sys.stdin.buffer)
        names = workbook.sheet_names
        chosen = names if sheet == EVERY else [sheet] if sheet != FIRST else names[:1]
        for name in chosen:
            cells = workbook.get_sheet_by_name(name)
            send("sheet", name, (cells.start or (0, 0))[1], cells.merged_cell_ranges or [], names)
            rows = cells.iter_rows()
            while chunk := list(itertools.islice(rows, ROWS_PER_BATCH)):
                send("rows", len(chunk), [packed(values) for values in zip(*chunk, strict=True)])
        send("end")
    except PasswordError as error:
        send("error", "password", str(error), names)
    except WorksheetNotFound as error:
        send("error", "no_sheet", str(error), names)
    except CalamineError as error:
        send("error", "damaged", str(error), names)


def packed(values: tuple[Any, ...]) -> bytes | tuple[Any, ...]:
    """A column as it is sent."""
    try:
        text = "\0".join(values).encode()
    except (TypeError, UnicodeEncodeError):
        return values
    return text if text.count(b"\0") == len(values) - 1 else values


if __name__ == "__main__":
    main(*sys.argv[1:])
