"""The rule profiles in words: each rule with the article it stands in, and the values it governs.

`/profiles` tells those that come with this version, for new cases; a case's own page tells those that it has kept.
"""

from aiohttp import web

from conduct.ports import Json
from conduct.rulebook import profile_of
from evaluation.profile import Profile
from evaluation.profiles import NAMES, load_profile
from identity.roles import Role
from web import staffing
from web.acting import case_of
from web.i18n import Language, say
from web.pages import page
from web.policy import only, route
from web.profile_words import VALUES, value_in_words
from web.views.cases import OF_A_CASE
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


@route("GET", "/cases/{case}/rules", OF_A_CASE)
async def rules_page(visit: Visit) -> web.Response:
    """The rules that this case was created under, whole, from the bytes that it keeps."""
    rules = await staffing.look(visit, lambda tx, state, _reader: profile_of(tx, state.id))
    return page(visit, "rules.html", {"case": case_of(visit), "profile": told_of(rules, rules, visit.language)})


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
