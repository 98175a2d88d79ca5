"""Enforces what a compiler does not: layers, limits, words.

`python3 tools/tidy [--root DIR] [FILE...]`
Prints one line a finding (file:line: [rule] mend) and exits 1 if there is any. Python's standard
library only; runs in ./dev check and as a test.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from finding import read_tree  # noqa: E402
from rules import findings_of  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("files", nargs="*", help="report only these files")
    options = parser.parse_args()
    tree = read_tree(options.root)
    found = findings_of(tree)
    if options.files:
        found = [f for f in found if f.source.path in options.files]
    for finding in found:
        print(finding)
    print(f"tidy: {len(tree.sources)} files, {len(found)} findings", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
