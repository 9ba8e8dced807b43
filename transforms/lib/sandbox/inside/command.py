"""The role that runs a command in a copy of a project's tree."""

import os

from transforms.lib.sandbox.codec import decode
from transforms.lib.sandbox.inside.program import INPUT, OUTPUT, RESULTS, read_order

COPY_FOLDER = "project"
COPY_BYTES = 1 << 20  # at a time


def command() -> None:
    """Copy the tree, so that no run changes it for the next one, then become the command."""
    arguments, variables, tree = decode(read_order()[0])
    if tree:
        copy_tree(tree, COPY_FOLDER)
    else:
        os.mkdir(COPY_FOLDER)
    os.chdir(COPY_FOLDER)
    for descriptor, standard in ((INPUT, 0), (OUTPUT, 1), (OUTPUT, 2)):
        os.dup2(descriptor, standard)
    for descriptor in (INPUT, OUTPUT, RESULTS):
        os.set_inheritable(descriptor, False)
    own = {"HOME": os.environ["HOME"], "TMPDIR": os.environ["TMPDIR"], "PWD": os.getcwd()}
    os.execvpe(arguments[0], arguments, own | variables)


def copy_tree(source: str, target: str) -> None:
    """Copy files with their modes, folders, and links as links; other kinds are left out."""
    os.umask(0)
    pending = [(source, target)]
    while pending:
        source, target = pending.pop()
        os.mkdir(target, 0o755)
        with os.scandir(source) as entries:
            for entry in entries:
                copy = os.path.join(target, entry.name)
                if entry.is_symlink():
                    os.symlink(os.readlink(entry.path), copy)
                elif entry.is_dir():
                    pending.append((entry.path, copy))
                elif entry.is_file():
                    copy_file(entry.path, copy, entry.stat().st_mode & 0o777)
    os.umask(0o022)


def copy_file(source: str, target: str, mode: int) -> None:
    """Copy the content of a file into a new one with this mode."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(source, "rb") as content, open(descriptor, "wb") as copy:
        while block := content.read(COPY_BYTES):
            copy.write(block)
