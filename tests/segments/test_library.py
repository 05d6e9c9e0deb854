"""The shipped segments: all there, sound, and left out where the data cannot answer them."""

from dataclasses import replace

from segkit.segments.library import is_applicable, shipped
from segkit.store.tables import AttributeInfo, Catalogue, EventInfo
from tests.segments.tiny import event, label, tables_of

SHOP = Catalogue(
    events={name: EventInfo(n=1) for name in ("page_view", "add_to_cart", "purchase", "sign_up")},
    attributes={"age": AttributeInfo(kind="number", has_history=False, n_users=9)},
    currencies=("EUR",),
)


def test_the_promised_segments_are_shipped() -> None:
    found = shipped()

    assert set(found) >= {"anonymous", "known", "loyal", "new", "returning", "frequent_visitors"}
    assert set(found) >= {"cart_abandoners", "high_value_purchasers", "lapsing", "age_25_34"}
    assert all(d.title and d.description and "shipped" in d.tags for d in found.values())
    assert len({d.id for d in found.values()}) == len(found)


def test_all_are_applicable_to_a_shop() -> None:
    assert [name for name, d in shipped().items() if not is_applicable(d, SHOP)] == []


def test_those_whose_names_the_data_lack_are_not_applicable() -> None:
    blog = Catalogue(events={"page_view": EventInfo(n=1)})

    found = {name for name, d in shipped().items() if is_applicable(d, blog)}

    assert found == {
        "anonymous",
        "known",
        "new",
        "returning",
        "frequent_visitors",
        "loyal",
        "lapsing",
    }


def test_age_bands_do_not_fit_ages_that_are_texts_like_45_54() -> None:
    banded = replace(
        SHOP, attributes={"age": AttributeInfo(kind="text", has_history=False, n_users=9)}
    )

    found = {name for name, d in shipped().items() if is_applicable(d, banded)}

    assert found
    assert not [name for name in found if name.startswith("age_")]


def test_the_caller_s_dictionary_is_the_caller_s() -> None:
    shipped().clear()

    assert shipped()


def test_age_bands_put_every_known_age_into_exactly_one() -> None:
    ages = [0, 17, 18, 24, 25, 34, 35, 44, 45, 54, 55, 64, 65, 99]
    tiny = tables_of([], attributes=[label(f"u_{a}", "age", str(a)) for a in ages])

    bands = [tiny.members({"set": name}, library=shipped()) for name in shipped() if "age_" in name]

    assert len(bands) == 7
    assert sorted(key for band in bands for key in band) == sorted(f"u_{a}" for a in ages)
    assert all(len(band) == 2 for band in bands)


def test_shipped_segments_mean_what_their_titles_say() -> None:
    days = [f"2026-06-{day:02}T10:00" for day in range(20, 30)]
    tiny = tables_of(
        [
            *(event("u_often", at) for at in days),
            event("u_often", "2026-05-01T10:00"),
            event("d_once", "2026-06-29T10:00"),
            event("u_cart", "2026-06-28T10:00", "add_to_cart"),
            event("u_buyer", "2026-06-28T10:00", "add_to_cart"),
            event("u_buyer", "2026-06-28T10:01", "purchase", value=150, currency="EUR"),
            event("u_buyer", "2026-06-01T10:01", "purchase", value=50, currency="EUR"),
            *(event("u_gone", f"2026-05-{day}T10:00") for day in (10, 12, 14)),
        ],
        people={"u_crm": None},
    )

    found = {
        name: tiny.members({"set": name}, library=shipped())
        for name in shipped()
        if "age" not in name
    }

    assert found == {
        "anonymous": {"d_once"},
        "known": {"u_often", "u_cart", "u_buyer", "u_gone", "u_crm"},
        "new": {"d_once", "u_cart"},
        "returning": {"u_often", "u_buyer"},
        "frequent_visitors": {"u_often"},
        "loyal": {"u_often"},
        "lapsing": {"u_gone"},
        "cart_abandoners": {"u_cart"},
        "high_value_purchasers": {"u_buyer"},
    }
