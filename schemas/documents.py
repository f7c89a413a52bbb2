"""YAML files with the line of every value, and the faults found in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]
"""Keys and list positions that lead from the top of a document to a value."""
YAML_PROBLEMS = (
    ("did not find expected ',' or '}'", "花括号里少了逗号，或没有闭合", "请在这一行或上一行补上逗号或“}”"),
    ("did not find expected ',' or ']'", "方括号里少了逗号，或没有闭合", "请在这一行或上一行补上逗号或“]”"),
    ("tab character", "缩进用了制表符", "请改用空格缩进"),
    ("cannot start any token", "用了不能开头的字符（制表符或特殊符号）", "请改用空格缩进；以特殊符号开头的文本加引号"),
    ("mapping values are not allowed", "一行里出现了第二个冒号", "含冒号的文本请加引号；或检查上一行的缩进"),
    ("could not find expected ':'", "键后面没有冒号", "请补上冒号，后面空一格"),
    ("did not find expected key", "缩进与上面的键对不齐", "请与同级的键对齐"),
    ("did not find expected '-' indicator", "列表项的缩进对不齐", "请与上面的“- ”对齐"),
    ("unexpected end of stream", "引号没有闭合", "请补上引号"),
)
"""What the YAML parser says, cause and cure."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: the line (counted from 1), its cause and its cure, in Chinese."""

    line: int
    cause: str
    cure: str


class ContractError(ValueError):
    """A contract, or another file of this package, that cannot be used.

    ``path`` is the file, ``faults`` everything found in it, by line. The message is Chinese and names file, line, cause, cure.
    """

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path = path
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(f"{path} 第 {fault.line} 行：{fault.cause}。{fault.cure}。" for fault in self.faults))


class Document:
    """A YAML file with its content and, while it is being checked, the faults found in it.

    ``content`` holds plain Python values. Raises ContractError if the file cannot be read or is no mapping.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ContractError(path, [Fault(1, "没有这个文件", "请检查路径")]) from None
        except UnicodeDecodeError:
            raise ContractError(path, [Fault(1, "文件不是 UTF-8 编码", "请另存为 UTF-8")]) from None
        self._root, self.content = _parse(path, text)

    def line(self, place: Place) -> int:
        """Line of the key or list item at a place, or of the nearest one above it that exists."""
        node, line = self._root, int(self._root.start_mark.line)
        for step in place:
            child = _child(node, step)
            if child is None:
                break
            node, line = child
        return line + 1

    def fault(self, place: Place, cause: str, cure: str) -> None:
        """Note what is wrong at a place."""
        self.faults.append(Fault(self.line(place), cause, cure))

    def stop_if_faulty(self) -> None:
        """Raise ContractError with everything noted so far, if anything was."""
        if self.faults:
            raise ContractError(self.path, self.faults)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Chinese advice: the known words nearest to a misspelt one, else all of them."""
    near = list(dict.fromkeys(get_close_matches(word, known, n=3)))[:2]
    if near:
        return f"是否想写“{'”或“'.join(near)}”"
    return f"可用的有：{'、'.join(known)}" if known else "请删去"


def _parse(path: Path, text: str) -> tuple[yaml.Node, dict[str, Any]]:
    loader = yaml.CSafeLoader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise ContractError(path, [Fault(1, "文件内容不是键值结构", "请对照同目录的其他文件书写")])
        _refuse_repeated_keys(path, root)
        content: dict[str, Any] = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError(path, [Fault(line, *_in_words(str(error.problem)))]) from None
    finally:
        loader.dispose()
    return root, content


def _in_words(problem: str) -> tuple[str, str]:
    """Cause and cure in Chinese of what the YAML parser says."""
    for said, cause, cure in YAML_PROBLEMS:
        if said in problem:
            return f"不是合法的 YAML：{cause}", cure
    return f"不是合法的 YAML（{problem}）", "请检查缩进、引号和括号"


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    faults: list[Fault] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, yaml.SequenceNode):
            stack.extend(current.value)
        elif isinstance(current, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in current.value:
                if key.value in seen:
                    faults.append(Fault(key.start_mark.line + 1, f"键“{key.value}”写了两次", "请只留一处"))
                seen.add(key.value)
                stack.append(value)
    if faults:
        raise ContractError(path, faults)


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, int] | None:
    """The value under a key or list position, and the line where that key or item begins."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: yaml.Node = node.value[step]
        return item, int(item.start_mark.line)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return value, int(key.start_mark.line)
    return None


def entries(document: Document) -> Mapping[str, Mapping[str, Any]]:
    """The document as named entries, each a mapping; anything else is noted as a fault."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, entry in document.content.items():
        if isinstance(entry, Mapping):
            found[str(name)] = entry
        else:
            document.fault((str(name),), f"“{name}”下面应是键值", "请对照相邻条目书写")
    return found
