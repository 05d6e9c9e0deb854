"""Show facts as tables, figures and text; nothing is computed here, nothing drawn unasked."""

from segkit.views.attributes import render_attributes, render_over_represented
from segkit.views.behaviour import render_behaviour
from segkit.views.breakdown import render_pages, render_traffic
from segkit.views.cover import render_cover
from segkit.views.differences import render_differences
from segkit.views.fragment import Fragment
from segkit.views.funnel import render_funnel
from segkit.views.notes import render_notes
from segkit.views.overlap import render_overlap
from segkit.views.overview import render_overview
from segkit.views.people import render_top_users, render_users
from segkit.views.retention import render_retention
from segkit.views.trend import render_trend
from segkit.views.value import render_value
from segkit.views.when import render_when

__all__ = [
    "Fragment",
    "render_attributes",
    "render_behaviour",
    "render_cover",
    "render_differences",
    "render_funnel",
    "render_notes",
    "render_over_represented",
    "render_overlap",
    "render_overview",
    "render_pages",
    "render_retention",
    "render_top_users",
    "render_traffic",
    "render_trend",
    "render_users",
    "render_value",
    "render_when",
]
