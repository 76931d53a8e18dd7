"""Opens and closes sessions: a fresh name at every sign-in, the former one ended, its sockets closed at once."""

from aiohttp import web

from conduct.ports import Tx
from identity import service, sessions
from identity.sessions import Holder
from web import cookies
from web.admission import DEPLOYMENT, SESSIONS
from web.sockets import SOCKETS
from web.visit import Visit, as_json, fresh_token


async def open_session(visit: Visit, holder: Holder, page_after: str) -> web.Response:
    """Open a session under a fresh name, end the browser's former one, and answer with the cookie."""
    cookie, csrf = fresh_token(), fresh_token()
    session = sessions.opened(holder, cookie, csrf, visit.now)
    former = visit.session.digest if visit.session else ""

    def keep(tx: Tx) -> None:
        shelf = tx.shelf(DEPLOYMENT, SESSIONS)
        service.end_session(shelf, former)
        service.keep_session(shelf, session)

    await visit.services.store.act(keep)
    await visit.request.app[SOCKETS].close_session(former)
    told = {"csrf": csrf, "role": holder.role, "who": holder.who, "venue": holder.venue, "case": holder.case}
    told |= {"member": holder.who if holder.case else "", "next": page_after}
    answer = as_json(told) if visit.wants_json else visit.done(page_after)
    cookies.give(answer, cookies.SESSION, cookie)
    return answer


async def close_session(visit: Visit, page_after: str) -> web.Response:
    """End this session, its sockets with it."""
    digest = visit.signed_in.digest
    await visit.services.store.act(lambda tx: service.end_session(tx.shelf(DEPLOYMENT, SESSIONS), digest))
    await visit.request.app[SOCKETS].close_session(digest)
    answer = visit.done(page_after)
    cookies.take(answer, cookies.SESSION)
    return answer
