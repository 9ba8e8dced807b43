"""YAML whose scalars are texts: in a CI configuration 3.10 is a version, and no number."""

from typing import Any

import yaml

MAX_CHARACTERS = 128 * 1024  # of one configuration; the largest of 120 real ones has 20,000
MAX_NODES = 30_000  # of one configuration: anchors make many of few
TYPED = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}


class UnreadableConfiguration(Exception):
    """A configuration that is not what its name says; the text says why, in one line."""


class _TextLoader(yaml.SafeLoader):
    """Resolves nothing but null and merge keys, and reads no more than MAX_NODES."""

    nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """The next node; raises UnreadableConfiguration if there were too many."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise UnreadableConfiguration(f"over {MAX_NODES} values")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in TYPED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_texts(text: str) -> Any:
    """The value of a YAML text: mappings, lists, strings and None.

    Raises UnreadableConfiguration.

    >>> load_texts("python: [3.10, 3.9-dev]\\nenv:\\nfast: true")
    {'python': ['3.10', '3.9-dev'], 'env': None, 'fast': 'true'}
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableConfiguration(f"over {MAX_CHARACTERS} characters")
    try:
        value = yaml.load(text, _TextLoader)
        if _size(value, {}) > MAX_NODES:
            raise UnreadableConfiguration(f"over {MAX_NODES} values, by its anchors")
        return value
    except RecursionError as error:
        raise UnreadableConfiguration("nested too deeply") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise UnreadableConfiguration(" ".join(str(error).split())[:200]) from error


def _size(value: Any, known: dict[int, int]) -> int:
    """How many values there are if each is written out; more than MAX_NODES if one holds itself."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = MAX_NODES  # until it is known: it is inside of itself
        inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(each, known) for each in inner)
    return known[id(value)]


def as_list(value: Any) -> list[Any]:
    """The elements of a list; a scalar or mapping as a list of itself; none for None."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def as_mapping(value: Any) -> dict[str, Any]:
    """The mapping with its keys as texts; empty for anything else."""
    return {str(key): each for key, each in value.items()} if isinstance(value, dict) else {}


def as_texts(value: Any) -> list[str]:
    """The texts of a scalar or of a list; nested lists are flattened once."""
    texts: list[str] = []
    for each in as_list(value):
        texts += [str(inner) for inner in as_list(each) if isinstance(inner, str)]
    return texts
