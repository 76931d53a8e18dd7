// A line of a pool file and the record in it. Most lines hold no fault and no letter beyond ASCII: those are judged by
// their bytes alone, so that a million are read in a second; every other line is read as JSON and spelled again.

import { ascends, fromHex } from "./bytes.js";
import { NotCanonical, parse, text } from "./canonical.js";
import { DrawRefused, notOneSpelling } from "./refusal.js";

/** @typedef {{ id: string, weight: number, categories: string[], region: string, unit: string }} Candidate */
/** @typedef {{ weight: number, idFrom: number, idTo: number }} Plain  where the id's letters stand in the file */
/** @typedef {{ candidate: Candidate, salt: Uint8Array, idFrom: number, idTo: number }} Entry  the id's place in the line */

export const SALT = 32;
export const BEFORE_RECORD = '{"record":'.length;
export const AFTER_RECORD = ',"salt":""}'.length + 2 * SALT;
const HEAVIEST = 8;
const encoder = new TextEncoder();
const NONE = -1;
const code = (/** @type {string} */ letter) => letter.charCodeAt(0);
const SPACE = code(" ");
const QUOTE = code('"');
const COMMA = code(",");
const ZERO = code("0");
const OPEN = code("[");
const BACKSLASH = code("\\");
const CLOSE = code("]");
const TILDE = code("~");
const RECORD = encoder.encode('{"record":{');
const CATEGORIES = encoder.encode('"cats":');
const ID = encoder.encode('"id":');
const REGION = encoder.encode(',"region":');
const UNIT = encoder.encode(',"unit":');
const WEIGHT = encoder.encode(',"w":');
const SALTED = encoder.encode('},"salt":"');
const END = encoder.encode('"}');
/** The value of a small hexadecimal digit by its code, NONE for every other octet. */
const DIGIT = Int8Array.from({ length: 256 }, (_, octet) => "0123456789abcdef".indexOf(String.fromCharCode(octet)));
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * What is needed of a line that is written as it must be, in ASCII alone. Null where something has to be looked at
 * closely, which says nothing against the line yet.
 * @param {Uint8Array} file
 * @param {number} from
 * @param {number} to
 * @param {Uint8Array} salt  where the salt is written to
 * @returns {Plain | null}
 */
export function plainly(file, from, to, salt) {
  const begin = after(file, from, RECORD);
  const list = after(file, begin, CATEGORIES);
  const idFrom = after(file, list === NONE ? begin : afterCategories(file, list), ID);
  const idTo = afterText(file, idFrom);
  const weighed = after(file, afterMember(file, afterMember(file, idTo, REGION), UNIT), WEIGHT);
  if (weighed === NONE) return null;
  const weight = (file[weighed] ?? 0) - ZERO;
  const salted = after(file, weighed + 1, SALTED);
  if (salted === NONE || after(file, salted + 2 * SALT, END) !== to || !saltInto(file, salted, salt)) return null;
  return weight >= 1 && weight <= HEAVIEST ? { weight, idFrom: idFrom + 1, idTo: idTo - 1 } : null;
}

/**
 * The place behind these letters, NONE where others stand.
 * @param {Uint8Array} file
 * @param {number} at  or NONE
 * @param {Uint8Array} letters
 */
function after(file, at, letters) {
  if (at === NONE) return NONE;
  for (let index = 0; index < letters.length; index += 1) {
    if (file[at + index] !== letters[index]) return NONE;
  }
  return at + letters.length;
}

/**
 * Behind a text that is not empty and has nothing to be spelled out.
 * @param {Uint8Array} file
 * @param {number} from  or NONE
 */
function afterText(file, from) {
  if (from === NONE || file[from] !== QUOTE) return NONE;
  let at = from + 1;
  for (; file[at] !== QUOTE; at += 1) {
    const letter = file[at] ?? 0;
    if (letter < SPACE || letter > TILDE || letter === BACKSLASH) return NONE;
  }
  return at > from + 1 ? at + 1 : NONE;
}

/**
 * Behind a member that may be left out.
 * @param {Uint8Array} file
 * @param {number} at  or NONE
 * @param {Uint8Array} name
 */
function afterMember(file, at, name) {
  const value = after(file, at, name);
  return value === NONE ? at : afterText(file, value);
}

/**
 * Behind a list of ascending texts and its comma.
 * @param {Uint8Array} file
 * @param {number} from
 */
function afterCategories(file, from) {
  if (file[from] !== OPEN) return NONE;
  let [before, one] = [NONE, from + 1];
  for (;;) {
    const end = afterText(file, one);
    if (end === NONE || (before !== NONE && !isBefore(file, before, one))) return NONE;
    if (file[end] !== COMMA) return file[end] === CLOSE && file[end + 1] === COMMA ? end + 2 : NONE;
    [before, one] = [one, end + 1];
  }
}

/**
 * Whether one text comes before another; its closing mark is before every letter but the blank and the exclamation mark.
 * @param {Uint8Array} file
 * @param {number} some  where its opening mark stands
 * @param {number} other
 */
function isBefore(file, some, other) {
  let at = 1;
  for (; file[some + at] === file[other + at]; at += 1) if (file[some + at] === QUOTE) return false;
  if (file[some + at] === QUOTE || file[other + at] === QUOTE) return file[some + at] === QUOTE;
  return (file[some + at] ?? 0) < (file[other + at] ?? 0);
}

/**
 * Whether a salt stands there in small hexadecimal digits; then its bytes are written out.
 * @param {Uint8Array} file
 * @param {number} from
 * @param {Uint8Array} salt
 */
function saltInto(file, from, salt) {
  let isHex = true;
  for (let at = 0; at < SALT; at += 1) {
    const high = DIGIT[file[from + 2 * at] ?? 0] ?? NONE;
    const low = DIGIT[file[from + 2 * at + 1] ?? 0] ?? NONE;
    isHex &&= high !== NONE && low !== NONE;
    salt[at] = (high << 4) | low;
  }
  return isHex;
}

/**
 * What any line holds. Throws DrawRefused.
 * @param {Uint8Array} line
 * @param {number} number
 * @returns {Entry}
 */
export function strictly(line, number) {
  try {
    const written = decoder.decode(line);
    const quick = wellFormed(written);
    if (quick) return quick;
    const found = inRange(/** @type {any} */ (parse(line)));
    if (spelling(found) !== written) throw new RangeError("another spelling");
    return entry(found);
  } catch (error) {
    if (error instanceof DrawRefused) throw error;
    if (error instanceof NotCanonical || error instanceof TypeError || error instanceof RangeError) {
      throw notOneSpelling(`pool line ${number}`, error.message);
    }
    throw error;
  }
}

/** @typedef {{ candidate: Candidate, salt: Uint8Array, saltText: string }} Found */

/**
 * The entry of a line without any fault, whose spelling need not be judged part by part; null for another.
 * @param {string} written
 */
function wellFormed(written) {
  try {
    const found = inRange(JSON.parse(written));
    return spelling(found) === written ? entry(found) : null;
  } catch {
    return null;
  }
}

/**
 * @param {any} value
 * @returns {Found}
 */
function inRange({ record, salt: saltText }) {
  const { id, w: weight, cats: categories = [], region = "", unit = "" } = record;
  if (!Array.isArray(categories) || ![id, region, unit, ...categories].every((one) => typeof one === "string")) {
    throw new TypeError("no text");
  }
  if (weight === undefined) throw new TypeError("no weight");
  if (!id) throw notOneSpelling("record.id", "empty");
  if (!Number.isInteger(weight) || weight < 1 || weight > HEAVIEST) throw notOneSpelling("record.w", String(weight));
  if (!ascends(categories)) throw notOneSpelling("record.cats", "ascending, each once");
  const salt = fromHex(saltText);
  if (salt.length !== SALT) throw new DrawRefused("draw.pool_refused", id, `salt of ${salt.length} bytes`);
  return { candidate: { id, weight, categories, region, unit }, salt, saltText };
}

/**
 * @param {Found} found
 * @returns {Entry}
 */
function entry({ candidate, salt }) {
  const idFrom = encoder.encode(untilId(candidate)).length + 1;
  return { candidate, salt, idFrom, idTo: idFrom + encoder.encode(text(candidate.id)).length - 2 };
}

/** @param {Candidate} candidate */
function untilId({ categories }) {
  const cats = categories.length ? `"cats":[${categories.map(text).join(",")}],` : "";
  return `{"record":{${cats}"id":`;
}

/** @param {Found} found */
function spelling({ candidate, saltText }) {
  const { id, region, unit, weight } = candidate;
  const where = (region && `,"region":${text(region)}`) + (unit && `,"unit":${text(unit)}`);
  return `${untilId(candidate)}${text(id)}${where},"w":${weight}},"salt":${text(saltText.toLowerCase())}}`;
}
