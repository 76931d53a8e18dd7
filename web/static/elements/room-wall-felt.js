// What both connections of a seat tell of the last two seconds, as the few figures that count. Pure: reports in.

/** @typedef {import("./room-wall-thrift.js").Felt} Felt */

/**
 * How often one picture stood still so far and how long, and the frames that were shown of it.
 * @typedef {{ frames: number, freezes: number, frozenMs: number }} Picture
 * Running counters of both connections: packets received and lost on their way here, sent from here and lost there;
 * each received picture by the name of its report.
 * @typedef {{ lost: number, received: number, sent: number, lostThere: number, rttMs: number,
 *   pictures: Record<string, Picture> }} Counted
 */

/** @type {Picture} */
const UNSEEN = { frames: 0, freezes: 0, frozenMs: 0 };
/** @type {Counted} */
const NOTHING = { lost: 0, received: 0, sent: 0, lostThere: 0, rttMs: -1, pictures: {} };

/**
 * @param {(RTCStatsReport | undefined)[]} reports of publishing and receiving
 * @returns {Counted}
 */
export function counted(reports) {
  const sum = { ...NOTHING, pictures: /** @type {Record<string, Picture>} */ ({}) };
  for (const report of reports)
    for (const entry of report?.values() ?? []) {
      if (entry.type === "inbound-rtp") {
        sum.lost += Math.max(0, entry.packetsLost ?? 0);
        sum.received += entry.packetsReceived ?? 0;
        if (entry.kind === "video")
          sum.pictures[entry.id] = {
            frames: entry.framesDecoded ?? 0,
            freezes: entry.freezeCount ?? 0,
            frozenMs: Math.round(1000 * (entry.totalFreezesDuration ?? 0)),
          };
      } else if (entry.type === "remote-inbound-rtp") {
        sum.lostThere += Math.max(0, entry.packetsLost ?? 0);
      } else if (entry.type === "outbound-rtp") {
        sum.sent += entry.packetsSent ?? 0;
      } else if (entry.type === "candidate-pair" && entry.nominated && entry.currentRoundTripTime !== undefined) {
        sum.rttMs = Math.max(sum.rttMs, Math.round(1000 * entry.currentRoundTripTime));
      }
    }
  return sum;
}

/**
 * What happened between two counts; counters that began anew are taken from their beginning.
 * @param {Counted} before
 * @param {Counted} now
 * @returns {Felt}
 */
export function felt(before, now) {
  const here = now.received < before.received ? NOTHING : before;
  const there = now.sent < before.sent ? NOTHING : before;
  const lost = Math.max(0, now.lost - here.lost);
  const still = stillness(here.pictures, now.pictures);
  return {
    loss: Math.max(
      share(lost, lost + now.received - here.received),
      share(now.lostThere - there.lostThere, now.sent - there.sent),
    ),
    rttMs: now.rttMs,
    freezes: middle(still.map(({ freezes }) => freezes)),
    frozenMs: middle(still.map(({ frozenMs }) => frozenMs)),
  };
}

/**
 * Of each picture that went on since, how it stood still; what is not sent here says nothing.
 * @param {Record<string, Picture>} before
 * @param {Record<string, Picture>} now
 * @returns {Picture[]}
 */
function stillness(before, now) {
  return Object.entries(now).flatMap(([id, { frames, freezes, frozenMs }]) => {
    const { [id]: old = UNSEEN } = before;
    if (frames <= old.frames) return [];
    return [{ frames: frames - old.frames, freezes: freezes - old.freezes, frozenMs: frozenMs - old.frozenMs }];
  });
}

/**
 * The least that more than half of the values reach: one seat whose own way is bad stops its picture at all others, and
 * that says nothing of theirs.
 * @param {number[]} values
 * @returns {number} zero of none
 */
function middle(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.max(0, sorted[Math.floor((sorted.length - 1) / 2)] ?? 0);
}

/**
 * In hundredths of a percent.
 * @param {number} part
 * @param {number} whole
 * @returns {number}
 */
function share(part, whole) {
  return whole > 0 ? Math.min(10_000, Math.max(0, Math.round((10_000 * part) / whole))) : 0;
}
