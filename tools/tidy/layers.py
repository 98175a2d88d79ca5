"""The include table (cmake/layers.txt): an include may only point down."""

import re

from finding import Finding

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')

# Headers that cost seconds in each file that includes them: they stay inside a .cpp.
HEAVY = re.compile(r"^(nlohmann/json\.hpp|yaml-cpp/.*|simdjson\.h|CLI/.*|iostream|regex|boost/.*|"
                   r"Eigen/.*|spdlog/.*|gtest/.*)$")


def includes(source):
    for number, line in enumerate(source.lines, 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def check(tree):
    for source in tree.cpp():
        known = source.module in tree.layers
        if source.module and not known:
            yield Finding(source, 1, "layers",
                          f"folder penstock/{source.module} is not in cmake/layers.txt; add its "
                          "line and a record in docs/decisions")
            continue
        for number, bracket, target in includes(source):
            if bracket != '"':
                if target.startswith("penstock/"):
                    yield Finding(source, number, "layers", f'write #include "{target}"')
                continue
            parts = target.split("/")
            if parts[0] not in ("penstock", "tests", "bench", "tools"):
                yield Finding(source, number, "layers",
                              f'"{target}": write the path from the root of the tree, or <...> '
                              "for a library")
                continue
            if parts[0] != "penstock" or not source.module:
                continue
            yield from points_down(tree, source, number, parts)


def points_down(tree, source, number, parts):
    may = tree.layers[source.module]
    if len(parts) == 2:
        # penstock/penstock.h is the public surface; penstock/version.h holds no more than its name
        if parts[1] != "version.h" and "scenario" not in may:
            yield Finding(source, number, "layers",
                          f"{source.module} lies below the public surface; include the header of "
                          f"the module that is meant ({', '.join(sorted(may)) or 'none'})")
        return
    if parts[1] != source.module and parts[1] not in may:
        yield Finding(source, number, "layers",
                      f"{source.module} may not include {parts[1]}, only "
                      f"{', '.join(sorted(may)) or 'nothing'}; move what is shared to a module "
                      "below both, or let the module above pass it in")


def heavy_headers(tree):
    for source in tree.cpp():
        if not source.is_header or source.module is None or source.is_test:
            continue
        for number, _, target in includes(source):
            if HEAVY.match(target):
                yield Finding(source, number, "heavy",
                              f"<{target}> costs every includer seconds; include it in a .cpp "
                              "behind a narrow function, forward-declare here")
