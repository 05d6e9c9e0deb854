"""Declare the parameters of every report once, so that every way in refuses the same text.

The command line, a schedule, a query string and a widget all hand over text. A parameter kind knows
its text form, its legal range and what it gives a notebook: plain text, whole numbers and ISO
dates, nothing that a notebook file cannot hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from segkit.errors import ParameterError, near_names
from segkit.runs.secret_words import check_text

Plain = str | int


def not_parsed(name: str, text: str, expected: str) -> ParameterError:
    """Give the error for a parameter whose text is not of its kind."""
    return ParameterError.not_read(name, text, expected, hint=f"give {name}=VALUE as {expected}.")


class Parameter(Protocol):
    """One parameter of a report: a name, a default in its text form, and how its text is read."""

    @property
    def name(self) -> str:
        """The name, as in the notebook's cell tagged `parameters`."""
        ...

    @property
    def default(self) -> str | None:
        """The text that stands in when nothing is given; None when something must be."""
        ...

    @property
    def is_own(self) -> bool:
        """Whether segkit alone sets it, so that `--set` may not."""
        ...

    def parse(self, text: str) -> Plain:
        """Give the value that a text means; raise ParameterError for any other text."""
        ...


@dataclass(frozen=True, kw_only=True)
class TextParameter:
    """A line of text, not empty, of at most `most` characters and without control characters.

    >>> TextParameter(name="baseline", default="rest").parse("everyone")
    'everyone'
    """

    name: str
    default: str | None = None
    is_own: bool = False
    most: int = 300

    def parse(self, text: str) -> str:
        """Give the text as it is."""
        if not text or len(text) > self.most or not text.isprintable():
            raise not_parsed(
                self.name, text[:40], f"one line of text of 1 to {self.most} characters"
            )
        return text


@dataclass(frozen=True, kw_only=True)
class DateParameter:
    """A calendar date, handed on as ISO 8601 text.

    >>> DateParameter(name="as_of").parse("2026-06-30")
    '2026-06-30'
    """

    name: str
    default: str | None = None
    is_own: bool = False

    def parse(self, text: str) -> str:
        """Give the date as ISO text."""
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as exc:
            raise not_parsed(self.name, text[:40], "a date like 2026-06-30") from exc


@dataclass(frozen=True, kw_only=True)
class WholeParameter:
    """A whole number between two bounds, both allowed.

    >>> WholeParameter(name="days", default="90", least=1, most=3660).parse("28")
    28
    """

    name: str
    default: str | None = None
    is_own: bool = False
    least: int = 0
    most: int = 1_000_000

    def parse(self, text: str) -> int:
        """Give the number."""
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and self.least <= int(text) <= self.most:
            return int(text)
        raise not_parsed(self.name, text[:40], f"a whole number from {self.least} to {self.most}")


@dataclass(frozen=True, kw_only=True)
class ChoiceParameter:
    """One of a few words.

    >>> ChoiceParameter(name="grain", default="week", choices=("day", "week")).parse("day")
    'day'
    """

    name: str
    choices: tuple[str, ...]
    default: str | None = None
    is_own: bool = False

    def parse(self, text: str) -> str:
        """Give the word."""
        if text not in self.choices:
            raise not_parsed(
                self.name, text[:40], " or ".join(f"`{choice}`" for choice in self.choices)
            )
        return text


@dataclass(frozen=True, kw_only=True)
class OptionalParameter:
    """A parameter of another kind that may also be left empty; empty text is what a notebook gets.

    >>> optional = OptionalParameter(inner=WholeParameter(name="k", least=2, most=12))
    >>> optional.parse(""), optional.parse("4")
    ('', 4)
    """

    inner: Parameter
    default: str | None = ""

    @property
    def name(self) -> str:
        """The name of the kind inside."""
        return self.inner.name

    @property
    def is_own(self) -> bool:
        """Whether segkit alone sets it."""
        return self.inner.is_own

    def parse(self, text: str) -> Plain:
        """Give the value of the kind inside, or empty text for empty text."""
        return self.inner.parse(text) if text else ""


@dataclass(frozen=True, kw_only=True)
class ListParameter:
    """Different names with commas between them, handed on as one text: names hold no comma.

    >>> ListParameter(name="segments", most=8).parse("loyal, deal_hunters")
    'loyal,deal_hunters'
    """

    name: str
    default: str | None = None
    is_own: bool = False
    least: int = 1
    most: int = 8
    longest: int = 120

    def parse(self, text: str) -> str:
        """Give the names without blanks around them, in the order given."""
        names = [name.strip(" ") for name in text.split(",")]
        is_fit = all(name and len(name) <= self.longest and name.isprintable() for name in names)
        if not (is_fit and self.least <= len(names) <= self.most and len(set(names)) == len(names)):
            raise not_parsed(
                self.name,
                text[:40],
                f"{self.least} to {self.most} different names with commas between them",
            )
        return ",".join(names)


@dataclass(frozen=True, kw_only=True)
class ParameterModel:
    """All parameters of one report, in the order of its notebook's parameters cell.

    `heading` is what a report is called before the title of its segment: empty where that title
    says enough. `has_user_list` says that its facts must hold a list as long as the segment is
    large, `is_whole` that it is one report whatever segments it is about; the word `tracked` then
    names all of the workspace's own. One that `is_published` may be run and lies in `reports_out`;
    any other is only looked at.
    """

    report: str
    parameters: tuple[Parameter, ...]
    heading: str = ""
    has_user_list: bool = False
    is_whole: bool = False
    is_published: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    def read(self, given: Mapping[str, str]) -> dict[str, Plain]:
        """Give every parameter's value: the given text where there is one, else the default.

        Raises
        ------
        ParameterError
            When a name is unknown, a text is not of its kind or holds a secret, or one without a
            default is missing.
        """
        self._check_names(given, self.names)
        for name, said in given.items():
            check_text(name, said)
        values: dict[str, Plain] = {}
        for parameter in self.parameters:
            text = given.get(parameter.name, parameter.default)
            if text is None:
                raise ParameterError.build(
                    f"Report `{self.report}` needs the parameter `{parameter.name}`.",
                    hint=f"give {parameter.name}=VALUE.",
                )
            values[parameter.name] = parameter.parse(text)
        return values

    def read_settings(self, settings: Iterable[str]) -> dict[str, str]:
        """Give names and texts of `name=value` settings as a person writes them.

        Each is checked against its kind.

        Raises
        ------
        ParameterError
            When a setting has no `=`, comes twice, names an unknown or own parameter, or has an
            ill-typed value or a secret.
        """
        free = {parameter.name: parameter for parameter in self.parameters if not parameter.is_own}
        found: dict[str, str] = {}
        for setting in settings:
            name, equals, text = setting.partition("=")
            if not equals:
                raise ParameterError.build(
                    f"The setting `{setting[:40]}` has no `=`.", hint="write --set name=value."
                )
            self._check_names([name], free)
            if name in found:
                raise ParameterError.build(
                    f"Parameter `{name}` is set twice.", hint="give it once."
                )
            check_text(name, text)
            free[name].parse(text)
            found[name] = text
        return found

    def _check_names(self, names: Iterable[str], known: Iterable[str]) -> None:
        for name in names:
            if name not in known:
                raise ParameterError.build(
                    f"Report `{self.report}` has no parameter `{name[:40]}`.",
                    hint=near_names(name, known),
                )


_WORKSPACE = TextParameter(name="workspace", is_own=True, most=4096)
_SEGMENT = TextParameter(name="segment", is_own=True, most=120)
_BASELINE = TextParameter(name="baseline", default="rest", most=120)

SEGMENT_REPORT = ParameterModel(
    report="segment_report",
    parameters=(
        _WORKSPACE,
        _SEGMENT,
        DateParameter(name="as_of"),
        WholeParameter(name="days", default="90", least=1, most=3660),
        _BASELINE,
    ),
    has_user_list=True,
)
"""One segment: the workspace's folder, the segment's id, the last day, the days looked back on, and
what it is set against: `rest` (of the universe), `everyone`, or the id of another segment."""

BEHAVIOUR_PATTERNS = ParameterModel(
    report="behaviour_patterns",
    heading="Behaviour patterns",
    parameters=(
        _WORKSPACE,
        _SEGMENT,
        DateParameter(name="as_of"),
        WholeParameter(name="days", default="30", least=1, most=3660),
        OptionalParameter(inner=WholeParameter(name="k", least=2, most=10)),
        OptionalParameter(inner=TextParameter(name="model", most=120)),
    ),
)
"""The kinds of behaviour in one segment: `k` groups where a number is given, else as many as are
found; `model` names kept patterns to ask again."""

COMPARE_SEGMENTS = ParameterModel(
    report="compare_segments",
    heading="Comparison",
    parameters=(
        _WORKSPACE,
        ListParameter(name="segments", is_own=True, least=1, most=8),
        DateParameter(name="as_of"),
        WholeParameter(name="days", default="90", least=1, most=3660),
        _BASELINE,
    ),
)
"""One to eight segments beside each other and a baseline; `segments` is text with commas."""

WEEKLY_REVIEW = ParameterModel(
    report="weekly_review",
    heading="Review",
    parameters=(
        _WORKSPACE,
        ListParameter(name="segments", default="tracked", is_own=True, least=1, most=100),
        DateParameter(name="as_of"),
        WholeParameter(name="days", default="7", least=1, most=3660),
        ChoiceParameter(name="period", default="week", choices=("day", "week", "month")),
    ),
    is_whole=True,
)
"""Many segments on one page: `segments` is `tracked` or text with commas, `period` what is set
against the one before, `days` how many up to a period's end count for active and new users."""

USER_PROFILE = ParameterModel(
    report="user_profile",
    heading="User profile",
    parameters=(
        _WORKSPACE,
        OptionalParameter(inner=TextParameter(name="user", most=300)),
        DateParameter(name="as_of"),
        WholeParameter(name="days", default="90", least=1, most=3660),
        WholeParameter(name="page", default="1", least=1, most=100_000),
    ),
    is_published=False,
)
"""One user, by the id of the user or of a device; empty where it is asked for in the page. `days`
are those set beside the average, `page` is that of the timeline. It is looked at, never run."""

MODELS = {
    model.report: model
    for model in (
        SEGMENT_REPORT,
        BEHAVIOUR_PATTERNS,
        COMPARE_SEGMENTS,
        WEEKLY_REVIEW,
        USER_PROFILE,
    )
}
"""The parameters of every shipped report, by the report's name."""
