"""Machine code for the functions of a package, made by LLVM from their plain Python source.

The functions use little of the language: integers of 64 bits, arrays, `if`, `while`, `for` over ranges and arrays, calls of one another.
For that little a translator of this size does what Numba does, in a hundredth of the time (docs/decisions/0013).
"""

import ctypes
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

import machine_code
from machine_code.translation import Translator

Function = TypeVar("Function", bound=Callable[..., Any])
Argument = int | NDArray[Any] | tuple[int | NDArray[Any], ...]
"""A tuple of arrays, or of their addresses, is a Memory; address and length stand for an array."""


class Kernel:
    """The compiled functions of one package.

    package: its full name; all its modules count for whether kept code still holds. with_entries: its modules whose entries are compiled
    together; they import the others.
    """

    def __init__(self, package: str, with_entries: Sequence[str]) -> None:
        self.package, self._with_entries = package, with_entries
        self._functions: dict[str, Callable[..., Any]] = {}
        self._entries: dict[str, Callable[..., Any]] = {}
        self._one_engine = Lock()
        """Threads that start together must not make an engine each: the code of the one that is dropped would go with it."""

    def compiled(self, function: Function) -> Function:
        """Mark a function that is compiled where others of the package call it."""
        self._functions[_name(function)] = function
        return function

    def entry(self, function: Callable[..., int | None]) -> Callable[..., int]:
        """Mark a function that Python calls with arrays and integers; it runs as machine code, without the interpreter lock."""
        name = _name(function)
        self._functions[name] = self._entries[name] = function
        machine_code: list[Callable[..., int]] = []

        def call(*arguments: Argument) -> int:
            if not machine_code:
                machine_code.append(self.address_of(name))
            return machine_code[0](*_flattened(arguments))

        call.__doc__ = function.__doc__
        return call

    def address_of(self, name: str) -> Callable[..., int]:
        """Return the machine code of an entry by its full name."""
        with self._one_engine:
            engine, sizes = self.engine
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * sizes[name])
        return kind(engine.get_function_address(name))

    @cached_property
    def engine(self) -> tuple[llvm.ExecutionEngine, dict[str, int]]:
        """The engine that holds the machine code, compiled now or by an earlier process, and how many arguments each entry takes."""
        for module in self._with_entries:
            import_module(f"{self.package}.{module}")
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, codemodel="jitdefault"
        )
        kept = _KeptCode(self.package)
        translator = Translator(self._functions)
        sizes = {name: translator.count_arguments(function) for name, function in self._entries.items()}
        module = llvm.parse_assembly("" if kept.code else translator.module(self._entries))
        module.name = self.package
        if not kept.code:
            options = llvm.create_pipeline_tuning_options(speed_level=2)
            llvm.create_pass_builder(machine, options).getModulePassManager().run(module, llvm.create_pass_builder(machine, options))
        engine = llvm.create_mcjit_compiler(module, machine)
        engine.set_object_cache(kept.keep, kept.give)
        engine.finalize_object()
        return engine, sizes


def addresses(memory: Sequence[NDArray[Any]]) -> tuple[int, ...]:
    """Return the addresses of arrays, of a Memory to be given in its place, where a function is called often."""
    return tuple(array.ctypes.data for array in memory)


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _flattened(arguments: Sequence[Argument]) -> list[int]:
    """An array becomes its address and length, a tuple of arrays (Memory) the addresses of all."""
    flat: list[int] = []
    for argument in arguments:
        if isinstance(argument, tuple):
            flat += [entry if isinstance(entry, int) else entry.ctypes.data for entry in argument]
        elif isinstance(argument, np.ndarray):
            flat += [argument.ctypes.data, len(argument)]
        else:
            flat.append(int(argument))
    return flat


class _KeptCode:
    """Machine code kept beside the source by the digest of all sources and the processor; where it cannot be written it is made anew."""

    def __init__(self, package: str) -> None:
        folders = {Path(str(files(name))) for name in (package, package.partition(".")[0], machine_code.__name__)}
        texts = sorted((str(path), path.read_bytes()) for folder in folders for path in folder.glob("*.py"))
        digest = sha256(repr((texts, llvm.get_host_cpu_name(), llvm.llvm_version_info)).encode()).hexdigest()[:16]
        self._path = Path(str(files(package))) / "__pycache__" / f"{package.rpartition('.')[2]}.{digest}.o"
        self.code = self._path.read_bytes() if self._path.is_file() else b""

    def keep(self, module: llvm.ModuleRef, code: bytes) -> None:
        try:
            self._path.parent.mkdir(exist_ok=True)
            part = self._path.with_suffix(f".{id(self)}.part")
            part.write_bytes(code)
            part.replace(self._path)
        except OSError:
            return

    def give(self, module: llvm.ModuleRef) -> bytes | None:
        return self.code or None
