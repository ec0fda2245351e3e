"""The first page when there is no key: paste one, see how to set one up, or explore the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.api.credentials.keys import Secret, check_key
from tui.api.errors import BadKey
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.viewer import show_lines
from tui.text import clean
from tui.toolkit.controls import Option, OptionList
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint
from tui.widgets.base.tones import STYLES, Part, build_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

HOW = """\
o9s looks for keys in this order and never writes one to disk:

1. The environment: OPENAI_API_KEY for a project's objects, OPENAI_ADMIN_KEY for the
   organization's. OPENAI_BASE_URL, OPENAI_ORG_ID and OPENAI_PROJECT_ID are read too.
2. key_command in the profile: a command that prints the key, such as one of your
   password manager:   [profiles.work]
                       key_command = ["pass", "show", "openai/work"]
3. The system's keyring:   o9s auth login
4. This session only: paste it here.

`o9s auth status` tells which is in use.
"""
_HEAD: tuple[Part, ...] = ((" o9s ", "strong"), ("no key yet", "warn"))
_LOW = 20  # lines in which there is no room for the sample
# What it looks like inside: how it is, what and which, a bar or a reason, and what follows, with their tones.
_ROWS: tuple[tuple[Part, ...], ...] = tuple(
    ((f"{state:<14}", tone), (f"{what:<7}{which:<19}", ""), (shown, tone), (f"  {rest}", ""))
    for state, tone, what, which, shown, rest in (
        ("◐ running", "accent", "batch", "nightly-tickets", "█████▏░░", "64 %  12 m left"),
        ("✖ all failed", "bad", "batch", "wrong-model", "model_not_found", "R sends them again"),
        ("◐ training", "accent", "job", "triage", "███▏░░░░", "40 %  loss 0.81"),
        ("▲ at risk", "warn", "key", "lena-laptop", "expires in 6 d", "e changes it"),
    )
)
_SAMPLE = ((("Inside, for example:", "dim"),), *_ROWS)


class WelcomeChoice(NamedTuple):
    """The user's choice: `key` with the key (and whether to keep it), or `sandbox`."""

    kind: Literal["key", "sandbox"]
    key: Secret | None = None
    keep: bool = False


class Welcome(Screen[WelcomeChoice]):
    """The first page without a key. Dismissed with a `WelcomeChoice`."""

    OWN_PROMPT = True  # no `:` here: what is typed is an answer

    BINDINGS = [
        Binding("p", "paste(False)", "paste a key", id="welcome.paste"),
        Binding("k", "paste(True)", "paste and keep", id="welcome.keep"),
        Binding("h", "how", "how to set one up", id="welcome.how"),
        Binding("s", "sandbox", "sandbox", id="welcome.sandbox"),
        Binding("f", "faults", "what could not be used", id="welcome.faults"),
        Binding("q", "app.quit", "quit", id="welcome.quit"),
    ]

    DEFAULT_CSS = """
    Welcome Vertical { align: center middle; height: 1fr; }
    Welcome .words, Welcome OptionList { width: 78; max-width: 96%; }
    Welcome .words { height: auto; margin-bottom: 1; }
    Welcome OptionList, Welcome OptionList:focus {
        height: 4; border: none; padding: 0; background: $background; text-wrap: nowrap; text-overflow: ellipsis;
    }
    Welcome #sample { text-wrap: nowrap; text-overflow: ellipsis; margin-bottom: 2; }
    Welcome.-low #sample, Welcome.-how #sample, Welcome.-told #sample { display: none; }
    Welcome #how { display: none; }
    Welcome.-how #how { display: block; }
    """

    _CHOICES = (
        ("s", "Explore the sandbox", "no key, no network: a platform on this machine", "sandbox"),
        ("p", "Paste a key", "for this session only; nothing is stored", "paste(False)"),
        ("k", "Paste a key and keep it", "in the system's keyring", "paste(True)"),
        ("h", "See how to set one up", "environment, password manager, keyring", "how"),
    )

    def __init__(self, trouble: str = "", shortest: int = 20, faults: Sequence[str] = ()) -> None:
        """`trouble` says why there is no key, `faults` what else could not be used, as of the config."""
        super().__init__(classes="-told" if faults else "")
        self._trouble, self._shortest, self._faults = trouble, shortest, faults

    def compose(self) -> ComposeResult:
        """Yield a greeting, the choices, and how to set up a key."""
        yield HeaderBar(lambda: (_HEAD, ()))  # its own: what stands below only says that the program starts
        with Vertical():
            yield Static(
                "o9s is the OpenAI platform in your terminal. It needs a key to open yours.", classes="words"
            )
            yield Static(
                Content("\n").join(map(build_line, _SAMPLE)),
                id="sample",
                classes="words",
            )
            is_told = any(self._trouble.partition(". ")[0] in fault for fault in self._faults[:1])
            for words in filter(None, ("" if is_told else self._trouble, self._sum_up_faults())):
                yield Static(Content.styled(clean(words), "$text-warning"), classes="words")
            options = [
                Option(
                    Content.assemble((f" {key}  ", "bold $text-accent"), f"{words:<26}", (meaning, STYLES["dim"]))
                )
                for key, words, meaning, _ in self._CHOICES
            ]
            yield OptionList(*options)
            yield Static(HOW, id="how", classes="words", markup=False)
        yield FooterBar()

    def on_mount(self) -> None:
        """Start at the choices."""
        self.query_one(HeaderBar).show(_HEAD)
        faults = [KeyHint("f", "what could not be used")] if self._faults else []
        self.query_one(FooterBar).show_keys([KeyHint("enter", "choose"), *faults, KeyHint("q", "quit")])
        self.set_focus(self.query_one(OptionList))

    def _sum_up_faults(self) -> str:
        """Return the first of the faults, and how many more there are."""
        first, more = next(iter(self._faults), ""), len(self._faults) - 1
        return f"{first} And {more} more: f shows them." if more > 0 else first

    def on_resize(self) -> None:
        """Show what it looks like inside where there is room."""
        self.set_class(self.size.height < _LOW, "-low")

    @on(OptionList.OptionSelected)
    async def _selected(self, event: OptionList.OptionSelected) -> None:
        await self.run_action(self._CHOICES[event.option_index][3])

    def action_sandbox(self) -> None:
        """Open the sandbox."""
        self.dismiss(WelcomeChoice("sandbox"))

    def action_how(self) -> None:
        """Show or hide the ways to set up a key."""
        self.toggle_class("-how")

    def action_faults(self) -> None:
        """Show what could not be used, whole."""
        if self._faults:
            show_lines(self.app, "faults", self._faults, wrapped=True)

    @work(group="paste", exclusive=True)
    async def action_paste(self, keep: bool) -> None:
        """Ask for a key."""
        text = await self.app.push_screen_wait(Ask("Paste the key; it is not shown", secret=True))
        if not text:
            return
        try:
            key = check_key(text, self._shortest)
        except BadKey as error:
            self.notify(str(error), severity="error", markup=False, timeout=10)
        else:
            self.dismiss(WelcomeChoice("key", key, keep))
