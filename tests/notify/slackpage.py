"""Draws Block Kit messages as an HTML page, roughly as Slack shows them: to be looked at, not a test by itself.

python -m tests.notify.slackpage message.json… > page.html
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

_STYLE = """
body{background:#fff;font:15px/1.46 Lato,"DejaVu Sans",sans-serif;color:#1d1c1d;padding:16px;width:680px}
.msg{border-bottom:1px solid #ddd;padding:12px 0 16px}
.reply{margin-left:40px;border-left:3px solid #ddd;padding-left:12px}
.who{font-weight:bold;margin-bottom:4px}
.tag{background:#ddd;border-radius:3px;font-size:10px;padding:0 4px;margin-left:6px}
h1{font-size:18px;margin:6px 0}
.section{margin:6px 0;white-space:pre-wrap}
.fields td{width:320px;vertical-align:top;padding:3px 12px 3px 0}
blockquote{border-left:4px solid #ddd;margin:4px 0;padding-left:12px}
.context{font-size:12px;color:#616061;margin:6px 0}
.button{border:1px solid #bbb;border-radius:4px;padding:4px 10px;margin-right:8px;font-weight:bold;font-size:13px}
.actions{margin:10px 0}
hr{border:0;border-top:1px solid #ddd}
a{color:#1264a3;text-decoration:none}
"""


def page(messages: Sequence[Mapping[str, Any]]) -> str:
    """The messages one below the other, replies indented."""
    drawn = "".join(_message(message) for message in messages)
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>{drawn}'


def mrkdwn(text: str) -> str:
    """Slack's markup as HTML."""
    html = escape(unescape(re.sub(r"<(https?://[^|>]+)\|([^>]*)>", "\x00\\1\x01\\2\x02", text)), quote=False)
    html = re.sub("\x00(.*?)\x01(.*?)\x02", r'<a href="\1">\2</a>', html)
    html = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"<b>\1</b>", html)
    return re.sub(r"^&gt; (.*)$", r"<blockquote>\1</blockquote>", html, flags=re.MULTILINE)


def _message(message: Mapping[str, Any]) -> str:
    kind = "msg reply" if "thread_ts" in message else "msg"
    blocks = "".join(_block(block) for block in message.get("blocks", []))
    return f'<div class="{kind}"><div class="who">orewire<span class="tag">APP</span></div>{blocks}</div>'


def _block(block: Mapping[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f"<h1>{escape(block['text']['text'])}</h1>"
        case "section" if "fields" in block:
            return _fields([mrkdwn(field["text"]).replace("\n", "<br>") for field in block["fields"]])
        case "section":
            return f'<div class="section">{mrkdwn(block["text"]["text"].strip())}</div>'
        case "context":
            return f'<div class="context">{" ".join(mrkdwn(it["text"]) for it in block["elements"])}</div>'
        case "actions":
            buttons = (f'<span class="button">{escape(it["text"]["text"])}</span>' for it in block["elements"])
            return f'<div class="actions">{"".join(buttons)}</div>'
        case _:
            return "<hr>"


def _fields(cells: Sequence[str]) -> str:
    rows = [cells[at : at + 2] for at in range(0, len(cells), 2)]
    drawn = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="fields">{drawn}</table>'


if __name__ == "__main__":
    found = [json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:]]
    sys.stdout.write(page([message for it in found for message in (it if isinstance(it, list) else [it])]))
