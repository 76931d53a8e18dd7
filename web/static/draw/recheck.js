// Drawing again, step by step as `draw/recheck.py` does: each step's stated value beside the one found, nothing believed.

import { byCodePoint, hex, joined } from "./bytes.js";
import { spelled } from "./canonical.js";
import { firstWants, labelAt, order, orderDigest, Walk } from "./lot.js";
import { readPool } from "./pool.js";
import { DrawRefused } from "./refusal.js";
import { hmac, sha256 } from "./sha256.js";
import { contextDigest, placesDigest, read, selectionToJson } from "./transcript.js";

/** @typedef {import("./canonical.js").Json} Json */
/** @typedef {import("./pool.js").Pool} Pool */
/** @typedef {import("./transcript.js").Transcript} Transcript */
/** @typedef {import("./transcript.js").Want} Want */
/** @typedef {{ field: string, stated: Json, found: Json }} Step */
/**
 * @typedef {object} Examination
 * @property {Transcript | null} transcript  null if its bytes are no transcript
 * @property {Step[]} steps  up to the first that does not hold
 * @property {Step | null} difference  the smallest part that differs
 * @property {boolean} drawn  whether the pool was there and all was drawn again
 * @property {Map<string, string>} names  label to id of everybody taken
 */
/** @typedef {(stage: "reading" | "sorting", share: number) => void} Tell */

const LINK = 32;

/**
 * @param {Uint8Array} transcript
 * @param {Uint8Array | null} pool
 * @param {Tell} [tell]
 * @returns {Examination}
 */
export function examine(transcript, pool, tell = () => undefined) {
  /** @type {Examination} */ const found = {
    transcript: null,
    steps: [],
    difference: null,
    drawn: false,
    names: new Map(),
  };
  try {
    const stated = read(transcript);
    const frozen = pool && readPool(pool, (share) => tell("reading", share));
    found.transcript = stated;
    const steps = frozen
      ? [publicSteps(stated), poolSteps(stated, frozen), drawnSteps(stated, frozen, found, tell)]
      : [];
    for (const group of frozen ? steps : [publicSteps(stated)]) {
      for (const step of group) {
        found.steps.push(step);
        if (holds(step)) continue;
        found.difference = smallestDifference(step);
        return found;
      }
    }
    found.drawn = frozen !== null;
  } catch (error) {
    if (!(error instanceof DrawRefused)) throw error;
    found.difference = { field: error.where, stated: error.code, found: error.detail };
  }
  return found;
}

/** @param {Step} step  whether the transcript says what was found */
export function holds({ stated, found }) {
  return spelled(stated) === spelled(found);
}

/**
 * What anybody can check without the pool. To be taken one by one: a step relies on those before it.
 * @param {Transcript} transcript
 * @returns {Generator<Step>}
 */
function* publicSteps(transcript) {
  const { request, commits, beacon, beaconValue, places, result, round } = transcript;
  const reveals = new Map(transcript.reveals);
  yield { field: "request.places", stated: request.places, found: places ? placesDigest(places) : "" };
  yield { field: "beaconValue", stated: beacon !== null, found: beaconValue.length > 0 };
  const shown = [...reveals.keys()].sort(byCodePoint);
  yield { field: "reveals", stated: commits.map(([party]) => party), found: shown };
  for (const [party, committed] of commits) {
    const found = again(reveals.get(party) ?? new Uint8Array(), round + 1);
    yield { field: `reveals.${party}`, stated: hex(committed), found };
  }
  const independent = new Set(transcript.parties.map(([, person]) => person)).size;
  yield { field: "result.independent", stated: result.independent, found: independent };
  yield { field: "result.h", stated: hex(result.h), found: hex(contextDigest(transcript)) };
  yield { field: "result.prk", stated: hex(result.prk), found: hex(key(transcript)) };
  if (round > 0) return;
  const wants = result.selections.map(({ want }) => want);
  yield { field: "result.selections", stated: wants.map(asJson), found: firstWants(request).map(asJson) };
  yield { field: "roll", stated: [transcript.roll.standing.length, transcript.roll.out.length], found: [0, 0] };
}

/**
 * @param {Transcript} transcript
 * @param {Pool} pool
 * @returns {Generator<Step>}
 */
function* poolSteps(transcript, pool) {
  yield { field: "pool.size", stated: transcript.pool.size, found: pool.size };
  yield { field: "pool.root", stated: hex(transcript.pool.root), found: hex(pool.root) };
}

/**
 * @param {Transcript} transcript
 * @param {Pool} pool
 * @param {Examination} examination  where the names of those taken are put
 * @param {Tell} tell
 * @returns {Generator<Step>}
 */
function* drawnSteps(transcript, pool, examination, tell) {
  const { request, places, result, roll } = transcript;
  const ordered = order(pool, key(transcript), (share) => tell("sorting", share));
  /** @type {import("./transcript.js").Selection[]} */ let selections;
  try {
    const walk = new Walk(pool, ordered, request, new Map(places?.regions), roll);
    selections = result.selections.map(({ want }) => walk.fill(want));
  } catch (error) {
    if (!(error instanceof DrawRefused)) throw error;
    yield { field: "result", stated: "drawn", found: `${error.code} ${error.where}` };
    return;
  }
  yield { field: "result.order", stated: hex(result.order), found: hex(orderDigest(pool, ordered)) };
  for (const [index, stated] of result.selections.entries()) {
    const found = selections[index];
    if (!found) return;
    yield { field: `result.selections[${index}]`, stated: selectionToJson(stated), found: selectionToJson(found) };
  }
  nameThem(pool, new Set(selections.flatMap(({ taken }) => taken)), ordered, examination.names);
}

/**
 * @param {Pool} pool
 * @param {Set<string>} taken
 * @param {Uint32Array} ordered
 * @param {Map<string, string>} names
 */
function nameThem(pool, taken, ordered, names) {
  for (const place of ordered) {
    if (names.size === taken.size) return;
    const label = labelAt(pool, place);
    if (taken.has(label)) names.set(label, pool.candidate(place).id);
  }
}

/**
 * A link hashed so many times, or the words for one that is none.
 * @param {Uint8Array} link
 * @param {number} times
 * @returns {string}
 */
function again(link, times) {
  if (link.length !== LINK) return "not 32 bytes";
  let found = link;
  for (let time = 0; time < times; time += 1) found = sha256(found);
  return hex(found);
}

/**
 * PRK: H and every party's link, then the beacon's bytes (HKDF-Extract).
 * @param {Transcript} transcript
 * @returns {Uint8Array}
 */
function key(transcript) {
  const parts = [...transcript.reveals]
    .sort(([left], [right]) => byCodePoint(left, right))
    .flatMap(([party, link]) => {
      const name = new TextEncoder().encode(party);
      return [Uint8Array.of(name.length >> 8, name.length & 0xff), name, link];
    });
  return hmac(contextDigest(transcript), joined(...parts, transcript.beaconValue));
}

/** @param {Want} want */
function asJson({ quota, role, count }) {
  return { quota, role, n: count };
}

/**
 * The smallest differing part of a step that does not hold, named by its path.
 * @param {Step} step
 * @returns {Step}
 */
export function smallestDifference(step) {
  for (let { field, stated, found } = step; ;) {
    const narrower = narrowed(stated, found);
    if (!narrower) return { field, stated, found };
    field += narrower.field;
    ({ stated, found } = narrower);
  }
}

/**
 * @param {Json} stated
 * @param {Json} found
 * @returns {Step | null}
 */
function narrowed(stated, found) {
  if (stated === null || found === null || typeof stated !== "object" || typeof found !== "object") return null;
  const listed = Array.isArray(stated);
  if (listed !== Array.isArray(found)) return null;
  const [some, other] = [/** @type {any} */ (stated), /** @type {any} */ (found)];
  const most = listed ? Math.max(some.length, other.length) : 0;
  const parts = listed
    ? Array.from({ length: most }, (_, n) => n)
    : Object.keys({ ...some, ...other }).sort(byCodePoint);
  for (const part of parts) {
    const step = { field: listed ? `[${part}]` : `.${part}`, stated: some[part] ?? null, found: other[part] ?? null };
    if (!holds(step)) return step;
  }
  return null;
}
