"""From the tender package to the application, the representative and the opening of bids."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from conduct import linking
from conduct.package_problems import FieldWrong, WrongPackage
from conduct.packages import Package
from conduct.ports import Actor, Tx, UnknownCase
from conduct.rulebook import criteria_of
from evaluation.case import CaseId
from evaluation.committee import NO_BUDGET, TooManyRepresentatives, check_composition
from evaluation.criteria import check_allowed, parse_criteria
from evaluation.life import check_opening
from evaluation.profiles import NAMES, load_profile
from evaluation.tally.reading import DocumentRefused, Reader, load_json
from evaluation.tender import CASE_NUMBER, check_against, read_opening
from signing.canonical import canonical


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
    criteria = package.of_role("criteria")
    rules = load_profile(profile)
    read = parse_criteria(load_json(tx.get_object(criteria.sha256)))
    check_allowed(read, rules.rules)
    project = package.data
    tx.put_object(canonical(dict(rules.document)))
    body = {
        "by": actor.as_by(),
        "project": project["code"],
        "title": project["name"],
        "tenderer": project["tenderer"],
        "agent": project["agent"],
        "region": project.get("region", ""),
        "lot": project["lot"],
        "limit": project["limit_price"] or "",
        "planned_start": package.not_before,
        "profile": {"id": rules.id, "digest": rules.digest},
        "demo": rules.is_for_show,
        "method": read.method,
    }
    tx.record(case, "case.created", body)
    stated = {"by": actor.as_by(), "type": "tender", "package": package.sha256, "files": package.listed()}
    tx.record(case, "package.received", stated | {"criteria": criteria.sha256})
    return case


def apply(tx: Tx, case: CaseId, actor: Actor, application: Application) -> None:
    """Hand in the application. Raises the refusals of R-01, R-02, R-03 and R-04 (an even committee among them)."""
    info = tx.case(case).info
    rules = load_profile(_profile(tx, case)).rules.committee
    budget = Decimal(info.limit) if info and info.limit else NO_BUDGET
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
    try:
        opening = read_opening(Reader(load_json(tx.get_object(package.of_role("opening").sha256))))
        check_against(opening, criteria_of(tx, case))
    except DocumentRefused as fault:
        raise FieldWrong.at(f"opening.json {fault.path}", fault.fault) from fault
    check_opening(tx.case(case))
    bids = [{"id": bid.id, "name": bid.name, "price": str(bid.price)} for bid in opening.bids]
    k = str(dict(opening.coefficients).get("reduction_percent", ""))
    stated = {"by": actor.as_by(), "type": "opening", "package": package.sha256, "files": package.listed()}
    opened = {"opened": package.data["opened"]} if "opened" in package.data else {}
    tx.record(case, "package.received", stated | {"bids": bids, "k": k} | opened)


def _profile(tx: Tx, case: CaseId) -> str:
    info = tx.case(case).info
    return info.profile if info else ""
