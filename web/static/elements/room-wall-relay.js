// The relay for networks that let no UDP out: asked for over the line before a connection is made, kept while it is
// fresh, never stored. The browser takes this way only where the direct one fails.

import { say } from "../words.js";

/** @typedef {import("./room-wall-line.js").Line} Line */

const FRESH_MS = 240_000;

/** @type {WeakMap<Line, { servers: RTCIceServer[], until: number }>} */ const known = new WeakMap();

/**
 * The servers for a new connection of this line, none where the deployment has no relay. Throws `Refused`.
 * @param {Line} line
 * @returns {Promise<RTCIceServer[]>}
 */
export async function iceServers(line) {
  const kept = known.get(line);
  if (kept && performance.now() < kept.until) return kept.servers;
  const { urls, username, credential } = await line.ask({ t: "relay" }, "relay");
  const servers = urls.length ? [{ urls, username, credential }] : [];
  known.set(line, { servers, until: performance.now() + FRESH_MS });
  return servers;
}

/**
 * Whether a connection goes by the relay: its chosen pair of candidates begins at one. False while none is chosen.
 * @param {RTCStatsReport} report
 * @returns {boolean}
 */
export function isRelayed(report) {
  const entries = [...report.values()];
  const chosen = entries.find(({ type }) => type === "transport")?.selectedCandidatePairId;
  // Firefox has no such statistic; there the pair itself says so.
  const pair = chosen ? report.get(chosen) : entries.find((one) => one.type === "candidate-pair" && one.selected);
  return pair ? report.get(pair.localCandidateId)?.candidateType === "relay" : false;
}

/** What somebody at a seat is told who is relayed. */
export const relayedWords = () => say("使用备用通道：本地网络限制了直连，画面和声音改走备用通道，您不需要操作。");
