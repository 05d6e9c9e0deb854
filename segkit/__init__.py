"""Load raw behaviour data, define segments, and report on them.

>>> import segkit as sk
>>> loyal = sk.did(visit="any", is_=sk.gte(5), during=sk.last("30d"))
>>> sk.Segment("regulars", loyal & ~sk.in_segment("staff"), title="Came five times").segment
'regulars'

A name is imported when it is first used, so that `import segkit` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_BUILD = (
    "Segment",
    "active",
    "after_first",
    "after_last",
    "all_of",
    "any_of",
    "at_least",
    "attribute",
    "before",
    "before_first",
    "before_last",
    "between",
    "calendar",
    "condition",
    "consent",
    "contains",
    "did",
    "did_not",
    "ends_with",
    "eq",
    "ever",
    "everyone",
    "from_to",
    "gt",
    "gte",
    "in_list",
    "in_pattern",
    "in_segment",
    "known",
    "last",
    "lt",
    "lte",
    "matches",
    "members_of",
    "ne",
    "none_of",
    "older_than",
    "one_of",
    "same_visit",
    "sample",
    "set_",
    "since",
    "since_first",
    "since_last",
    "starts_with",
    "visit_attribute",
    "within_any",
)
_LIFECYCLE = ("first_time", "regularly", "resumed", "stopped")
_METRICS = ("compared", "measured", "metric", "ranked")
_HOMES = {
    **dict.fromkeys(_LIFECYCLE, ("segkit.segments.build_lifecycle", None)),
    **dict.fromkeys(_METRICS, ("segkit.segments.build_metrics", None)),
    **dict.fromkeys(_BUILD, ("segkit.segments.build", None)),
    "Workspace": ("segkit.workspace", None),
    "compare_segments": ("segkit.workspace.live_asking", "compare_live"),
    "find_patterns": ("segkit.workspace.patterns", None),
    "find_paths": ("segkit.workspace.paths", None),
    "assign_patterns": ("segkit.workspace.patterns", None),
    "finish": ("segkit.workspace.own_numbers", None),
    "load_ipython_extension": ("segkit.workspace.magics", None),
    "open": ("segkit.workspace", "open_workspace"),
    "refit_patterns": ("segkit.workspace.pattern_refit", None),
    "report_patterns": ("segkit.workspace.pattern_reports", None),
    "rfm_segments": ("segkit.workspace.rfm", None),
    "SegkitError": ("segkit.errors", None),
}

__all__ = [  # noqa: PLE0604  text
    "SegkitError",
    "Workspace",
    "__version__",
    "assign_patterns",
    "compare_segments",
    "find_paths",
    "find_patterns",
    "finish",
    "load_ipython_extension",
    "open",
    "refit_patterns",
    "report_patterns",
    "rfm_segments",
    *_BUILD,
    *_LIFECYCLE,
    *_METRICS,
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  PEP 562
    if name not in _HOMES:
        raise AttributeError(f"module 'segkit' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *globals()])
