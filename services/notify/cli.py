"""Notify's verbs: `orewire alerts`, `deliveries` and `subscribers`. What is heavy is imported when a verb runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from services.notify import cli_silence, cli_stories
from services.notify.asking import DEFAULT_URL, UrlOption, get, plain, print_rows, segment, token
from services.notify.cli_route import route
from shared.errors import ConfigError
from shared.settings import DEFAULT_CONFIG, RuntimeSettings, environment, load_settings
from shared.terminal import Exit, JsonFlag, err, exits, out, print_json

ConfigOption = Annotated[Path, typer.Option("--config", help="Config directory.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many.")]


def register(root: typer.Typer) -> None:
    """Add notify's verbs to the command."""
    alerts = typer.Typer(help="What people were told.", no_args_is_help=True)
    alerts.command("list")(list_alerts)
    alerts.command("show")(show_alert)
    cli_stories.add(alerts)
    root.add_typer(alerts, name="alerts", rich_help_panel="Use")
    deliveries = typer.Typer(help="Who was told, and how it went.", no_args_is_help=True)
    deliveries.command("list")(list_deliveries)
    deliveries.command("retry")(retry)
    root.add_typer(deliveries, name="deliveries", rich_help_panel="Watch")
    subscribers = typer.Typer(help="The configured subscribers.", no_args_is_help=True)
    subscribers.command("list")(list_subscribers)
    subscribers.command("test")(try_subscriber)
    subscribers.command("schema")(write_schemas)
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
        rows = get(url, "/v1/alerts", limit=limit, **asked)["alerts"]
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
        story = get(url, f"/v1/alerts/{segment(story_id)}")
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
        rows = get(url, "/v1/deliveries", status=status, subscriber=subscriber, limit=limit)["deliveries"]
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


def write_schemas(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file is stale.")] = False,
    folder: Annotated[Path | None, typer.Option("--folder", help="Where the contracts are.")] = None,
) -> None:
    """Write the JSON Schemas of subscribers.yaml and of webhook bodies.

    A change of a body that would break receivers is refused: it needs a new version.

    Example: orewire subscribers schema --check
    """
    from services.notify.adapters import fileschema, payloadfiles

    target = folder or payloadfiles.CONTRACTS
    bodies, files = target / "webhook", target / "subscribers"
    problems = [f"{change}: breaks receivers" for change in payloadfiles.broken(bodies)]
    stale = [*payloadfiles.stale(bodies), *fileschema.stale(files)] if check else []
    problems += [f"{name}: stale; run `orewire subscribers schema`" for name in stale]
    for problem in problems:
        err.print(problem, markup=False)
    if problems:
        raise typer.Exit(Exit.FINDINGS)
    if not check:
        payloadfiles.write(bodies)
        fileschema.write(files)


async def _try_out(subscriber_id: str, config: Path) -> Any:
    from services.notify.adapters.catalog import channels, load
    from services.notify.adapters.transports import Exits, NoThreads
    from services.notify.trial import try_out
    from shared.clock import SystemClock
    from shared.http import HttpClient

    found = load(config, environment())
    if subscriber_id not in found:
        hint = f"known are {', '.join(found) or 'none'}"
        raise ConfigError.one("subscribers.yaml", f"no subscriber `{subscriber_id}`", hint=hint)
    subscriber, clock = found[subscriber_id], SystemClock()
    allowed = load_settings(RuntimeSettings).allow_networks
    async with HttpClient(allow_networks=allowed) as client:
        exits = Exits(client, clock, NoThreads(), allow_networks=allowed)
        try:
            return await try_out(subscriber, channels()[subscriber.channel], exits, clock)
        finally:
            await exits.aclose()


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
    now = story["current"]
    counted = f"{len(now['sources'])} sources, {now['independent_sources']} independent, {now['first_told_by']} first"
    out.print(plain(f"now {now['phase']}{', taken back' if now['retracted'] else ''}; {counted}"))
    for source in now["sources"]:
        seen = f"  {source['first_seen_at']}  {source['source_id']} (tier {source['source_tier']})"
        out.print(plain(f"{seen}  {source['url'] or source['title']}"))
    for delivery in story["deliveries"]:
        line = f"  {delivery['subscriber_id']}  revision {delivery['revision']}  {delivery['status']}"
        out.print(plain(f"{line}  {delivery['attempts']} attempts"))
    for it in story.get("waiting", ()):
        out.print(plain(f"  {it['subscriber_id']}  revision {it['revision']}  {it['course']} until {it['due_at']}"))
