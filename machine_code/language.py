"""The little of Python that is translated to machine code: integers of 64 bits, arrays as addresses with a length, functions with plain signatures."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from llvmlite import ir

INT = ir.IntType(64)
BIT = ir.IntType(1)
KINDS = {
    "Characters": (16, False),
    "Ints": (32, True),
    "Keys": (64, True),
    "NDArray[np.uint8]": (8, False),
    "NDArray[np.uint16]": (16, False),
    "NDArray[np.int64]": (64, True),
    "NDArray[np.int32]": (32, True),
    "NDArray[np.int8]": (8, True),
}
FIELDS = {
    "small": (16, False),
    "ints": (32, True),
    "keys": (64, True),
    "at": (64, True),
    "size": (64, True),
    "work": (64, True),
    "text": (16, False),
}
CHANGING = ("work", "text")


class Array:
    """An array in machine code: address, length, bits and sign of its entries, whether they may change while the code runs."""

    def __init__(self, address: ir.Value, length: ir.Value, kind: tuple[int, bool], changing: bool = True) -> None:
        self.address, self.length, self.kind, self.changing = address, length, kind, changing


def source_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """Return the syntax tree of a function."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def parameters_of(tree: ast.FunctionDef) -> list[tuple[str, str]]:
    """Return names and annotations of the parameters, `int` where there is none."""
    return [(argument.arg, ast.unparse(argument.annotation) if argument.annotation else "int") for argument in tree.args.args]


def result_count(tree: ast.FunctionDef) -> int:
    """Return how many values a function returns."""
    note = tree.returns
    if isinstance(note, ast.Subscript) and isinstance(note.slice, ast.Tuple):
        return len(note.slice.elts)
    return 1
