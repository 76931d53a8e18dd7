// A transcript of `bid-draw/1` read as strictly as `draw/transcript.py` reads it: bytes that would be written
// differently are refused, under the same names of fields.

import { ascends, fromHex, hex, joined, sameBytes } from "./bytes.js";
import { canonical, NotCanonical, parse } from "./canonical.js";
import { DrawRefused, notOneSpelling } from "./refusal.js";
import { sha256 } from "./sha256.js";

/** @typedef {import("./canonical.js").Json} Json */
/** @typedef {{ [key: string]: Json }} Members */
/** @typedef {{ count: number, category: string, alternates: number, place: string }} Quota */
/**
 * @typedef {object} Request
 * @property {string} project
 * @property {Quota[]} quotas
 * @property {string[]} exclude
 * @property {number} unitCap
 * @property {string} places
 * @property {string} terms
 */
/** @typedef {{ salt: Uint8Array, regions: [string, string[]][] }} Places */
/** @typedef {{ quota: number, role: string, count: number }} Want */
/** @typedef {{ want: Want, taken: string[], skipped: [string, string][] }} Selection  labels in hex */
/** @typedef {{ standing: string[], out: [string, string][] }} Roll  labels in hex */
/**
 * @typedef {object} Transcript
 * @property {Request} request
 * @property {{ root: Uint8Array, size: number }} pool
 * @property {[string, Uint8Array][]} commits
 * @property {{ type: string, ref: string } | null} beacon
 * @property {number} attempt
 * @property {[string, string][]} parties  to their legal persons
 * @property {[string, number][]} ineligible
 * @property {number} round
 * @property {[string, Uint8Array][]} reveals
 * @property {Uint8Array} beaconValue
 * @property {Places | null} places
 * @property {Roll} roll
 * @property {{ h: Uint8Array, independent: number, order: Uint8Array, prk: Uint8Array, selections: Selection[] }} result
 */

export const VERSION = "bid-draw/1";
const LINK = 32;
const LONGEST_PARTY = 65535;
const MOST_ROUNDS = 1000;
const LEAST = 5;
const OTHER = "other";

/**
 * Throws DrawRefused.
 * @param {Uint8Array} bytes
 * @returns {Transcript}
 */
export function read(bytes) {
  /** @type {Transcript} */ let found;
  try {
    found = transcript(parse(bytes));
  } catch (error) {
    if (error instanceof DrawRefused) throw error;
    if (error instanceof NotCanonical || error instanceof TypeError || error instanceof RangeError) {
      throw notOneSpelling("transcript", error.message);
    }
    throw error;
  }
  if (!sameBytes(canonical(toJson(found)), bytes)) {
    throw notOneSpelling("transcript", "a field that is not known, or a default written out");
  }
  return found;
}

/**
 * @param {Json | undefined} value
 * @returns {Transcript}
 */
function transcript(value) {
  const stated = members(value);
  const request = readRequest(members(stated["request"]));
  const pool = members(stated["pool"]);
  const beacon = stated["beacon"] ? members(stated["beacon"]) : null;
  const session = {
    request,
    pool: { root: fromHex(pool["root"]), size: whole(pool["size"]) },
    commits: hexPairs(stated["commits"]),
    attempt: whole(stated["attempt"]),
    beacon: beacon && { type: text(beacon["type"]), ref: text(beacon["ref"]) },
    parties: pairs(stated["parties"], text),
    ineligible: pairs(stated["ineligible"], whole),
  };
  checkSession(session);
  const result = members(stated["result"]);
  const roll = members(stated["roll"]);
  const selections = items(result["selections"]).map(selection);
  const found = {
    ...session,
    round: whole(stated["round"]),
    reveals: hexPairs(stated["reveals"]),
    roll: { standing: labels(roll["standing"]), out: pairs(roll["out"], text).map(reason) },
    beaconValue: fromHex(stated["beaconValue"]),
    places: stated["places"] ? readPlaces(members(stated["places"])) : null,
    result: {
      h: fromHex(result["h"]),
      independent: whole(result["independent"]),
      prk: fromHex(result["prk"]),
      order: fromHex(result["order"]),
      selections,
    },
  };
  if (found.round < 0 || found.round >= MOST_ROUNDS) throw notOneSpelling("round", String(found.round));
  return found;
}

/** @param {Pick<Transcript, "commits" | "attempt" | "parties" | "ineligible">} session */
function checkSession({ commits, attempt, parties, ineligible }) {
  const names = commits.map(([party]) => party);
  if (!names.length || !ascends(names)) throw notOneSpelling("commits", "ascending, each once, at least one");
  if (!names.every((party) => /^[\x00-\x7f]*$/.test(party) && party.length <= LONGEST_PARTY)) {
    throw notOneSpelling("commits", "ASCII party ids");
  }
  if (commits.some(([, link]) => link.length !== LINK)) throw notOneSpelling("commits", "32 bytes each");
  if (attempt < 1) throw notOneSpelling("attempt", String(attempt));
  const owned = parties.length === names.length && parties.every(([party, who], n) => party === names[n] && who);
  if (parties.length && !owned) throw notOneSpelling("parties", "a legal person for each party that committed");
  checkCounts(ineligible);
}

/**
 * Refuse counts in another form than `draw/exclusions.py` publishes: none under five but all of them together.
 * @param {[string, number][]} counts
 */
function checkCounts(counts) {
  const other = counts.find(([code]) => code === OTHER)?.[1] ?? LEAST;
  const small = counts.some(([code, count]) => count < 1 || (code !== OTHER && count < LEAST));
  if (small || (other < LEAST && counts.length > 1) || !ascends(counts.map(([code]) => code))) {
    throw notOneSpelling("ineligible", "ascending, each once, none under five but all of them together");
  }
}

/**
 * @param {Members} stated
 * @returns {Request}
 */
function readRequest(stated) {
  const project = text(stated["project"]);
  const quotas = items(stated["quotas"]).map((one) => readQuota(members(one)));
  const request = {
    project,
    quotas,
    exclude: items(absentAs(stated["exclude"], [])).map(text),
    unitCap: whole(absentAs(stated["unitCap"], 0)),
    places: text(absentAs(stated["places"], "")),
    terms: text(absentAs(stated["terms"], "")),
  };
  if (!quotas.length) throw notOneSpelling("request.quotas", "none");
  if (!ascends(request.exclude)) throw notOneSpelling("request.exclude", "ascending, each once");
  if (request.unitCap < 0) throw notOneSpelling("request.unitCap", String(request.unitCap));
  return request;
}

/**
 * @param {Members} one
 * @returns {Quota}
 */
function readQuota(one) {
  const quota = {
    count: whole(one["n"]),
    category: text(absentAs(one["cat"], "")),
    alternates: whole(absentAs(one["alternates"], 0)),
    place: text(absentAs(one["place"], "")),
  };
  if (quota.count < 0 || quota.alternates < 0 || quota.count + quota.alternates === 0) {
    throw notOneSpelling("quota.n", `${quota.count}+${quota.alternates}`);
  }
  return quota;
}

/**
 * @param {Members} stated
 * @returns {Places}
 */
function readPlaces(stated) {
  return { salt: fromHex(stated["salt"]), regions: pairs(stated["regions"], (codes) => items(codes).map(text)) };
}

/**
 * @param {Json} value
 * @returns {Selection}
 */
function selection(value) {
  const stated = members(value);
  const want = { quota: whole(stated["quota"]), role: text(stated["role"]), count: whole(stated["n"]) };
  if (want.role !== "member" && want.role !== "alternate") throw new RangeError(want.role);
  if (want.quota < 0 || want.count < 0) throw notOneSpelling("selections", "below nought");
  return { want, taken: labels(stated["taken"]), skipped: items(stated["skipped"]).map(pair).map(reason) };
}

/** @param {Request} request  its value for hashing, defaults left out */
export function requestToJson(request) {
  return {
    project: request.project,
    quotas: request.quotas.map(quotaToJson),
    ...(request.exclude.length ? { exclude: request.exclude } : {}),
    ...(request.unitCap ? { unitCap: request.unitCap } : {}),
    ...(request.places ? { places: request.places } : {}),
    ...(request.terms ? { terms: request.terms } : {}),
  };
}

/** @param {Quota} quota */
function quotaToJson(quota) {
  return {
    n: quota.count,
    ...(quota.category ? { cat: quota.category } : {}),
    ...(quota.alternates ? { alternates: quota.alternates } : {}),
    ...(quota.place ? { place: quota.place } : {}),
  };
}

/** @param {Selection} selection */
export function selectionToJson({ want, taken, skipped }) {
  return { quota: want.quota, role: want.role, n: want.count, skipped, taken };
}

/**
 * H: the digest of the context that every party signed before a reveal.
 * @param {Transcript} transcript
 * @returns {Uint8Array}
 */
export function contextDigest({ request, pool, commits, beacon, attempt, parties, ineligible }) {
  const context = {
    v: VERSION,
    request: hex(sha256(canonical(requestToJson(request)))),
    pool: { root: hex(pool.root), size: pool.size },
    commits: asHex(commits),
    beacon,
    attempt,
    ...(parties.length ? { parties: Object.fromEntries(parties) } : {}),
    ...(ineligible.length ? { ineligible: Object.fromEntries(ineligible) } : {}),
  };
  return sha256(canonical(context));
}

/**
 * @param {Places} places
 * @returns {string}
 */
export function placesDigest({ salt, regions }) {
  return hex(sha256(joined(salt, canonical(Object.fromEntries(regions)))));
}

/**
 * @param {Transcript} found
 * @returns {Json}
 */
function toJson(found) {
  const { request, pool, commits, beacon, attempt, parties, ineligible, round, reveals, places, roll, result } = found;
  return {
    v: VERSION,
    request: requestToJson(request),
    pool: { root: hex(pool.root), size: pool.size },
    commits: asHex(commits),
    beacon,
    attempt,
    parties: Object.fromEntries(parties),
    ineligible: Object.fromEntries(ineligible),
    round,
    reveals: asHex(reveals),
    beaconValue: hex(found.beaconValue),
    places: places && { regions: Object.fromEntries(places.regions), salt: hex(places.salt) },
    roll: { standing: [...new Set(roll.standing)].sort(), out: Object.fromEntries(roll.out) },
    result: {
      h: hex(result.h),
      independent: result.independent,
      prk: hex(result.prk),
      order: hex(result.order),
      selections: result.selections.map(selectionToJson),
    },
  };
}

/** @param {[string, Uint8Array][]} named */
function asHex(named) {
  return Object.fromEntries(named.map(([name, value]) => [name, hex(value)]));
}

/**
 * @param {Json | undefined} value
 * @returns {Members}
 */
function members(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new TypeError("no object");
  return value;
}

/**
 * @param {Json | undefined} value
 * @returns {Json[]}
 */
function items(value) {
  if (!Array.isArray(value)) throw notOneSpelling("transcript", "no list");
  return value;
}

/**
 * The members in the order of the bytes, by UTF-16 units; JavaScript alone would put names like "1" in front.
 * @template T
 * @param {Json | undefined} value
 * @param {(value: Json | undefined) => T} each
 * @returns {[string, T][]}
 */
function pairs(value, each) {
  return Object.entries(members(value))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, inner]) => [name, each(inner)]);
}

/**
 * @param {Json | undefined} value
 * @returns {[string, Uint8Array][]}
 */
function hexPairs(value) {
  return pairs(value, fromHex);
}

/**
 * @param {Json} value
 * @returns {[string, string]}
 */
function pair(value) {
  const [label, why, ...more] = items(value);
  if (more.length) throw new RangeError("more than a pair");
  return [text(label), text(why)];
}

/**
 * @param {[string, string]} pair
 * @returns {[string, string]}
 */
function reason([label, why]) {
  return [hex(fromHex(label)), why];
}

/**
 * @param {Json | undefined} value
 * @returns {string[]}
 */
function labels(value) {
  return items(value).map((label) => hex(fromHex(label)));
}

/**
 * A member that is left out where it has its default; null is something else.
 * @param {Json | undefined} value
 * @param {Json} fallback
 * @returns {Json}
 */
function absentAs(value, fallback) {
  return value === undefined ? fallback : value;
}

/**
 * @param {Json | undefined} value
 * @returns {number}
 */
function whole(value) {
  if (typeof value !== "number") throw notOneSpelling("transcript", "no whole number");
  return value;
}

/**
 * @param {Json | undefined} value
 * @returns {string}
 */
function text(value) {
  if (typeof value !== "string") throw notOneSpelling("transcript", "no text");
  return value;
}
