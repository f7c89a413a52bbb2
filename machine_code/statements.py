"""Statements and whole functions in LLVM's language."""

import ast
from collections.abc import Callable

from llvmlite import ir

from machine_code.expressions import Expressions
from machine_code.language import CHANGING, FIELDS, INT, KINDS, Array, parameters_of, result_count


class Statements(Expressions):
    """Translates one function."""

    def translate(self) -> None:
        """Write the machine code of the function."""
        self.loops: list[tuple[ir.Block, ir.Block]] = []
        assigned = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        arguments = list(self.made.args)
        for name in sorted(assigned | {name for name, note in parameters_of(self.tree) if note not in ("Memory", *KINDS)}):
            self.variables[name] = self.builder.alloca(INT, name=name)
        for name, note in parameters_of(self.tree):
            if note == "Memory":
                for field, kind in FIELDS.items():
                    self.memory[field] = Array(arguments.pop(0), ir.Constant(INT, 0), kind, field in CHANGING)
            elif note in KINDS:
                self.arrays[name] = Array(arguments.pop(0), arguments.pop(0), KINDS[note])
            else:
                self.builder.store(arguments.pop(0), self.variables[name])
        self.statements(self.tree.body)
        if not self.builder.block.is_terminated:
            self.builder.ret(ir.Constant(self.made.function_type.return_type, None) if result_count(self.tree) > 1 else ir.Constant(INT, 0))

    def statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if self.builder.block.is_terminated:
                return
            _STATEMENTS[type(statement)](self, statement)

    def call_for_effect(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self.call(node.value)

    def return_(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.Tuple):
            self.returned([self.value(element) for element in node.value.elts])
        elif isinstance(node.value, ast.IfExp) and result_count(self.tree) > 1:
            with self.builder.if_else(self.condition(node.value.test)) as (then, otherwise):
                with then:
                    self.return_(ast.Return(node.value.body))
                with otherwise:
                    self.return_(ast.Return(node.value.orelse))
            self.builder.unreachable()
        elif result_count(self.tree) > 1 and node.value is not None:
            self.builder.ret(self.call(node.value))
        else:
            self.builder.ret(ir.Constant(INT, 0) if node.value is None else self.value(node.value))

    def returned(self, values: list[ir.Value]) -> None:
        result = ir.Constant(self.made.function_type.return_type, ir.Undefined)
        for position, value in enumerate(values):
            result = self.builder.insert_value(result, value, position)
        self.builder.ret(result)

    def assignment(self, node: ast.Assign) -> None:
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

    def changed_assignment(self, node: ast.AugAssign) -> None:
        left = ast.Name(node.target.id, ast.Load()) if isinstance(node.target, ast.Name) else node.target
        self.assign(node.target, self.value(ast.BinOp(left, node.op, node.value)))

    def assign(self, target: ast.expr, value: ir.Value) -> None:
        if isinstance(target, ast.Name):
            self.builder.store(value, self.variables[target.id])
        else:
            assert isinstance(target, ast.Subscript)
            pointer, array = self.place(target)
            self.builder.store(self.builder.trunc(value, ir.IntType(array.kind[0])) if array.kind[0] < 64 else value, pointer)

    def choice(self, node: ast.If) -> None:
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

    def repetition(self, node: ast.While) -> None:
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

    def iteration(self, node: ast.For) -> None:
        assert isinstance(node.target, ast.Name)
        if isinstance(node.iter, ast.Tuple):
            values = [self.value(element) for element in node.iter.elts]
            self.counted(node, ir.Constant(INT, 0), ir.Constant(INT, len(values)), 1, lambda at: self.choose(at, values))
        elif isinstance(node.iter, ast.Call):
            first, last, step = self.bounds(node.iter)
            self.counted(node, first, last, step, lambda at: at)
        else:
            array = self.array(node.iter)
            self.counted(node, ir.Constant(INT, 0), array.length, 1, lambda at: self.load(array, at))

    def choose(self, at: ir.Value, values: list[ir.Value]) -> ir.Value:
        chosen = values[-1]
        for position, value in enumerate(values[:-1]):
            chosen = self.builder.select(self.builder.icmp_signed("==", at, ir.Constant(INT, position)), value, chosen)
        return chosen

    def bounds(self, node: ast.Call) -> tuple[ir.Value, ir.Value, int]:
        values = [self.value(argument) for argument in node.args[:2]]
        first, last = (ir.Constant(INT, 0), values[0]) if len(values) == 1 else (values[0], values[1])
        return first, last, int(ast.literal_eval(node.args[2])) if len(node.args) > 2 else 1

    def counted(self, node: ast.For, first: ir.Value, last: ir.Value, step: int, value: Callable[[ir.Value], ir.Value]) -> None:
        assert isinstance(node.target, ast.Name)
        with self.builder.goto_entry_block():
            counter = self.builder.alloca(INT)
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
        self.builder.store(self.builder.add(self.builder.load(counter), ir.Constant(INT, step)), counter)
        self.builder.branch(test)
        self.builder.position_at_end(after)

    def leave(self, node: ast.Break) -> None:
        self.builder.branch(self.loops[-1][1])

    def skip(self, node: ast.Continue) -> None:
        self.builder.branch(self.loops[-1][0])


_STATEMENTS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.Expr: Statements.call_for_effect,
    ast.Return: Statements.return_,
    ast.Assign: Statements.assignment,
    ast.AugAssign: Statements.changed_assignment,
    ast.If: Statements.choice,
    ast.While: Statements.repetition,
    ast.For: Statements.iteration,
    ast.Break: Statements.leave,
    ast.Continue: Statements.skip,
}
