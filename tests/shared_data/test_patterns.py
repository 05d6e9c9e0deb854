"""Behaviour patterns of public data: two in one shop, none in the others, and said so."""

import re
from pathlib import Path

import pytest

import segkit as sk
from segkit.errors import EmptyError
from segkit.patterns.facts import PatternFacts
from segkit.workspace import Workspace
from tests.shared_data.support import EXAMPLES, load_documented

pytestmark = [pytest.mark.shared, pytest.mark.slow]

EVERYONE = sk.Segment("everyone", sk.did(visit="any", is_=sk.gte(0)), title="Everyone")
CONTINUUM = "no separate groups, one continuum"


def find(workspace: Workspace, as_of: str, days: int) -> PatternFacts:
    facts: PatternFacts = sk.find_patterns(workspace, EVERYONE, as_of=as_of, days=days).facts
    return facts


def test_the_online_shop_has_those_who_reach_the_checkout_and_those_who_do_not(
    shared: Path, tmp_path: Path
) -> None:
    data = shared / "data" / "retentioneering"
    shop = load_documented(tmp_path, "retentioneering", "online shop", data).workspace

    facts = find(shop, "2020-04-29", 90)

    assert (facts.kind, facts.n_users, facts.n_eligible) == ("event", 3_269, 955)
    assert len(facts.found) == 2
    assert min(row.jaccard or 0 for row in facts.found) >= 0.85
    without, checkout = facts.found
    assert [t.column for t in checkout.terms[:2]] == ["delivery_choice", "payment_choice"]
    assert without.n_buyers == 0
    assert (checkout.buyer_share or 0) > 0.5


def test_the_generated_shop_with_labels_is_one_continuum(shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "retentioneering"
    shop = load_documented(tmp_path, "retentioneering", "ecom", data).workspace

    facts = find(shop, "2024-06-29", 90)

    assert (facts.kind, facts.n_eligible) == ("event", 556)
    assert (facts.found, facts.reason) == ((), CONTINUUM)


def test_grocery_baskets_are_one_continuum_of_departments(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data := tmp_path / "data").mkdir()
    for name in ("transactions_sample.csv.gz", "products.csv.gz", "demographics.csv"):
        (data / name).symlink_to(shared / "data" / "completejourney" / name)
    monkeypatch.chdir(tmp_path)
    page = (EXAMPLES / "completejourney.md").read_text("utf-8")
    (join,) = re.findall(r"```python\n(import duckdb\n.*?)```", page, re.DOTALL)
    exec(join, {})  # noqa: S102  the documented join itself

    shop = load_documented(tmp_path, "completejourney", "grocery goods", data).workspace
    facts = find(shop, "2017-12-31", 180)

    assert (facts.kind, facts.n_users, facts.n_eligible) == ("item", 2_244, 1_695)
    assert (facts.found, facts.reason) == ((), CONTINUUM)


def test_purchases_of_unknown_goods_are_refused_with_what_is_missing(
    shared: Path, tmp_path: Path
) -> None:
    shop = load_documented(tmp_path, "cdnow", "music", shared / "data" / "cdnow").workspace

    with pytest.raises(EmptyError, match="holds purchases alone") as caught:
        find(shop, "1998-06-30", 546)

    assert "longer window" not in str(caught.value)
