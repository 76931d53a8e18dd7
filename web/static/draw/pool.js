// The frozen pool from its file: one canonical line a record, each hashed to its label, labels ascending, one root.
// Records stay in the file until somebody asks for one: a draw looks at few of a million.

import { ascending, root } from "./merkle.js";
import { AFTER_RECORD, BEFORE_RECORD, plainly, SALT, strictly } from "./pool-line.js";
import { DrawRefused } from "./refusal.js";
import { hashInto, toBytes, WORDS } from "./sha256.js";

/** @typedef {import("./pool-line.js").Candidate} Candidate */
/**
 * @typedef {object} Pool
 * @property {number} size
 * @property {Int32Array} labels  eight words each, ascending
 * @property {Uint8Array} weights  in the same order
 * @property {(place: number) => Candidate} candidate  whose label stands at this place
 * @property {Uint8Array} root
 */
/** @typedef {Uint32Array} Spans  begin and end in the file, row by row */

const [LF, CR] = [10, 13];
const LEAST_LINE = 95;
const TELL_EVERY = 8192;
/** FNV-1a of 32 bits: it scatters ids over a table, and nothing rests on it. */
const [FNV_BEGIN, FNV_PRIME] = [0x811c9dc5, 0x01000193];

/**
 * Throws DrawRefused.
 * @param {Uint8Array} file
 * @param {(share: number) => void} [tell]  how much has been read, from 0 to 1
 * @returns {Pool}
 */
export function readPool(file, tell = () => undefined) {
  const lines = linesOf(file);
  const size = lines.length / 2;
  if (!size) throw new DrawRefused("draw.pool_refused", "pool", "empty");
  const [rows, weights, ids] = [new Int32Array(size * WORDS), new Uint8Array(size), new Uint32Array(lines.length)];
  // What is hashed: the octet 0 of a leaf, the salt, the record's own bytes.
  const leaf = new Uint8Array(1 + SALT + longest(lines));
  const salt = leaf.subarray(1, 1 + SALT);
  for (let row = 0; row < size; row += 1) {
    const [from, to] = [lines[2 * row] ?? 0, lines[2 * row + 1] ?? 0];
    const { weight, idFrom, idTo } = plainly(file, from, to, salt) ?? closely(file, from, to, row, salt);
    weights[row] = weight;
    ids[2 * row] = idFrom;
    ids[2 * row + 1] = idTo;
    let end = 1 + SALT;
    for (let at = from + BEFORE_RECORD; at < to - AFTER_RECORD; at += 1, end += 1) leaf[end] = file[at] ?? 0;
    hashInto(leaf, 0, end, rows, row * WORDS);
    if (row % TELL_EVERY === 0) tell(row / size);
  }
  return frozen(file, lines, ids, rows, weights);
}

/**
 * @param {Uint8Array} file
 * @param {number} from
 * @param {number} to
 * @param {number} row
 * @param {Uint8Array} into  where the salt is written to
 * @returns {import("./pool-line.js").Plain}
 */
function closely(file, from, to, row, into) {
  const { candidate, salt, idFrom, idTo } = strictly(file.subarray(from, to), row + 1);
  into.set(salt);
  return { weight: candidate.weight, idFrom: from + idFrom, idTo: from + idTo };
}

/**
 * Begin and end of each line, parted as Python's `splitlines` parts bytes.
 * @param {Uint8Array} file
 * @returns {Spans}
 */
function linesOf(file) {
  let lines = new Uint32Array(2 * Math.ceil(file.length / LEAST_LINE) + 2);
  let [count, from] = [0, 0];
  const add = (/** @type {number} */ to) => {
    if (count === lines.length) {
      const longer = new Uint32Array(2 * lines.length);
      longer.set(lines);
      lines = longer;
    }
    lines[count] = from;
    lines[count + 1] = to;
    count += 2;
  };
  let [lf, cr] = [next(file, LF, 0), next(file, CR, 0)];
  while (Math.min(lf, cr) < file.length) {
    const at = Math.min(lf, cr);
    add(at);
    from = at === cr && lf === cr + 1 ? at + 2 : at + 1;
    if (lf < from) lf = next(file, LF, from);
    if (cr < from) cr = next(file, CR, from);
  }
  if (from < file.length) add(file.length);
  return lines.subarray(0, count);
}

/**
 * Where an octet stands next, the length of the file if it does nowhere.
 * @param {Uint8Array} file
 * @param {number} octet
 * @param {number} from
 */
function next(file, octet, from) {
  const at = file.indexOf(octet, from);
  return at < 0 ? file.length : at;
}

/** @param {Spans} spans */
function longest(spans) {
  let most = 0;
  for (let at = 0; at < spans.length; at += 2) most = Math.max(most, (spans[at + 1] ?? 0) - (spans[at] ?? 0));
  return most;
}

/**
 * @param {Uint8Array} file
 * @param {Spans} lines
 * @param {Spans} ids
 * @param {Int32Array} rows
 * @param {Uint8Array} weights  row by row
 * @returns {Pool}
 */
function frozen(file, lines, ids, rows, weights) {
  const order = ascending(rows);
  const labels = new Int32Array(rows.length);
  for (let place = 0; place < order.length; place += 1) {
    const row = WORDS * (order[place] ?? 0);
    for (let word = 0; word < WORDS; word += 1) labels[place * WORDS + word] = rows[row + word] ?? 0;
  }
  /** @type {(Candidate | undefined)[]} */ const known = [];
  const candidate = (/** @type {number} */ place) => {
    const row = order[place] ?? 0;
    known[place] ??= strictly(file.subarray(lines[2 * row], lines[2 * row + 1]), row + 1).candidate;
    return known[place];
  };
  const twice = firstTwice(file, ids, order);
  if (twice >= 0) throw new DrawRefused("draw.pool_refused", candidate(twice).id, "twice");
  const weighed = weights.map((_, place) => weights[order[place] ?? 0] ?? 0);
  return { size: order.length, labels, weights: weighed, candidate, root: toBytes(root(labels), 0) };
}

/**
 * The first place whose id stands at an earlier one too, −1 where each stands once. An id has one spelling, so its bytes
 * are compared.
 * @param {Uint8Array} file
 * @param {Spans} ids
 * @param {Uint32Array} order
 * @returns {number}
 */
function firstTwice(file, ids, order) {
  const mask = 2 ** Math.ceil(Math.log2(2 * order.length)) - 1;
  const table = new Uint32Array(mask + 1);
  for (let place = 0; place < order.length; place += 1) {
    const row = order[place] ?? 0;
    const [from, to] = [ids[2 * row] ?? 0, ids[2 * row + 1] ?? 0];
    let slot = scattered(file, from, to) & mask;
    for (; table[slot]; slot = (slot + 1) & mask) {
      const other = (table[slot] ?? 0) - 1;
      if (isSame(file, from, to, ids[2 * other] ?? 0, ids[2 * other + 1] ?? 0)) return place;
    }
    table[slot] = row + 1;
  }
  return -1;
}

/**
 * @param {Uint8Array} file
 * @param {number} from
 * @param {number} to
 */
function scattered(file, from, to) {
  let found = FNV_BEGIN;
  for (let at = from; at < to; at += 1) found = Math.imul(found ^ (file[at] ?? 0), FNV_PRIME);
  return found ^ (found >>> 15);
}

/**
 * @param {Uint8Array} file
 * @param {number} from
 * @param {number} to
 * @param {number} otherFrom
 * @param {number} otherTo
 */
function isSame(file, from, to, otherFrom, otherTo) {
  if (to - from !== otherTo - otherFrom) return false;
  for (let at = 0; at < to - from; at += 1) if (file[from + at] !== file[otherFrom + at]) return false;
  return true;
}
