"""Goal: every rule fires on the mistake it is for and keeps quiet on the right way to write it.

Method: a small tree in memory per case; the findings' rule names are compared as a whole.
"""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from files import walked_files  # noqa: E402
from finding import Tree, read_layers  # noqa: E402
from rules import RULES, findings_of  # noqa: E402
from source import Source  # noqa: E402

LAYERS = read_layers("""# comment
base:
compute: base
scenario: base compute
cli: base compute scenario
""")


def found(files):
    """[(line, rule)] of a tree given as {path: text}."""
    tree = Tree([Source(path, text) for path, text in sorted(files.items())], LAYERS)
    return [(finding.line, finding.rule) for finding in findings_of(tree)]


def header(body, path="penstock/base/thing.h"):
    return {path: "/// A thing.\n#pragma once\n" + body}


def code(body, path="penstock/base/thing.cpp"):
    return {path: body}


# rule -> [(files that must give exactly this rule, line)]
MISTAKES = {
    "layers": [
        (code('#include "penstock/compute/x.h"\n'), 1),
        (code('#include "thing.h"\n'), 1),
        (code("#include <penstock/base/x.h>\n"), 1),
        (code("int f();\n", "penstock/unheard/x.cpp"), 1),
        (code('#include "penstock/penstock.h"\n', "penstock/compute/x.cpp"), 1),
    ],
    "heavy": [(header("#include <nlohmann/json.hpp>\n"), 3)],
    "include": [({**header(""), **code('#include <map>\n#include "penstock/base/thing.h"\n')}, 1)],
    "width": [(code("// " + "x" * 98 + "\n"), 1)],
    "function": [(code("int f() {\n" + "  g();\n" * 60 + "}\n"), 1),
                 (code("A::A(int b)\n    : b_{b}, c_(b) {\n" + "  g();\n" * 60 + "}\n"), 1),
                 (code("namespace a {\nclass B {\n  void f() const {\n" + "  g();\n" * 60 +
                       "  }\n};\n}\n"), 3)],
    "file": [(code("int f();\n" * 501), 1)],
    "header": [({"penstock/base/thing.h": "#pragma once\n"}, 1),
               ({"penstock/base/thing_test.cpp": "#include <gtest/gtest.h>\n"}, 1)],
    "pragma": [({"penstock/base/thing.h": "/// A thing.\n#include <map>\n"}, 2)],
    "register": [
        ({**code('PENSTOCK_REGISTER(Router, RoundRobin, "In turn.");\n',
                 "penstock/base/routers/round.cpp"),
          "penstock/base/routers/round_test.cpp": "// Goal.\n"}, 1),
        (code('PENSTOCK_REGISTER(Router, RoundRobin, "In turn.");\n',
              "penstock/base/routers/round_robin.cpp"), 1),
    ],
    "banned": [
        (code("void f() { std::exit(2); }\n"), 1),
        (code("void f() { std::cout << 1; }\n"), 1),
        (code("void f() { printf(1); }\n"), 1),
        (code("auto f() { return std::chrono::steady_clock::now(); }\n"), 1),
        (code("int f() { return rand(); }\n"), 1),
        (code("std::normal_distribution<> f();\n"), 1),
        (code("std::jthread f();\n"), 1),
        (code("void f() { assert(1); }\n"), 1),
        (code("auto f() { return std::stod(s); }\n"), 1),
        (code("auto f() { return new Thing(1); }\n"), 1),
        (code("int gpu_count();\n"), 1),
        (code("int device_count();\n"), 1),
        (code("int kv_block_count();\n"), 1),
        (code("using namespace std;\n", "penstock/cli/main.cpp"), 1),
        (code("auto f() { return getenv(name); }\n"), 1),
    ],
    "unordered": [
        (code("void f(const std::unordered_map<int, std::set<int>>& m) {\n"
              "  for (auto& x : m) g(x);\n}\n"), 2),
        ({**header("class A {\n  std::unordered_set<int> seen_;\n};\n"),
          **code('#include "penstock/base/thing.h"\nauto A::f() { return seen_.begin(); }\n')}, 2),
    ],
    "static": [
        (code("static int count = 0;\n"), 1),
        (code("namespace {\nstd::vector<int> all;\n}\n"), 2),
        (code("int next() {\n  static int n = 0;\n  return ++n;\n}\n"), 2),
        (code("class A {\n  static int count_;\n};\n"), 2),
        (code("thread_local std::string last{};\n"), 1),
    ],
    "marks": [(code("// TODO: later\n"), 1), ({"README.md": "This is not yet implemented.\n"}, 1)],
    "paths": [({"docs/a.md": "see /home/anna/penstock\n"}, 1)],
    "copies": [(code("int f();\n", "penstock/base/thing_v2.cpp"), 1)],
    "double": [
        (header("double duration();\n"), 3),
        (header("void f(int a,\n       double speed);\n"), 4),
        (header("void f(double);\n"), 3),
        (header("struct A {\n  double time = 0;\n};\n"), 4),
        (header("class A {\n public:\n  void f(double& out) { out = 1; }\n};\n"), 5),
        (header("template <class T>\nstruct A {\n  double time;\n};\n"), 5),
    ],
    "literal": [
        (code("int f() { return 5000; }\n"), 1),
        (code("int f(int x) { if (x < kLimit) { x = 5'000; } return x; }\n"), 1),
        (code("constexpr int kLimit = 5000;\n"), 1),
        (code("double f() { return 1e6; }\n"), 1),
        (header("struct A {\n  int64_t budget = 8192;\n};\n"), 4),
    ],
}

CLEAN = {
    "allowed includes": code('#include "penstock/compute/x.h"\n#include "penstock/base/y.h"\n',
                             "penstock/scenario/x.cpp"),
    "the public surface from a door": code('#include "penstock/penstock.h"\n',
                                           "penstock/cli/main.cpp"),
    "the version from anywhere": code('#include "penstock/version.h"\n'),
    "a heavy header in a .cpp": code("#include <nlohmann/json.hpp>\n"),
    "words in comments and strings": code(
        '// exit(1) on a device, 5000 times\nauto f() { return "rand() on 8000 GPUs"; }\n'
        'auto g() { return R"x(static int gpu; " 9000)x"; }\nconstexpr char kQuote = \'"\';\n'),
    "printing in a door": code("void f() { std::cout << 1; std::exit(2); }\n",
                               "penstock/cli/main.cpp"),
    "members named like calls": code("void f() { a.exit(); b->printf(); c.rand_count(); }\n"),
    "deleted functions": code("struct A { A(const A&) = delete; };\n"),
    "constants and functions are no state": code(
        "static const int kA = 1;\nstatic constexpr int kB = 2;\nstatic int f(int x);\n"
        "constexpr int kC = 3;\nnamespace {\nconst std::vector<int> kD = {1, 2};\n"
        "using A = int;\nstruct B {\n  int c = 0;\n};\nenum class E { kA, kB };\n"
        "int g() {\n  static constexpr int kE = 1;\n  int local = 0;\n  return local;\n}\n}\n"
        "extern template class A<int>;\ntemplate <class T> concept C = requires(T t) { t.x; };\n"
        "[[maybe_unused]] static const bool kF = f(1);\n"),
    "ratios and private doubles": header(
        "double busy_fraction();\nvoid f(double load_factor, const std::vector<double>& all);\n"
        "class A {\n public:\n  explicit A(int a) : a_(a) {}\n private:\n  double a_ = 0;\n"
        "  double g(double x);\n};\n"
        "inline int h() {\n  double local = 1;\n  return int(local);\n}\n"
        "inline constexpr double kRate = 0.5;\nstd::pair<double, double> range();\n"),
    "a named, sourced literal": code(
        "// vLLM 0.8, EngineArgs\nconstexpr int kLimit = 8192;\n"
        "constexpr std::array kTable = {\n    1.5, 2000.0,  // Wichura 1988\n    3000.0};\n"
        "constexpr int kMask = 0xFFFF;\nint f() { return 999; }\n"),
    "a field's bounds and a member's sourced default": header(
        "struct A {\n  int64_t budget = 8192;  ///< vLLM 0.8's default\n};\n"
        "void fields(V& v, A& a) {\n  v.optional(a.budget, {.min = 1, .max = 1e9});\n}\n"),
    "a command that a whole-program test runs": {
        **code('PENSTOCK_REGISTER(Command, CatalogShow, "One entry.");\n',
               "penstock/cli/commands/catalog_show.cpp"),
        "tests/e2e/catalog_test.cpp": '// Goal.\nauto a = run({"catalog", "show"});\n'},
    "an ordered walk": code("void f(std::unordered_map<int, int>& m, std::map<int, int>& o) {\n"
                            "  for (auto& x : o) m.find(x.first);\n}\n"),
    "an allowed place": code(
        "// tidy: allow static (filled before main only)\nstatic int count = 0;\n"),
    "a registered variation with its test": {
        **code('PENSTOCK_REGISTER(Router, RoundRobin, "In turn.");\n',
               "penstock/base/routers/round_robin.cpp"),
        "penstock/base/routers/round_robin_test.cpp": "// Goal.\n"},
    "sixty lines": code("int f() {\n" + "  g();\n" * 58 + "}\n"),
    "a test's numbers": code("// Goal.\nint f() { static int n = 70000; return n; }\n",
                             "penstock/base/thing_test.cpp"),
}


class Tidy(unittest.TestCase):
    def test_every_rule_fires(self):
        self.assertEqual(sorted(MISTAKES), sorted(name for name, _ in RULES))
        for rule, cases in MISTAKES.items():
            for files, line in cases:
                with self.subTest(rule=rule, files=files):
                    self.assertEqual(found(files), [(line, rule)])

    def test_the_right_way_is_quiet(self):
        for name, files in CLEAN.items():
            with self.subTest(name):
                self.assertEqual(found(files), [])

    def test_an_allowance_needs_its_reason_and_its_rule(self):
        for comment in ("// tidy: allow static", "// tidy: allow double (reason)"):
            with self.subTest(comment):
                self.assertEqual(found(code(comment + "\nstatic int count = 0;\n")),
                                 [(2, "static")])

    def test_a_tree_without_git_leaves_out_what_a_build_made(self):
        with tempfile.TemporaryDirectory() as scratch:
            root = pathlib.Path(scratch)
            for name in ("a.h", "b/c.cpp", "build/d.cpp", "b/__pycache__/e.pyc"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text("")
            self.assertEqual(walked_files(root), ["a.h", "b/c.cpp"])

    def test_layers_table(self):
        self.assertEqual(LAYERS["base"], set())
        self.assertEqual(LAYERS["scenario"], {"base", "compute"})


if __name__ == "__main__":
    unittest.main()
