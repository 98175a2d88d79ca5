"""Numbers carry their unit in the type, and their source in a comment."""

import re

from finding import Finding

RATIO = re.compile(r"(?:^|_)(?:fraction|ratio|factor)$")
DOUBLE = re.compile(r"\bdouble\b\s*(?:const\b\s*)?[&*]*\s*(\w*)")
# where quantities, the clock and checks are made out of numbers
NUMBER_HEADERS = ("penstock/base/units.h", "penstock/base/time.h", "penstock/base/check.h")
LITERAL_EXEMPT = ("penstock/base/units.h", "penstock/base/time.h", "penstock/base/unit_text.cpp")
MAX_PLAIN_LITERAL = 1000.0
# how far above a constant its source may stand: a table of coefficients has one comment
COMMENT_REACH = 8


def snake_case(camel):
    return re.sub(r"(?<=.)([A-Z])", r"_\1", camel).lower()


def bare_double(tree):
    for source in tree.cpp():
        if not source.is_header or source.is_test or source.path in NUMBER_HEADERS:
            continue
        if not source.path.startswith("penstock/"):
            continue
        heads = [(f.head, f.start) for f in source.functions if f.public]
        heads += [(s.text, s.start) for s in source.statements if s.public]
        for text, start in heads:
            if text.startswith(("using ", "friend ", "static_assert")):
                continue
            for match in DOUBLE.finditer(text):
                if not is_bare(text, match):
                    continue
                yield Finding(source, source.line_of(start + match.start()), "double",
                              f"double {match.group(1) or '(unnamed)'}: use a quantity of "
                              "base/units.h, or end the name in _fraction, _ratio or _factor if "
                              "it is a pure ratio")


def is_bare(text, match):
    """Whether the double at the match declares a name that promises no ratio."""
    name = match.group(1)
    if name:
        return not (name == "operator" or RATIO.search(name) or re.match(r"k[A-Z]", name))
    # without a name it is a parameter, or an argument of a template, which is another type
    before, after = text[: match.start()].rstrip()[-1:], text[match.end():].lstrip()[:1]
    return before in "(," and after in ")," and "<" not in text[: match.start()]


NUMBER = re.compile(r"(?<![\w.'])(\d[\d']*\.?[\d']*(?:[eE][+-]?\d+)?)(?!x)")
CONSTANT_NAME = re.compile(r"\bk[A-Z]\w*(?:\s*\[[^\]]*\])?\s*(?:=(?!=)|\{)")


def naming_constant(code, offset):
    """Offset of the kName whose initialiser holds the literal at offset, or None."""
    begin = code.rfind(";", 0, offset) + 1
    last = None
    for match in CONSTANT_NAME.finditer(code, begin, offset):
        between = code[match.end(): offset]
        opened = between.count("{") + match.group(0).endswith("{")
        if between.count("}") <= opened:
            last = match.start()
    return last


def large_literal(tree):
    for source in tree.cpp():
        if not source.path.startswith("penstock/") or source.is_test:
            continue
        if source.path in LITERAL_EXEMPT:
            continue
        for match in NUMBER.finditer(source.code):
            if float(match.group(1).replace("'", "")) < MAX_PLAIN_LITERAL:
                continue
            line = source.line_of(match.start())
            constant = naming_constant(source.code, match.start())
            if constant is None and is_bound_or_default(source, match.start()):
                continue
            if constant is None:
                yield Finding(source, line, "literal",
                              f"{match.group(1)}: name it (constexpr ... kSomething) with its "
                              "source in a comment, write it as a quantity, or move it to data/")
            elif not has_comment(source, source.line_of(constant), line):
                yield Finding(source, line, "literal",
                              f"{match.group(1)}: say in a comment where the number comes from")


def is_bound_or_default(source, offset):
    """Whether the literal bounds a field (.max = 1e9), or is a member's default with a comment."""
    before = source.code[max(0, offset - 200): offset]
    if re.search(r"\.(?:min|max)\s*=\s*-?$", before):
        return True
    statement = re.split(r"[;{}]", before)[-1]
    line = source.line_of(offset)
    return (re.search(r"^\s*[\w:<>]+\s+\w+\s*=\s*$", statement) is not None
            and any(s.scope == "type" and s.start <= offset <= s.start + len(s.text)
                    for s in source.statements)
            and source.comment_near(line))


def has_comment(source, first, last):
    """Whether a comment stands between a little above the first line and the last."""
    return any("//" in line for line in source.lines[max(0, first - 1 - COMMENT_REACH): last])
