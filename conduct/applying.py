"""From the tender package to the application, the representative and the opening of bids."""

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal

from conduct import blinding, linking
from conduct.package_problems import FieldWrong, WrongPackage
from conduct.packages import Package
from conduct.ports import Actor, Json, Tx, UnknownCase
from conduct.rulebook import freeze, profile_of
from evaluation.case import Bid, BidId, Case, CaseId, Lot
from evaluation.committee import NO_BUDGET, TooManyRepresentatives, check_composition
from evaluation.criteria import check_allowed, parse_criteria
from evaluation.life import check_opening
from evaluation.profile import Rules
from evaluation.profiles import NAMES, load_profile
from evaluation.tally.reading import DocumentRefused, Reader, load_json
from evaluation.tender import CASE_NUMBER, check_against, read_opening, read_tender


class CaseExists(Exception):
    """A case with this number has been created already."""

    code = "case.exists"


class BadCaseNumber(Exception):
    """The package's number is not 3 to 40 capital letters, digits and hyphens."""

    code = "case.bad_number"


class UnknownProfile(Exception):
    """No rule profile has this name."""

    code = "profile.unknown"


@dataclass(frozen=True, slots=True)
class Application:
    """What is applied for; no number of bids, for bids are sealed."""

    experts: int
    representatives: int
    start: str
    days: int
    overnight: bool
    avoid_units: tuple[str, ...]


def create(tx: Tx, actor: Actor, package: Package, profile: str) -> CaseId:
    """Create a case from its tender package (whose files lie in the object store) under a rule profile.

    Raises `UnknownProfile`, `CaseExists`, `BadCaseNumber`, `DocumentRefused`, `MethodNotAllowed` for criteria.
    """
    if profile not in NAMES:
        raise UnknownProfile
    case = CaseId(package.case)
    if not CASE_NUMBER.fullmatch(case):
        raise BadCaseNumber
    try:
        tx.case(case)
    except UnknownCase:
        pass
    else:
        raise CaseExists
    rules = load_profile(profile)
    project = package.data
    lots = _lots(tx, package, rules.rules)
    body = {
        "by": actor.as_by(),
        "project": project["code"],
        "title": project["name"],
        "tenderer": project["tenderer"],
        "agent": project["agent"],
        "region": project.get("region", ""),
        "lot": lots[0].name,
        "limit": lots[0].limit,
        "planned_start": package.not_before,
        "profile": freeze(tx, rules),
        "demo": rules.is_for_show,
        "method": lots[0].method,
    }
    stated: Json = {"by": actor.as_by(), "type": "tender", "package": package.sha256, "files": package.listed()}
    if lots[0].id:
        named = [{"id": lot.id, "name": lot.name, "limit": lot.limit, "method": lot.method} for lot in lots]
        tx.record(case, "case.created", body | {"lots": named})
        tx.record(
            case, "package.received", stated | {"lots": [{"id": lot.id, "criteria": lot.criteria} for lot in lots]}
        )
    else:
        tx.record(case, "case.created", body)
        tx.record(case, "package.received", stated | {"criteria": lots[0].criteria})
    return case


def _lots(tx: Tx, package: Package, rules: Rules) -> list[Lot]:
    """The lots of a tender with their criteria; one without an id where it is not divided."""
    lots = []
    for lot in read_tender(Reader(package.data)).lots:
        digest = package.of_lot("criteria", lot.id).sha256
        criteria = parse_criteria(load_json(tx.get_object(digest)))
        check_allowed(criteria, rules)
        limit = "" if lot.limit is None else str(lot.limit)
        lots.append(Lot(lot.id, lot.name, limit, criteria.method, digest))
    return lots


def apply(tx: Tx, case: CaseId, actor: Actor, application: Application) -> None:
    """Hand in the application. Raises the refusals of R-01, R-02, R-03 and R-04 (an even committee among them)."""
    state = tx.case(case)
    rules = profile_of(tx, case).rules.committee
    limits = [lot.limit for lot in state.lots.values()] or ([state.info.limit] if state.info else [])
    budget = sum((Decimal(limit) for limit in limits if limit), NO_BUDGET)
    check_composition(application.experts, application.representatives, rules, budget)
    body = {
        "by": actor.as_by(),
        "experts": application.experts,
        "representatives": application.representatives,
        "start": application.start,
        "days": application.days,
        "overnight": application.overnight,
        "avoid_units": list(application.avoid_units),
    }
    tx.record(case, "application.submitted", body)


def authorise_representative(tx: Tx, case: CaseId, actor: Actor, name: str, id_number: str, letter: bytes) -> None:
    """Name the tenderer's representative with the letter (授权委托书); name and number stay sealed until check-in.

    Raises `TooManyRepresentatives` beyond the application's number: whoever is named may sit down (R-02).
    """
    shelf, application = tx.shelf(case, "representative"), tx.case(case).application
    named = sum(1 for _ in shelf.items())
    if application is None or named >= application.representatives:
        raise TooManyRepresentatives
    shelf.put(f"r{named + 1}", {"name": name, "id_number": id_number})
    tx.put_object(letter)
    digest = hashlib.sha256(letter).hexdigest()
    tx.record(case, "representative.authorised", {"by": actor.as_by(), "letter": digest})


def open_bids(tx: Tx, case: CaseId, actor: Actor, package: Package) -> None:
    """Take the opening package over; the scheduler has the drawn members screened against the bidders (复筛).

    Raises `WrongPackage`, `FieldWrong` where it does not fit the tender document, `OutOfOrder`.
    """
    if package.case != linking.packaged_as(tx, case):
        raise WrongPackage.at("package.json $.case", package.case)
    state = tx.case(case)
    lots = _opened_lots(tx, state, package)
    check_opening(state, profile_of(tx, case).rules.draw.moment)
    stated: Json = {"by": actor.as_by(), "type": "opening", "package": package.sha256, "files": package.listed()}
    rows = [_bid_row(lot, bid) for lot in lots for bid in lot.bids.values()]
    told: Json = {"bids": rows, "k": lots[0].k}
    if state.lots:
        told = {"bids": rows, "lots": [{"id": lot.id, "opening": lot.opening, "k": lot.k} for lot in lots]}
    opened = {"opened": package.data["opened"]} if "opened" in package.data else {}
    tx.record(case, "package.received", stated | told | opened)
    blinding.commit(tx, case)


def _opened_lots(tx: Tx, state: Case, package: Package) -> list[Lot]:
    """The lots that were opened, in the order of the tender, each held against its criteria. Raises `FieldWrong`."""
    known = state.lots or {"": Lot("", "", "", "", state.criteria_sha256)}
    named = [row["id"] for row in package.data["lots"]] if "lots" in package.data else [""]
    if not known.keys() >= {*named}:
        raise FieldWrong.at("package.json $.data.lots", "unknown_lot")
    return [_opened_lot(tx, known[lot], package) for lot in known if lot in named]


def _opened_lot(tx: Tx, lot: Lot, package: Package) -> Lot:
    file = package.of_lot("opening", lot.id)
    try:
        opening = read_opening(Reader(load_json(tx.get_object(file.sha256))))
        criteria = parse_criteria(load_json(tx.get_object(lot.criteria)))
        check_against(opening, criteria)
    except DocumentRefused as fault:
        raise FieldWrong.at(f"{file.path} {fault.path}", fault.fault) from fault
    blinding.check_files(package, criteria, [bid.id for bid in opening.bids])
    bids = {BidId(bid.id): Bid(BidId(bid.id), bid.name, str(bid.price)) for bid in opening.bids}
    k = str(dict(opening.coefficients).get("reduction_percent", ""))
    return replace(lot, opening=file.sha256, k=k, bids=bids)


def _bid_row(lot: Lot, bid: Bid) -> Json:
    row = {"id": bid.id, "name": bid.name, "price": bid.price}
    return row | ({"lot": lot.id} if lot.id else {})
