// Digests in rows of eight words: their ascending order, and the root of RFC 6962 over them as leaf hashes.

import { beginning, compress, WORDS } from "./sha256.js";

/** @typedef {import("./sha256.js").Known} Known */

/** Eleven bits at a time: what stands at each digit lies in the processor's nearest cache. */
const DIGITS = 2 ** 11;

/**
 * The indices of the rows in ascending order: sorted by the first word, then set right where first words are equal.
 * @param {Int32Array} rows
 * @returns {Uint32Array}
 */
export function ascending(rows) {
  const size = rows.length / WORDS;
  /** @type {Known} */ const heads = new Uint32Array(size).map((_, row) => rows[row * WORDS] ?? 0);
  /** @type {Known} */ let from = new Uint32Array(size).map((_, row) => row);
  /** @type {Known} */ let to = new Uint32Array(size);
  for (const shift of [0, 11, 22]) {
    /** @type {Known} */ const next = new Uint32Array(DIGITS + 1);
    for (let row = 0; row < size; row += 1) next[((heads[row] >>> shift) & (DIGITS - 1)) + 1] += 1;
    for (let digit = 0; digit < DIGITS; digit += 1) next[digit + 1] += next[digit];
    for (let index = 0; index < size; index += 1) {
      const row = from[index];
      const digit = (heads[row] >>> shift) & (DIGITS - 1);
      to[next[digit]] = row;
      next[digit] += 1;
    }
    [from, to] = [to, from];
  }
  for (let index = 1; index < size; index += 1) {
    const row = from[index];
    let place = index;
    for (; place > 0 && heads[from[place - 1]] >= heads[row]; place -= 1) {
      if (compareRows(rows, from[place - 1], row) <= 0) break;
      from[place] = from[place - 1];
    }
    from[place] = row;
  }
  return /** @type {Uint32Array} */ (from);
}

/**
 * @param {Int32Array} rows
 * @param {number} left
 * @param {number} right
 * @returns {number}
 */
function compareRows(rows, left, right) {
  for (let word = 0; word < WORDS; word += 1) {
    const difference = ((rows[left * WORDS + word] ?? 0) >>> 0) - ((rows[right * WORDS + word] ?? 0) >>> 0);
    if (difference) return difference;
  }
  return 0;
}

/**
 * @param {Int32Array} leaves  at least one
 * @returns {Int32Array}
 */
export function root(leaves) {
  const level = leaves.slice();
  const state = new Int32Array(WORDS);
  for (let size = level.length / WORDS; size > 1; size = (size + 1) >> 1) {
    for (let pair = 0; pair < size >> 1; pair += 1) {
      nodeInto(level, 2 * pair * WORDS, state);
      level.set(state, pair * WORDS);
    }
    if (size % 2) level.copyWithin((size >> 1) * WORDS, (size - 1) * WORDS, size * WORDS);
  }
  return level.slice(0, WORDS);
}

const first = new Int32Array(16);
const second = new Int32Array(16);
second[15] = (1 + 2 * 32) * 8;

/**
 * SHA-256(0x01 ‖ left ‖ right) of the two rows from `at` on: all words move by one octet.
 * @param {Int32Array} rows
 * @param {number} at
 * @param {Int32Array} state
 */
function nodeInto(rows, at, state) {
  let before = 1;
  for (let word = 0; word < 16; word += 1) {
    const value = rows[at + word] ?? 0;
    first[word] = (before << 24) | (value >>> 8);
    before = value & 0xff;
  }
  second[0] = (before << 24) | 0x800000;
  beginning(state);
  compress(state, first);
  compress(state, second);
}
