"""What a pool says of an expert beside the person, as JSON for keeping, and back; one spelling, no personal number."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from expert_pool.expert import Availability, Employment, Expert, ExpertId, Person, PersonKey

Json = dict[str, Any]


def of_expert(expert: Expert) -> Json:
    """Everything but id and person."""
    return {
        "categories": list(expert.categories),
        "title": expert.title,
        "years": expert.years,
        "region": expert.region,
        "unit": expert.unit,
        "history": [[post.unit, post.begins.isoformat(), _written(post.ends)] for post in expert.history],
        "relations": list(expert.relations),
        "state": str(expert.availability),
        "until": _written(expert.unavailable_until),
        "draws": expert.recent_draws,
    }


def to_expert(kept: Mapping[str, Any], name: ExpertId, person: PersonKey) -> Expert:
    """The expert again."""
    return Expert(
        id=name,
        categories=tuple(kept["categories"]),
        title=kept["title"],
        years=kept["years"],
        region=kept["region"],
        unit=kept["unit"],
        history=tuple(
            Employment(unit, date.fromisoformat(begins), _day(ends)) for unit, begins, ends in kept["history"]
        ),
        relations=tuple(kept["relations"]),
        availability=Availability(kept["state"]),
        unavailable_until=_day(kept["until"]),
        recent_draws=kept["draws"],
        person=person,
    )


def of_person(person: Person) -> Json:
    """The three personal values."""
    return {"name": person.name, "id_number": person.id_number, "phone": person.phone}


def to_person(kept: Mapping[str, Any]) -> Person:
    """The person again."""
    return Person(kept["name"], kept["id_number"], kept["phone"])


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None
