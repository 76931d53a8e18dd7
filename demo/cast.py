"""Who takes part in the demo, and the browsers they sit at. Accounts are made through the server's own pages."""

import secrets
from dataclasses import dataclass, field

from demo.client import Person, Site

MAIN, SUBS = "V1", ("V2", "V3", "V4", "V5")
SEATS = 4
STAFF = {
    "agent": ("agent", ""),
    "main": ("main_staff", MAIN),
    "province": ("pool_owner", ""),
    "supervisor": ("supervisor", ""),
    "witness": ("witness", MAIN),
    "archivist": ("archivist", ""),
}
HOST = "centre"
PARTIES = {"centre": "演示交易中心", "agency": "演示招标代理机构", "supervision": "演示行政监督部门"}


@dataclass(slots=True)
class Cast:
    """Everybody with an account, the parties' access tokens, the paired seats."""

    site: Site
    people: dict[str, Person] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    seats: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def desk(self, venue: str) -> Person:
        """The check-in staff of a venue."""
        return self.people[f"desk-{venue}"]

    async def close(self) -> None:
        """Close every browser."""
        for person in {*self.people.values(), *self.seats.values()}:
            await person.close()


def seat_names(venue: str) -> list[str]:
    """The seats of a venue; a seat's name is unique among all venues."""
    return [f"{venue}-{number:02d}" for number in range(1, SEATS + 1)]


async def assemble(site: Site, setup: str, regions: list[str]) -> Cast:
    """Set a fresh server up: administrators, venues, accounts, parties, paired seats."""
    cast = Cast(site)
    first = Person(site, "security")
    cast.people["security"] = first
    cast.passwords["security"] = secrets.token_urlsafe(12)
    await first.post(setup, name="security", password=cast.passwords["security"])
    await first.log_in(cast.passwords["security"])
    await _account(cast, "system", "system_admin", "")
    for number, venue in enumerate((MAIN, *SUBS)):
        name = f"演示中心{number + 1}"
        await cast["system"].post(
            "/admin/venues", code=venue, name=name, region=regions[number], seats=seat_names(venue)
        )
        await _account(cast, f"desk-{venue}", "checkin", venue)
        if venue != MAIN:
            await _account(cast, f"staff-{venue}", "sub_staff", venue)
    for name, (role, venue) in STAFF.items():
        await _account(cast, name, role, venue)
    for party, legal_person in PARTIES.items():
        made = await first.post("/admin/parties", id=party, legal_person=legal_person, host=party == HOST)
        cast.tokens[party] = made["token"]
    return cast


async def pair_seats(cast: Cast, venue: str, count: int) -> None:
    """Pair browsers with the first seats of a venue, once, by the codes that its paper shows."""
    for seat in seat_names(venue)[:count]:
        code = (await cast["system"].post(f"/admin/venues/{venue}/pairings", seat=seat))["code"]
        browser = Person(cast.site, seat)
        await browser.post("/seat/pair", code=code)
        cast.seats[seat] = browser


async def _account(cast: Cast, name: str, role: str, venue: str) -> None:
    password = secrets.token_urlsafe(12)
    await cast["security"].post(
        "/admin/accounts", name=name, role=role, person=f"演示{name}", venue=venue, organisation="", password=password
    )
    cast.passwords[name] = password
    cast.people[name] = await Person(cast.site, name).log_in(password)
