"""The document as a page: no script, no font and no picture from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from service.web.openapi.parts import Schema

STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { font: 0.9em/1.4 ui-monospace, monospace; }
section { border-top: 1px solid #8888; margin-top: 1.5rem; }
h1 small { font-weight: normal; }
h2 { font-size: 1.2rem; }
h3 { font-size: 1rem; margin: 0.5rem 0 0; }
ul { margin: 0.25rem 0; }
td { padding: 0.1rem 1rem 0.1rem 0; vertical-align: top; }
details { margin: 0.25rem 0; }
summary { cursor: pointer; font-weight: bold; }
"""


def drawn(described: Schema) -> str:
    """The whole page."""
    info = described["info"]
    parts = [
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>",
        f"<p>{escape(info['summary'])} {escape(info['description'])}</p>",
        '<p>The same for machines: <a href="/openapi.json">openapi.json</a>.</p>',
    ]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            parts.append(_operation_shown(method, path, operation))
    parts.append("<h2>Shapes</h2>")
    for name, schema in described["components"]["schemas"].items():
        parts.append(f'<details id="{escape(name)}"><summary>{escape(name)}</summary>{_schema_shown(schema)}</details>')
    return _page("Osteon: addresses", "\n".join(parts))


def _page(title: str, content: str) -> str:
    """A whole page; ``content`` is HTML that is already escaped."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs.css"></head>'
        f"<body>{content}</body></html>\n"
    )


def _operation_shown(method: str, path: str, operation: Schema) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{one['in']}</td>"
        f"<td>{escape(one['description'])} {_schema_shown(one['schema'])}</td></tr>"
        for one in operation.get("parameters", [])
    )
    body = operation.get("requestBody", {}).get("content", {})
    taken = "".join(
        f"<li><code>{escape(kind)}</code>: {_schema_shown(content['schema'])}</li>" for kind, content in body.items()
    )
    answers = "".join(
        f"<li><b>{status}</b> {escape(answer['description'])} "
        + " ".join(
            f"<code>{escape(kind)}</code>: {_schema_shown(content['schema'])}"
            for kind, content in answer.get("content", {}).items()
        )
        + "</li>"
        for status, answer in operation["responses"].items()
    )
    return (
        f"<section><h2><code>{method.upper()} {escape(path)}</code></h2>"
        f"<p><b>{escape(operation['summary'])}</b> {escape(operation.get('description', ''))}</p>"
        + _needs_shown(operation["security"])
        + (f"<h3>Parameters</h3><table>{rows}</table>" if rows else "")
        + (f"<h3>Takes</h3><ul>{taken}</ul>" if taken else "")
        + f"<h3>Answers</h3><ul>{answers}</ul></section>"
    )


def _needs_shown(security: Sequence[Mapping[str, Sequence[str]]]) -> str:
    """The credentials of which one is enough, where any is asked for."""
    ways = [
        f"{escape(name)} {' '.join(map(escape, scopes))}".strip() for one in security for name, scopes in one.items()
    ]
    return f"<p>Needs {' or '.join(ways)}.</p>" if ways else ""


def _schema_shown(schema: Schema) -> str:
    """A schema in few words: a link to a shape, the words allowed, or the members of an object."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(word))}</code>" for word in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_schema_shown(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_schema_shown(schema['items'])}"
    if schema.get("properties"):
        required = schema.get("required", [])
        members = "".join(
            f"<li><code>{escape(name)}</code>{'' if name in required else ' (optional)'} {_schema_shown(member)}</li>"
            for name, member in schema["properties"].items()
        )
        return f"<ul>{members}</ul>"
    kind = schema.get("const", schema.get("type", "anything"))
    said = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{escape(said)}. {escape(schema['description'])}" if "description" in schema else escape(said)
