"""Notify's verbs: `orewire alerts`, `deliveries` and `subscribers`. What is heavy is imported when a verb runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from services.notify import cli_silence
from services.notify.cli_route import route, write_schema
from services.notify.cli_rows import DEFAULT_URL, UrlOption, plain, print_rows, segment, token
from shared.errors import ConfigError
from shared.settings import DEFAULT_CONFIG, RuntimeSettings, environment, load_settings
from shared.terminal import Exit, JsonFlag, exits, out, print_json

ConfigOption = Annotated[Path, typer.Option("--config", help="Config directory.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many.")]


def register(root: typer.Typer) -> None:
    """Add notify's verbs to the command."""
    alerts = typer.Typer(help="What people were told.", no_args_is_help=True)
    alerts.command("list")(list_alerts)
    alerts.command("show")(show_alert)
    root.add_typer(alerts, name="alerts", rich_help_panel="Use")
    deliveries = typer.Typer(help="Who was told, and how it went.", no_args_is_help=True)
    deliveries.command("list")(list_deliveries)
    deliveries.command("retry")(retry)
    root.add_typer(deliveries, name="deliveries", rich_help_panel="Watch")
    subscribers = typer.Typer(help="The configured subscribers.", no_args_is_help=True)
    subscribers.command("list")(list_subscribers)
    subscribers.command("test")(try_subscriber)
    subscribers.command("schema")(write_schema)
    root.add_typer(subscribers, name="subscribers", rich_help_panel="Configure")
    cli_silence.register(root)
    root.command("route", rich_help_panel="Configure")(route)


def list_alerts(  # noqa: PLR0913, PLR0917 - one option a filter
    kind: Annotated[str | None, typer.Option(help="Kind, e.g. export_restriction.")] = None,
    severity: Annotated[str | None, typer.Option(help="At least this severe: low, medium, high, critical.")] = None,
    actor: Annotated[str | None, typer.Option(help="Country or bloc that acts or takes part, e.g. CN.")] = None,
    commodity: Annotated[str | None, typer.Option(help="Commodity id, e.g. gallium.")] = None,
    since: Annotated[str | None, typer.Option(help="ISO time.")] = None,
    limit: LimitOption = 50,
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """List the current alert of each story, most recently told first.

    Example: orewire alerts list --kind export_restriction --severity high --commodity gallium
    """
    asked = {"kind": kind, "severity": severity, "actor": actor, "commodity": commodity, "since": since}
    with exits():
        rows = _get(url, "/v1/alerts", limit=limit, **asked)["alerts"]
    shown = [
        {
            "story": row["story_id"],
            "revision": row["revision"],
            "severity": row["severity"],
            "told": row["clock"]["raised_at"],
            "headline": row["headline"],
        }
        for row in rows
    ]
    print_rows(rows if json else shown, json=json)


def show_alert(
    story_id: Annotated[str, typer.Argument(help="Story id from `alerts list`.")],
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """Show one story: what was told when and why, its sources, and who was told.

    Example: orewire alerts show story_4f0c2a9be01d77aa10c3e5f2
    """
    with exits():
        story = _get(url, f"/v1/alerts/{segment(story_id)}")
    if json:
        print_json(story)
        return
    _show_story(story)


def list_deliveries(
    status: Annotated[str | None, typer.Option(help="waiting, held, delivered, exhausted or superseded.")] = None,
    subscriber: Annotated[str | None, typer.Option(help="Subscriber id.")] = None,
    limit: LimitOption = 50,
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """List deliveries, newest first.

    Example: orewire deliveries list --status exhausted --subscriber desk
    """
    with exits():
        rows = _get(url, "/v1/deliveries", status=status, subscriber=subscriber, limit=limit)["deliveries"]
    names = ("delivery_id", "subscriber_id", "status", "attempts", "outcome", "detail", "next_attempt_at")
    print_rows(rows if json else [{name: row[name] for name in names} for row in rows], json=json)


def retry(
    delivery_ids: Annotated[list[str], typer.Argument(metavar="DELIVERY…", help="Ids from `deliveries list`.")],
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """Make deliveries due now, on a fresh retry schedule.

    Example: orewire deliveries retry delivery_0b61b3f2a4c9d8e7f6a5b4c3
    """
    from services.notify.adapters.api_client import NotifyClient

    with exits(), NotifyClient(url, token()) as client:
        for delivery_id in delivery_ids:
            done = client.post(f"/v1/deliveries/{segment(delivery_id)}/retry")
            print_json(done) if json else out.print(f"{plain(delivery_id)} is due now")


def list_subscribers(config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False) -> None:
    """List the subscribers of subscribers.yaml. Addresses and secrets are not shown.

    Example: orewire subscribers list --config deploy/config
    """
    from services.notify.adapters.catalog import load

    with exits():
        found = load(config, environment()).values()
    rows = [{"id": it.id, "channel": it.channel, "lane": it.timing.lane, "enabled": it.enabled} for it in found]
    print_rows(rows, json=json)


def try_subscriber(
    subscriber_id: Annotated[str, typer.Argument(metavar="ID", help="Subscriber in subscribers.yaml.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonFlag = False,
) -> None:
    """Send one clearly marked test message through a subscriber's channel. Exit code 1 when it did not arrive.

    Example: orewire subscribers test desk
    """
    with exits():
        answer = asyncio.run(_try_out(subscriber_id, config))
    if json:
        print_json({"subscriber": subscriber_id, "outcome": answer.outcome, "status_code": answer.status})
    else:
        out.print(f"{plain(subscriber_id)}: {answer.outcome}" + (f" ({plain(answer.detail)})" if answer.detail else ""))
    if answer.outcome != "delivered":
        raise typer.Exit(Exit.FINDINGS)


async def _try_out(subscriber_id: str, config: Path) -> Any:
    from services.notify.adapters.catalog import channels, load
    from services.notify.adapters.sender import HttpSender
    from services.notify.trial import try_out
    from shared.clock import SystemClock
    from shared.http import HttpClient

    found = load(config, environment())
    if subscriber_id not in found:
        hint = f"known are {', '.join(found) or 'none'}"
        raise ConfigError.one("subscribers.yaml", f"no subscriber `{subscriber_id}`", hint=hint)
    subscriber, clock = found[subscriber_id], SystemClock()
    async with HttpClient(allow_networks=load_settings(RuntimeSettings).allow_networks) as client:
        return await try_out(subscriber, channels()[subscriber.channel], HttpSender(client, clock), clock)


def _get(url: str, path: str, **parameters: str | int | None) -> dict[str, Any]:
    from services.notify.adapters.api_client import NotifyClient

    with NotifyClient(url, token()) as client:
        return client.get(path, **parameters)


def _show_story(story: dict[str, Any]) -> None:
    alert = story["alert"]
    out.print(f"[bold]{plain(alert['headline'])}[/bold]\n{plain(alert['summary'])}\n")
    for revision in story["revisions"]:
        told = revision["alert"]
        changes = "; ".join(f"{it['field']}: {it['before']} → {it['after']}" for it in told["changes"])
        line = f"{told['clock']['raised_at']}  revision {told['revision']}  {told['reason']}  {changes}"
        out.print(plain(line.rstrip()))
        for name, taken in revision.get("routes", {}).items():
            why = f"{taken['course']}: {taken['detail']}" if taken["detail"] else taken["course"]
            out.print(plain(f"    {name}  {why}" + (f", due {taken['due_at']}" if taken["due_at"] else "")))
    for source in alert["sources"]:
        out.print(plain(f"  {source['source_id']} (tier {source['source_tier']})  {source['url'] or source['title']}"))
    for delivery in story["deliveries"]:
        line = f"  {delivery['subscriber_id']}  revision {delivery['revision']}  {delivery['status']}"
        out.print(plain(f"{line}  {delivery['attempts']} attempts"))
    for it in story.get("waiting", ()):
        out.print(plain(f"  {it['subscriber_id']}  revision {it['revision']}  {it['course']} until {it['due_at']}"))
