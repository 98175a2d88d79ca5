"""The rules. Each is a function from the tree to findings; RULES lists them with their names.

A finding says where, which rule, and the mend. `// tidy: allow RULE (reason)` on the line or the
one above it lets one place off.
"""

import re

import banned
import layers
import numbers_and_names
from finding import Finding

MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 500
WIDE_SUFFIXES = (".h", ".cpp", ".py", ".cmake")


def width(tree):
    for source in tree.sources:
        if source.suffix not in WIDE_SUFFIXES and source.name not in ("dev", "CMakeLists.txt"):
            continue
        for number, line in enumerate(source.lines, 1):
            # a raw string or a long address cannot be broken
            if len(line) > MAX_COLUMNS and "://" not in line:
                yield Finding(source, number, "width",
                              f"{len(line)} columns; break the line at {MAX_COLUMNS}")


def function_length(tree):
    for source in tree.cpp():
        for function in source.functions:
            first, last = source.line_of(function.opening), source.line_of(function.closing)
            length = last - first + 1
            if length > MAX_FUNCTION_LINES:
                yield Finding(source, source.line_of(function.start), "function",
                              f"{length} lines; split it so that each part has at most "
                              f"{MAX_FUNCTION_LINES} and a name that says what it does")


def file_length(tree):
    for source in tree.sources:
        if source.is_cpp or source.suffix in (".py", ".cmake"):
            length = len(source.lines) - (source.lines[-1] == "")
            if length > MAX_FILE_LINES:
                yield Finding(source, 1, "file",
                              f"{length} lines; split it by noun into files of at most "
                              f"{MAX_FILE_LINES}")


def header_comment(tree):
    for source in tree.cpp():
        if source.is_header and not source.text.startswith("/// "):
            yield Finding(source, 1, "header",
                          "begin the header with a `///` sentence saying what it is")
        elif source.is_test and not source.text.startswith("//"):
            yield Finding(source, 1, "header",
                          "begin the test with a comment: its goal, then its method")


def pragma_once(tree):
    for source in tree.cpp():
        if not source.is_header:
            continue
        code = [(n, line) for n, line in enumerate(source.lines, 1)
                if line.strip() and not line.lstrip().startswith("//")]
        if not code or code[0][1].strip() != "#pragma once":
            yield Finding(source, code[0][0] if code else 1, "pragma",
                          "put `#pragma once` first after the head comment")


def registered(tree):
    pattern = re.compile(r"\bPENSTOCK_REGISTER\s*\(\s*[\w:]+\s*,\s*(\w+)\s*,")
    paths = {source.path for source in tree.sources}
    for source in tree.cpp():
        if source.is_test or not source.module:
            continue
        for match in pattern.finditer(source.code):
            line = source.line_of(match.start())
            if source.lines[line - 1].lstrip().startswith("#"):
                continue
            name = numbers_and_names.snake_case(match.group(1))
            if source.stem != name:
                yield Finding(source, line, "register",
                              f"'{match.group(1)}' registers as '{name}'; name the file {name}.cpp")
            test = source.path[: -len(source.suffix)] + "_test.cpp"
            if test not in paths and not run_by_e2e(tree, source):
                yield Finding(source, line, "register",
                              f"a registered variation needs its test: write {test}")


def run_by_e2e(tree, source):
    """Whether it is a command, and a whole-program test runs it: "catalog", "show"."""
    if source.module != "cli":
        return False
    words = re.compile(r"\W+".join(source.stem.split("_")))
    return any(words.search(test.text) for test in tree.sources
               if test.path.startswith("tests/e2e/"))


def own_header_first(tree):
    paths = {source.path for source in tree.sources}
    include = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
    for source in tree.cpp():
        if source.suffix != ".cpp":
            continue
        own = source.path[:-len(".cpp")] + ".h"
        if own not in paths:
            continue
        for number, line in enumerate(source.lines, 1):
            match = include.match(line)
            if match:
                if match.group(1) != own:
                    yield Finding(source, number, "include",
                                  f'include "{own}" first, so that it compiles alone')
                break


RULES = [
    ("layers", layers.check),
    ("heavy", layers.heavy_headers),
    ("include", own_header_first),
    ("width", width),
    ("function", function_length),
    ("file", file_length),
    ("header", header_comment),
    ("pragma", pragma_once),
    ("register", registered),
    ("banned", banned.identifiers),
    ("unordered", banned.unordered_iteration),
    ("static", banned.mutable_static),
    ("marks", banned.marks),
    ("paths", banned.machine_paths),
    ("copies", banned.copies),
    ("double", numbers_and_names.bare_double),
    ("literal", numbers_and_names.large_literal),
]


def findings_of(tree):
    """All findings that no comment allows, by file and line."""
    found = []
    for name, rule in RULES:
        for finding in rule(tree):
            if not finding.source.allows(name, finding.line):
                found.append(finding)
    return sorted(found, key=lambda f: (f.source.path, f.line, f.rule))
