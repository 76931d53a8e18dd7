// Bytes and their spellings (hex, base64, UTF-8, JCS), SHA-256 and HMAC-SHA-256. Knows no protocol; keeps nothing.

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * @param {string} text
 * @returns {Bytes} UTF-8
 */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/**
 * @param {Bytes} bytes
 * @returns {string} lower case
 */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Lower-case hex of exactly `length` bytes; throws SyntaxError for anything else.
 * @param {unknown} hex
 * @param {number} length
 * @returns {Bytes}
 */
export function fromHex(hex, length) {
  if (typeof hex !== "string" || hex.length !== 2 * length || !/^[0-9a-f]*$/.test(hex)) {
    throw new SyntaxError(`not ${length} bytes in hex`);
  }
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

/**
 * Base64 with its padding, in its one spelling; throws SyntaxError for anything else.
 * @param {string} text
 * @returns {Bytes}
 */
export function fromBase64(text) {
  let raw = "";
  try {
    raw = atob(text);
  } catch {
    throw new SyntaxError("not base64");
  }
  if (btoa(raw) !== text) throw new SyntaxError("not base64 in its one spelling");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/**
 * @param {...(Bytes | number[])} parts
 * @returns {Bytes}
 */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {Bytes} one
 * @param {Bytes} other
 */
export function isEqual(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/**
 * @param {Bytes} bytes
 * @returns {Promise<Bytes>} 32 bytes
 */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * @param {Bytes} key not empty
 * @param {Bytes} message
 * @returns {Promise<Bytes>} 32 bytes
 */
export async function hmac(key, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

/** @typedef {string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }} Json */

/**
 * Canonical JSON (RFC 8785) of values without fractions; throws TypeError for what it has no single spelling for.
 * @param {Json} value
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    // A script sorts strings by UTF-16 code units, as RFC 8785 §3.2.3 wants keys.
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${entries.map(([key, part]) => `${canonical(key)}:${canonical(part)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError("a number with a fraction");
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new TypeError("half a character");
  return JSON.stringify(value);
}
