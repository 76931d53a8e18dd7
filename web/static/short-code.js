// The 校验码 that people compare, as signing/canonical.py spells it: no I, L, O or U in it. And what a page reads back.

import { sha256, utf8 } from "./bytes.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * The first 40 bits of a digest in Crockford's base 32, as `XXXX-XXXX`.
 * @param {Bytes} digest
 */
export function shortCode(digest) {
  const bits = digest.slice(0, 5).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const letters = Array.from({ length: 8 }, (_, at) => CROCKFORD[Number((bits >> BigInt(35 - 5 * at)) & 31n)]).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/**
 * What is read back before a signature, by its digest: SHA-256 over the statements' bytes joined by line feeds.
 * @param {string[]} statements
 * @returns {Promise<Bytes>}
 */
export function displayOf(statements) {
  return sha256(utf8(statements.join("\n")));
}
