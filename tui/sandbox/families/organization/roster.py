"""The people, projects, members, service accounts and keys that the organization starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox.families.organization.common import chance, id_of_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.sandbox.world import World


class Person(NamedTuple):
    """Somebody of the organization, or (with `left`, days ago) who was."""

    name: str
    role: str = "reader"
    since: int = 400
    left: int = 0

    @property
    def email(self) -> str:
        """The address."""
        return self.name.lower().replace(" ", ".") + "@acme.example"

    def id(self, world: World) -> str:
        """Return the user id."""
        return id_of_name(world, "user-", self.name)


class Venture(NamedTuple):
    """A project: its name, age in days, and how busy it is (1: as usual)."""

    name: str
    age: int
    weight: float = 1.0
    archived: int = 0

    def id(self, world: World) -> str:
        """Return the project id."""
        return id_of_name(world, "proj_", self.name)


class Credential(NamedTuple):
    """A project key. Ages in days; `used` None: never, 0: all the time; `expires` in days from now."""

    venture: Venture
    name: str
    owner: Person | str
    age: float
    used: float | None = 0
    expires: float | None = None

    def id(self, world: World) -> str:
        """Return the key's tracking id."""
        return id_of_name(world, "key_", f"{self.venture.name}/{self.name}")

    def owner_id(self, world: World) -> str:
        """Return the id of the user or service account that owns it."""
        return account_id(world, self.venture, self.owner) if isinstance(self.owner, str) else self.owner.id(world)


PEOPLE = (
    Person("Robin Vega", "owner", 900),
    Person("Ada Okafor", "owner", 880),
    Person("Lena Fischer", since=700),
    Person("Mateo Rossi", since=640),
    Person("Priya Nair", since=610),
    Person("Jonas Berg", since=520),
    Person("Sofia Moreau", since=410),
    Person("Kenji Sato", since=300),
    Person("Amara Diallo", since=220),
    Person("Noah Clarke", since=130),
    Person("Elif Kaya", since=45),
    Person("Tom Hale", since=800, left=64),
    Person("Iris Wong", since=560, left=21),
    Person("Dmitri Petrov", since=330, left=3),
)
ROBIN, ADA, LENA, MATEO, PRIYA, JONAS, SOFIA, KENJI, AMARA, NOAH, ELIF, TOM, IRIS, DMITRI = PEOPLE

DEFAULT = Venture("Default project", 900, 0.3)
VENTURES = (
    DEFAULT,
    Venture("storefront", 700, 2.4),
    Venture("storefront-staging", 700, 0.2),
    Venture("support-bot", 610, 3.1),
    Venture("search", 500, 2.0),
    Venture("search-staging", 500, 0.15),
    Venture("data-pipeline", 420, 1.6),
    Venture("billing", 390, 0.5),
    Venture("mobile-app", 260, 0.9),
    Venture("research", 240, 1.2),
    Venture("translations", 150, 0.7),
    Venture("internal-tools", 40, 0.4),
    Venture("legacy-chat", 890, 0.6, archived=30),
    Venture("hackathon-2025", 420, 0.0, archived=380),
)


def ventures(scenario: str) -> tuple[Venture, ...]:
    """Return the projects of a scenario, oldest first of those that are alike."""
    if scenario != "huge":
        return VENTURES
    return VENTURES + tuple(Venture(f"team-{number:03}", 30 + number, 0.1) for number in range(188))


def members(venture: Venture) -> Iterator[tuple[Person, str]]:
    """Return the users of a project with their roles. Archived projects have none."""
    if not venture.archived:
        for number, person in enumerate(PEOPLE):
            if not person.left and (number < 2 or chance(venture.name, person.name) < 0.35):
                yield (
                    person,
                    "owner" if number == 0 or chance("owner", venture.name, person.name) < 0.15 else "member",
                )


def accounts(venture: Venture) -> tuple[str, ...]:
    """Return the service accounts of a project."""
    return ("deploy", "nightly") if venture.weight > 1 else ("deploy",) if venture.weight > 0.25 else ()


def account_id(world: World, venture: Venture, name: str) -> str:
    """Return the id of a service account."""
    return id_of_name(world, "svc_acct_", f"{venture.name}/{name}")


def credentials(venture: Venture) -> Iterator[Credential]:
    """Yield the keys of a project, of every kind that an owner should know about."""
    for name in accounts(venture):
        yield Credential(venture, f"{venture.name}-{name}", name, venture.age - 2)
    people = [person for person, _role in members(venture)]
    for number, person in enumerate(people[1:4]):
        key = Credential(venture, f"{person.name.split()[0].lower()}-laptop", person, 40.0 + 55 * number)
        match int(chance(venture.name, number) * 6):
            case 0:
                yield key._replace(used=None)
            case 1:
                yield key._replace(used=33.0, age=200.0)
            case 2:
                yield key._replace(used=117.0, age=300.0)
            case 3:
                yield key._replace(expires=round(1.5 + 30 * chance(venture.name), 1))
            case _:
                yield key
    yield from _ORPHANS.get(venture.name, ())


_BY_NAME = {venture.name: venture for venture in VENTURES}
SPIKING = Credential(_BY_NAME["search"], "reindex-script", KENJI, 12)
_ORPHANS = {
    # People left, their keys did not.
    "storefront": (
        Credential(_BY_NAME["storefront"], "checkout-prod", TOM, 640),
        Credential(_BY_NAME["storefront"], "tom-old-notebook", TOM, 500, used=190.0),
    ),
    "support-bot": (Credential(_BY_NAME["support-bot"], "iris-evals", IRIS, 160, used=22.0),),
    "data-pipeline": (
        Credential(_BY_NAME["data-pipeline"], "airflow", DMITRI, 210),
        Credential(_BY_NAME["data-pipeline"], "dmitri-debug", DMITRI, 90, used=None),
    ),
    "search": (SPIKING,),
    "billing": (Credential(_BY_NAME["billing"], "month-end", MATEO, 80, used=19.0, expires=-4.0),),
    "legacy-chat": (Credential(_BY_NAME["legacy-chat"], "widget", SOFIA, 700, used=31.0),),
}
