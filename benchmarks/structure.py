"""Measures how the house is built: rooms, imports, inheritance, options, words. Nothing of the project is run.

    python benchmarks/structure.py                      the tree as it stands
    python benchmarks/structure.py --before REVISION    and that of an earlier commit beside it

A room is a file or folder at the top of `textsynth/`; an arrow is a pair of rooms one of which imports the other.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import subprocess
import tarfile
import tempfile
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "textsynth"
DRAFT = {
    "rooms": "31",
    "arrows between rooms": "181",
    "rooms that a recipe enters": "12",
    "arrows between networks and pretrained": "0",
}
"""What the draft of the layout was drawn with."""

_IRREGULAR = frozenset(
    "told found made written kept held drawn known learnt left shown given taken sent chosen said begun bound grown "
    "hidden spelt spent met understood".split()
)
_NOT_PARTICIPLES = frozenset("need feed seed speed embed".split())


@dataclass
class Module:
    """One file.

    Args:
        name: dotted.
        tree: its syntax.
        source: its text.
        imported: what each name that it imports stands for: a module, or `module:name`.
        functions: its own functions and methods by name; `Class.method` too.
    """

    name: str
    tree: ast.Module
    source: str
    imported: dict[str, str] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)


Tree = dict[str, Module]


def read_tree(folder: Path) -> Tree:
    modules: Tree = {}
    for path in sorted((folder / PACKAGE).rglob("*.py")):
        if path.name == "__main__.py":  # The command line by another name.
            continue
        parts = list(path.relative_to(folder).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        source = path.read_text(encoding="utf-8")
        modules[name] = Module(name, ast.parse(source), source)
    for module in modules.values():
        _read_names(module, modules)
    return modules


def _read_names(module: Module, modules: Tree) -> None:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            for each in node.names:
                full = f"{node.module}.{each.name}"
                module.imported[each.asname or each.name] = full if full in modules else f"{node.module}:{each.name}"
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    module.functions[f"{node.name}.{inner.name}"] = inner
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef):
            module.functions[node.name] = node


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def imports(modules: Tree) -> set[tuple[str, str]]:
    """Returns the pairs of modules one of which imports the other, imports inside of functions included."""
    return {
        (module.name, target.partition(":")[0])
        for module in modules.values()
        if module.name != PACKAGE  # The face of the package hands names on.
        for target in module.imported.values()
        if target.partition(":")[0] in modules
    }


def arrows(modules: Tree) -> set[tuple[str, str]]:
    pairs = {(room_of(one), room_of(other)) for one, other in imports(modules)}
    return {(one, other) for one, other in pairs if one != other}


def circles(modules: Tree) -> list[list[str]]:
    """Returns the groups of modules that import each other in a loop."""
    graph: dict[str, set[str]] = defaultdict(set)
    for one, other in imports(modules):
        if other != PACKAGE and one != other:
            graph[one].add(other)
    reached = {node: _reached(graph, node) for node in list(graph)}
    groups = {
        tuple(sorted({node, *(other for other in reached[node] if node in reached.get(other, ()))}))
        for node in reached
        if node in reached[node]
    }
    return [list(group) for group in sorted(groups)]


def _reached(graph: dict[str, set[str]], node: str) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def rooms_of_a_recipe(modules: Tree) -> set[str]:
    """Returns the rooms that a recipe, or what is taken from it, is handed to, from `run` on, by the calls' own names.

    Calls of methods are not followed, since which method it is shows only when the program runs.
    """
    start = next(name for name in (f"{PACKAGE}.runs.run", f"{PACKAGE}.run") if name in modules)
    seen: set[tuple[str, str, str]] = set()
    waiting = [(start, "run", "recipe")]
    while waiting:
        call = waiting.pop()
        if call not in seen:
            seen.add(call)
            waiting += _handed_on(modules, *call)
    return {room_of(module) for module, _, _ in seen}


def _handed_on(modules: Tree, module: str, function: str, parameter: str) -> Iterator[tuple[str, str, str]]:
    node = modules[module].functions[function]
    held = {parameter}
    for _ in range(3):  # What is assigned later may be used earlier, in a loop.
        for inner in ast.walk(node):
            if isinstance(inner, ast.Assign) and _names(inner.value) & held:
                held |= set().union(*(_names(target) for target in inner.targets))
            elif isinstance(inner, ast.comprehension | ast.For) and _names(inner.iter) & held:
                held |= _names(inner.target)
            elif isinstance(inner, ast.withitem) and inner.optional_vars and _names(inner.context_expr) & held:
                held |= _names(inner.optional_vars)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            yield from _entered(modules, module, inner, held)


def _entered(modules: Tree, module: str, call: ast.Call, held: set[str]) -> Iterator[tuple[str, str, str]]:
    target = _target(modules, module, call.func)
    if target is None:
        return
    arguments = modules[target[0]].functions[target[1]].args
    names = [each.arg for each in [*arguments.posonlyargs, *arguments.args] if each.arg not in ("self", "cls")]
    for name, value in zip(names, call.args, strict=False):
        if _names(value) & held:
            yield (*target, name)
    for keyword in call.keywords:
        if keyword.arg and _names(keyword.value) & held:
            yield (*target, keyword.arg)


def _target(modules: Tree, module: str, called: ast.expr) -> tuple[str, str] | None:
    """Returns the function that a call names, through the faces of packages too."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        home = modules[module].imported.get(called.value.id, "")
        target = f"{home}:{called.attr}" if home in modules else ""
    else:
        name = called.id if isinstance(called, ast.Name) else ""
        target = modules[module].imported.get(name, f"{module}:{name}")
    for _ in range(3):
        home, _, name = target.partition(":")
        if home in modules and name in modules[home].functions:
            return home, name
        target = modules[home].imported.get(name, "") if home in modules else ""
    return None


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def classes(modules: Tree) -> dict[str, ast.ClassDef]:
    """Returns every class as `module:Class`: several modules have one of the same bare name."""
    return {
        f"{module.name}:{node.name}": node
        for module in modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }


def bases(modules: Tree) -> dict[str, list[str]]:
    """Returns the bases of each class that are classes of the package."""
    nodes = classes(modules)
    found = {name: [_find_class(modules, name, _bare(base)) for base in node.bases] for name, node in nodes.items()}
    return {name: [base for base in own if base in nodes and base != name] for name, own in found.items()}


def _find_class(modules: Tree, owner: str, base: str) -> str:
    """Returns the class that a base of another names, through the faces of packages too."""
    target = f"{owner.partition(':')[0]}:{base}"
    while (home := modules.get(target.partition(":")[0])) and target.partition(":")[2] in home.imported:
        target = home.imported[target.partition(":")[2]]
    return target


def _shorten(name: str) -> str:
    return name.partition(":")[2]


def _bare(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _bare(node.value)
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def deepest(modules: Tree) -> list[str]:
    """Returns the longest chain of classes each of which inherits from the next."""
    own = bases(modules)

    def chain(name: str) -> list[str]:
        return [name, *max((chain(base) for base in own[name]), key=len, default=[])]

    return [_shorten(name) for name in max((chain(name) for name in own), key=len)]


def options(modules: Tree) -> tuple[int, str]:
    """Returns the most options that one component has of its own and of its bases, tables counted as one."""
    own = bases(modules)
    fields = {
        name: {
            each.target.id
            for each in node.body
            if isinstance(each, ast.AnnAssign) and "ClassVar" not in ast.unparse(each.annotation)
        }
        for name, node in classes(modules).items()
    }

    def every(name: str) -> set[str]:
        return fields[name].union(*(every(base) for base in own[name]))

    def is_component(name: str) -> bool:
        return _shorten(name) == "Component" or any(is_component(base) for base in own[name])

    return max((len(every(name)), _shorten(name)) for name in own if is_component(name))


def comments_a_hundred_lines(modules: Tree) -> float:
    lines = sum(module.source.count("\n") for module in modules.values())
    comments = sum(
        token.type == tokenize.COMMENT and not re.match(r"# (type:|noqa)", token.string)
        for module in modules.values()
        for token in tokenize.generate_tokens(io.StringIO(module.source).readline)
    )
    return 100 * comments / lines


def participles(modules: Tree) -> list[str]:
    """Returns the functions that are named by what was done rather than by what they do."""
    found = []
    for module in modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
                first = node.name.strip("_").split("_")[0]
                if (first.endswith("ed") and first not in _NOT_PARTICIPLES) or first in _IRREGULAR:
                    found.append(f"{module.name}:{node.name}")
    return found


def words(modules: Tree) -> tuple[int, int]:
    """Counts "where" and "if" or "when" in docstrings."""
    texts = [
        ast.get_docstring(node) or ""
        for module in modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    ]
    joined = " ".join(texts).lower()
    return len(re.findall(r"\bwhere\b", joined)), len(re.findall(r"\b(?:if|when)\b", joined))


def measure(folder: Path) -> dict[str, str]:
    modules = read_tree(folder)
    rooms = {room_of(name) for name in modules if name != PACKAGE}
    between = [pair for pair in arrows(modules) if set(pair) in ({"networks", "pretrained"}, {"models", "pretrained"})]
    chain, (most, component), (where, when) = deepest(modules), options(modules), words(modules)
    participle = participles(modules)
    return {
        "rooms": str(len(rooms)),
        "arrows between rooms": str(len(arrows(modules))),
        "rooms that a recipe enters": str(len(rooms_of_a_recipe(modules))),
        "arrows between networks and pretrained": str(len(between)),
        "circles of imports": ", ".join(f"one of {len(each)} files" for each in circles(modules)) or "none",
        "deepest inheritance": f"{len(chain)} ({' < '.join(reversed(chain))})",
        "most options of a component": f"{most} ({component})",
        "comments a hundred lines": f"{comments_a_hundred_lines(modules):.2f}",
        "functions named by participles": str(len(participle)),
        '"where" : "if" or "when" in docstrings': f"{where} : {when}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", metavar="REVISION", help="an earlier commit to measure too")
    before = parser.parse_args().before
    columns = {"now": measure(ROOT), "draft": DRAFT}
    if before:
        with tempfile.TemporaryDirectory() as folder:
            archive = subprocess.run(["git", "archive", before, PACKAGE], cwd=ROOT, capture_output=True, check=True)
            with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
                tar.extractall(folder, filter="data")
            columns = {"before": measure(Path(folder)), **columns}
    for name in columns["now"]:
        shown = "; ".join(f"{column} {values[name]}" for column, values in columns.items() if name in values)
        print(f"{name}: {shown}")


if __name__ == "__main__":
    main()
