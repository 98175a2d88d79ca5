"""Which files make up the tree."""

import os
import pathlib
import subprocess

# what a build or a run leaves behind (.gitignore), for a tree that came as an archive
LEFT_BEHIND = {"build", "out", ".git", ".cache", "__pycache__", "compile_commands.json"}


def tree_files(root):
    """Relative paths of the files that git tracks or would track, in name order."""
    try:
        output = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, check=True, capture_output=True).stdout
        return sorted({name for name in output.decode().split("\0") if name})
    except (OSError, subprocess.CalledProcessError):
        return walked_files(root)


def walked_files(root):
    """The same without git."""
    names = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in LEFT_BEHIND]
        base = pathlib.Path(folder).relative_to(root)
        names += [(base / name).as_posix() for name in files if name not in LEFT_BEHIND]
    return sorted(names)
