"""One source file as the rules see it: text, code without comments and strings, scopes, functions.

A small scanner, not a compiler: it knows comments, literals, preprocessor lines and braces. That is
enough for every rule here and keeps a run over the whole tree near a second.
"""

import bisect
import pathlib
import re

ALLOW = re.compile(r"tidy: allow ([a-z]+) \(([^)]+)\)")


class Function:
    """A function definition: where its head begins, where its body opens and closes."""

    def __init__(self, head, start, opening, public):
        self.head = head
        self.start = start
        self.opening = opening
        self.closing = opening
        self.public = public


class Statement:
    """A declaration at namespace or class level, without its semicolon."""

    def __init__(self, text, start, scope, public):
        self.text = text
        self.start = start
        self.scope = scope  # "namespace" or "type"
        self.public = public


class Scope:
    def __init__(self, kind, access="public", function=None):
        self.kind = kind  # namespace, type, enum, function, braces
        self.access = access
        self.function = function


class Source:
    """path is relative to the root of the tree, with forward slashes."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        pure = pathlib.PurePosixPath(path)
        self.name, self.stem, self.suffix = pure.name, pure.stem, pure.suffix
        parts = pure.parts
        self.module = parts[1] if parts[0] == "penstock" and len(parts) > 2 else None
        self.is_cpp = self.suffix in (".h", ".cpp")
        self.is_header = self.suffix == ".h"
        self.is_test = parts[0] == "tests" or self.stem.endswith(("_test", "_test_support"))
        self.functions = []
        self.statements = []
        self.code = ""
        if self.is_cpp:
            self.code = blank(text)
            scan_scopes(self, blank_preprocessor(self.code))

    def line_of(self, offset):
        """1-based line of a character offset."""
        return bisect.bisect_right(self._starts, offset)

    def comment_near(self, line):
        """Whether the line or the one above it carries a comment."""
        return any("//" in self.lines[i - 1] for i in (line, line - 1) if 0 < i <= len(self.lines))

    def allows(self, rule, line):
        """Whether `// tidy: allow RULE (reason)` stands on the line or the one above it."""
        for i in (line, line - 1):
            if 0 < i <= len(self.lines):
                match = ALLOW.search(self.lines[i - 1])
                if match and match.group(1) == rule:
                    return True
        return False


TOKEN = re.compile(
    r"""//[^\n]*(?:\\\n[^\n]*)*                       # line comment
      | /\*.*?\*/                                     # block comment
      | (?:u8|[uUL])?R"(?P<d>[^()\\\s]{0,16})\(.*?\)(?P=d)"  # raw string
      | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"              # string
      | (?<![0-9A-Fa-f_])'(?:\\.|[^'\\\n])+'          # character, not a digit separator
    """,
    re.VERBOSE | re.DOTALL,
)


def blank(text):
    """The text with comments, strings and characters turned into spaces; offsets stay the same."""

    def spaces(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    return TOKEN.sub(spaces, text)


def blank_preprocessor(code):
    """Code without preprocessor lines and their continuations."""
    out = []
    continued = False
    for line in code.split("\n"):
        directive = continued or line.lstrip().startswith("#")
        continued = directive and line.rstrip().endswith("\\")
        out.append(" " * len(line) if directive else line)
    return "\n".join(out)


TYPE_HEAD = re.compile(r"^(template\s*<.*>\s*)?((typedef|static|inline|constexpr|const)\s+)*"
                       r"(?P<keyword>class|struct|union)\b", re.DOTALL)
CONSTRUCTOR_LIST = re.compile(r"\)[\w\s]*(?<!:):(?!:).*[\w>]\s*$", re.DOTALL)


def classify(head):
    """What kind of brace follows the head, at namespace or class level."""
    if re.search(r"\bnamespace\b", head) or head == "extern":
        return "namespace"
    if re.match(r"^(typedef\s+)?enum\b", head):
        return "enum"
    bare = re.sub(r"\b(alignas|__attribute__|decltype|requires)\s*\([^()]*\)|\[\[.*?\]\]", "", head)
    before_bases = re.split(r"(?<!:):(?!:)", bare, maxsplit=1)[0]
    if TYPE_HEAD.match(bare) and "(" not in before_bases:
        return "type"
    plain = re.sub(r"operator\s*\S+\s*\(|\([^()]*\)", "", head)
    if re.search(r"(?<![=!<>+\-*/%&|^])=(?!=)", plain):
        return "braces"
    if "(" not in head or CONSTRUCTOR_LIST.search(bare):
        return "braces"
    return "function"


def open_brace(source, code, stack, head_start, offset):
    """Pushes the scope that opens at offset; returns whether the head is used up."""
    current = stack[-1]
    if current.kind in ("function", "braces", "enum"):
        stack.append(Scope("braces"))
        return False
    raw = code[head_start:offset]
    head = raw.strip()
    kind = classify(head)
    public = current.access == "public"
    start = head_start + len(raw) - len(raw.lstrip())
    if kind == "function":
        function = Function(head, start, offset, public)
        source.functions.append(function)
        stack.append(Scope("function", function=function))
    elif kind == "type":
        keyword = TYPE_HEAD.match(re.sub(r"\[\[.*?\]\]", "", head))
        access = "private" if keyword and keyword.group("keyword") == "class" else "public"
        stack.append(Scope("type", access if public else "closed"))
    elif kind == "namespace":
        stack.append(Scope("namespace", "public" if re.search(r"\w$", head) and
                           head != "namespace" else "closed"))
    else:
        stack.append(Scope(kind))
    return kind in ("function", "type", "namespace")


def scan_scopes(source, code):
    """Fills source.functions and source.statements."""
    stack = [Scope("namespace")]
    head_start = 0
    depth = 0  # of parentheses, where braces are only initialisers
    for match in re.finditer(r"[{}();]|\b(public|private|protected)\s*:(?!:)", code):
        token, offset = match.group(0), match.start()
        top = stack[-1]
        outer = top.kind in ("namespace", "type")
        if token == "(":
            depth += outer
        elif token == ")":
            depth -= outer and depth > 0
        elif token == "{":
            if outer and depth > 0:
                stack.append(Scope("braces"))
            elif open_brace(source, code, stack, head_start, offset):
                head_start = match.end()
        elif token == "}":
            if len(stack) > 1:
                stack.pop()
            if top.function:
                top.function.closing = offset
            if top.kind != "braces" and top.kind != "enum":
                head_start = match.end()
        elif token == ";":
            if outer and depth == 0:
                raw = code[head_start:offset]
                start = head_start + len(raw) - len(raw.lstrip())
                if raw.strip():
                    source.statements.append(
                        Statement(raw.strip(), start, top.kind, top.access == "public"))
                head_start = match.end()
        elif top.kind == "type":
            if top.access != "closed":
                top.access = match.group(1)
            head_start = match.end()
