"""From the plain Python of this package to LLVM's language: one module of all functions that the entries call."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from llvmlite import ir

from machine_code.language import FIELDS, INT, KINDS, Array, parameters_of, result_count, source_of
from machine_code.statements import Statements


class Translator:
    """Translates functions given by their full names."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions
        self.by_code = {function.__code__: name for name, function in functions.items()}
        self.ir_module = ir.Module()
        self.declared: dict[str, ir.Function] = {}
        self.waiting: list[str] = []
        self.constants: dict[int, Array] = {}

    def count_arguments(self, function: Callable[..., Any]) -> int:
        return sum(len(FIELDS) if note == "Memory" else 2 if note in KINDS else 1 for _, note in parameters_of(source_of(function)))

    def module(self, entries: Mapping[str, Callable[..., Any]]) -> str:
        """Return the assembly of the entries and all they call."""
        for name in entries:
            self.declare(name, "external")
        while self.waiting:
            name = self.waiting.pop()
            Statements(self, self.functions[name], self.declared[name]).translate()
        return str(self.ir_module)

    def declare(self, name: str, linkage: str = "internal") -> ir.Function:
        if name not in self.declared:
            tree = source_of(self.functions[name])
            count = self.count_arguments(self.functions[name])
            results = result_count(tree)
            kind = INT if results == 1 else ir.LiteralStructType([INT] * results)
            made = ir.Function(self.ir_module, ir.FunctionType(kind, [INT] * count), name)
            made.linkage = linkage
            made.attributes.add("nounwind")
            self.declared[name] = made
            self.waiting.append(name)
        return self.declared[name]

    def constant(self, array: np.ndarray[Any, Any]) -> Array:
        """Return a module-level array of the source as a constant."""
        if id(array) not in self.constants:
            bits = array.dtype.itemsize * 8
            kind = ir.ArrayType(ir.IntType(bits), array.size)
            made = ir.GlobalVariable(self.ir_module, kind, f"constant.{len(self.constants)}")
            made.initializer = ir.Constant(kind, [int(value) for value in array.ravel()])
            made.global_constant = True
            made.linkage = "internal"
            length = ir.Constant(INT, len(array))
            self.constants[id(array)] = Array(made.ptrtoint(INT), length, (bits, array.dtype.kind == "i"), changing=False)
        return self.constants[id(array)]
