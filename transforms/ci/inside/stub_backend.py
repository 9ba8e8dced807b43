"""Builds a wheel without modules: the metadata of a project that is tested from its tree.

So `importlib.metadata` knows its name and version, though its own back end could not build it.
"""

import json
import os
import zipfile

PLACE = os.path.dirname(os.path.abspath(__file__))


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the wheel of `stub.json`; returns its file name (PEP 517)."""
    with open(os.path.join(PLACE, "stub.json")) as file:
        stub = json.load(file)
    stem = "{name}-{version}".format(**stub)
    texts = {
        "METADATA": "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".format(**stub),
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    filename = stem + "-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, filename), "w") as archive:
        for name, text in texts.items():
            archive.writestr(stem + ".dist-info/" + name, text)
    return filename
