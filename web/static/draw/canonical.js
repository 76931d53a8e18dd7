// The one spelling of a value (RFC 8785), as `signing/canonical.py` has it: no fractions, integers below 2^53, texts in
// normalisation form C, at most 64 levels. It mends nothing.

/** @typedef {null | boolean | number | string | Json[] | { [key: string]: Json }} Json */

const DEPTH = 64;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** A value or bytes without a single spelling. */
export class NotCanonical extends Error {}

/**
 * @param {Json} value
 * @returns {Uint8Array}
 */
export function canonical(value) {
  return encoder.encode(spelled(value));
}

/**
 * @param {Json} value
 * @param {number} [depth]
 * @returns {string}
 */
export function spelled(value, depth = 0) {
  if (depth > DEPTH) throw new NotCanonical("too deep");
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new NotCanonical("a number that is no safe integer");
    return String(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => spelled(item, depth + 1)).join(",")}]`;
  // The default order of JavaScript, by UTF-16 units, is the one of RFC 8785 §3.2.3.
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${text(name)}:${spelled(value[name] ?? null, depth + 1)}`).join(",")}}`;
}

/**
 * A text in its one spelling, with its quotation marks.
 * @param {string} value
 * @returns {string}
 */
export function text(value) {
  if (/^[\x00-\x7f]*$/.test(value)) return JSON.stringify(value);
  if (/[\ud800-\udfff]/u.test(value)) throw new NotCanonical("half a surrogate pair");
  if (value.normalize("NFC") !== value) throw new NotCanonical("not in normalisation form C");
  return JSON.stringify(value);
}

/**
 * The value whose canonical bytes are these. Throws NotCanonical if there is none.
 * @param {Uint8Array} bytes
 * @returns {Json}
 */
export function parse(bytes) {
  const { written, value } = parsed(bytes);
  if (spelled(value) !== written) throw new NotCanonical("another spelling");
  return value;
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ written: string, value: Json }}
 */
function parsed(bytes) {
  try {
    const written = decoder.decode(bytes);
    return { written, value: JSON.parse(written) };
  } catch (error) {
    throw new NotCanonical(String(error));
  }
}
