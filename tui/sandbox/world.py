"""The state of a sandbox: its objects in SQLite, the bytes of its files, its clock and its source of ids.

Nothing runs in the background. An object either stands there as finished JSON, or it is *derived*: only facts are
stored and its JSON is computed from them and the clock whenever somebody looks. A derived object may name the
time at which it is `due` to change for good; the first request after that moment settles it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

JSON = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL, tag TEXT NOT NULL,
  created REAL NOT NULL, due REAL, text TEXT, facts TEXT,
  UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS in_order ON objects (kind, parent, created, seq);
CREATE INDEX IF NOT EXISTS by_tag ON objects (kind, parent, tag, created, seq);
CREATE INDEX IF NOT EXISTS by_due ON objects (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_GIVEN = "kind, id, parent, tag, created, due, text, facts"
_COLUMNS = f"seq, {_GIVEN}"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


ERRORS, EXPIRY = SHARES = ("batch-errors", "batch-expiry")


class Row(NamedTuple):
    """A stored object. `text` is its JSON, None while it is derived from `facts`."""

    seq: int
    kind: str
    id: str
    parent: str
    tag: str
    created: float
    due: float | None
    text: str | None
    facts: str | None

    @property
    def known(self) -> JSON:
        """The facts, parsed."""
        facts: JSON = json.loads(self.facts or "{}")
        return facts


class Kind(NamedTuple):
    """The behaviour of one kind of objects.

    `show` returns the JSON of a derived object as it looks now, `settle` is called once it is due, `forget` with
    the id of each one that is removed.
    Settling that takes long is a generator: it yields after each step, which takes less than a millisecond, and
    stores nothing before its last one.
    """

    show: Callable[[World, Row], JSON] | None = None
    settle: Callable[[World, Row], Iterator[None] | None] | None = None
    forget: tuple[Callable[[World, str], None], ...] = ()


class World:
    """The state of one sandbox. Not for several threads.

    `kinds` says how derived objects behave. `now` freezes the clock at a unix time. `directory` holds the
    database and the contents of files; a new World on the same directory finds everything again. Raises
    sqlite3.Error when another one has it.
    """

    def __init__(
        self,
        directory: Path,
        *,
        kinds: Mapping[str, Kind] | None = None,
        seed: int = 1,
        speed: float = 1.0,
        now: float | None = None,
    ) -> None:
        self.seed = seed
        self.speed = speed
        self._kinds = kinds or {}
        self.shares: Mapping[str, float] = {}
        """Which share of the requests of a new batch goes wrong, and how: `ERRORS`, `EXPIRY`."""
        self._frozen = now
        self._at_work: dict[int, Iterator[None]] = {}
        self._contents = directory / "contents"
        self._contents.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(directory / "sandbox.sqlite3", isolation_level=None, timeout=1)
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # a second sandbox here would be a mistake
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self._shift = float(self.meta("shift", "0"))

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that happens inside, or nothing."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Time and chance.

    def now(self) -> float:
        """Return the sandbox's time, in unix seconds."""
        return (time.time() if self._frozen is None else self._frozen) + self._shift

    def advance(self, seconds: float) -> None:
        """Shift the clock. The shift is kept over a restart."""
        self._shift += seconds
        self.note("shift", str(self._shift))

    async def until(self, moment: float) -> None:
        """Wait for a time to come. A frozen clock is moved to that time instead."""
        if self._frozen is not None:
            self.advance(max(moment - self.now() + 1e-6, 0.0))  # a little more than sums of floats may lose
            return
        while (left := moment - self.now()) > 0:
            await asyncio.sleep(min(left, 0.1))  # in short steps: the clock may be shifted meanwhile

    def lasting(self, seconds: float) -> float:
        """Return how long something of this nominal length takes at the sandbox's speed, in seconds."""
        return seconds / self.speed

    def new_id(self, prefix: str, length: int = 24) -> str:
        """Return an unused id, the same for the same seed and history."""
        count = int(self.meta("ids", "0"))
        self.note("ids", str(count + 1))
        number = int.from_bytes(hashlib.blake2b(f"{self.seed}/{count}".encode()).digest(), "big")
        letters = []
        for _ in range(length):
            number, rest = divmod(number, len(_ALPHABET))
            letters.append(_ALPHABET[rest])
        return prefix + "".join(letters)

    # Notes.

    def meta(self, name: str, default: str) -> str:
        """Return a note kept beside the objects."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else default

    def note(self, name: str, value: str) -> None:
        """Keep a note."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    # Objects.

    def put(
        self,
        kind: str,
        object_: JSON | None = None,
        *,
        id: str = "",  # noqa: A002
        facts: JSON | None = None,
        created: float | None = None,
        due: float | None = None,
        parent: str = "",
        tag: str = "",
    ) -> Row:
        """Store a new object: finished JSON, or `facts` to derive it from (then with its `id`)."""
        id_ = id or str((object_ or {})["id"])
        created = self.now() if created is None else created
        text = None if object_ is None else json.dumps(object_)
        noted = None if facts is None else json.dumps(facts)
        stored = self._db.execute(
            f"INSERT INTO objects ({_GIVEN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, id_, parent, tag, created, due, text, noted),
        )
        return Row(stored.lastrowid or 0, kind, id_, parent, tag, created, due, text, noted)

    def put_many(self, query: str, parameters: Mapping[str, Any]) -> None:
        """Store the rows of a SELECT of (kind, id, parent, tag, created, due, text, facts): 100,000 at once."""
        self._db.execute(f"INSERT INTO objects ({_GIVEN}) {query}", dict(parameters))

    def find(self, kind: str, id: str) -> Row | None:  # noqa: A002
        """Return the object of this id, or None."""
        query = f"SELECT {_COLUMNS} FROM objects WHERE kind = ? AND id = ?"
        try:
            found = self._db.execute(query, (kind, id)).fetchone()
        except UnicodeEncodeError:  # a lone surrogate, which no id has
            return None
        return Row(*found) if found else None

    def derive(self, row: Row, facts: JSON, due: float | None, *, tag: str | None = None) -> Row:
        """Store other facts of a derived object, and its tag if one is given."""
        row = row._replace(facts=json.dumps(facts), due=due, tag=row.tag if tag is None else tag)
        values = (row.facts, row.due, row.tag, row.seq)
        self._db.execute("UPDATE objects SET facts = ?, due = ?, tag = ? WHERE seq = ?", values)
        return row

    def finish(self, row: Row, object_: JSON) -> None:
        """Store the final JSON of an object."""
        self._db.execute("UPDATE objects SET text = ?, due = NULL WHERE seq = ?", (json.dumps(object_), row.seq))

    def remove(self, row: Row) -> None:
        """Remove an object and call what its kind declares to forget it."""
        self._db.execute("DELETE FROM objects WHERE seq = ?", (row.seq,))
        for forget in self._kinds.get(row.kind, Kind()).forget:
            forget(self, row.id)

    def remove_with_content(self, row: Row) -> None:
        """Remove an object and the bytes that are kept for it."""
        self.remove(row)
        self.content(row.id).unlink(missing_ok=True)

    def text(self, row: Row) -> str:
        """Return the JSON of an object as it looks now."""
        if row.text is not None:
            return row.text
        show = self._kinds[row.kind].show
        assert show, f"objects of kind {row.kind} are not shown"
        return json.dumps(show(self, row))

    def rows(self, kind: str, *, parent: str = "") -> Iterator[Row]:
        """Yield all objects of a kind, oldest first."""
        query = f"SELECT {_COLUMNS} FROM objects WHERE kind = ? AND parent = ? ORDER BY created, seq"
        return map(Row._make, self._db.execute(query, (kind, parent)).fetchall())

    def page(
        self, kind: str, *, parent: str = "", tag: str = "", after: Row | None = None, limit: int, newest: bool
    ) -> Sequence[Row]:
        """Return up to `limit` objects that follow `after`, newest or oldest first; of one `tag` if given."""
        sign, order = ("<", "DESC") if newest else (">", "ASC")
        query = f"SELECT {_COLUMNS} FROM objects WHERE kind = :kind AND parent = :parent"
        query += " AND tag = :tag" if tag else ""
        query += f" AND (created, seq) {sign} (:created, :seq)" if after else ""
        query += f" ORDER BY created {order}, seq {order} LIMIT :limit"
        values = {"kind": kind, "parent": parent, "tag": tag, "limit": limit}
        if after:
            values |= {"created": after.created, "seq": after.seq}
        return [Row._make(row) for row in self._db.execute(query, values)]

    def moment(self, row: Row) -> float:
        """Return the time to show an object at: now, or just before it is due while that is not settled yet."""
        return self.now() if row.due is None else min(self.now(), math.nextafter(row.due, 0))

    def settle(self, steps: float) -> bool:
        """Let happen what is due by now, in the order in which it was due. Return whether more of it is left.

        Work of more than `steps` steps goes on at the next call, so that no request waits for all of it. Steps are
        counted, not timed: the same calls always do the same.
        """
        query = f"SELECT {_COLUMNS} FROM objects WHERE due <= ? ORDER BY due, seq LIMIT 1"
        while found := self._db.execute(query, (self.now(),)).fetchone():
            for _ in self._settling(Row(*found)):
                steps -= 1
                if steps <= 0:
                    return True
        return False

    def settle_now(self, row: Row) -> None:
        """Let happen all that this object is due for, whatever else is due."""
        for _ in self._settling(row):
            pass

    def _settling(self, row: Row) -> Iterator[None]:
        """Settle an object step by step, going on where an earlier call left it."""
        if row.seq not in self._at_work:
            settle = self._kinds[row.kind].settle
            assert settle, f"objects of kind {row.kind} are never due"
            self._at_work[row.seq] = iter(settle(self, row) or ())
        for _ in self._at_work[row.seq]:  # not `yield from`, which would close it together with this generator
            yield
        del self._at_work[row.seq]
        # Whatever the kind forgot to do, it is not asked twice.
        self._db.execute("UPDATE objects SET due = NULL WHERE seq = ? AND due = ?", (row.seq, row.due))
        yield

    # Bytes.

    def content(self, id: str) -> Path:  # noqa: A002
        """Return the path of a file's bytes."""
        return self._contents / id
