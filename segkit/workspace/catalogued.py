"""Name what a workspace's snapshot holds, for people who write definitions in a notebook."""

from functools import cached_property
from typing import TYPE_CHECKING, cast

from segkit.workspace.by_name import AttributeName, EventName, Names, name_attributes, name_events

if TYPE_CHECKING:
    from segkit.workspace.space import Workspace


class Catalogued:
    """What a workspace tells of the names in its snapshot."""

    @cached_property
    def events(self) -> Names[EventName]:
        """The events of the snapshot by name, the most frequent first, each with its properties.

        A name is a text, for definitions: `sk.did(event=ws.events.purchase)`. The rows themselves
        are `ws.tables.events`.
        """
        return name_events(cast("Workspace", self).tables.catalogue)

    @cached_property
    def attributes(self) -> Names[AttributeName]:
        """The user labels of the snapshot by name, each with its kind and how many users have it.

        A name is a text, for definitions: `sk.attribute(ws.attributes.plan, "pro")`.
        """
        return name_attributes(cast("Workspace", self).tables.catalogue)
