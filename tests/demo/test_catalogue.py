"""The catalogue: what devices say of themselves, what sources are, which pages there are."""

from segkit.demo.catalogue import CRAWLERS, DEVICES, SOURCES, group_spans, pages
from segkit.demo.kinds import GROUPS
from segkit.sources.agents import parse_agents
from segkit.sources.channels import classify


def test_devices_are_read_as_what_they_are() -> None:
    read = parse_agents([device.agent for device in DEVICES])

    assert [agent.device_type for agent in read] == [device.kind for device in DEVICES]
    assert not any(agent.bot_reason for agent in read)


def test_crawlers_are_read_as_crawlers() -> None:
    read = parse_agents([device.agent for device in CRAWLERS])

    assert all(agent.bot_reason for agent in read)


def test_sources_fall_into_many_channels() -> None:
    channels = {
        source.name: classify(
            source=source.utm.get("source"),
            medium=source.utm.get("medium"),
            campaign=source.utm.get("name"),
            referrer_url=source.referrer,
            own_hosts=frozenset(),
        ).channel
        for source in SOURCES
    }

    assert channels["shopping"] == "Paid Shopping"
    assert channels["campaign"] == "Email"
    assert channels["assistant"] == "AI Assistant"
    assert channels["affiliate"] == "Affiliates"
    assert len(set(channels.values())) == 10


def test_every_page_is_in_the_span_of_its_group() -> None:
    starts, sizes = group_spans()

    for i, group in enumerate(GROUPS):
        span = pages()[starts[i] : starts[i] + sizes[i]]
        assert {page.group for page in span} == {group}
    assert sizes.sum() == len(pages())
