"""The configurations as Croissant 1.0 (https://docs.mlcommons.org/croissant): JSON-LD.

No clock is asked: the same DATA gives the same bytes. `url`, `creator` and `datePublished`, which
the format recommends, are for whoever publishes it to add.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from transforms.lib.skeleton.shards import MANIFEST
from transforms.lib.skeleton.storage import Storage
from transforms.report.card.front_matter import TAGS, TITLE
from transforms.report.card.hub_licences import spdx_ids
from transforms.report.configs import LoadedConfig
from transforms.report.unchanged import marked

FILE = "croissant.json"
# The context that the specification gives, without which readers warn.
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
LICENCES = "https://spdx.org/licenses/"
OWN_LICENCE = "LicenseRef-"  # how an SPDX id begins that is not in SPDX's list
PARQUET = "application/x-parquet"  # the name that the specification uses
DESCRIPTION = (
    "Training data for code models, made of public Python projects by quire. Each record names its "
    "project, version, file and licence. README.md tells how it was made and what was left out."
)


def croissant(
    data: Storage,
    configs: Sequence[LoadedConfig],
    licences: Iterable[str | None],
    modified: str | None,
) -> str:
    """The text of DATA/croissant.json, with a mark that quire wrote it.

    licences: the SPDX expressions of the rows; modified: the day of the last run, if it is known.
    """
    ids = {spdx_id for expression in licences for spdx_id in spdx_ids(expression)}
    urls = [f"{LICENCES}{i}.html" for i in sorted(ids) if not i.startswith(OWN_LICENCE)]
    values = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": TITLE,
        "description": DESCRIPTION,
        "keywords": TAGS,
        **({"license": urls} if urls else {}),
        **({"dateModified": modified} if modified else {}),
        "distribution": [part for config in configs for part in _distribution(data, config)],
        "recordSet": [_record_set(config) for config in configs],
    }
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    return marked(text, ' "identifier": "{}",', before=len("{\n"))


def _distribution(data: Storage, config: LoadedConfig) -> list[dict[str, Any]]:
    """The manifest of a dataset, with its digest, and the set of the shards that it lists."""
    manifest = f"{config.dataset.name}/{MANIFEST}"
    content = data.read(manifest)
    listed = {
        "@type": "cr:FileObject",
        "@id": f"{config.name}-manifest",
        "name": manifest,
        "description": f"rows, bytes and sha256 of each file of {config.name}",
        "contentUrl": manifest,
        "contentSize": f"{len(content)} B",
        "encodingFormat": "application/json",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    shards = {
        "@type": "cr:FileSet",
        "@id": f"{config.name}-shards",
        "name": f"{config.name}-shards",
        "description": f"the files of {config.name}; {manifest} has the sha256 of each",
        "encodingFormat": PARQUET,
        "includes": config.patterns,
    }
    return [listed, shards]


def _record_set(config: LoadedConfig) -> dict[str, Any]:
    columns = config.dataset.columns
    return {
        "@type": "cr:RecordSet",
        "@id": config.name,
        "name": config.name,
        "description": config.dataset.row,
        "field": [_field(config.name, c, columns[c.name]) for c in config.dataset.schema],
    }


def _field(records: str, column: pa.Field, meaning: str) -> dict[str, Any]:
    """A column as a field; of a struct, or a list of structs, one with a field for each part."""
    kind, repeated = column.type, {}
    if pa.types.is_list(kind):
        kind, repeated = kind.value_type, {"repeated": True}
    name = f"{records}/{column.name}"
    field = {"@type": "cr:Field", "@id": name, "name": name, "description": meaning, **repeated}
    if pa.types.is_struct(kind):
        return field | {"subField": [_part(records, column.name, part) for part in kind]}
    return field | _read(records, column.name, kind)


def _part(records: str, column: str, part: pa.Field) -> dict[str, Any]:
    """A part of a struct as a field."""
    name = f"{records}/{column}/{part.name}"
    field = {"@type": "cr:Field", "@id": name, "name": name}
    return field | _read(records, column, part.type, part.name)


def _read(records: str, column: str, kind: pa.DataType, part: str = "") -> dict[str, Any]:
    """The type of a field, and which column, or which part of its structs, it is read from."""
    source: dict[str, Any] = {
        "fileSet": {"@id": f"{records}-shards"},
        "extract": {"column": column},
    }
    return {
        "dataType": _data_type(kind),
        "source": source | ({"transform": {"jsonPath": part}} if part else {}),
    }


def _data_type(kind: pa.DataType) -> str:
    """The type of schema.org for an Arrow type.

    >>> _data_type(pa.int64()), _data_type(pa.timestamp("us", tz="UTC"))
    ('sc:Integer', 'sc:DateTime')
    """
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    return "sc:DateTime" if pa.types.is_timestamp(kind) else "sc:Text"
