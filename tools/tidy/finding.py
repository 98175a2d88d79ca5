"""A finding, and the tree that rules read."""

from files import tree_files
from source import Source

BINARY_SUFFIXES = (".png", ".jpg", ".gz", ".woff2", ".ico", ".pdf")


class Finding:
    """Where, which rule, and what mends it."""

    def __init__(self, source, line, rule, mend):
        self.source, self.line, self.rule, self.mend = source, line, rule, mend

    def __str__(self):
        return f"{self.source.path}:{self.line}: [{self.rule}] {self.mend}"


class Tree:
    """All sources, and the include table: module -> set of modules it may include."""

    def __init__(self, sources, layers):
        self.sources = sources
        self.layers = layers

    def cpp(self):
        return [source for source in self.sources if source.is_cpp]


def read_layers(text):
    """Parses cmake/layers.txt, the table that the build reads too."""
    table = {}
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            module, below = line.split(":")
            table[module.strip()] = set(below.split())
    return table


def read_tree(root):
    sources = []
    for path in tree_files(root):
        file = root / path
        if not file.is_file() or file.is_symlink() or path.endswith(BINARY_SUFFIXES):
            continue
        # a fuzz corpus is wrong on purpose
        if path.startswith("tests/fuzz/corpus/"):
            continue
        sources.append(Source(path, file.read_text(encoding="utf-8", errors="replace")))
    return Tree(sources, read_layers((root / "cmake" / "layers.txt").read_text()))
