"""The vector stores a scenario starts with, and the documents in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox.families.files import add_file, huge_file_id
from tui.sandbox.families.vector_stores import work
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.sandbox.world import JSON, World

_DAY = 86400

# What the documents of a topic say; a document takes turns with what it says first.
_TOPICS: Mapping[str, tuple[str, ...]] = {
    "returns": (
        "An article can be returned within thirty days if it is clean, dry and complete.",
        "The refund arrives on the card that paid, three to five working days after the parcel is checked.",
        "Opened fuel, food and climbing ropes cannot be returned for reasons of safety.",
        "A return label is printed from the order page; without a label the parcel goes back to its sender.",
        "An exchange for another size is free once, and ships as soon as the return is scanned.",
    ),
    "shipping": (
        "Parcels leave the warehouse at noon; orders placed later leave on the next working day.",
        "Islands and mountain huts take two more days of delivery and cost a surcharge.",
        "A parcel that is not collected within seven days goes back and the order is cancelled.",
        "Express delivery is promised before ten o'clock; if it is late, its price is refunded.",
        "Customs papers are added to parcels that leave the union, and duties are paid by the receiver.",
    ),
    "warranty": (
        "Tents and packs carry a warranty of five years against defects of seams, poles and zips.",
        "Damage by wear, sunlight, animals or the wrong detergent is not covered by the warranty.",
        "A claim needs a photograph of the damage and the number of the order.",
        "Repairs take two weeks; a replacement is sent when a repair costs more than half of the price.",
        "The warranty stays with the article, so that a second owner can use it too.",
    ),
    "billing": (
        "Invoices are sent as PDF on the day of dispatch and can be downloaded for ten years.",
        "A charge that appears twice is usually a reservation that the bank drops after a week.",
        "Companies pay on account with a limit that grows with every invoice paid in time.",
        "The VAT number must be given before the order, because an invoice cannot be changed afterwards.",
        "Gift cards never expire and can be split over several orders.",
    ),
    "security": (
        "Passwords are kept as salted hashes and are never sent by mail.",
        "Two factor sign-in is required for everybody who can see the data of customers.",
        "A lost laptop is reported within an hour, so that its keys can be revoked.",
        "Access to production is granted for a day at a time and written to the audit log.",
        "Backups are encrypted, tested every month, and deleted after ninety days.",
    ),
    "care": (
        "Down jackets are washed at thirty degrees with a little soap and dried slowly with tennis balls.",
        "The nozzle of the stove is cleaned with the needle in its lid whenever the flame turns yellow.",
        "A wet tent is dried within two days, or mildew eats its coating.",
        "Boots want wax on leather and spray on fabric, never the other way round.",
        "Batteries of head torches are taken out before they are stored for the winter.",
    ),
}
_PRODUCTS = ("trail tent", "summit stove", "river kayak", "ridge pack", "storm jacket", "head torch", "ice axe")
_ASIDE = (
    "For the {product} this was asked often last year, and the answer has not changed since. Whoever looks after "
    "{topic} adds what customers of the {product} report, so that nobody has to ask twice."
)


class _Store(NamedTuple):
    """A store to start with: the topics of its documents, and its age and last use in days."""

    name: str
    topics: tuple[str, ...]
    documents: int
    age: float
    used: float
    description: str | None = None
    days: int | None = None
    strategy: JSON | None = None
    broken: int = 0


_SMALL = {"max_chunk_size_tokens": 120, "chunk_overlap_tokens": 20}
_STORES = (
    _Store("Support FAQ", ("returns", "shipping", "billing"), 9, 41, 0.1, "What is asked most.", strategy=_SMALL),
    _Store("Product care", ("care", "warranty"), 6, 33, 1.4, strategy=_SMALL),
    _Store("Security handbook", ("security",), 3, 25, 6, days=30),
    _Store("Warranty claims 2026", ("warranty", "returns"), 8, 12, 0.7, broken=3),
    _Store("Trial of the assistant", ("shipping",), 2, 64, 60, days=7),
    _Store("", (), 0, 3, 3),
)
_BROKEN = (
    ("scan-%d.pdf", None),
    (
        "upload-%d.txt",
        {"status": "failed", "last_error": {"code": "server_error", "message": "An internal error occurred."}},
    ),
    ("empty-%d.md", None),
)


def seed(world: World, scenario: str) -> None:
    """Fill a world."""
    if scenario == "huge":
        _seed_many(world)
        return
    for store in _STORES:
        _seed_store(world, store)
    if scenario != "calm":
        _seed_busy(world)
    if scenario == "nasty":
        _seed_odd(world)


def _seed_store(world: World, store: _Store) -> None:
    now = world.now()
    created = now - store.age * _DAY
    row = work.make_store(
        world,
        name=store.name or None,
        description=store.description,
        expires_after={"anchor": "last_active_at", "days": store.days} if store.days else None,
        metadata={"owner": "support"} if store.topics else None,
        created=created,
        active=now - store.used * _DAY,
    )
    for number in range(store.documents):
        topic = store.topics[number % len(store.topics)]
        _attach(world, row.id, topic, number, created=created + 60 * number, strategy=store.strategy)
    for number in range(store.broken):
        name, fate = _BROKEN[number % len(_BROKEN)]
        content = b" \n" if name.startswith("empty") else b"%PDF-1.7\n"
        file = add_file(world, filename=name % number, purpose="assistants", content=content, created=created)
        work.attach(world, row.id, file["id"], created=created + 600, fate=fate)


def _attach(
    world: World,
    store_id: str,
    topic: str,
    number: int,
    *,
    created: float,
    strategy: JSON | None = None,
    place: int = 0,
) -> str:
    """Write a document, put it into a store and return its id."""
    said = _TOPICS[topic]
    lines = [f"# {topic.capitalize()}, part {number + 1}", ""]
    for section in range(8 + number % 5):
        turn = (number * 3 + section) % len(said)
        product = _PRODUCTS[(number + section * section) % len(_PRODUCTS)]
        lines += [f"## {product.capitalize()}", "", said[turn], _ASIDE.format(product=product, topic=topic), ""]
    file = add_file(
        world,
        filename=f"{topic}-{number + 1}.md",
        purpose="assistants",
        content="\n".join(lines).encode(),
        created=created - 30,
    )
    attributes = {"topic": topic, "part": number + 1, "reviewed": number % 3 != 0}
    work.attach(
        world, store_id, file["id"], created=created, strategy=strategy, attributes=attributes, place=place
    )
    return str(file["id"])


def _seed_busy(world: World) -> None:
    """Start with a store that is being filled, by a batch of which some files fail."""
    created = world.now() - world.lasting(12)
    row = work.make_store(world, name="Manuals import", created=created)
    topics = list(_TOPICS)
    files = [
        _attach(world, row.id, topics[number % len(topics)], number, created=created, place=number)
        for number in range(150)
    ]
    for number in range(4):
        file = add_file(
            world, filename=f"drawing-{number}.png", purpose="assistants", content=b"\x89PNG\0", created=created
        )
        work.attach(world, row.id, file["id"], created=created, place=number * 30)
        files.append(file["id"])
    batch = work.make_batch(world, row.id, files, created=created)
    # The API has no list of batches: this is how one learns of it.
    world.derive(row, {**row.known, "metadata": {"run": "nightly", "file_batch": batch.id}}, None)


def _seed_odd(world: World) -> None:
    """Start with stores and files that hang, break, or do not keep to the schema."""
    now = world.now()
    row = work.make_store(world, name=HOSTILE[7], metadata={HOSTILE[6]: HOSTILE[2]}, created=now - 9000)
    lost = {"status": "failed", "last_error": None}
    rude = {"status": "failed", "last_error": {"code": "gremlins", "message": HOSTILE[1] + HOSTILE[7]}}
    for number, name in enumerate(HOSTILE):
        file = add_file(world, filename=name, purpose="assistants", content=b"hostile words\n", created=now - 9000)
        work.attach(
            world,
            row.id,
            file["id"],
            created=now - 9000,
            attributes={HOSTILE[6]: HOSTILE[7]},
            fate=(lost, rude, None)[number % 3],
            seconds=10**9 if number % 5 == 0 else 1,  # it hangs
        )
    plain = {"object": work.STORE, "created_at": int(now), "name": "odd", "status": "completed", "usage_bytes": 1}
    counts = {"in_progress": 0, "completed": 3, "failed": 0, "cancelled": 0, "total": 1}
    odd: list[JSON] = [
        {"id": "vs_odd_status", **plain, "status": "defragmenting", "file_counts": counts},
        {"id": "vs_odd_counts", **plain, "file_counts": {"total": "many", "completed": -1}},
        {"id": "vs_odd_missing", "object": work.STORE},
        {"id": "vs_odd_nulls", **dict.fromkeys(plain), "file_counts": None, "metadata": None},
        {"id": "vs_odd_strings", **plain, "usage_bytes": "12", "created_at": "now", "file_counts": [1]},
        {"id": "vs_odd_times", **plain, "expires_at": -1, "last_active_at": 10**15, "file_counts": counts},
    ]
    for store in odd:
        world.put(work.STORE, store)
    file = {"object": work.KIND, "vector_store_id": row.id, "created_at": int(now), "status": "completed"}
    for name, fields in (
        ("status", {"status": "digesting"}),
        ("nulls", dict.fromkeys(file)),
        ("usage", {"usage_bytes": "1"}),
    ):
        id_ = f"file-OddInStore-{name}"
        world.put(
            work.KIND, {**file, "id": id_, **fields}, id=work.key(row.id, id_), parent=row.id, tag="completed"
        )


def _seed_many(world: World) -> None:
    """Start with many stores, and one with many files; the files are among those of the scenario."""
    now = world.now()
    facts: JSON = {"strategy": work.AUTO, "attributes": {}, "usage": 150_000, "fate": None}
    error = {"code": "server_error", "message": "An internal error occurred."}
    for number in range(100):
        created = now - number * _DAY
        row = work.make_store(world, name=f"shard-{number:03}", created=created, active=now - number * 3600)
        for place in range(20 if number else 5000):
            failed = place % 40 == 39
            world.put(
                work.KIND,
                id=work.key(row.id, huge_file_id(number * 100 + place)),
                facts={**facts, "usage": 0, "error": error} if failed else facts,
                parent=row.id,
                tag="failed" if failed else "completed",
                created=created + place,
            )
