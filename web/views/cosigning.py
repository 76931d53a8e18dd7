"""日志见证: which outside organisations cosign this deployment's log, whether one saw another history of it, and how
many signatures still wait for their time stamp.
"""

from aiohttp import web

from conduct import cosigning, stamping
from conduct.ports import Json, Tx
from identity.roles import Role
from web.i18n import _, say
from web.pages import moment, page
from web.policy import only, route
from web.visit import Visit

WHO_LOOK = frozenset({Role.SUPERVISOR, Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN, Role.ARCHIVIST})
# State → its word and what it means for whoever reads it.
STATES = {
    cosigning.COSIGNED: (_("已联署"), _("最新的日志已由该见证方联署。")),
    cosigning.AWAY: (_("联系不上"), _("已有的联署都在；系统每两秒再联系一次，请转告该见证方。")),
    cosigning.REFUSED: (_("不予联署"), _("该见证方没有登记本交易中心的日志，请核对双方交换的公钥。")),
    cosigning.FORKED: (_("历史不一致"), _("该见证方见过本日志的另一份历史。请立即停止封存，请监督部门调取双方记录。")),
}


@route("GET", "/witnesses", only(*WHO_LOOK))
async def witnesses(visit: Visit) -> web.Response:
    """The witnesses of the log, what each has cosigned, and an alarm when one has seen another history."""

    def look(tx: Tx) -> list[Json]:
        return [
            {"name": name, "size": row["size"], "at": moment(row["at"]) if row.get("at") else "", "state": row["state"]}
            for name, row in sorted(cosigning.states(tx).items())
        ]

    rows = await visit.services.store.read(look)
    unstamped = await visit.services.store.read(lambda tx: len(tx.waiting(stamping.CHANNEL)))
    words = {state: tuple(say(visit.language, word) for word in pair) for state, pair in STATES.items()}
    about = {"forked": cosigning.FORKED, "unstamped": unstamped}
    return page(visit, "witnesses.html", {**about, "rows": rows, "words": words})
