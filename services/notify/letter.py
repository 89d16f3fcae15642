"""The texts of a letter (mail): built-in templates for subject, plain text and HTML, of one alert and of several.

They are written in the same language as a subscriber's own and are the model for those. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from services.notify import facts
from services.notify.addresses import story_link
from services.notify.markup import quoted
from services.notify.template import Raw
from shared.events import Alert

SUBJECT: Final = "{{ title }}"

TEXT: Final = """\
{{ title }}

{% if what_changed %}
What changed
{% for it in what_changed %}
- {{ it.text }}
{% endfor %}

{% endif %}
{{ summary }}

{% for it in facts %}
{{ it.name }}: {{ it.value }}
{% endfor %}
{% if watch %}
Next date: {{ watch }}
{% endif %}

{% for it in quotes %}
> {{ it }}

{% endfor %}
Sources ({{ source_count }})
{% for it in ranked_sources %}{% if loop.index <= 10 %}
- {{ it.title }} ({{ it.told_by }}){% if it.url %}

  {{ it.url }}{% endif %}

{% endif %}{% endfor %}
{% if story_url %}

The whole story: {{ story_url }}
{% endif %}

First seen {{ first_seen }}, revision {{ revision }}, {{ story_id }}
"""

HTML: Final = """\
<!doctype html>
<html><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body style="margin:0;padding:16px;font:15px/1.45 system-ui,sans-serif;color:#1d1c1d">
<div style="max-width:640px">
<h1 style="font-size:18px;margin:0 0 12px">{{ title }}</h1>
{% if what_changed %}
<div style="border-left:4px solid #d97706;padding:4px 12px;margin:0 0 12px"><b>What changed</b>
<ul style="margin:4px 0;padding-left:20px">
{% for it in what_changed %}
<li>{{ it.text }}</li>
{% endfor %}
</ul></div>
{% endif %}
<p>{{ summary }}</p>
<table style="border-collapse:collapse;margin:0 0 12px">
{% for it in facts %}
<tr><th style="text-align:left;padding:2px 16px 2px 0;color:#616061;vertical-align:top">{{ it.name }}</th>\
<td style="padding:2px 0">{{ it.value }}</td></tr>
{% endfor %}
{% if watch %}
<tr><th style="text-align:left;padding:2px 16px 2px 0;color:#616061">Next date</th><td><b>{{ watch }}</b></td></tr>
{% endif %}
</table>
{% for it in quotes %}
<blockquote style="margin:0 0 12px;padding:4px 12px;border-left:4px solid #ddd">{{ it }}</blockquote>
{% endfor %}
<p style="margin:0 0 4px"><b>Sources</b> ({{ source_count }})</p>
<ul style="margin:0 0 12px;padding-left:20px">
{% for it in ranked_sources %}{% if loop.index <= 10 %}
<li>{% if it.url %}<a href="{{ it.url }}">{{ it.title }}</a>{% else %}{{ it.title }}{% endif %} ({{ it.told_by }})</li>
{% endif %}{% endfor %}
</ul>
{% if story_url %}
<p><a href="{{ story_url }}">The whole story</a></p>
{% endif %}
<p style="color:#616061;font-size:12px">First seen {{ first_seen }}, revision {{ revision }}, {{ story_id }}</p>
</div></body></html>
"""

DIGEST_TEXT: Final = """\
{{ title }}
{% if note %}
{{ note }}
{% endif %}

{% for alert in alerts %}
{{ alert.title }}
{{ alert.summary }}
{% for it in alert.what_changed %}
- {{ it.text }}
{% endfor %}
{% if alert.url %}
{{ alert.url }}
{% endif %}

{% endfor %}
"""

DIGEST_HTML: Final = """\
<!doctype html>
<html><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body style="margin:0;padding:16px;font:15px/1.45 system-ui,sans-serif;color:#1d1c1d">
<div style="max-width:640px">
<h1 style="font-size:18px;margin:0 0 12px">{{ title }}</h1>
{% if note %}
<p style="margin:0 0 12px;color:#616061">{{ note }}</p>
{% endif %}
{% for alert in alerts %}
<h2 style="font-size:15px;margin:16px 0 4px">\
{% if alert.url %}<a href="{{ alert.url }}">{{ alert.title }}</a>{% else %}{{ alert.title }}{% endif %}</h2>
<p style="margin:0 0 4px">{{ alert.summary }}</p>
{% if alert.what_changed %}
<ul style="margin:0 0 4px;padding-left:20px">
{% for it in alert.what_changed %}
<li>{{ it.text }}</li>
{% endfor %}
</ul>
{% endif %}
{% endfor %}
</div></body></html>
"""


_UNFIT: Final = frozenset(map(chr, (0x7F, *range(0xD800, 0xE000))))
"""Delete, and halves of characters: they cannot be encoded."""


def plain(text: str) -> str:
    """A value on one line of plain text, without what no mail can carry."""
    return " ".join(_fit(text).split())


def html(text: str) -> str:
    """A value in HTML, harmless in text and in attributes."""
    return escape(plain(text), quote=True)


def values(alert: Alert, story_url: str | None) -> dict[str, Any]:
    """What the plain templates of an alert may show."""
    quotes = [Raw(quoted(item, _fit, lambda word: f"*{plain(word)}*")) for item in alert.evidence]
    return facts.as_values(alert, quotes=quotes, story=story_link(story_url, alert.story_id))


def html_values(alert: Alert, story_url: str | None) -> dict[str, Any]:
    """What the HTML template of an alert may show."""
    quotes = [
        Raw(quoted(item, lambda text: escape(_fit(text)), lambda word: f"<b>{html(word)}</b>"))
        for item in alert.evidence
    ]
    return facts.as_values(alert, quotes=quotes, story=story_link(story_url, alert.story_id))


def digest_values(alerts: Sequence[Alert], story_url: str | None, note: str = "") -> dict[str, Any]:
    """What the templates of a digest may show."""
    entries = []
    for alert in alerts:
        source = facts.lead(alert)
        url = story_link(story_url, alert.story_id) or (source.url if source else None)
        entries.append({**facts.as_values(alert, quotes=(), story=url), "url": url})
    return {"title": facts.digest_title(alerts), "note": note, "alerts": entries}


def _fit(text: str) -> str:
    return "".join(c for c in text if c.isspace() or (c >= " " and c not in _UNFIT))
