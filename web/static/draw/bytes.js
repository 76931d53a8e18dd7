// Bytes as text and back, and the order of texts, exactly as the Python of `draw/` has them.

const PAIRS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function hex(bytes) {
  return Array.from(bytes, (octet) => PAIRS[octet]).join("");
}

/**
 * The bytes of a hexadecimal text; like Python's `bytes.fromhex` it also takes capitals and spaces between pairs, which
 * the comparison with the one spelling refuses later. Throws TypeError, RangeError.
 * @param {unknown} text
 * @returns {Uint8Array}
 */
export function fromHex(text) {
  if (typeof text !== "string") throw new TypeError("no text");
  if (!/^([ \t\n\r\f\v]*[0-9a-f]{2})*[ \t\n\r\f\v]*$/i.test(text)) throw new RangeError("not hexadecimal");
  const digits = /[^0-9a-f]/i.test(text) ? text.replace(/[^0-9a-f]/gi, "") : text;
  const bytes = new Uint8Array(digits.length / 2);
  // A pool of a million lines has a million salts: digit by digit is ten times as fast as parsing pairs of letters.
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = (digit(digits.charCodeAt(2 * at)) << 4) | digit(digits.charCodeAt(2 * at + 1));
  }
  return bytes;
}

/** @param {number} letter  the code of 0…9, a…f or A…F */
function digit(letter) {
  return letter < 0x3a ? letter - 0x30 : (letter | 0x20) - 0x57;
}

/**
 * @param {...Uint8Array} parts
 * @returns {Uint8Array}
 */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
export function sameBytes(left, right) {
  return left.length === right.length && left.every((octet, index) => octet === right[index]);
}

/**
 * Texts by their code points, as Python sorts; JavaScript's own order is by UTF-16 units.
 * @param {string} left
 * @param {string} right
 * @returns {number}
 */
export function byCodePoint(left, right) {
  const [some, others] = [Array.from(left), Array.from(right)];
  const length = Math.min(some.length, others.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (some[index]?.codePointAt(0) ?? 0) - (others[index]?.codePointAt(0) ?? 0);
    if (difference) return difference;
  }
  return some.length - others.length;
}

/** @param {readonly string[]} texts  whether they ascend, each once */
export function ascends(texts) {
  return texts.every((text, index) => index === 0 || byCodePoint(texts[index - 1] ?? "", text) < 0);
}
