"""The datapool command as a user runs it, without the cost of a process for each."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from cli.app import app


@dataclass(frozen=True)
class Answer:
    """Exit code and what stood on the two streams."""

    code: int
    output: str
    errors: str


def datapool(*arguments: object) -> Answer:
    """Run `datapool` with these arguments through the very function that the installed command calls."""
    with _captured() as (output, errors):
        try:
            wide = patch.dict(os.environ, {"COLUMNS": "240"})  # no path of a test is broken over two lines
            with wide, patch.object(sys, "argv", ["datapool", *map(str, arguments)]):
                app()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        output.flush()
        errors.flush()
        streams = []
        for stream in (output, errors):
            stream.buffer.seek(0)
            streams.append(stream.buffer.read().decode())
    return Answer(code, *streams)


@contextmanager
def _captured() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(output), redirect_stderr(errors):
        yield output, errors
