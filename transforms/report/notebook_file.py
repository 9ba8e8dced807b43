"""The file of the notebook: in DATA, or elsewhere."""

from collections.abc import Mapping

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage, absolute
from transforms.report.notebook import FILE, notebook
from transforms.report.unchanged import marked, refuse_edited


def write_notebook(
    data: Storage, queries: Mapping[str, str], file: str | None, *, overwrite: bool = False
) -> str:
    """Write the notebook, to DATA/notebook.py if `file` is None; returns its path.

    Raises UsageError if DATA is a URL, as nobody could open a notebook there; and if there is a
    file that is not as quire wrote it, unless `overwrite`.
    """
    if file is None and not data.local:
        raise UsageError(f"{data.path()}: name a file on this machine: --notebook FILE")
    folder, _, name = absolute(file or data.path(FILE)).rpartition("/")
    place = Storage(folder or "/")
    if not overwrite:
        refuse_edited(place, name)
    text = notebook(queries, None if file is None else data.path())
    place.put(name, marked(text, "# {}").encode())
    return place.path(name)
