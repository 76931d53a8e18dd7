"""The rule profiles in words: each rule with the article it stands in, and the values it governs."""

from aiohttp import web

from conduct.ports import Json
from evaluation.profile import Profile
from evaluation.profiles import NAMES, load_profile
from identity.roles import Role
from web.i18n import Language, say
from web.pages import page
from web.policy import only, route
from web.profile_words import VALUES, value_in_words
from web.visit import Visit

READERS = only(*(role for role in Role if role not in {Role.BIDDER, Role.PARTY}))
FIRST = "works"
"""The others are told by what differs from it."""


@route("GET", "/profiles", READERS)
async def profiles_page(visit: Visit) -> web.Response:
    """Every profile that a case may be judged by, the first one whole, of each other what differs first."""
    first = load_profile(FIRST)
    told = [told_of(load_profile(name), first, visit.language) for name in NAMES]
    return page(visit, "profiles.html", {"profiles": told, "first": first.title})


def told_of(profile: Profile, first: Profile, language: Language) -> Json:
    """A profile as its page tells it: rule by rule, each value in words under the rule behind it.

    A rule is `own` where any of its values, or the rule itself, is not as in the first profile.
    """
    values, others = profile.document["values"], first.document["values"]
    rules: list[Json] = []
    for rule in profile.sources:
        named = [(name, *name.split(".", 1)) for name in rule.governs]
        is_own = profile.id == first.id or rule not in first.sources
        shown = [
            {
                "label": say(language, VALUES[name]),
                "value": value_in_words(language, name, values[section][field]),
                "differs": values[section][field] != others[section][field],
            }
            for name, section, field in named
        ]
        rules.append({"id": rule.id, "source": rule.source, "text": rule.text, "values": shown, "own": is_own})
    return {
        "id": profile.id,
        "title": profile.title,
        "effective": profile.effective.isoformat(),
        "digest": profile.digest,
        "own": [rule for rule in rules if rule["own"]],
        "shared": [rule for rule in rules if not rule["own"]],
    }
