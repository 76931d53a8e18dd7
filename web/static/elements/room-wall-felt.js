// What both connections of a seat tell of the last two seconds, as the few figures that count. Pure: reports in.

/** @typedef {import("./room-wall-thrift.js").Felt} Felt */

/**
 * Running counters of both connections: packets received and lost on their way here, sent from here and lost there.
 * @typedef {{ lost: number, received: number, sent: number, lostThere: number, freezes: number, frozenMs: number,
 *   rttMs: number }} Counted
 */

/** @type {Counted} */
const NOTHING = { lost: 0, received: 0, sent: 0, lostThere: 0, freezes: 0, frozenMs: 0, rttMs: -1 };

/**
 * @param {(RTCStatsReport | undefined)[]} reports of publishing and receiving
 * @returns {Counted}
 */
export function counted(reports) {
  const sum = { ...NOTHING };
  for (const report of reports)
    for (const entry of report?.values() ?? []) {
      if (entry.type === "inbound-rtp") {
        sum.lost += Math.max(0, entry.packetsLost ?? 0);
        sum.received += entry.packetsReceived ?? 0;
        sum.freezes += entry.freezeCount ?? 0;
        sum.frozenMs += 1000 * (entry.totalFreezesDuration ?? 0);
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
  return {
    loss: Math.max(
      share(lost, lost + now.received - here.received),
      share(now.lostThere - there.lostThere, now.sent - there.sent),
    ),
    rttMs: now.rttMs,
    freezes: Math.max(0, now.freezes - here.freezes),
    frozenMs: Math.max(0, Math.round(now.frozenMs - here.frozenMs)),
  };
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
