"""The rule profiles in words: each rule with the article it stands in, and the values it governs."""

from aiohttp import web

from conduct.ports import Json
from evaluation.profile import Profile
from evaluation.profiles import NAMES, load_profile
from identity.roles import Role
from web.pages import page
from web.policy import only, route
from web.visit import Visit

READERS = only(*(role for role in Role if role not in {Role.BIDDER, Role.PARTY}))


@route("GET", "/profiles", READERS)
async def profiles_page(visit: Visit) -> web.Response:
    """Every profile that a case may be judged by."""
    return page(visit, "profiles.html", {"profiles": [told(load_profile(name)) for name in NAMES]})


def told(profile: Profile) -> Json:
    """A profile as its page tells it: rule by rule, each value under the rule behind it."""
    values = profile.document["values"]
    return {
        "id": profile.id,
        "title": profile.title,
        "effective": profile.effective.isoformat(),
        "digest": profile.digest,
        "rules": [
            {"id": rule.id, "source": rule.source, "text": rule.text,
             "values": [(name, _spelled(values, name)) for name in rule.governs]}
            for rule in profile.sources
        ],
    }  # fmt: skip


def _spelled(values: Json, name: str) -> str:
    """A value as the document spells it; lists with commas, what is null as a dash."""
    section, field = name.split(".", 1)
    value = values[section][field]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "、".join(value)
    return "—" if value is None else str(value)
