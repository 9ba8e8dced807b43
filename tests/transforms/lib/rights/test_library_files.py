"""Functions of a library that has opted out, as the tests of other projects called them."""

from pathlib import Path

from tests.support.tiny_wheels import wheel
from tests.transforms.lib.rights.test_known_rows import put
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.rights.library_files import with_libraries
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.skeleton.storage import Storage


def test_files_of_a_listed_distribution(tmp_path: Path) -> None:
    data = Storage(str(tmp_path))
    store = ArchiveStore(data)
    library = {"lib/a.py": b"x = 1\n", "own.py": b"", "lib/never_called.py": b""}
    wheels = {
        "My_Lib": store.put(wheel("my_lib", "1.0", library)),
        "other": store.put(wheel("other", "1.0", {"other.py": b""})),
        "gone": "0" * 64,
        "damaged": store.put(b"no zip"),
    }
    project = {"repo": "octo/cat", "commit": "1"}
    lock = [{"name": name, "sha256": sha256} for name, sha256 in wheels.items()]
    put(data, "environments", project | {"lock": lock}, {"repo": "without"})
    called = {"lib/a.py": True, "own.py": False, "other.py": True}
    calls = [project | {"path": path, "is_library": lib} for path, lib in called.items()]
    put(data, "calls", *calls, {"repo": "without", "path": "lib/a.py", "is_library": True})
    for entries in (["my-lib", "gone", "damaged"], [wheels["My_Lib"], "nobody/"]):
        meant = with_libraries(data, OptOuts.of(entries))
        assert [meant.entry(project | {"path": path}) for path in called] == [
            entries[0],
            None,
            None,
        ]
        assert not meant.entry({"repo": "without", "path": "lib/a.py"})
    assert with_libraries(data, OptOuts.of(["nobody/"])).found == {}
