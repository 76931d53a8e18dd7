// The frozen pool from its file: one canonical line a record, each hashed to its label, labels ascending, one root.

import { ascends, fromHex } from "./bytes.js";
import { NotCanonical, parse, text } from "./canonical.js";
import { ascending, root } from "./merkle.js";
import { DrawRefused, notOneSpelling } from "./refusal.js";
import { hashInto, toBytes, WORDS } from "./sha256.js";

/** @typedef {{ id: string, weight: number, categories: string[], region: string, unit: string }} Candidate */
/**
 * @typedef {object} Pool
 * @property {Int32Array} labels  eight words each, ascending
 * @property {Candidate[]} candidates  in the same order
 * @property {Uint8Array} root
 */

const SALT = 32;
const HEAVIEST = 8;
const [LF, CR] = [10, 13];
const BEFORE_RECORD = '{"record":'.length;
const AFTER_RECORD = ',"salt":""}'.length + 2 * SALT;
const TELL_EVERY = 8192;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Throws DrawRefused.
 * @param {Uint8Array} file
 * @param {(share: number) => void} [tell]  how much has been read, from 0 to 1
 * @returns {Pool}
 */
export function readPool(file, tell = () => undefined) {
  const lines = linesOf(file);
  const rows = new Int32Array(lines.length * WORDS);
  /** @type {Candidate[]} */ const candidates = [];
  const scratch = new Uint8Array(1 + SALT + lines.reduce((most, [from, to]) => Math.max(most, to - from), 0));
  for (const [index, [from, to]] of lines.entries()) {
    const { candidate, salt } = entry(file.subarray(from, to), index + 1);
    candidates.push(candidate);
    scratch.set(salt, 1);
    const record = file.subarray(from + BEFORE_RECORD, to - AFTER_RECORD);
    scratch.set(record, 1 + SALT);
    hashInto(scratch, 0, 1 + SALT + record.length, rows, index * WORDS);
    if (index % TELL_EVERY === 0) tell(index / lines.length);
  }
  return frozen(rows, candidates);
}

/**
 * Begin and end of each line, parted as Python's `splitlines` parts bytes.
 * @param {Uint8Array} file
 * @returns {[number, number][]}
 */
function linesOf(file) {
  /** @type {[number, number][]} */ const lines = [];
  let from = 0;
  for (let at = 0; at < file.length; at += 1) {
    if (file[at] !== LF && file[at] !== CR) continue;
    lines.push([from, at]);
    if (file[at] === CR && file[at + 1] === LF) at += 1;
    from = at + 1;
  }
  if (from < file.length) lines.push([from, file.length]);
  return lines;
}

/**
 * @param {Uint8Array} line
 * @param {number} number
 * @returns {{ candidate: Candidate, salt: Uint8Array }}
 */
function entry(line, number) {
  try {
    return strictly(line);
  } catch (error) {
    if (error instanceof DrawRefused) throw error;
    if (error instanceof NotCanonical || error instanceof TypeError || error instanceof RangeError) {
      throw notOneSpelling(`pool line ${number}`, error.message);
    }
    throw error;
  }
}

/**
 * @param {Uint8Array} line
 * @returns {{ candidate: Candidate, salt: Uint8Array }}
 */
function strictly(line) {
  const written = decoder.decode(line);
  const quick = wellFormed(written);
  if (quick) return quick;
  const value = /** @type {any} */ (parse(line));
  const { candidate, salt } = inRange(value.record, value.salt);
  if (spelling(candidate, value.salt) !== written) throw new RangeError("another spelling");
  return { candidate, salt };
}

/**
 * The entry of a line without any fault; null where something has to be looked at closely. Most lines go this way.
 * @param {string} written
 */
function wellFormed(written) {
  try {
    const { record, salt } = JSON.parse(written);
    const found = inRange(record, salt);
    return spelling(found.candidate, salt) === written ? found : null;
  } catch {
    return null;
  }
}

/**
 * @param {any} record
 * @param {any} salt
 * @returns {{ candidate: Candidate, salt: Uint8Array }}
 */
function inRange(record, salt) {
  const { id, w: weight, cats: categories = [], region = "", unit = "" } = record;
  if (!Array.isArray(categories) || ![id, region, unit, ...categories].every((one) => typeof one === "string")) {
    throw new TypeError("no text");
  }
  if (weight === undefined) throw new TypeError("no weight");
  if (!id) throw notOneSpelling("record.id", "empty");
  if (!Number.isInteger(weight) || weight < 1 || weight > HEAVIEST) throw notOneSpelling("record.w", String(weight));
  if (!ascends(categories)) throw notOneSpelling("record.cats", "ascending, each once");
  const bytes = fromHex(salt);
  if (bytes.length !== SALT) throw new DrawRefused("draw.pool_refused", id, `salt of ${bytes.length} bytes`);
  return { candidate: { id, weight, categories, region, unit }, salt: bytes };
}

/**
 * @param {Candidate} candidate
 * @param {string} salt
 * @returns {string}
 */
function spelling({ id, weight, categories, region, unit }, salt) {
  const cats = categories.length ? `"cats":[${categories.map(text).join(",")}],` : "";
  const where = (region && `,"region":${text(region)}`) + (unit && `,"unit":${text(unit)}`);
  return `{"record":{${cats}"id":${text(id)}${where},"w":${weight}},"salt":${text(salt.toLowerCase())}}`;
}

/**
 * @param {Int32Array} rows
 * @param {Candidate[]} candidates
 * @returns {Pool}
 */
function frozen(rows, candidates) {
  if (!candidates.length) throw new DrawRefused("draw.pool_refused", "pool", "empty");
  const order = ascending(rows);
  const labels = new Int32Array(rows.length);
  for (const [place, row] of order.entries()) {
    for (let word = 0; word < WORDS; word += 1) labels[place * WORDS + word] = rows[row * WORDS + word] ?? 0;
  }
  const sorted = Array.from(order, (row) => /** @type {Candidate} */ (candidates[row]));
  const seen = new Set();
  for (const { id } of sorted) {
    if (seen.has(id)) throw new DrawRefused("draw.pool_refused", id, "twice");
    seen.add(id);
  }
  return { labels, candidates: sorted, root: toBytes(root(labels), 0) };
}
