"""The ledger of ids seen: the only list there can be of what the API does not list.

Threads, responses and conversations are found again by it, and in which thread a run was. It remembers ids and a
few plain facts, never what was said, in a file that only this user can read.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.system.private_files import directories, private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.resources.language.resource import Resource

FACTS = ("object", "created_at", "status", "model", "name")  # besides the id; words and numbers only
LONGEST = 200  # characters of a fact
KEPT = 1_000  # ids of a kind


def recall_ids(resource: str | None, profile: str | None = None, directory: Path | None = None) -> list[str]:
    """Return ids seen before, last seen first, each behind those of what it is in: `PARENT/ID`.

    Those of a resource or of all, of a profile or of all. Nothing is written.
    """
    path = (directory or directories().state) / "ledger.sqlite3"
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as database:
            rows = database.execute(
                "select place, id from seen where (?1 is null or resource = ?1)"
                " and (?2 is null or profile like ?2 || ' %') order by at desc limit ?3",
                (resource, profile, KEPT),
            ).fetchall()
    except sqlite3.Error:
        return []
    return list(dict.fromkeys("/".join((*json.loads(place).values(), id_)) for place, id_ in rows))


class Ledger:
    """Remembers objects by resource and place, for a profile. Without a usable file it remembers until the end."""

    def __init__(
        self, profile: str, directory: Path | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._profile = profile
        self._clock = clock
        self.fault = ""
        """A sentence on the file, where it cannot be used."""
        self._database = self._open(directory)

    def _open(self, directory: Path | None) -> sqlite3.Connection:
        path = (directory or directories().state) / "ledger.sqlite3"
        try:
            private_directory(path.parent)
            try:
                return self._connect(path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # it is no database
                path.replace(aside := path.with_name(f"{path.name}.bad"))
                self.fault = f"{path} is damaged: the ids seen here begin anew. It is kept as {aside.name}."
                return self._connect(path)
        except (OSError, sqlite3.Error) as error:  # such as a full disk: not worth ending for
            self.fault = f"{path} cannot be used ({error}): the ids seen are known until the program ends."
            return self._connect(":memory:")

    @staticmethod
    def _connect(path: Path | str) -> sqlite3.Connection:
        """Return a database that is ready for use. Raises sqlite3.Error."""
        database = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        with suppress(OSError):
            Path(path).chmod(0o600)
        database.execute(
            "create table if not exists seen (profile text, resource text, place text, id text, facts text,"
            " at real, primary key (profile, resource, place, id))"
        )
        return database

    def note(self, resource: Resource, scope: Mapping[str, str], raw: Mapping[str, Any]) -> None:
        """Remember an object as the platform told of it."""
        id_ = raw.get(resource.identify)
        if not isinstance(id_, str):
            return
        facts = {name: raw[name] for name in FACTS if isinstance(raw.get(name), int | float | str)}
        facts = {name: fact[:LONGEST] if isinstance(fact, str) else fact for name, fact in facts.items()}
        key = self._key(resource, scope)
        with suppress(sqlite3.Error):
            self._database.execute(
                "insert or replace into seen values (?, ?, ?, ?, ?, ?)",
                (*key, id_, json.dumps({"id": id_, **facts}), self._clock()),
            )
            self._database.execute(
                "delete from seen where profile = ? and resource = ? and place = ? and id not in"
                " (select id from seen where profile = ? and resource = ? and place = ? order by at desc limit ?)",
                (*key, *key, KEPT),
            )

    def forget(self, resource: Resource, scope: Mapping[str, str], id_: str) -> None:
        """Forget an object, as it is gone."""
        with suppress(sqlite3.Error):
            self._database.execute(
                "delete from seen where profile = ? and resource = ? and place = ? and id = ?",
                (*self._key(resource, scope), id_),
            )

    def entries(self, resource: Resource, scope: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return what is remembered of a place, last seen first."""
        try:
            rows = self._database.execute(
                "select facts from seen where profile = ? and resource = ? and place = ?"
                " order by at desc, rowid desc",
                self._key(resource, scope),
            ).fetchall()
        except sqlite3.Error:
            return []
        return [json.loads(facts) for (facts,) in rows]

    def places(self, resource: Resource, id_: str) -> list[dict[str, str]]:
        """Return the places an object was seen in, by the parameters of their path, last seen first."""
        try:
            rows = self._database.execute(
                "select place from seen where profile = ? and resource = ? and id = ? order by at desc",
                (self._profile, resource.name, id_),
            ).fetchall()
        except sqlite3.Error:
            return []
        return [json.loads(place) for (place,) in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _key(self, resource: Resource, scope: Mapping[str, str]) -> tuple[str, str, str]:
        place = {name: scope.get(name, "") for name in resource.within}
        return self._profile, resource.name, json.dumps(place)
