"""Where keys come from, and to which host they may go."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keyring
import keyring.backend
import keyring.errors
import pytest

from tui.api.credentials import keystore
from tui.api.credentials.connection import Connection, check_base_url
from tui.api.credentials.keys import Secret
from tui.api.credentials.resolve import describe_status, login, logout, resolve
from tui.api.credentials.trust import Untrusted, allow
from tui.api.errors import ApiError, BadKey, BadSetting, BadUrl, KeyringError
from tui.api.operation import Key
from tui.config.settings import Config, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OFFICIAL = "https://api.openai.com/v1"
ENV_KEY = "sk-proj-" + "TESTONLYENV" * 3
RING_KEY = "sk-proj-" + "TESTONLYRING" * 3
COMMAND_KEY = "sk-proj-" + "TESTONLYCMD" * 3
ADMIN_KEY = "sk-admin-" + "TESTONLYADM" * 3


class Memory(keyring.backend.KeyringBackend):
    """A keyring that works, and can be told to fail."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring does not say
        self.kept: dict[tuple[str, str], str] = {}
        self.before: Callable[[], object] = lambda: None
        self.keeps: Callable[[str], str | None] = lambda value: value

    def get_password(self, service: str, username: str) -> str | None:
        self.before()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.before()
        value = self.keeps(password)
        if value is not None:
            self.kept[service, username] = value

    def delete_password(self, service: str, username: str) -> None:
        self.before()
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """A keyring of the test's own in place of the system's."""
    memory = Memory()
    before = keyring.get_keyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def said(*text: str) -> tuple[str, ...]:
    """A key command that prints."""
    return (sys.executable, "-c", f"print({' '.join(text)!r})")


HOSTS = ("llm.example", "other.example", "e.example", "a.example", "p.example", "s.example")


def resolved(
    env: dict[str, str] | None = None, profile: Profile | None = None, by_hand: bool = False, **asked: Any
) -> Connection:
    """Resolve with one profile, which trusts the hosts of these tests unless `trust` says others."""
    named = replace(profile or Profile("default"), trust=asked.pop("trust", HOSTS))
    config = Config(profiles={named.name: named}, default_profile=named.name)
    given: dict[str, Any] = {
        "profile": named.name if by_hand else None,
        "base_url": None,
        "read_only": False,
        **asked,
    }
    return resolve(env=env or {}, config=config, **given)


COMMANDED = Profile("default", key_command=said(COMMAND_KEY))


@pytest.mark.parametrize(
    ("env", "commanded", "stored", "key", "source"),
    [
        (ENV_KEY, True, True, ENV_KEY, "OPENAI_API_KEY"),
        (ENV_KEY, True, False, ENV_KEY, "OPENAI_API_KEY"),
        (ENV_KEY, False, True, ENV_KEY, "OPENAI_API_KEY"),
        (ENV_KEY, False, False, ENV_KEY, "OPENAI_API_KEY"),
        (f" {ENV_KEY}\n", False, False, ENV_KEY, "OPENAI_API_KEY"),
        ("", True, True, COMMAND_KEY, "key_command"),
        (" \n", True, False, COMMAND_KEY, "key_command"),
        (None, True, True, COMMAND_KEY, "key_command"),
        (None, True, False, COMMAND_KEY, "key_command"),
        ("", False, True, RING_KEY, "keyring"),
        (None, False, True, RING_KEY, "keyring"),
        ("", False, False, None, None),
        (None, False, False, None, None),
    ],
)
def test_the_first_source_that_has_a_key_gives_it(
    env: str | None, commanded: bool, stored: bool, key: str | None, source: str | None
) -> None:
    if stored:
        login("default", RING_KEY, "api.openai.com")
    found = resolved({} if env is None else {"OPENAI_API_KEY": env}, COMMANDED if commanded else None)
    assert (found.project_key and found.project_key.reveal()) == key
    assert found.sources.get(Key.PROJECT) == source
    assert found.admin_key is None
    assert found.problems == {}


def test_each_kind_has_its_slot() -> None:
    found = resolved({"OPENAI_API_KEY": ENV_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY})
    assert (found.key(Key.PROJECT), found.key(Key.ADMIN)) == (Secret(ENV_KEY), Secret(ADMIN_KEY))


@pytest.mark.parametrize(
    ("variable", "key", "says"),
    [
        ("OPENAI_API_KEY", ADMIN_KEY, "holds an admin key where a project key belongs"),
        ("OPENAI_ADMIN_KEY", ENV_KEY, "holds a project key where an admin key belongs"),
        ("OPENAI_API_KEY", ENV_KEY + "\nx", "OPENAI_API_KEY: The key has a line break"),
    ],
)
def test_a_key_that_cannot_be_used_leaves_its_slot_empty_and_says_why(variable: str, key: str, says: str) -> None:
    login("default", RING_KEY, "api.openai.com")
    kind = Key.ADMIN if "ADMIN" in variable else Key.PROJECT
    found = resolved({variable: key})
    assert found.key(kind) is None, "another source's key took its place"
    assert says in found.problems[kind].sentence
    assert "TESTONLY" not in str(found.problems)


def test_servers_on_this_machine_take_any_word_for_a_key_and_others_do_not() -> None:
    local = resolved({"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": "http://127.0.0.1:8080/v1"})
    assert local.project_key == Secret("none")
    assert "too short" in resolved({"OPENAI_API_KEY": "none"}).problems[Key.PROJECT].sentence


@pytest.mark.parametrize("how", ["environment", "argument"])
@pytest.mark.parametrize("stored", ["keyring", "key_command"])
def test_a_stored_key_goes_to_no_other_host(how: str, stored: str) -> None:
    profile = COMMANDED if stored == "key_command" else None
    if stored == "keyring":
        login("default", RING_KEY, "api.openai.com")
    other = "https://other.example/v1"
    found = (
        resolved({"OPENAI_BASE_URL": other}, profile)
        if how == "environment"
        else resolved(profile=profile or Profile("default"), base_url=other)
    )
    assert found.base_url == other
    assert found.project_key is None
    assert "is for api.openai.com and is not sent to other.example" in found.problems[Key.PROJECT].sentence


def test_a_key_of_the_environment_goes_where_the_environment_says() -> None:
    found = resolved({"OPENAI_BASE_URL": "https://other.example/v1/", "OPENAI_API_KEY": ENV_KEY})
    assert (found.base_url, found.project_key) == ("https://other.example/v1", Secret(ENV_KEY))
    assert not found.official


def test_argument_environment_profile_in_this_order() -> None:
    profile = Profile("w", "https://p.example/v1", "org-p", "proj_p", read_only=True, requests_per_minute=9)
    env = {"OPENAI_BASE_URL": "https://e.example/v1", "OPENAI_ORG_ID": "org-e", "OPENAI_PROJECT_ID": "proj_e"}
    asked = resolved(env, profile, base_url="https://a.example/v1")
    by_env = resolved(env, profile)
    by_profile = resolved({}, profile)
    assert [c.host for c in (asked, by_env, by_profile)] == ["a.example", "e.example", "p.example"]
    assert (by_env.organization, by_env.project) == ("org-e", "proj_e")
    assert (by_profile.organization, by_profile.project) == ("org-p", "proj_p")
    assert (by_profile.profile, by_profile.read_only, by_profile.requests_per_minute) == ("w", True, 9)
    assert resolved({}, read_only=True).read_only


@pytest.mark.parametrize("own", ["key_command", "keyring"])
def test_a_profile_named_by_hand_goes_before_the_environment(own: str) -> None:
    command = said(COMMAND_KEY) if own == "key_command" else ()
    profile = Profile("w", organization="org-p", key_command=command)
    if own == "keyring":
        login("w", RING_KEY, "api.openai.com")
    env = {
        "OPENAI_API_KEY": ENV_KEY,
        "OPENAI_ADMIN_KEY": ADMIN_KEY,
        "OPENAI_BASE_URL": "https://e.example/v1",
        "OPENAI_ORG_ID": "org-e",
        "OPENAI_PROJECT_ID": "proj_e",
    }
    found = resolved(env, profile, by_hand=True)
    assert found.host == "api.openai.com"
    assert (found.organization, found.project) == ("org-p", None)
    assert found.sources == {Key.PROJECT: own}
    assert found.project_key == Secret(COMMAND_KEY if own == "key_command" else RING_KEY)
    assert found.admin_key is None, "another account's admin key was taken"
    (note,) = found.notes
    assert all(variable in note for variable in env)
    assert note.endswith("of the environment are not used.")
    assert "TESTONLY" not in note


@pytest.mark.parametrize("stored", [False, True])
def test_a_key_command_that_cannot_be_used_is_told_and_no_other_key_is_taken(stored: bool) -> None:
    why = "profiles.w.key_command must be a list of texts."
    profile = Profile("w", unusable={"key_command": why})
    if stored:
        login("w", RING_KEY, "api.openai.com")
    env = {"OPENAI_API_KEY": ENV_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    for found in (
        resolved(env, profile, by_hand=True),
        resolved({}, profile, by_hand=True),
        resolved({}, profile),
    ):
        assert (found.project_key, found.admin_key) == (None, None)
        assert str(found.problems[Key.PROJECT]) == f"{why} Mend it in the config file."
    assert resolved(env, profile).project_key == Secret(ENV_KEY), "the environment goes before the default profile"


def test_a_base_url_that_cannot_be_used_sends_no_key_elsewhere() -> None:
    profile = Profile("w", key_command=said(COMMAND_KEY), unusable={"base_url": "base_url must be a text."})
    for by_hand in (False, True):
        with pytest.raises(BadSetting, match=r"base_url must be a text\."):
            resolved({}, profile, by_hand)


def test_key_and_base_url_of_the_environment_take_no_account_from_the_default_profile() -> None:
    profile = Profile("w", organization="org-p", project="proj_p")
    env = {"OPENAI_API_KEY": ENV_KEY, "OPENAI_BASE_URL": "https://e.example/v1"}
    found = resolved(env, profile)
    assert (found.organization, found.project, found.project_key) == (None, None, Secret(ENV_KEY))
    assert "The organization and project of profile w are not sent" in found.notes[-1]
    found = resolved({**env, "OPENAI_PROJECT_ID": "proj_e"}, profile)
    assert (found.organization, found.project) == (None, "proj_e")
    assert resolved(env, profile, by_hand=True).project == "proj_p"


def test_the_environment_goes_before_the_default_profile_and_says_so() -> None:
    profile = Profile("w", "https://p.example/v1", "org-p", key_command=said(COMMAND_KEY))
    found = resolved({"OPENAI_API_KEY": ENV_KEY, "OPENAI_BASE_URL": "https://e.example/v1"}, profile)
    assert (found.host, found.sources) == ("e.example", {Key.PROJECT: "OPENAI_API_KEY"})
    assert "OPENAI_API_KEY, OPENAI_BASE_URL of the environment go before what profile w says" in found.notes[0]
    assert resolved({"OPENAI_API_KEY": ENV_KEY}).notes == ()
    assert resolved({}, profile).notes == ()


def test_a_variable_that_is_called_otherwise_here_is_named() -> None:
    old = {"OPENAI_API_KEY": ENV_KEY, "OPENAI_API_BASE": "https://e.example/v1"}
    assert resolved(old).notes == (
        "OPENAI_API_BASE of the environment is not read: it is called OPENAI_BASE_URL.",
    )
    assert resolved({**old, "OPENAI_BASE_URL": "https://e.example/v1"}).notes == ()


LOCAL = "http://127.0.0.1:7803/v1"
REFUSED = "is for api.openai.com and is not sent to 127.0.0.1:7803"


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize(("variable", "key"), [("OPENAI_API_KEY", ENV_KEY), ("OPENAI_ADMIN_KEY", ADMIN_KEY)])
def test_a_key_of_the_environment_goes_to_no_profile_of_another_host(
    variable: str, key: str, by_hand: bool
) -> None:
    kind = Key.ADMIN if "ADMIN" in variable else Key.PROJECT
    there = Profile("w", LOCAL)
    found = resolved({variable: key}, there, by_hand)
    assert found.key(kind) is None, "the environment's key went to the profile's host"
    assert f"The key from {variable} {REFUSED}" in found.problems[kind].sentence
    assert resolved({variable: key}, there, by_hand, base_url=LOCAL).key(kind) == Secret(key)
    assert resolved({variable: key, "OPENAI_BASE_URL": LOCAL}, there, by_hand).key(kind) == Secret(key)
    assert resolved({variable: key}, Profile("w", "https://eu.api.openai.com/v1"), by_hand).key(kind) == Secret(
        key
    )


@pytest.mark.parametrize("own", ["key_command", "keyring"])
def test_the_default_profiles_own_key_is_used_where_the_environments_is_for_another_host(own: str) -> None:
    profile = Profile("w", LOCAL, project="proj_p", key_command=said(COMMAND_KEY) if own == "key_command" else ())
    if own == "keyring":
        login("w", RING_KEY, "127.0.0.1:7803")
    env = {"OPENAI_API_KEY": ENV_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY, "OPENAI_PROJECT_ID": "proj_e"}
    found = resolved(env, profile)
    assert (found.sources, found.project) == ({Key.PROJECT: own}, "proj_p")
    assert found.project_key == Secret(COMMAND_KEY if own == "key_command" else RING_KEY)
    assert found.admin_key is None
    assert REFUSED in found.problems[Key.ADMIN].sentence, "it is refused without a word"
    assert found.notes == (
        "OPENAI_API_KEY, OPENAI_PROJECT_ID of the environment are for api.openai.com and are not sent to "
        "127.0.0.1:7803: what profile w has is used.",
    )


def test_a_keyring_that_fails_is_told_also_where_the_environments_key_is_for_another_host(ring: Memory) -> None:
    ring.before = raising(keyring.errors.KeyringLocked())
    found = resolved({"OPENAI_API_KEY": ENV_KEY}, Profile("w", LOCAL))
    assert found.project_key is None
    assert isinstance(found.problems[Key.PROJECT], KeyringError)


def test_a_named_profile_without_a_key_takes_what_it_does_not_say_from_the_environment() -> None:
    env = {"OPENAI_API_KEY": ENV_KEY, "OPENAI_ORG_ID": "org-e"}
    found = resolved(env, Profile("w", project="proj_p"), by_hand=True)
    assert (found.organization, found.project, found.project_key) == ("org-e", "proj_p", Secret(ENV_KEY))
    elsewhere = resolved(env, Profile("w", "https://p.example/v1"), by_hand=True)
    assert elsewhere.project_key is None, "the environment's key went to the profile's host"
    assert "is for api.openai.com and is not sent to p.example" in elsewhere.problems[Key.PROJECT].sentence
    by_hand = resolved(env, Profile("w", "https://p.example/v1"), by_hand=True, base_url="https://p.example/v1")
    assert by_hand.project_key == Secret(ENV_KEY)


@pytest.mark.parametrize(
    ("url", "key", "taken"),
    [
        ("https://llm.example/v1", "x", True),
        ("https://llm.example/v1", "EMPTY", True),
        ("https://llm.example/v1", "sk-1234", True),
        ("http://127.0.0.1:8000/v1", "x", True),
        ("https://api.openai.com/v1", "sk-1234", False),
        ("https://eu.api.openai.com/v1", "sk-1234", False),
        ("https://llm.example/v1", "two words", False),
    ],
)
def test_only_openai_is_known_to_have_long_keys(url: str, key: str, taken: bool) -> None:
    found = resolved({"OPENAI_API_KEY": key, "OPENAI_BASE_URL": url})
    assert (found.project_key == Secret(key)) is taken
    assert found.usable is taken


def test_a_server_of_somebody_else_can_be_used_without_a_key() -> None:
    assert resolved({"OPENAI_BASE_URL": "http://127.0.0.1:8000/v1"}).usable
    assert resolved({"OPENAI_BASE_URL": "https://llm.example/v1"}).usable
    assert not resolved({}).usable


def test_an_unknown_profile_is_told_with_those_there_are() -> None:
    config = Config(profiles={"work": Profile("work")})
    with pytest.raises(BadSetting, match=r"There is no profile nope\. There are: work\."):
        resolve(profile="nope", base_url=None, read_only=False, env={}, config=config)


def test_a_kind_of_server_without_an_address_is_not_openai() -> None:
    config = Config(profiles={"az": Profile("az", kind="azure")}, default_profile="az")
    for named in ("az", None):
        with pytest.raises(
            BadSetting, match=r'kind azure and has no base_url.*base_url = "https://HOST/openai/v1"'
        ):
            resolve(profile=named, base_url=None, read_only=False, env={}, config=config)


def test_a_header_that_would_split_is_refused() -> None:
    with pytest.raises(BadSetting, match="organization"):
        resolved({"OPENAI_ORG_ID": "org\r\nX-Evil: 1"})


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        (" https://eu.api.openai.com/v1 ", "https://eu.api.openai.com/v1"),
        ("https://gateway.example:8443/openai/v1", "https://gateway.example:8443/openai/v1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://127.9.9.9/v1", "http://127.9.9.9/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("https://xn--bcher-kva.example/v1", "https://xn--bcher-kva.example/v1"),
    ],
)
def test_base_urls_that_are_taken(url: str, taken: str) -> None:
    assert check_base_url(url) == taken


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com/v1",
        "ftp://api.openai.com/v1",
        "http://api.openai.com/v1",
        "http://127.0.0.1.example/v1",
        "http://2130706433/v1",
        "http://0.0.0.0/v1",
        "http://10.0.0.1/v1",
        "https://user:pw@api.openai.com/v1",
        "https://api.openai.com@evil.example/v1",
        "https://api.openai.com\\@evil.example/v1",
        "https://api.openai.com/v1?x=1",
        "https://api.openai.com/v1#x",
        "https://api.openai.com/v1 x",
        "https://api.openai.com/\r\nv1",
        "https://api.openai.com/\x1b]0;x\x07",
        "https://арі.openai.com/v1",
        "https://api.openai.com/../v1",
        "https://:443/v1",
        "https://api.openai.com:99999/v1",
        "https://api.openai.com:0/v1",
        "https://[::1/v1",
    ],
)
def test_base_urls_that_are_refused(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        check_base_url(url)
    assert "pw@" not in str(caught.value)
    assert caught.value.next


def test_a_look_alike_host_is_spelled_out() -> None:
    with pytest.raises(BadUrl, match="xn--"):
        check_base_url("https://арі.openai.com/v1")


@pytest.mark.parametrize(
    ("url", "official"),
    [
        (OFFICIAL, True),
        ("https://eu.api.openai.com/v1", True),
        ("https://openai.com.evil.example/v1", False),
        ("https://evilopenai.com/v1", False),
    ],
)
def test_the_official_host_is_known(url: str, official: bool) -> None:
    assert Connection(base_url=url).official is official


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise SystemExit(3)", "ended with code 3"),
        ("pass", "printed nothing"),
        ("print('x' * 5000)", "printed more than a key"),
        ("while True: print('x' * 1000)", "printed more than a key"),
        ("print('bad key with blanks in it')", "has a blank at position 4"),
    ],
)
def test_a_key_command_that_fails_says_how(code: str, says: str) -> None:
    found = resolved(profile=Profile("default", key_command=(sys.executable, "-c", code)))
    assert found.project_key is None
    with pytest.raises(ApiError, match=says):
        raise found.problems[Key.PROJECT]


def test_a_key_command_that_is_not_there_says_so() -> None:
    found = resolved(profile=Profile("default", key_command=("no-such-command-here",)))
    assert "no-such-command-here cannot be run" in found.problems[Key.PROJECT].sentence


@pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX's")
def test_a_key_command_that_hangs_is_ended_with_its_children(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    noted = tmp_path / "pid"
    code = f"import os, time; os.fork(); open({str(noted)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    monkeypatch.setattr(keystore, "COMMAND_SECONDS", 0.5)
    found = resolved(profile=Profile("default", key_command=(sys.executable, "-c", code)))
    assert "did not finish" in found.problems[Key.PROJECT].sentence
    for pid in map(int, noted.read_text().split()):
        wait_until(lambda pid=pid: not is_running(pid))  # type: ignore[misc]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # What init has not yet collected no longer runs.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().split()[2] != "Z"


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        threading.Event().wait(0.01)


def test_login_stores_by_kind_and_logout_removes(ring: Memory) -> None:
    assert login("work", RING_KEY, "api.openai.com") is Key.PROJECT
    assert login("work", ADMIN_KEY, "api.openai.com") is Key.ADMIN
    found = resolved(profile=Profile("work"))
    assert (found.project_key, found.admin_key) == (Secret(RING_KEY), Secret(ADMIN_KEY))
    assert resolved(profile=Profile("other")).project_key is None
    assert logout("work") == [Key.PROJECT, Key.ADMIN]
    assert logout("work") == []
    assert ring.kept == {}


def test_a_bad_key_is_not_stored(ring: Memory) -> None:
    with pytest.raises(BadKey):
        login("work", "sk-short", "api.openai.com")
    assert ring.kept == {}


def raising(error: Exception) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


@pytest.mark.parametrize(
    ("before", "keeps", "reason"),
    [
        (raising(keyring.errors.NoKeyringError("none")), None, "absent"),
        (raising(keyring.errors.KeyringLocked(f"locked {RING_KEY}")), None, "locked"),
        (raising(keyring.errors.PasswordSetError(RING_KEY)), None, "failed"),
        (raising(RuntimeError(RING_KEY)), None, "failed"),
        (None, lambda _: None, "forgets"),
        (None, lambda value: value[:-1], "forgets"),
    ],
)
def test_a_keyring_that_fails_says_how_and_what_else_there_is(
    ring: Memory, before: Callable[[], object] | None, keeps: Callable[[str], str | None] | None, reason: str
) -> None:
    ring.before = before or ring.before
    ring.keeps = keeps or ring.keeps
    with pytest.raises(KeyringError) as caught:
        login("work", RING_KEY, "api.openai.com")
    assert caught.value.reason == reason
    assert all(choice in caught.value.next for choice in ("OPENAI_API_KEY", "key_command", "session"))
    assert "TESTONLY" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_keyring_that_hangs_is_left_behind(ring: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()
    ring.before = held.wait
    monkeypatch.setattr(keystore, "KEYRING_SECONDS", 0.1)
    try:
        with pytest.raises(KeyringError) as caught:
            login("work", RING_KEY, "api.openai.com")
        assert caught.value.reason == "silent"
        assert {p.sentence for p in resolved().problems.values()} == {caught.value.sentence}
    finally:
        held.set()


def test_no_keyring_alone_is_no_problem(ring: Memory) -> None:
    ring.before = raising(keyring.errors.NoKeyringError())
    found = resolved()
    assert found.project_key is None
    assert found.problems == {}


def test_the_keyring_is_left_alone_when_it_is_not_needed(ring: Memory) -> None:
    ring.before = raising(AssertionError("asked"))
    assert resolved({"OPENAI_API_KEY": ENV_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}).problems == {}


def test_a_key_for_this_session_takes_the_slot_of_its_kind() -> None:
    empty = resolved({"OPENAI_API_KEY": "bad key"})
    found = empty.with_key(Secret(ENV_KEY)).with_key(Secret(ADMIN_KEY))
    assert (found.project_key, found.admin_key) == (Secret(ENV_KEY), Secret(ADMIN_KEY))
    assert set(found.sources.values()) == {"this session"}
    assert found.problems == {}


def test_status_names_sources_and_never_a_key_or_a_password() -> None:
    env = {"HTTPS_PROXY": "http://me:TESTONLYpw@proxy.example:3128", "OPENAI_API_KEY": ENV_KEY}
    lines = describe_status(resolved(env), env)
    assert "from OPENAI_API_KEY" in dict(lines)["project key"]
    assert dict(lines)["HTTPS_PROXY"] == "http://…@proxy.example:3128"
    assert "TESTONLY" not in str(lines)
    assert dict(lines)["writing"] == "allowed, behind dialogs"
    closed = replace(resolved(env), read_only_by="--read-only")
    assert dict(describe_status(closed, env))["writing"] == "refused (read-only, by --read-only)"


def test_a_key_of_the_environment_goes_to_a_host_once_that_is_trusted_with_it() -> None:
    env = {"OPENAI_API_KEY": ENV_KEY, "OPENAI_BASE_URL": "https://llm.example:8443/v1"}
    asked = resolved(env, trust=()).problems[Key.PROJECT]
    assert isinstance(asked, Untrusted)
    assert "was never sent to llm.example:8443 before" in str(asked)
    assert ENV_KEY not in str(asked)
    allow(asked)
    assert resolved(env, trust=()).project_key == Secret(ENV_KEY)
    for other in ({"OPENAI_API_KEY": COMMAND_KEY}, {"OPENAI_BASE_URL": "https://llm.example/v1"}):
        assert isinstance(resolved({**env, **other}, trust=()).problems[Key.PROJECT], Untrusted), other


@pytest.mark.parametrize(
    ("url", "hosts", "taken"),
    [
        ("https://api.openai.com/v1", (), True),
        ("https://eu.api.openai.com/v1", (), True),
        ("http://127.0.0.1:9/v1", (), True),
        ("http://[::1]:9/v1", (), True),
        ("https://llm.example/v1", (), False),
        ("https://llm.example/v1", ("llm.example",), True),
        ("https://llm.example:8443/v1", ("llm.example",), True),
        ("https://llm.example:8443/v1", ("llm.example:8443",), True),
        ("https://llm.example/v1", ("llm.example:8443", "example"), False),
        ("https://openai.com.evil.example/v1", ("openai.com",), False),
        ("https://notopenai.com/v1", (), False),
    ],
)
@pytest.mark.parametrize("given", ["environment", "by hand"])
def test_which_hosts_are_trusted_unasked(url: str, hosts: tuple[str, ...], taken: bool, given: str) -> None:
    env = {"OPENAI_API_KEY": ENV_KEY, "OPENAI_ADMIN_KEY": "sk-admin-" + "b" * 30}
    env |= {"OPENAI_BASE_URL": url} if given == "environment" else {}
    found = resolved(env, trust=hosts, base_url=url if given == "by hand" else None)
    assert (bool(found.project_key), bool(found.admin_key)) == (taken, taken)
    assert taken or all(isinstance(each, Untrusted) for each in found.problems.values())
