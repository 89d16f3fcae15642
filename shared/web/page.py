"""An AsyncAPI document as one self-contained HTML page: no script, nothing loaded, nothing to try out. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any, Final

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font:14px/1.45 ui-monospace,monospace;background:#f3f4f6;border-radius:4px;padding:.1em .3em}
pre{padding:1rem;overflow:auto;max-height:32rem}h2{border-top:1px solid #d0d7de;padding-top:1rem}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #d0d7de;padding:.3rem .6rem;text-align:left}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}code,pre{background:#161b22}a{color:#6cb6ff}}
"""


def render(document: Mapping[str, Any]) -> str:
    """The page of an AsyncAPI 3 document made by `shared.contracts.asyncapi`."""
    info = document["info"]
    title = escape(info["title"])
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        f"<h1>{title}</h1><p>{escape(info['description'])}</p>",
        '<p>Machine-readable: <a href="asyncapi.json">asyncapi.json</a></p>',
        _operations(document),
        *(_message(name, message, document) for name, message in document["components"]["messages"].items()),
        "</body></html>",
    ]
    return "\n".join(parts)


def _operations(document: Mapping[str, Any]) -> str:
    rows = []
    for operation in document["operations"].values():
        channel = document["channels"][_last(operation["channel"]["$ref"])]
        messages = ", ".join(_link(_last(ref["$ref"])) for ref in operation["messages"])
        subject = f"<code>{escape(channel['address'])}</code>"
        about = escape(operation["summary"])
        rows.append(f"<tr><td>{operation['action']}</td><td>{subject}</td><td>{messages}</td><td>{about}</td></tr>")
    head = "<tr><th>action</th><th>subject</th><th>message</th><th>what</th></tr>"
    return f"<h2>Subjects</h2><table>{head}{''.join(rows)}</table>"


def _message(name: str, message: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    payload = document["components"]["schemas"][_last(message["payload"]["$ref"])]
    return (
        f'<h2 id="{escape(name)}">{escape(name)}</h2><p>{escape(message["summary"])}</p>'
        f"<h3>Headers</h3>{_json(message['headers'])}<h3>Body</h3>{_json(payload)}"
    )


def _json(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _link(name: str) -> str:
    return f'<a href="#{escape(name)}"><code>{escape(name)}</code></a>'


def _last(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]
