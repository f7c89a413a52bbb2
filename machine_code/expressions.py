"""Arrays, values, conditions and calls in LLVM's language."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from machine_code.language import BIT, FIELDS, INT, KINDS, Array, parameters_of, source_of

if TYPE_CHECKING:
    from machine_code.translation import Translator

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


class Expressions:
    """Translates the expressions of one function."""

    def __init__(self, translator: Translator, function: Callable[..., Any], made: ir.Function) -> None:
        self.translator = translator
        self.globals = function.__globals__
        self.tree = source_of(function)
        self.made = made
        self.builder = ir.IRBuilder(made.append_basic_block("entry"))
        self.variables: dict[str, ir.Value] = {}
        self.arrays: dict[str, Array] = {}
        self.memory: dict[str, Array] = {}

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
            at = self.builder.add(self.builder.mul(row, ir.Constant(INT, 2)), column)
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
        return self.builder.sext(value, INT) if array.kind[1] else self.builder.zext(value, INT)

    # -- expressions

    def value(self, node: ast.expr) -> ir.Value:
        known = self.known(node)
        if known is not None:
            return ir.Constant(INT, known)
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
        return self.builder.zext(self.condition(node), INT)

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
            chosen = self.builder.alloca(INT)
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
        return self.builder.icmp_signed("!=", self.value(node), ir.Constant(INT, 0))

    def joined(self, node: ast.BoolOp) -> ir.Value:
        """`and`, `or`: later parts are looked at only where they decide."""
        with self.builder.goto_entry_block():
            result = self.builder.alloca(BIT)
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
        result: ir.Value = ir.Constant(BIT, 1)
        for operation, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(operation, ast.In):
                assert isinstance(right_node, ast.Tuple)
                found: ir.Value = ir.Constant(BIT, 0)
                for element in right_node.elts:
                    found = self.builder.or_(found, self.builder.icmp_signed("==", left, self.value(element)))
                return found
            right = self.value(right_node)
            result = self.builder.and_(result, self.builder.icmp_signed(_COMPARISONS[type(operation)], left, right))
            left = right
        return result

    def call(self, node: ast.expr) -> ir.Value:
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "len":
            return self.array(node.args[0]).length
        if name == "int":
            return self.value(node.args[0])
        if name == "bool":
            return self.builder.zext(self.condition(node.args[0]), INT)
        if name in ("min", "max"):
            one, two = self.value(node.args[0]), self.value(node.args[1])
            return self.builder.select(self.builder.icmp_signed("<" if name == "min" else ">", one, two), one, two)
        function = self.globals[name]
        target = self.translator.declare(self.translator.by_code[function.__code__])
        return self.builder.call(target, self.arguments(parameters_of(source_of(function)), node.args))

    def arguments(self, parameters: list[tuple[str, str]], nodes: list[ast.expr]) -> list[ir.Value]:
        flat: list[ir.Value] = []
        for (_, note), node in zip(parameters, nodes, strict=True):
            if note == "Memory":
                flat += [self.memory[field].address for field in FIELDS]
            elif note in KINDS:
                array = self.array(node)
                flat += [array.address, array.length]
            else:
                flat.append(self.value(node))
        return flat
