"""Identifiers with a better replacement; what makes a result depend on more than its seed."""

import re

from finding import Finding

DOORS = ("cli", "server", "python")

# (pattern, replacement, exempt path prefixes), for code under penstock/ that is no door and no test
BELOW_DOORS = [
    (r"(?<![\w.>:])(?:std::)?(?:exit|_exit|quick_exit|abort)\s*\(",
     "throw InputError for a user's mistake, PENSTOCK_CHECK for our bug; only a door ends the "
     "process", ()),
    (r"\bstd::(?:cout|cerr|clog)\b|\bfmt::print\b"
     r"|(?<![\w.>])(?:std::)?(?:printf|fprintf|puts|fputs|putchar)\s*\(",
     "return a string or a Table; only a door prints", ()),
    (r"\b(?:system_clock|steady_clock|high_resolution_clock|gettimeofday|clock_gettime)\b"
     r"|\bstd::(?:time|clock)\s*\(",
     "take the simulated clock (base/time.h), or a duration from the door", ()),
    (r"\b(?:std::)?(?:s?rand|random_device|mt19937(?:_64)?|default_random_engine|minstd_rand0?)\b",
     "draw from a named stream (base/rng.h)", ()),
    (r"\bstd::\w+_distribution\b",
     "sample with base/rng.h: the standard's distributions differ between libraries", ()),
    (r"\bgetenv\s*\(", "read the environment in the door and pass the value down", ()),
    (r"\bstd::(?:j?thread|async)\b",
     "use parallel_for (base/parallel.h), which keeps results in order",
     ("penstock/base/parallel",)),
]

# for all code under penstock/ but tests
EVERYWHERE = [
    (r"(?<![\w.])assert\s*\(",
     "PENSTOCK_CHECK(condition, \"text {}\", numbers), PENSTOCK_DCHECK in a hot loop", ()),
    (r"\busing\s+namespace\s+std\b", "name what is used", ()),
    (r"\b(?:std::)?(?:ato[ifl]|strto[dfl]|strtoll|sscanf|sto[dfil]|stoll|stoul)\s*\(",
     "std::from_chars: the locale must not change a number", ()),
    (r"\bnew\s+[A-Za-z_:]+\s*[\[({;<]", "std::make_unique or a vector", ()),
    (r"\bdelete\b(?!\s*[;,)])", "let a std::unique_ptr or a vector own it", ()),
    (r"\b(?:malloc|calloc|realloc)\s*\(", "a std::vector or std::unique_ptr", ()),
    (r"\b\w*(?:[gG]pu|GPU|[nN]pu(?!t)|NPU)(?:s|Count|_\w*)?\b", "say accelerator", ()),
    (r"\b(?:\w+_)?devices?(?:_\w+)?\b", "say accelerator", ("penstock/base/rng",)),
    (r"\b\w*kv_?blocks?\w*\b|\bKvBlock\w*\b", "say page: a page of KV cache, never block", ()),
    (r"\bgoto\b", "a function with an early return", ()),
    (r"\bvolatile\b", "std::atomic", ()),
]


def identifiers(tree):
    for source in tree.cpp():
        if not source.path.startswith("penstock/") or source.is_test:
            continue
        rules = EVERYWHERE + ([] if source.module in DOORS else BELOW_DOORS)
        for pattern, mend, exempt in rules:
            if exempt and source.path.startswith(exempt):
                continue
            for match in re.finditer(pattern, source.code):
                line = source.line_of(match.start())
                if source.lines[line - 1].lstrip().startswith("#include"):
                    continue
                word = match.group(0).strip().rstrip("( ")
                yield Finding(source, line, "banned", f"'{word}': {mend}")


UNORDERED = re.compile(r"\b(?:unordered_(?:multi)?(?:map|set)|robin_(?:map|set))\s*<")


def declared_unordered(source):
    """Names of variables of an unordered type declared in the file."""
    names = set()
    for match in UNORDERED.finditer(source.code):
        depth, offset = 1, match.end()
        while depth and offset < len(source.code):
            depth += {"<": 1, ">": -1}.get(source.code[offset], 0)
            offset += 1
        name = re.match(r"\s*&?\s*(\w+)\s*[;={(,)]", source.code[offset:])
        if name:
            names.add(name.group(1))
    return names


def unordered_iteration(tree):
    by_path = {source.path: source for source in tree.sources}
    for source in tree.cpp():
        if not source.module or source.is_test or source.module in DOORS:
            continue
        names = declared_unordered(source)
        header = by_path.get(source.path[: -len(source.suffix)] + ".h")
        if header and header is not source:
            names |= declared_unordered(header)
        for name in sorted(names):
            loop = (rf"\bfor\s*\([^;()]*:\s*(?:\w+(?:\.|->))*{name}\s*\)"
                    rf"|\b{name}\s*\.\s*c?begin\s*\(")
            for match in re.finditer(loop, source.code):
                yield Finding(source, source.line_of(match.start()), "unordered",
                              f"'{name}' has no defined order; iterate a std::map, a sorted copy "
                              "of the keys, or a vector of dense ids")


NOT_VARIABLE = re.compile(
    r"\b(?:const|constexpr|constinit|using|typedef|extern|friend|class|struct|enum|union|template"
    r"|return|concept|static_assert|namespace|operator|requires)\b")
VARIABLE = re.compile(
    r"^(?:(?:inline|static|thread_local)\s+)*[A-Za-z_][\w:<>,\s*&\[\]]*?[\s*&>]"
    r"[A-Za-z_][\w:]*\s*(?:\[[^\]]*\]\s*)*(?:=.*|\{.*)?$", re.DOTALL)
STATIC_LOCAL = re.compile(
    r"\b(?:static|thread_local)\b(?!_)(?!\s+(?:const|constexpr|inline|thread_local)\b)[^;{}]*")


def mutable_static(tree):
    mend = ("state that outlives a run makes runs depend on each other; hold it in an object that "
            "the caller owns, or make it constexpr")
    for source in tree.cpp():
        if not source.path.startswith("penstock/") or source.is_test:
            continue
        for statement in source.statements:
            text = re.sub(r"\[\[.*?\]\]\s*", "", statement.text)
            if statement.scope == "type" and not re.match(r"(inline\s+)?static\b", text):
                continue
            declarator = text.split("=")[0].split("{")[0]
            if not NOT_VARIABLE.search(declarator) and VARIABLE.match(text):
                yield Finding(source, source.line_of(statement.start), "static", mend)
        for function in source.functions:
            body = source.code[function.opening: function.closing]
            for match in STATIC_LOCAL.finditer(body):
                yield Finding(source, source.line_of(function.opening + match.start()), "static",
                              mend)


def lines_matching(tree, pattern):
    """Matches in every file but tidy's own, which has to name what it forbids."""
    for source in tree.sources:
        if source.path.startswith("tools/tidy/"):
            continue
        for number, line in enumerate(source.lines, 1):
            for match in pattern.finditer(line):
                yield source, number, match.group(0)


def marks(tree):
    """Unfinished business is an issue, not a mark in the source."""
    pattern = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|\b[Nn]ot (?:yet )?implemented\b"
                         r"|\b[Tt]o be implemented\b")
    for source, number, text in lines_matching(tree, pattern):
        yield Finding(source, number, "marks",
                      f"'{text}': finish it, or say in a sentence what the code does not do")


def machine_paths(tree):
    pattern = re.compile(r"(?<![\w.$}])/(?:home|root|work|Users)/[\w.-]+")
    for source, number, text in lines_matching(tree, pattern):
        yield Finding(source, number, "paths",
                      f"'{text}' exists on one machine; write it relative to the tree")


def copies(tree):
    pattern = re.compile(r"_(?:new|old|orig|copy|backup|v\d+)$")
    for source in tree.sources:
        if source.is_cpp and pattern.search(source.stem):
            yield Finding(source, 1, "copies",
                          "replace the old file, or do not merge the new one")
