// Digests in rows of eight words: their ascending order, and the root of RFC 6962 over them as leaf hashes.

import { beginning, compress, WORDS } from "./sha256.js";

/**
 * The indices of the rows in ascending order: sorted by the first word, then set right where first words are equal.
 * @param {Int32Array} rows
 * @returns {Uint32Array}
 */
export function ascending(rows) {
  const size = rows.length / WORDS;
  let from = new Uint32Array(size).map((_, index) => index);
  let to = new Uint32Array(size);
  for (const shift of [0, 16]) {
    const next = new Uint32Array(0x10001);
    const digit = (/** @type {number} */ row) => ((rows[row * WORDS] ?? 0) >>> shift) & 0xffff;
    for (let row = 0; row < size; row += 1) next[digit(row) + 1] = (next[digit(row) + 1] ?? 0) + 1;
    for (let value = 0; value < 0x10000; value += 1) next[value + 1] = (next[value + 1] ?? 0) + (next[value] ?? 0);
    for (const row of from) {
      const place = next[digit(row)] ?? 0;
      to[place] = row;
      next[digit(row)] = place + 1;
    }
    [from, to] = [to, from];
  }
  for (let index = 1; index < size; index += 1) {
    const row = from[index] ?? 0;
    let place = index;
    for (; place > 0 && compareRows(rows, from[place - 1] ?? 0, row) > 0; place -= 1)
      from[place] = from[place - 1] ?? 0;
    from[place] = row;
  }
  return from;
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
