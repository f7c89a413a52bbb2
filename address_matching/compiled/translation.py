"""From the plain Python of this package to LLVM's language: every value is an integer of 64 bits, every array an address with a length."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from llvmlite import ir

_INT = ir.IntType(64)
_BIT = ir.IntType(1)
_KINDS = {
    "Characters": (16, False),
    "Ints": (32, True),
    "Keys": (64, True),
    "NDArray[np.uint8]": (8, False),
    "NDArray[np.int32]": (32, True),
    "NDArray[np.int8]": (8, True),
}
_FIELDS = {
    "small": (16, False),
    "ints": (32, True),
    "keys": (64, True),
    "at": (64, True),
    "size": (64, True),
    "work": (64, True),
    "text": (16, False),
}
_CHANGING = ("work", "text")
_OPERATIONS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "sdiv",
    ast.Mod: "srem",
    ast.LShift: "shl",
    ast.RShift: "ashr",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
}
_COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


class Array:
    """An array in machine code: address, length, bits and sign of its entries, whether they may change while the code runs."""

    def __init__(self, address: ir.Value, length: ir.Value, kind: tuple[int, bool], changing: bool = True) -> None:
        self.address, self.length, self.kind, self.changing = address, length, kind, changing


class Translator:
    """Translates functions given by their full names."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions
        self.by_code = {function.__code__: name for name, function in functions.items()}
        self.ir_module = ir.Module("quick_reader")
        self.declared: dict[str, ir.Function] = {}
        self.waiting: list[str] = []
        self.constants: dict[int, Array] = {}

    def count_arguments(self, function: Callable[..., Any]) -> int:
        return sum(len(_FIELDS) if note == "Memory" else 2 if note in _KINDS else 1 for _, note in _parameters(_source(function)))

    def module(self, entries: Mapping[str, Callable[..., Any]]) -> str:
        """Return the assembly of the entries and all they call."""
        for name in entries:
            self.declare(name, "external")
        while self.waiting:
            name = self.waiting.pop()
            _Body(self, self.functions[name], self.declared[name]).translate()
        return str(self.ir_module)

    def declare(self, name: str, linkage: str = "internal") -> ir.Function:
        if name not in self.declared:
            tree = _source(self.functions[name])
            count = self.count_arguments(self.functions[name])
            results = _result_count(tree)
            kind = _INT if results == 1 else ir.LiteralStructType([_INT] * results)
            made = ir.Function(self.ir_module, ir.FunctionType(kind, [_INT] * count), name)
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
            length = ir.Constant(_INT, len(array))
            self.constants[id(array)] = Array(made.ptrtoint(_INT), length, (bits, array.dtype.kind == "i"), changing=False)
        return self.constants[id(array)]


def _source(function: Callable[..., Any]) -> ast.FunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def _parameters(tree: ast.FunctionDef) -> list[tuple[str, str]]:
    return [(argument.arg, ast.unparse(argument.annotation) if argument.annotation else "int") for argument in tree.args.args]


def _result_count(tree: ast.FunctionDef) -> int:
    note = tree.returns
    if isinstance(note, ast.Subscript) and isinstance(note.slice, ast.Tuple):
        return len(note.slice.elts)
    return 1


class _Body:
    """The translation of one function."""

    def __init__(self, translator: Translator, function: Callable[..., Any], made: ir.Function) -> None:
        self.translator = translator
        self.globals = function.__globals__
        self.tree = _source(function)
        self.made = made
        self.builder = ir.IRBuilder(made.append_basic_block("entry"))
        self.variables: dict[str, ir.Value] = {}
        self.arrays: dict[str, Array] = {}
        self.memory: dict[str, Array] = {}
        self.loops: list[tuple[ir.Block, ir.Block]] = []

    def translate(self) -> None:
        assigned = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        arguments = list(self.made.args)
        for name in sorted(assigned | {name for name, note in _parameters(self.tree) if note not in ("Memory", *_KINDS)}):
            self.variables[name] = self.builder.alloca(_INT, name=name)
        for name, note in _parameters(self.tree):
            if note == "Memory":
                for field, kind in _FIELDS.items():
                    self.memory[field] = Array(arguments.pop(0), ir.Constant(_INT, 0), kind, field in _CHANGING)
            elif note in _KINDS:
                self.arrays[name] = Array(arguments.pop(0), arguments.pop(0), _KINDS[note])
            else:
                self.builder.store(arguments.pop(0), self.variables[name])
        self.statements(self.tree.body)
        if not self.builder.block.is_terminated:
            self.builder.ret(
                ir.Constant(self.made.function_type.return_type, None) if _result_count(self.tree) > 1 else ir.Constant(_INT, 0)
            )

    # -- statements

    def statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if self.builder.block.is_terminated:
                return
            getattr(self, f"_{type(statement).__name__}")(statement)

    def _Expr(self, node: ast.Expr) -> None:  # noqa: N802
        if isinstance(node.value, ast.Call):
            self.call(node.value)

    def _Return(self, node: ast.Return) -> None:  # noqa: N802
        if isinstance(node.value, ast.Tuple):
            self.returned([self.value(element) for element in node.value.elts])
        elif isinstance(node.value, ast.IfExp) and _result_count(self.tree) > 1:
            with self.builder.if_else(self.condition(node.value.test)) as (then, otherwise):
                with then:
                    self._Return(ast.Return(node.value.body))
                with otherwise:
                    self._Return(ast.Return(node.value.orelse))
            self.builder.unreachable()
        elif _result_count(self.tree) > 1 and node.value is not None:
            self.builder.ret(self.call(node.value))
        else:
            self.builder.ret(ir.Constant(_INT, 0) if node.value is None else self.value(node.value))

    def returned(self, values: list[ir.Value]) -> None:
        result = ir.Constant(self.made.function_type.return_type, ir.Undefined)
        for position, value in enumerate(values):
            result = self.builder.insert_value(result, value, position)
        self.builder.ret(result)

    def _Assign(self, node: ast.Assign) -> None:  # noqa: N802
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                values = [self.value(element) for element in node.value.elts]
                for element, value in zip(target.elts, values, strict=True):
                    self.assign(element, value)
            elif isinstance(target, ast.Tuple):
                result = self.call(node.value)
                for position, element in enumerate(target.elts):
                    self.assign(element, self.builder.extract_value(result, position))
            else:
                self.assign(target, self.value(node.value))

    def _AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
        left = ast.Name(node.target.id, ast.Load()) if isinstance(node.target, ast.Name) else node.target
        self.assign(node.target, self.value(ast.BinOp(left, node.op, node.value)))

    def assign(self, target: ast.expr, value: ir.Value) -> None:
        if isinstance(target, ast.Name):
            self.builder.store(value, self.variables[target.id])
        else:
            assert isinstance(target, ast.Subscript)
            pointer, array = self.place(target)
            self.builder.store(self.builder.trunc(value, ir.IntType(array.kind[0])) if array.kind[0] < 64 else value, pointer)

    def _If(self, node: ast.If) -> None:  # noqa: N802
        condition = self.condition(node.test)
        then, after = self.made.append_basic_block("then"), self.made.append_basic_block("after")
        otherwise = self.made.append_basic_block("else") if node.orelse else after
        self.builder.cbranch(condition, then, otherwise)
        for block, body in ((then, node.body), (otherwise, node.orelse)):
            if body:
                self.builder.position_at_end(block)
                self.statements(body)
                self.go(after)
        self.builder.position_at_end(after)

    def go(self, block: ir.Block) -> None:
        if not self.builder.block.is_terminated:
            self.builder.branch(block)

    def _While(self, node: ast.While) -> None:  # noqa: N802
        test, body, after = (self.made.append_basic_block(name) for name in ("while", "do", "done"))
        self.builder.branch(test)
        self.builder.position_at_end(test)
        self.builder.cbranch(self.condition(node.test), body, after)
        self.loop(body, node.body, test, after)

    def loop(self, block: ir.Block, body: list[ast.stmt], again: ir.Block, after: ir.Block) -> None:
        self.builder.position_at_end(block)
        self.loops.append((again, after))
        self.statements(body)
        self.loops.pop()
        self.go(again)
        self.builder.position_at_end(after)

    def _For(self, node: ast.For) -> None:  # noqa: N802
        assert isinstance(node.target, ast.Name)
        if isinstance(node.iter, ast.Tuple):
            values = [self.value(element) for element in node.iter.elts]
            self.counted(node, ir.Constant(_INT, 0), ir.Constant(_INT, len(values)), 1, lambda at: self.choose(at, values))
        elif isinstance(node.iter, ast.Call):
            first, last, step = self.bounds(node.iter)
            self.counted(node, first, last, step, lambda at: at)
        else:
            array = self.array(node.iter)
            self.counted(node, ir.Constant(_INT, 0), array.length, 1, lambda at: self.load(array, at))

    def choose(self, at: ir.Value, values: list[ir.Value]) -> ir.Value:
        chosen = values[-1]
        for position, value in enumerate(values[:-1]):
            chosen = self.builder.select(self.builder.icmp_signed("==", at, ir.Constant(_INT, position)), value, chosen)
        return chosen

    def bounds(self, node: ast.Call) -> tuple[ir.Value, ir.Value, int]:
        values = [self.value(argument) for argument in node.args[:2]]
        first, last = (ir.Constant(_INT, 0), values[0]) if len(values) == 1 else (values[0], values[1])
        return first, last, int(ast.literal_eval(node.args[2])) if len(node.args) > 2 else 1

    def counted(self, node: ast.For, first: ir.Value, last: ir.Value, step: int, value: Callable[[ir.Value], ir.Value]) -> None:
        assert isinstance(node.target, ast.Name)
        with self.builder.goto_entry_block():
            counter = self.builder.alloca(_INT)
        self.builder.store(first, counter)
        test, body, again, after = (self.made.append_basic_block(name) for name in ("for", "each", "next", "done"))
        self.builder.branch(test)
        self.builder.position_at_end(test)
        at = self.builder.load(counter)
        self.builder.cbranch(self.builder.icmp_signed("<" if step > 0 else ">", at, last), body, after)
        self.builder.position_at_end(body)
        self.builder.store(value(at), self.variables[node.target.id])
        self.loop(self.builder.block, node.body, again, after)
        self.builder.position_at_end(again)
        self.builder.store(self.builder.add(self.builder.load(counter), ir.Constant(_INT, step)), counter)
        self.builder.branch(test)
        self.builder.position_at_end(after)

    def _Break(self, node: ast.Break) -> None:  # noqa: N802
        self.builder.branch(self.loops[-1][1])

    def _Continue(self, node: ast.Continue) -> None:  # noqa: N802
        self.builder.branch(self.loops[-1][0])

    # -- arrays

    def array(self, node: ast.expr) -> Array:
        if isinstance(node, ast.Attribute):
            return self.memory[node.attr]
        assert isinstance(node, ast.Name)
        if node.id in self.arrays:
            return self.arrays[node.id]
        return self.translator.constant(self.globals[node.id])

    def place(self, node: ast.Subscript) -> tuple[ir.Value, Array]:
        array = self.array(node.value)
        if isinstance(node.slice, ast.Tuple):
            row, column = (self.value(element) for element in node.slice.elts)
            at = self.builder.add(self.builder.mul(row, ir.Constant(_INT, 2)), column)
        else:
            at = self.value(node.slice)
        return self.pointer(array, at), array

    def pointer(self, array: Array, at: ir.Value) -> ir.Value:
        start = self.builder.inttoptr(array.address, ir.IntType(array.kind[0]).as_pointer())
        return self.builder.gep(start, [at])

    def load(self, array: Array, at: ir.Value) -> ir.Value:
        return self.loaded(self.pointer(array, at), array)

    def loaded(self, pointer: ir.Value, array: Array) -> ir.Value:
        value = self.builder.load(pointer)
        if not array.changing:
            value.set_metadata("invariant.load", self.translator.ir_module.add_metadata([]))
        if array.kind[0] == 64:
            return value
        return self.builder.sext(value, _INT) if array.kind[1] else self.builder.zext(value, _INT)

    # -- expressions

    def value(self, node: ast.expr) -> ir.Value:
        known = self.known(node)
        if known is not None:
            return ir.Constant(_INT, known)
        if isinstance(node, ast.Name):
            return self.builder.load(self.variables[node.id])
        if isinstance(node, ast.Subscript):
            return self.loaded(*self.place(node))
        if isinstance(node, ast.BinOp):
            return getattr(self.builder, _OPERATIONS[type(node.op)])(self.value(node.left), self.value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self.builder.neg(self.value(node.operand))
        if isinstance(node, ast.IfExp):
            return self.either(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        return self.builder.zext(self.condition(node), _INT)

    def known(self, node: ast.expr) -> int | None:
        """The value of an expression that depends on nothing but constants of the source."""
        for part in ast.walk(node):
            if isinstance(part, ast.Subscript | ast.Attribute | ast.Starred):
                return None
            if isinstance(part, ast.Call) and not (isinstance(part.func, ast.Name) and part.func.id == "ord"):
                return None
            if (
                isinstance(part, ast.Name)
                and part.id != "ord"
                and (part.id in self.variables or not isinstance(self.globals.get(part.id), int))
            ):
                return None
        return int(eval(compile(ast.Expression(ast.fix_missing_locations(node)), "constant", "eval"), self.globals))

    def either(self, node: ast.IfExp) -> ir.Value:
        condition = self.condition(node.test)
        with self.builder.goto_entry_block():
            chosen = self.builder.alloca(_INT)
        with self.builder.if_else(condition) as (then, otherwise):
            with then:
                self.builder.store(self.value(node.body), chosen)
            with otherwise:
                self.builder.store(self.value(node.orelse), chosen)
        return self.builder.load(chosen)

    def condition(self, node: ast.expr) -> ir.Value:
        if isinstance(node, ast.BoolOp):
            return self.joined(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.builder.not_(self.condition(node.operand))
        if isinstance(node, ast.Compare):
            return self.compared(node)
        return self.builder.icmp_signed("!=", self.value(node), ir.Constant(_INT, 0))

    def joined(self, node: ast.BoolOp) -> ir.Value:
        """`and`, `or`: later parts are looked at only where they decide."""
        with self.builder.goto_entry_block():
            result = self.builder.alloca(_BIT)
        after = self.made.append_basic_block("decided")
        for position, part in enumerate(node.values):
            condition = self.condition(part)
            self.builder.store(condition, result)
            if position < len(node.values) - 1:
                more = self.made.append_basic_block("more")
                yes, no = (more, after) if isinstance(node.op, ast.And) else (after, more)
                self.builder.cbranch(condition, yes, no)
                self.builder.position_at_end(more)
        self.builder.branch(after)
        self.builder.position_at_end(after)
        return self.builder.load(result)

    def compared(self, node: ast.Compare) -> ir.Value:
        left = self.value(node.left)
        result: ir.Value = ir.Constant(_BIT, 1)
        for operation, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(operation, ast.In):
                assert isinstance(right_node, ast.Tuple)
                found: ir.Value = ir.Constant(_BIT, 0)
                for element in right_node.elts:
                    found = self.builder.or_(found, self.builder.icmp_signed("==", left, self.value(element)))
                return found
            right = self.value(right_node)
            result = self.builder.and_(result, self.builder.icmp_signed(_COMPARISONS[type(operation)], left, right))
            left = right
        return result

    def call(self, node: ast.expr) -> ir.Value:
        assert isinstance(node, ast.Call)
        if isinstance(node.func, ast.Attribute):
            return self.value(node.args[0])  # np.int64(x)
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "len":
            return self.array(node.args[0]).length
        if name == "int":
            return self.value(node.args[0])
        if name == "bool":
            return self.builder.zext(self.condition(node.args[0]), _INT)
        if name in ("min", "max"):
            one, two = self.value(node.args[0]), self.value(node.args[1])
            return self.builder.select(self.builder.icmp_signed("<" if name == "min" else ">", one, two), one, two)
        function = self.globals[name]
        target = self.translator.declare(self.translator.by_code[function.__code__])
        return self.builder.call(target, self.arguments(_parameters(_source(function)), node.args))

    def arguments(self, parameters: list[tuple[str, str]], nodes: list[ast.expr]) -> list[ir.Value]:
        flat: list[ir.Value] = []
        for (_, note), node in zip(parameters, nodes, strict=True):
            if note == "Memory":
                flat += [self.memory[field].address for field in _FIELDS]
            elif note in _KINDS:
                array = self.array(node)
                flat += [array.address, array.length]
            else:
                flat.append(self.value(node))
        return flat
