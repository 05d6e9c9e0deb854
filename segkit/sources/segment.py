"""Read messages of the Segment spec, one a line: what people did, who they are, and who is whom.

`page` and `screen` become views, `track` its own event, `group` an event; `identify` gives labels
and a link, `alias` a link. Every message with traits gives labels from its time on. Repeats stay:
which events are the same is the loader's question.

Source: Segment spec (segment.com/docs/connections/spec, 2024); RudderStack event spec (2024).
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
from ibis import Table
from ibis.expr.types import BooleanValue, StringValue, Value

from segkit.config import ColumnMap, SourceConfig
from segkit.errors import SourceError
from segkit.schema import MONEY, UTM
from segkit.sources.canonical import Faults, Keep, first_fault, select_raw
from segkit.sources.files import RawFile
from segkit.sources.frames import pack_json, without
from segkit.sources.functions import (
    function,
    json_list_at,
    json_patch,
    json_texts_at,
    pointer,
)
from segkit.sources.jsonl import open_json_lines
from segkit.sources.labels import labels_of_documents
from segkit.sources.times import TimeParts, settle_time, split_time

Shape = dict[str, Any]
"""Keys of a message: text, JSON, or keys below."""


def _texts(names: str) -> Shape:
    return dict.fromkeys(names.split(), "VARCHAR")


_SHAPE: Shape = {
    **_texts("type messageId message_id anonymousId userId previousId groupId"),
    **_texts("timestamp originalTimestamp sentAt event name"),
    **dict.fromkeys(("properties", "traits", "user_properties"), "JSON"),
    "context": {
        "page": _texts("url path title referrer"),
        "campaign": _texts("source medium name term content"),
        "device": _texts("type"),
        "os": _texts("name version"),
        "screen": _texts("width height"),
        "location": _texts("country region city"),
        "userAgent": "VARCHAR",
        "traits": "JSON",
    },
}
_EVENTS = {"page": "page_view", "screen": "screen_view", "group": "group"}
_TYPES = ("page", "screen", "track", "group", "identify", "alias")
_DEVICES = {
    "mobile": ("android", "ios", "iphone", "mobile", "phone"),
    "tablet": ("ipados", "ipad", "tablet"),
    "pc": ("desktop", "pc", "web", "computer", "macos", "windows"),
}
_OWN_IDS = json.dumps({"anonymousId": None, "userId": None})
_AMOUNTS = ("revenue", "value", "total")
_PROPERTIES = ("url", "path", "title", "referrer", "name", "currency", *_AMOUNTS)


def _kind(shape: Shape | str) -> dt.DataType:
    if isinstance(shape, dict):
        return dt.Struct({name: _kind(inner) for name, inner in shape.items()})
    return dt.json if shape == "JSON" else dt.string


_take_apart = function("json_transform", (dt.string, dt.string), _kind(_SHAPE))


def read_segment(
    backend: Any,  # noqa: ANN401  Ibis backends have no common stub
    source: SourceConfig,
    file: RawFile,
    stage: Path,
    keep: Keep,
) -> dict[str, Table]:
    """Give events, attributes and links of a file of messages.

    A message with a fault is a row of `events`, whatever its type. An `identify` or `alias` always
    gives a row of `links`, also with one id only, so that its person is known.

    Raises
    ------
    SourceError
        When the source has a map or a table, which the format does not need, or most times have no
        offset and the source no zone.
    """
    _check(source)
    lines = open_json_lines(backend, source, file, stage)
    messages = _Messages(lines, source)
    stored = keep(messages.table(), "messages")
    table = stored.mutate(time=settle_time(backend, source, file, stored, messages.parts))
    good = table.filter(table.fault.isnull())
    told = good.filter(good.document.notnull())
    labels = labels_of_documents(backend, told, source.null_values, keep)
    linked = good.filter(good.kind.isin(("identify", "alias")))
    return {
        "events": select_raw(table.filter(table.fault.notnull() | table.event.notnull()), "events"),
        "attributes": select_raw(labels, "attributes"),
        "links": select_raw(linked, "links"),
    }


def _check(source: SourceConfig) -> None:
    for key, wrong in (("map", bool(source.map)), ("table", source.table != "events")):
        if wrong:
            raise SourceError.build(
                f"Source `{source.name}`: the format `segment` knows its columns without `{key}`.",
                where="segkit.toml",
                hint=f"remove `{key}`, or read the file as jsonl.",
            )


class _Messages:
    """Messages on their way: every canonical column but the time, which needs them all."""

    def __init__(self, lines: Table, source: SourceConfig) -> None:
        spec = ibis.literal(json.dumps(_SHAPE))
        document = lines.document
        apart = ibis.ifelse(document.notnull(), _take_apart(document, spec), ibis.null())
        lines = lines.mutate(m=apart)
        paths = ibis.array([pointer(name) for name in _PROPERTIES])
        texts = json_texts_at(lines.m["properties"].cast("string"), paths)
        self.source = source
        self.lines = lines.mutate(p=texts)
        self.parts: TimeParts = split_time(source, ColumnMap(column="timestamp"), self._time())

    def _time(self) -> StringValue:
        return ibis.coalesce(*map(self._text, ("timestamp", "originalTimestamp", "sentAt")))

    def _at(self, path: str) -> Any:  # noqa: ANN401  any Ibis value
        value: Any = self.lines.m
        for key in path.split("."):
            value = value[key]
        return value

    def _text(self, path: str) -> Any:  # noqa: ANN401
        return without(self._at(path), self.source.null_values)

    def _json(self, path: str) -> StringValue:
        """Give the object at a key as text; null where it is none."""
        text = self._at(path).cast("string")
        return ibis.ifelse(text.startswith("{"), text, ibis.null()).nullif("{}")

    def _property(self, name: str) -> Any:  # noqa: ANN401
        return without(self.lines.p[_PROPERTIES.index(name)], self.source.null_values)

    @cached_property
    def _type(self) -> StringValue:
        kind: StringValue = self._text("type").lower()
        return kind

    def table(self) -> Table:
        """Give one row a message: the columns of events, links and labels, and its `kind`."""
        columns = self._columns()
        fault = first_fault(self.lines.fault, self._faults(columns))
        return self.lines.select(
            **columns,
            time_us=self.parts.us,
            time_wall=self.parts.wall,
            row_no=self.lines.row_no,
            fault=fault,
            raw=ibis.ifelse(fault.notnull(), self.lines.line, ibis.null()),
        )

    def _columns(self) -> dict[str, Value]:
        text = self._text
        track = text("event")
        tracked = ibis.ifelse(self._type == "track", track, ibis.null())
        known = ibis.cases(*((self._type == kind, name) for kind, name in _EVENTS.items()))
        utm = dict(zip(UTM, ("source", "medium", "name", "term", "content"), strict=True))
        return {
            "kind": self._type,
            "event_id": ibis.coalesce(*map(text, ("messageId", "message_id"))),
            "device_id": text("anonymousId"),
            "user_id": text("userId"),
            "previous_id": text("previousId"),
            "event": ibis.coalesce(known, tracked),
            **self._page(),
            **{name: text(f"context.campaign.{key}") for name, key in utm.items()},
            **self._device(),
            **{name: text(f"context.location.{name}") for name in ("country", "region", "city")},
            **self._amount(),
            "properties": self._properties(),
            "document": self._labels(),
        }

    def _page(self) -> dict[str, Value]:
        """Give where it happened: a view's own properties first, else the context."""
        is_view = self._type.isin(("page", "screen"))
        here = {
            key: ibis.coalesce(
                ibis.ifelse(is_view, self._property(key), ibis.null()),
                self._text(f"context.page.{key}"),
            )
            for key in ("url", "path", "title", "referrer")
        }
        name = ibis.coalesce(self._text("name"), self._property("name"), self._text("event"))
        is_screen = self._type == "screen"
        own = ibis.ifelse(is_screen, name, ibis.null())
        page_name = ibis.ifelse(self._type == "page", self._text("name"), ibis.null())
        return {
            "page_url": here["url"],
            "page_path": ibis.coalesce(here["path"], own),
            "page_title": ibis.coalesce(own, here["title"], page_name),
            "referrer_url": here["referrer"],
        }

    def _device(self) -> dict[str, Value]:
        none = ibis.literal(None, "string")
        kind = self._text("context.device.type").lower()
        known = ibis.cases(*((kind.isin(words), said) for said, words in _DEVICES.items()))
        width, height = self._text("context.screen.width"), self._text("context.screen.height")
        return {
            "user_agent": self._text("context.userAgent"),
            "device_type": known,
            "os": self._text("context.os.name"),
            "os_version": self._text("context.os.version"),
            "browser": none,
            "browser_version": none,
            "resolution": width + "x" + height,
        }

    def _amount(self) -> dict[str, Value]:
        value = ibis.coalesce(*(self._property(name).try_cast(MONEY) for name in _AMOUNTS))
        currency = ibis.ifelse(value.notnull(), self._property("currency"), ibis.null())
        return {"value": value, "currency": currency}

    def _properties(self) -> StringValue:
        own = self._json("properties")
        chosen = self.source.properties
        if chosen != "rest":
            if not chosen:
                return ibis.literal(None, "string")
            values = json_list_at(own, ibis.array([pointer(name) for name in chosen]))
            return pack_json({name: values[i] for i, name in enumerate(chosen)})
        group = json_patch(
            ibis.coalesce(own, self._json("traits"), "{}"),
            ibis.coalesce(pack_json({"groupId": self._text("groupId")}), "{}"),
        )
        return ibis.ifelse(self._type == "group", group.nullif("{}"), own)

    def _labels(self) -> StringValue:
        """Give what the message says of its user, as one object: later places win."""
        own = ibis.ifelse(self._type == "identify", self._json("traits"), ibis.null())
        places = [self._json("context.traits"), self._json("user_properties"), own]
        is_told = places[0].notnull() | places[1].notnull() | places[2].notnull()
        merged: StringValue = ibis.literal("{}")
        for place in places:
            merged = json_patch(merged, ibis.coalesce(place, "{}"))
        return ibis.ifelse(is_told, json_patch(merged, ibis.literal(_OWN_IDS)), ibis.null())

    def _faults(self, columns: dict[str, Any]) -> Faults:
        user, device = columns["user_id"], columns["device_id"]
        is_alias: BooleanValue = self._type == "alias"
        is_one = user.isnull() | (device.isnull() & columns["previous_id"].isnull())
        return [
            (self._type.isnull(), "no message type"),
            (~self._type.isin(_TYPES), "unknown message type"),
            *self.parts.faults(),
            (user.isnull() & device.isnull(), "no user or device id"),
            ((self._type == "track") & columns["event"].isnull(), "no event name"),
            (is_alias & is_one, "alias without two ids"),
        ]
