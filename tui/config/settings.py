"""Every setting of the config file, declared once.

A setting is a field of a class here, made by `setting`: its kind of value, words on it, its default. Reading, the
notices on what cannot be used, `o9s config` and the JSON schema go by that, and a test has README show it. A table
of its own is another class, which a field of `Config` names. What a kind cannot tell, such as whether there is a
theme, is told where it is used, with `config.source.at(…)` before it for the line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tui.config.kinds import (
    COMMAND,
    HOSTS,
    KEYS,
    NAMES,
    SHARE,
    SWITCH,
    TEXT,
    TEXT_OR_COMMAND,
    ByName,
    Rows,
    Table,
    one_of,
    setting,
    texts,
    whole,
)
from tui.config.presets import PRESETS
from tui.config.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.config.source import Way

ALL = ""
"""Stands for all profiles, known or not."""
USUAL_PLACES = ("home", "batches", "files", "tuning", "stores", "evals", "threads", "keys", "costs")


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of credentials' sources and where they are used. None or empty: not set."""

    name: str = "default"
    base_url: str | None = setting(TEXT, "The server; without it https://api.openai.com/v1.")
    organization: str | None = setting(TEXT, "The organization that requests are for.")
    project: str | None = setting(TEXT, "The project that requests are for.")
    key_command: tuple[str, ...] = setting(COMMAND, "The command that prints the key.", default=())
    admin_key_command: tuple[str, ...] = setting(COMMAND, "The command that prints the admin key.", default=())
    read_only: bool = setting(
        SWITCH,
        "Refuse everything that would change the platform.",
        default=False,
        instead=(True, "it counts as true"),
    )
    requests_per_minute: int | None = setting(
        whole(1, 10_000),
        "How many requests a minute polls, many writes and the looks before them may make; one alone never waits.",
    )
    trust: tuple[str, ...] = setting(
        HOSTS,
        "The hosts besides OpenAI's to which keys of the environment may go, unasked.",
        default=(),
    )
    kind: str | None = setting(
        one_of(*PRESETS), "What the server runs: sets what such a server wants, and asks for nothing it lacks."
    )
    auth: str | None = setting(
        one_of("bearer", "api-key", "none"),
        "How the key is sent: as Authorization: Bearer, as the header api-key, or not at all.",
    )
    headers: Mapping[str, str | tuple[str, ...]] = setting(
        ByName(TEXT_OR_COMMAND, "HEADER"),
        "What is sent with each request, as it stands or as a command prints it; never shown.",
        is_private=True,
    )
    query: Mapping[str, str | tuple[str, ...]] = setting(
        ByName(TEXT_OR_COMMAND, "PARAMETER"),
        "What is added to the query of each request, as it stands or as a command prints it.",
        is_private=True,
    )
    ca: str | None = setting(
        TEXT, "A file or folder of certificates (PEM) that are trusted besides the usual ones."
    )
    client_cert: str | None = setting(TEXT, "The file of the certificate (PEM) that is shown to the server.")
    client_key: str | None = setting(
        TEXT, "The file of its key (PEM), readable by you alone; not needed where client_cert holds it."
    )
    proxy: str | tuple[str, ...] | None = setting(
        TEXT_OR_COMMAND,
        'The address of a proxy, or a command that prints it; "none" uses not even that of the environment.',
        is_private=True,
    )
    allow_http: tuple[str, ...] = setting(
        HOSTS,
        "The hosts besides this machine to which plain http may go, which others can read.",
        default=(),
    )
    unusable: Mapping[str, str] = field(default_factory=dict)
    """Sentences on settings that are there and cannot be used, by name."""


@dataclass(frozen=True, slots=True)
class Notify:
    """What is done when something watched (W) is over."""

    exec: tuple[str, ...] = setting(
        COMMAND, "The command that is run, with O9S_ID, O9S_NAME, O9S_OUTCOME … in its environment.", default=()
    )


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """A command of the user, for objects."""

    key: str = setting(TEXT, "The key that runs it.", default="", is_required=True)
    on: tuple[str, ...] = setting(
        NAMES, 'The resources whose objects it is for; "*" for all.', default=(), is_required=True
    )
    run: tuple[str, ...] = setting(
        COMMAND,
        "The program and its arguments; no shell reads them. {id}, {name} and {metadata.run} are of the object, "
        "{?title} and {?model:one|another} are asked, {{ and }} are braces.",
        default=(),
        is_required=True,
    )
    description: str = setting(TEXT, "What it is called in help, actions and the palette.", default="")
    input: str = setting(
        one_of("none", "ids", "json", "jsonl"), "What it reads of the marked objects.", default="none"
    )
    output: str = setting(
        one_of("pane", "toast", "terminal", "none"), "Where what it prints is shown.", default="pane"
    )
    confirm: bool = setting(SWITCH, "Ask before it is run.", default=False, instead=(True, "until then it asks"))
    safe: bool = setting(SWITCH, "It changes nothing, so read-only mode lets it run.", default=False)
    number: int = 0
    """Which it is among those of the file."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.description or " ".join(self.run)


@dataclass(frozen=True, slots=True)
class ColourRule:
    """A tone for the rows that fulfil a filter."""

    when: str = setting(TEXT, "A filter, as after /.", default="", is_required=True)
    tone: str = setting(
        one_of("dim", "accent", "good", "warn", "bad"), "How such rows are drawn.", default="", is_required=True
    )
    number: int = 0


@dataclass(frozen=True, slots=True)
class OwnView:
    """How a list is shown. Empty: as it is by itself."""

    name: str = ""
    columns: tuple[str, ...] = setting(
        texts('["OUTCOME", "meta.run"]'),
        "The columns: headers, meta.KEY for metadata, paths in the JSON such as request_counts.total.",
        default=(),
    )
    sort: str = setting(TEXT, "The column it is sorted by, - before it for descending; needs.", default="")
    filter: str = setting(TEXT, "The filter it opens with, as after /.", default="")
    colours: tuple[ColourRule, ...] = setting(Rows(ColourRule), "Tones of rows: the first rule that fits.")


class Fault(NamedTuple):
    """Something in the file that could not be used."""

    line: int
    """Where it stands; 0 for the whole file."""
    way: Way
    sentence: str
    closes: str | None = None
    """The profile, or `ALL`, as which nothing is written until it is mended, as it may have been meant so."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the config file says."""

    default_profile: str = setting(TEXT, "The profile to connect as.", default="default")
    theme: str | None = setting(
        TEXT, "The colours: :theme lists them, and your own in themes/NAME.toml; auto is as the terminal is."
    )
    start: str = setting(
        TEXT, "Where the program opens: last is the list, with its filter, where you were.", default="home"
    )
    places: tuple[str, ...] = setting(
        texts('["home", "files"]', most=10),
        "Where the digits 1 to 9 and 0 jump to, each as : takes it; ten at the most.",
        default=USUAL_PLACES,
    )
    failed_share: float = setting(
        SHARE, "How large a share of a batch's requests may fail before it needs you.", default=0.0
    )
    present: bool = setting(
        SWITCH, "Begin in presentation mode: people, keys and accounts are hidden.", default=False
    )
    remember: bool = setting(
        SWITCH,
        "Keep what was last seen for the next start, and show it while the platform is asked.",
        default=True,
    )
    profiles: Mapping[str, Profile] = setting(ByName(Profile, "PROFILE"), "Whom to connect as, by name.")
    notify: Notify = setting(Table(Notify), "What is done when something watched (W) is over.")
    keys: Mapping[str, tuple[str, ...]] = setting(
        ByName(KEYS, "ID"), "Other keys for what has some: `o9s bindings` lists the ids."
    )
    commands: tuple[OwnCommand, ...] = setting(Rows(OwnCommand), "Commands of your own, on keys.")
    aliases: Mapping[str, str] = setting(
        ByName(TEXT, "WORD"), "Words of your own for :, each with the line it stands for."
    )
    filters: Mapping[str, str] = setting(
        ByName(TEXT, "NAME"), "Filters by name: after /, @NAME stands for one and completes to it."
    )
    views: Mapping[str, OwnView] = setting(ByName(OwnView, "RESOURCE"), "How lists are shown, by resource.")
    faults: tuple[Fault, ...] = ()
    """What in it could not be used, in the order of the lines."""
    unreadable: str = ""
    """Why the file that is there cannot be read, as a sentence; then nothing is written."""
    source: Source = field(default_factory=Source, repr=False, compare=False)
    """The file, for the lines of what stands in it."""

    @property
    def notices(self) -> tuple[str, ...]:
        """The sentences on what in it could not be used."""
        return tuple(fault.sentence for fault in self.faults)

    def find_closing(self, profile: str) -> str:
        """Return where the fault stands for which nothing is written as a profile; "" where there is none."""
        closing = next((each for each in self.faults if each.closes in (profile, ALL)), None)
        return closing.sentence.partition(": ")[0] if closing else ""

    def profile(self, name: str) -> Profile:
        """Return the profile of this name; an empty one where the file has none."""
        return self.profiles.get(name) or Profile(name)
