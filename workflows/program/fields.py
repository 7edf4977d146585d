"""Which fields may stand where in a file, and what each is for, from the JSON Schema of the file."""

from __future__ import annotations

from typing import Any, NamedTuple

Path = tuple[str | int, ...]


class Fields(NamedTuple):
    """The fields of one file.

    schema: of the whole file.
    listed_by: the command that prints it, for a cure.
    """

    schema: dict[str, Any]
    listed_by: str

    def at(self, path: Path, value: object) -> list[str]:
        """The names of the fields that may stand at `path` of the file's `value`."""
        return [name for node in self._nodes(path, value) for name in node.get("properties", {})]

    def about(self, path: Path, name: str, value: object) -> str:
        """What the field `name` at `path` is for; empty where the schema does not say."""
        described = (node.get("properties", {}).get(name, {}).get("description") for node in self._nodes(path, value))
        return next((text for text in described if text), "")

    def _nodes(self, path: Path, value: object) -> list[dict[str, Any]]:
        nodes = self._branches(self.schema, value)
        for step in path:
            value = _part(value, step)
            nodes = [found for node in nodes for below in _below(node, step) for found in self._branches(below, value)]
        return nodes

    def _branches(self, node: dict[str, Any], value: object) -> list[dict[str, Any]]:
        """The node itself, or those that it refers to; of several that differ by a tag, the one whose tag the value has."""
        if "$ref" in node:
            return self._branches(self.schema["$defs"][node["$ref"].rsplit("/", 1)[-1]], value)
        tag = node.get("discriminator", {})
        chosen = tag.get("mapping", {}).get(_part(value, tag.get("propertyName", "")))
        if chosen is not None:
            return self._branches({"$ref": chosen}, value)
        options = node.get("anyOf", node.get("oneOf"))
        return [node] if options is None else [found for one in options for found in self._branches(one, value)]


def _part(value: object, step: str | int) -> Any:
    match value:
        case dict():
            return value.get(step)
        case list() if isinstance(step, int) and step < len(value):
            return value[step]
        case _:
            return None


def _below(node: dict[str, Any], step: str | int) -> list[dict[str, Any]]:
    if isinstance(step, int):
        return [node["items"]] if isinstance(node.get("items"), dict) else []
    named = node.get("properties", {}).get(step)
    others = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return [named] if named else [other for other in others if isinstance(other, dict)]
