"""The statements a log may hold and the keys of each body, as docs/records.md lists them (a test compares)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """The keys a body must and may have, and for a signed kind where the signer's name stands (`member`, `by`)."""

    keys: frozenset[str]
    optional: frozenset[str]
    signer: str = ""


_CASE: Final = """
case.created             by project title tenderer agent region lot limit planned_start profile demo method? \
                         lots? follows?
package.received         by type package files criteria? bids? k? lots? opened?
application.submitted    by experts representatives start days overnight avoid_units
seats.held               by venue seats
draw.requested           by draw request at
draw.confirmed           by draw form?
draw.frozen              draw root size excluded pools?
draw.committed           by draw attempt party commit share_key legal_person host
draw.context             draw attempt context digest
draw.revealed            draw attempt round party reveal
draw.voided              draw attempt party reason
draw.sealed              draw attempt round order transcript sealed
draw.opened              draw order transcripts
draw.short               draw attempt short
draw.differs             draw attempt
draw.imported            by draw source request at file signer members alternates
draw.supplemented        by draw source request at file signer alternates
replacement.requested    by draw round member place reason
replacement.confirmed    by draw round
draw.extended            draw attempt round
notice.sent              ticket channel
notice.answered          ticket answer reason?
draw.exhausted           draw short
draw.stands              members alternates
representative.authorised by letter
blind.committed          commitment groups named
draw.rescreened          order
screening.elsewhere      source
precheck.stated          findings arithmetic texts traces unread
checkin.opened           by
checkin.matched          by second method member kind venue seat locker
checkin.refused          by venue
seat.enrolled            member seat credential certificate certificate_sha256 sm2_certificate? \
                         sm2_certificate_sha256? provider?
certificate.reissued     by second member credential certificate certificate_sha256 sm2_certificate? \
                         sm2_certificate_sha256? provider?
person.enrolled          who role credential certificate certificate_sha256 sm2_certificate? \
                         sm2_certificate_sha256?
key.registered           who credential key point origin prf?
password.failed          member tries locked
screen.paired            by seat screen
screen.parted            by seat screen
screen.shown             member display
software.enrolled        member credential certificate certificate_sha256
software.admitted        member seat
software.signed          member authorisation signatures
device.checked           seat member result
committee.opened         members transcripts
case.ready               recorder seated
pledge.signed            member alias text bidders recusal                                      signed:member
recusal.declared         member reason
member.replaced          by member reason successor?
ballot.opened            ballot round candidates
ballot.cast              ballot round member
ballot.counted           ballot round counts papers next? elected?
motion.opened            by motion subject text secret about?
vote.cast                motion member
vote.signed              member alias motion choice reason                                      signed:member
motion.decided           motion votes carried papers?
stage.opened             by stage codes?
stage.closed             by stage
prelim.signed            member alias findings                                                  signed:member
revote.opened            by items
rejection.decided        bid clause votes ground page reason
tender.failed            by ground motion?
clarification.proposed   by id bid pages text
clarification.endorsed   by id approved
clarification.reviewed   by id approved remark
clarification.asked      id bid pages text due link
clarification.answered   id file size seal signature
clarification.confirmed  by id
correction.stated        by bid corrections clarification
blind.opened             by salt codes
sheet.signed             member alias bid scores subtotals comments                             signed:member
reading.stated           by seconds
unlock.requested         member bid reason
unlock.decided           by member bid approved
sheet.returned           by member bid reason
tally.computed           input result rows
selfcheck.flagged        code member bid value mean deviation
selfcheck.decided        member bid decision reason
abnormal.explained       member bid group reason
score.replaced           by member bid group motion text                                         signed:by
rollback.requested       by stage reason
rollback.endorsed        by approved
rollback.decided         by stage approved snapshot?
candidates.recommended   by candidates
report.rendered          version report data
report.signed            member alias outcome report opinion                                    signed:member
consent.stated           by member report text                                                  signed:by
consent.witnessed        by member report statement                                             signed:by
lot.opened               by lot
fee.confirmed            member alias table began ended minutes yuan agreed remark
appraisal.filed          by member form answers remark
seat.lost                member seat
seat.returned            member seat
seat.left                member seat reason
seat.back                member alias seat left                                                    signed:member
presence.confirmed       member seat after
case.suspended           by reason venue until?
case.resumed             by
incident.expired         by until
incident.continued       by reason
break.began              by
break.ended              by
night.began              by resumes
night.sealed             size root
checkin.renewed          by second method member seat locker
night.ended              by
floor.given              by talk silenced
take.started             seat track take codec file
segment.recorded         seat track take n off len sha256 t0 pts_ms dur_ms key recovered? sent? reports?
gap.named                seat track from to reason
witness.marked           by seat text
witness.stated           by text                                                                signed:by
interference.reported    seat report
reevaluation.requested   by occasion ground reason concerns
reevaluation.authorised  by paper
committee.recalled       by case members statement proof
abort.requested          by reason
abort.declined           by
case.aborted             by ground reason transcripts
keys.destroyed           credentials
case.closed              by stages
"""

_DEPLOYMENT: Final = """
deployment.created       name log root seal
authority.founded        algorithm root
draw.process_started     key
pool.imported            by pool edition? file accepted new? changed? gone? root
pool.restored            by pool edition again file root
pool.searched            by pool expert
pool.looked              by pool expert reason words
retrieval.requested      by about id reason seats hours
retrieval.decided        by about id approved until?
retrieval.looked         by about id seat
retrieval.exported       by about id seats from to sha256
notice.opened            by ticket
accounts.destroyed       by about accounts yuan
appraisal.added          by about member form answers remark
case.checkpoint          origin size root
witness.refused          witness status size held
"""


def _table(text: str) -> dict[str, Kind]:
    kinds = {}
    for line in text.strip().splitlines():
        name, *words = line.split()
        signer = words.pop().removeprefix("signed:") if words[-1].startswith("signed:") else ""
        optional = frozenset(word[:-1] for word in words if word.endswith("?"))
        kinds[name] = Kind(frozenset(word for word in words if word[-1] != "?"), optional, signer)
    return kinds


CASE_KINDS: Final = _table(_CASE)
DEPLOYMENT_KINDS: Final = _table(_DEPLOYMENT)
