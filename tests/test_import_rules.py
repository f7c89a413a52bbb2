"""Imports point one way, pure parts stay pure, heavy libraries stay where they belong; read from the code itself."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = {
    "schemas": 0,
    "pool": 1,
    "sources": 1,
    "expectations": 1,
    "transforms": 1,
    "address_matching": 1,
    "machine_code": 0,
    "flow": 2,
    "dags": 3,
    "cli": 3,
}
BESIDE = ("samples", "benchmarks", "tests", "deploy")
"""These may import anything; nothing imports them."""

ONLY_IMPORTERS = {"airflow": {"dags"}, "great_expectations": {"expectations"}}
HEAVY = {"pyarrow", "pandas", "duckdb", "numpy", "great_expectations", "airflow"}
HEAVY_AT_DAG_PARSING = HEAVY - {"airflow"} | {"flow", "pool", "transforms", "address_matching", "expectations", "sources"}
IMPURE_MODULES = {
    "os", "io", "time", "random", "secrets", "uuid", "tempfile", "shutil", "subprocess", "socket", "urllib", "http", "requests", "httpx", "glob",
}  # fmt: skip
IMPURE_CALLS = {
    "open",
    "input",
    "print",
    "now",
    "today",
    "utcnow",
    "getenv",
    "read_text",
    "write_text",
    "read_bytes",
    "write_bytes",
    "unlink",
    "mkdir",
}
FILE_READERS_IN_SQL = ("read_parquet", "read_csv", "read_json", "parquet_scan", "COPY ")
MAY_USE_FILES = {"address_matching/index.py"}
READS_OWN_PACKAGE_DATA = {"address_matching/words.py": {"read_text"}}
DAG_FILE_LINES = 80


def modules_of(package: str) -> list[Path]:
    return [path for path in sorted((ROOT / package).rglob("*.py")) if "__pycache__" not in path.parts]


PACKAGES = [package for package in LAYERS if modules_of(package)]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PURE_MODULES = [
    path for package in ("transforms", "address_matching") for path in modules_of(package) if name_of(path) not in MAY_USE_FILES
]


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(nodes: Iterator[ast.AST], package: str) -> Iterator[tuple[str, int]]:
    """Top-level names imported, with line; a relative import is one of its own package."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.partition(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0] if node.level == 0 else package, node.lineno


def nodes_at_import(module: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: all but the bodies of functions and what stands under TYPE_CHECKING."""
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
            if not typing_only and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                waiting.append(child)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_packages_below_it(package):
    wrong = []
    for path in modules_of(package):
        for imported, line in imports(ast.walk(tree_of(path)), package):
            if imported in BESIDE or (imported != package and LAYERS.get(imported, -1) >= LAYERS[package]):
                wrong.append(f"{name_of(path)}:{line} imports {imported}")
    assert wrong == []


@pytest.mark.parametrize("library", ONLY_IMPORTERS)
def test_a_library_is_imported_where_it_belongs_alone(library):
    wrong = []
    for package in PACKAGES:
        if package not in ONLY_IMPORTERS[library]:
            for path in modules_of(package):
                wrong += [f"{name_of(path)}:{line}" for imported, line in imports(ast.walk(tree_of(path)), package) if imported == library]
    assert wrong == []


def test_schemas_load_without_heavy_libraries():
    wrong = []
    for path in modules_of("schemas"):
        wrong += [
            f"{name_of(path)}:{line} {imported}" for imported, line in imports(ast.walk(tree_of(path)), "schemas") if imported in HEAVY
        ]
    assert wrong == []


@pytest.mark.parametrize("path", PURE_MODULES, ids=name_of)
def test_pure_modules_touch_no_file_clock_environment_or_randomness(path):
    package = name_of(path).partition("/")[0]
    wrong = [
        f"line {line}: imports {imported}" for imported, line in imports(ast.walk(tree_of(path)), package) if imported in IMPURE_MODULES
    ]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called in IMPURE_CALLS - READS_OWN_PACKAGE_DATA.get(name_of(path), set()):
                wrong.append(f"line {node.lineno}: calls {called}()")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            wrong += [f"line {node.lineno}: SQL with {word}" for word in FILE_READERS_IN_SQL if word in node.value]
    assert wrong == []


@pytest.mark.parametrize("path", modules_of("dags"), ids=name_of)
def test_a_dag_file_is_short_and_imports_nothing_heavy_when_parsed(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < DAG_FILE_LINES
    heavy = [f"line {line}: {name}" for name, line in imports(nodes_at_import(tree_of(path)), "dags") if name in HEAVY_AT_DAG_PARSING]
    assert heavy == []
