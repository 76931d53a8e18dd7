// The order of a pool under a key, and the walk that fills the quotas: what `draw/order.py` and `draw/selection.py` do.

import { hex } from "./bytes.js";
import { ascending } from "./merkle.js";
import { DrawRefused, notOneSpelling } from "./refusal.js";
import { keyed, sha256OfRows, toBytes, WORDS } from "./sha256.js";

/** @typedef {import("./pool.js").Pool} Pool */
/** @typedef {import("./pool.js").Candidate} Candidate */
/** @typedef {import("./transcript.js").Request} Request */
/** @typedef {import("./transcript.js").Roll} Roll */
/** @typedef {import("./transcript.js").Want} Want */
/** @typedef {import("./transcript.js").Selection} Selection */
/** @typedef {Map<string, string[]>} Regions */

const TELL_EVERY = 8192;

/**
 * The candidates' places in the pool by ascending (position, label): a weight of w has w tickets, the best one counts.
 * @param {Pool} pool
 * @param {Uint8Array} prk
 * @param {(share: number) => void} [tell]
 * @returns {Uint32Array}
 */
export function order({ size, labels, weights }, prk, tell = () => undefined) {
  const expand = keyed(prk);
  const positions = new Int32Array(labels.length);
  const [best, ticket] = [new Int32Array(WORDS), new Int32Array(WORDS)];
  for (let index = 0; index < size; index += 1) {
    const weight = weights[index] ?? 1;
    expand(labels, index * WORDS, 1, best);
    for (let number = 2; number <= weight; number += 1) {
      expand(labels, index * WORDS, number, ticket);
      if (isBefore(ticket, best)) best.set(ticket);
    }
    positions.set(best, index * WORDS);
    if (index % TELL_EVERY === 0) tell(index / size);
  }
  return ascending(positions);
}

/**
 * @param {Int32Array} left
 * @param {Int32Array} right
 */
function isBefore(left, right) {
  for (let word = 0; word < WORDS; word += 1) {
    const [some, other] = [(left[word] ?? 0) >>> 0, (right[word] ?? 0) >>> 0];
    if (some !== other) return some < other;
  }
  return false;
}

/**
 * SHA-256 over the labels in their order.
 * @param {Pool} pool
 * @param {Uint32Array} ordered
 * @returns {Uint8Array}
 */
export function orderDigest({ labels }, ordered) {
  return sha256OfRows(labels, ordered);
}

/**
 * The members of every quota in the request's order, then the alternates of every quota.
 * @param {Request} request
 * @returns {Want[]}
 */
export function firstWants({ quotas }) {
  const members = quotas.map(({ count }, quota) => ({ quota, role: "member", count }));
  const others = quotas.map(({ alternates }, quota) => ({ quota, role: "alternate", count: alternates }));
  return [...members, ...others].filter(({ count }) => count);
}

/**
 * @param {Pool} pool
 * @param {number} place
 * @returns {string}
 */
export function labelAt({ labels }, place) {
  return hex(toBytes(labels, place * WORDS));
}

/**
 * One walk over an order: who is used up and how many of each unit sit. Throws DrawRefused.
 */
export class Walk {
  /** @type {Map<string, number>} */ #seated = new Map();
  #pool;
  #ordered;
  #request;
  #regions;
  #used;
  #out;

  /**
   * @param {Pool} pool
   * @param {Uint32Array} ordered
   * @param {Request} request
   * @param {Regions} regions
   * @param {Roll} roll
   */
  constructor(pool, ordered, request, regions, roll) {
    this.#pool = pool;
    this.#ordered = ordered;
    this.#request = request;
    this.#regions = regions;
    this.#used = new Set(roll.standing);
    this.#out = new Map(roll.out);
    this.#seat(new Set([...roll.standing, ...this.#out.keys()]));
  }

  /** @param {Set<string>} rolled  labels that must be in the pool */
  #seat(rolled) {
    const unknown = new Set(rolled);
    for (const place of this.#ordered) {
      if (!unknown.size) break;
      const label = labelAt(this.#pool, place);
      if (unknown.delete(label) && this.#used.has(label)) this.#count(this.#candidate(place).unit);
    }
    if (unknown.size) throw notOneSpelling("roll", [...unknown].sort()[0]);
  }

  /**
   * @param {number} place
   * @returns {Candidate}
   */
  #candidate(place) {
    return this.#pool.candidate(place);
  }

  /** @param {string} unit */
  #count(unit) {
    this.#seated.set(unit, (this.#seated.get(unit) ?? 0) + 1);
  }

  /**
   * @param {Want} want
   * @returns {Selection}
   */
  fill(want) {
    /** @type {string[]} */ const taken = [];
    /** @type {[string, string][]} */ const skipped = [];
    for (const place of this.#ordered) {
      if (taken.length === want.count) break;
      const [label, candidate] = [labelAt(this.#pool, place), this.#candidate(place)];
      const reason = this.#reasonAgainst(label, candidate, want.quota);
      if (reason) {
        skipped.push([label, reason]);
        continue;
      }
      taken.push(label);
      this.#used.add(label);
      this.#count(candidate.unit);
    }
    if (want.role === "member" && taken.length < want.count) {
      throw new DrawRefused("draw.quota_short", `quotas[${want.quota}]`, String(want.count - taken.length));
    }
    return { want, taken, skipped };
  }

  /**
   * @param {string} label
   * @param {Candidate} candidate
   * @param {number} quota
   * @returns {string}
   */
  #reasonAgainst(label, { categories, region, unit }, quota) {
    const wanted = this.#request.quotas[quota];
    if (!wanted) throw notOneSpelling("selections", String(quota));
    if (wanted.category && !categories.includes(wanted.category)) return "category";
    if (wanted.place && !(this.#regions.get(wanted.place) ?? []).includes(region)) return "region";
    if (unit && this.#request.exclude.includes(unit)) return "excluded";
    if (this.#used.has(label)) return "already";
    const out = this.#out.get(label);
    if (out !== undefined) return out;
    const cap = this.#request.unitCap;
    return cap && unit && (this.#seated.get(unit) ?? 0) >= cap ? "unit-cap" : "";
  }
}
