// What both connections of a seat tell of the last two seconds, as the few figures that count. Pure: reports in.

import { EASY_LOSS, EASY_RTT_MS, SAMPLE_MS } from "./room-wall-thrift.js";

/** @typedef {import("./room-wall-thrift.js").Felt} Felt */

/**
 * Of one picture so far: packets that came, frames that were shown, how often it stood still and how long.
 * @typedef {{ packets: number, frames: number, freezes: number, frozenMs: number }} Picture
 * Running counters of both connections: packets received and lost on their way here, sent from here and lost there;
 * each seat's picture that is received, by the name of its report. A shared screen is none: it stands still by nature.
 * @typedef {{ lost: number, received: number, sent: number, lostThere: number, rttMs: number,
 *   pictures: Record<string, Picture> }} Counted
 */

/** @type {Picture} */
const UNSEEN = { packets: 0, frames: 0, freezes: 0, frozenMs: 0 };
/** @type {Counted} */
const NOTHING = { lost: 0, received: 0, sent: 0, lostThere: 0, rttMs: -1, pictures: {} };

/**
 * @param {(RTCStatsReport | undefined)[]} reports of publishing and receiving
 * @param {Record<string, string>} mids of receiving: mid → `seat/kind`
 * @returns {Counted}
 */
export function counted(reports, mids) {
  const sum = { ...NOTHING, pictures: /** @type {Record<string, Picture>} */ ({}) };
  let reportedMs = -1;
  for (const report of reports)
    for (const entry of report?.values() ?? []) {
      if (entry.type === "inbound-rtp") {
        sum.lost += Math.max(0, entry.packetsLost ?? 0);
        sum.received += entry.packetsReceived ?? 0;
        if (entry.kind === "video" && !mids[entry.mid]?.endsWith("/screen"))
          sum.pictures[entry.id] = {
            packets: entry.packetsReceived ?? 0,
            frames: entry.framesDecoded ?? 0,
            freezes: entry.freezeCount ?? 0,
            frozenMs: Math.round(1000 * (entry.totalFreezesDuration ?? 0)),
          };
      } else if (entry.type === "remote-inbound-rtp") {
        sum.lostThere += Math.max(0, entry.packetsLost ?? 0);
        reportedMs = Math.max(reportedMs, Math.round(1000 * (entry.roundTripTime ?? -1)));
      } else if (entry.type === "outbound-rtp") {
        sum.sent += entry.packetsSent ?? 0;
      } else if (entry.type === "candidate-pair" && entry.nominated && entry.currentRoundTripTime !== undefined) {
        sum.rttMs = Math.max(sum.rttMs, Math.round(1000 * entry.currentRoundTripTime));
      }
    }
  // A Firefox before 142 knows the round trip from the receiver's reports alone.
  return { ...sum, rttMs: sum.rttMs < 0 ? reportedMs : sum.rttMs };
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
  const loss = Math.max(
    share(lost, lost + now.received - here.received),
    share(now.lostThere - there.lostThere, now.sent - there.sent),
  );
  const still = stillness(here.pictures, now.pictures);
  // One picture alone may stand still by its own seat's way: it counts where this seat's way is not easy either.
  const isTold = still.length > 1 || loss >= EASY_LOSS || now.rttMs >= EASY_RTT_MS;
  return {
    loss,
    rttMs: now.rttMs,
    freezes: isTold ? middle(still.map(({ freezes }) => freezes)) : 0,
    frozenMs: isTold ? middle(still.map(({ frozenMs }) => frozenMs)) : 0,
  };
}

/**
 * Of each picture that was sent here since, how it stood still: all the time where packets came and no frame was shown.
 * @param {Record<string, Picture>} before
 * @param {Record<string, Picture>} now
 * @returns {Picture[]}
 */
function stillness(before, now) {
  return Object.entries(now).flatMap(([id, { packets, frames, freezes, frozenMs }]) => {
    const { [id]: old = UNSEEN } = before;
    const more = { packets: packets - old.packets, frames: frames - old.frames };
    if (more.packets <= 0 || !frames) return [];
    if (more.frames <= 0) return [{ ...more, freezes: 1, frozenMs: SAMPLE_MS }];
    return [{ ...more, freezes: freezes - old.freezes, frozenMs: frozenMs - old.frozenMs }];
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
