"""Composition root of notify: everything is wired here, in one straight line, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.routing import Route

from services.notify.adapters import tables
from services.notify.adapters.catalog import Catalog, channels
from services.notify.adapters.deliveries import SqlDeliveries
from services.notify.adapters.metrics import PrometheusMeter
from services.notify.adapters.owners import new_owner
from services.notify.adapters.records import SqlRecords
from services.notify.adapters.reloading import Reload
from services.notify.adapters.silences import SqlSilences
from services.notify.adapters.stories import SqlStories
from services.notify.adapters.threads import SqlThreads
from services.notify.adapters.transports import Exits
from services.notify.adapters.waiting import SqlWaiting
from services.notify.dispatcher import Dispatcher
from services.notify.editing import Editing
from services.notify.keeper import Keeper
from services.notify.ports import Meter
from services.notify.reminding import Reminding
from services.notify.settings import NotifySettings
from services.notify.silence_web import SilencesApi
from services.notify.stream import connect
from services.notify.usecases import Notify
from services.notify.web import AlertsApi
from services.notify.web_edits import EditsApi
from shared.broker import Broker, make_broker
from shared.clock import Clock, SystemClock
from shared.db import Database, open_database
from shared.db.migrate import require_current
from shared.deadletter import dead_letter_middleware
from shared.http import HttpClient
from shared.outbox import Relay
from shared.publish import JetStreamPublisher
from shared.service import Service, serve
from shared.settings import environment, load_settings
from shared.streams import NOTIFY

NAME: Final = "notify"
MIGRATIONS: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class _World:
    """What touches the world, opened once."""

    settings: NotifySettings
    clock: Clock
    meter: Meter
    catalog: Catalog
    database: Database
    broker: Broker
    client: HttpClient
    exits: Exits
    relay: Relay
    deliveries: SqlDeliveries
    stories: SqlStories


def build(settings: NotifySettings, variables: Mapping[str, str]) -> Service:
    """Wire the service.

    Raises:
        ConfigError: subscribers.yaml or a setting has a mistake.
    """
    world = _open(settings, variables)
    dispatcher = _dispatcher(world)
    reload = Reload(world.catalog, settings.config, dispatcher.reconcile)

    def wake() -> None:
        dispatcher.wake()
        world.relay.wake()

    async def tables_are_current() -> None:
        await require_current(world.database, MIGRATIONS, service=NAME)
        await world.deliveries.release()

    async def database_check() -> str:
        await world.database.ping()
        return world.database.dialect

    catalog, clock, stories = world.catalog, world.clock, world.stories
    use = Notify(stories, catalog.subscribers, clock, world.meter, wake=wake, silences=catalog.silences)
    reminding = Reminding(stories, catalog.subscribers, clock, world.meter, wake=wake, silences=catalog.silences)
    keeper = Keeper(SqlWaiting(world.database), catalog.subscribers, catalog.silences, clock, wake=dispatcher.wake)
    jobs = {"dispatcher": dispatcher.run, "keeper": keeper.run, "outbox": world.relay.run}
    jobs |= {"reload": reload.run, "reminders": reminding.run}
    connect(world.broker, use, parallel=settings.notify_parallel)
    return Service(
        name=NAME,
        settings=settings,
        broker=world.broker,
        consumer=NOTIFY,
        routes=_routes(world, dispatcher, wake),
        checks={"database": database_check, "subscribers": reload.check},
        startup=(tables_are_current,),
        jobs=jobs,
        closers=(world.exits.aclose, world.client.aclose, world.database.close),
    )


def _open(settings: NotifySettings, variables: Mapping[str, str]) -> _World:
    database = open_database(settings.database_url)
    broker = make_broker(settings, service=NAME)
    publisher = JetStreamPublisher(broker, service=NAME)
    broker.add_middleware(dead_letter_middleware(NAME, publisher.publish_raw))
    relay = Relay(database, tables.outbox, publisher)
    clock, allowed = SystemClock(), settings.allow_networks
    client = HttpClient(allow_networks=allowed, concurrency=settings.notify_connections)
    return _World(
        settings=settings,
        clock=clock,
        meter=PrometheusMeter(),
        catalog=Catalog(settings.config, variables),
        database=database,
        broker=broker,
        client=client,
        exits=Exits(client, clock, SqlThreads(database), allow_networks=allowed),
        relay=relay,
        deliveries=SqlDeliveries(database, committed=relay.wake),
        stories=SqlStories(database),
    )


def _routes(world: _World, dispatcher: Dispatcher, wake: Callable[[], None]) -> list[Route]:
    records, catalog, clock = SqlRecords(world.database), world.catalog, world.clock
    alerts = AlertsApi(records, world.deliveries, clock, wake=dispatcher.wake)
    silences = SilencesApi(SqlSilences(world.database), catalog.silences, catalog.subscribers, clock)
    editing = Editing(world.stories, catalog.subscribers, clock, world.meter, wake=wake, silences=catalog.silences)
    return [*alerts.routes(), *EditsApi(records, editing, clock).routes(), *silences.routes()]


def _dispatcher(world: _World) -> Dispatcher:
    return Dispatcher(
        world.deliveries,
        world.catalog.subscribers,
        channels(),
        world.exits,
        clock=world.clock,
        meter=world.meter,
        owner=new_owner(NAME),
    )


def main() -> None:
    """Run notify until it is stopped.

    Raises:
        ConfigError: settings or files are wrong.
    """
    serve(build(load_settings(NotifySettings), environment()))
