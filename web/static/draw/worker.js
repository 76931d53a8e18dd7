// The replay away from the page, so that a pool of a million freezes nothing. In: {transcript, pool} as buffers.
// Out: {stage, share} on the way, at last {report}.

import { hex } from "./bytes.js";
import { examine, holds } from "./recheck.js";
import { sha256 } from "./sha256.js";

/** @typedef {import("./canonical.js").Json} Json */
/** @typedef {{ role: string, category: string, taken: [string, string][], skipped: [string, number][] }} Chosen */
/**
 * @typedef {object} Report
 * @property {string} digest  SHA-256 of the transcript's bytes, hex
 * @property {{ field: string, holds: boolean }[]} steps
 * @property {{ field: string, stated: Json, found: Json } | null} difference
 * @property {boolean} drawn
 * @property {{ project: string, attempt: number, round: number, size: number, independent: number } | null} about
 * @property {import("./transcript.js").Quota[]} quotas
 * @property {[string, number][]} ineligible
 * @property {[string, string][]} parties
 * @property {Chosen[]} chosen  filled when all was drawn again
 */

/**
 * @param {Uint8Array} transcript
 * @param {Uint8Array | null} pool
 * @param {import("./recheck.js").Tell} tell
 * @returns {Report}
 */
function report(transcript, pool, tell) {
  const found = examine(transcript, pool, tell);
  const stated = found.transcript;
  return {
    digest: hex(sha256(transcript)),
    steps: found.steps.map((step) => ({ field: step.field, holds: holds(step) })),
    difference: found.difference,
    drawn: found.drawn,
    about: stated && {
      project: stated.request.project,
      attempt: stated.attempt,
      round: stated.round,
      size: stated.pool.size,
      independent: stated.result.independent,
    },
    quotas: stated?.request.quotas ?? [],
    ineligible: stated?.ineligible ?? [],
    parties: stated?.parties ?? [],
    chosen: stated && found.drawn ? stated.result.selections.map((one) => chosen(one, stated, found.names)) : [],
  };
}

/**
 * @param {import("./transcript.js").Selection} selection
 * @param {import("./transcript.js").Transcript} stated
 * @param {Map<string, string>} names
 * @returns {Chosen}
 */
function chosen({ want, taken, skipped }, stated, names) {
  /** @type {Map<string, number>} */ const counts = new Map();
  for (const [, reason] of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return {
    role: want.role,
    category: stated.request.quotas[want.quota]?.category ?? "",
    taken: taken.map((label) => [names.get(label) ?? "", label]),
    skipped: [...counts].sort(),
  };
}

globalThis.addEventListener("message", ({ data }) => {
  const pool = data.pool ? new Uint8Array(data.pool) : null;
  const found = report(new Uint8Array(data.transcript), pool, (stage, share) => postMessage({ stage, share }));
  postMessage({ report: found });
});
