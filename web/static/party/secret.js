// A party's one secret: a key that signs and never leaves the browser's keeping. Chains of draws and the key pair for
// its share are computed from it again each time, so nothing else has to be kept.

import { canonical, sha256, toHex, utf8 } from "../bytes.js";
import { keyPairOf } from "./hpke.js";

/** @typedef {import("../bytes.js").Bytes} Bytes */
/** @typedef {{ case: string, draw: string, attempt: number }} Attempt */

export const SECRET_BYTES = 32;
// The draw itself and thirty-one supplementary ones; a party is free to choose its own number.
const LINKS = 32;

/**
 * A key that can only sign: not even this page reads it back.
 * @param {Bytes} secret 32 bytes
 * @returns {Promise<CryptoKey>}
 */
export async function importSecret(secret) {
  return crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/**
 * The chain of one attempt: x0 from the secret, each link the SHA-256 of the one before; the last is the commitment.
 * @param {CryptoKey} secret
 * @param {Attempt} attempt
 * @returns {Promise<Bytes[]>}
 */
export async function chainOf(secret, attempt) {
  const links = [await derived(secret, "bid-party-chain/1", attempt)];
  for (let made = 0; made < LINKS; made += 1) links.push(await sha256(/** @type {Bytes} */ (links.at(-1))));
  return links;
}

/**
 * The link of a round, counted from 0: the one before the commitment, then the one before that.
 * @param {Bytes[]} chain
 * @param {number} round
 * @returns {Bytes}
 */
export function linkOf(chain, round) {
  const link = chain[chain.length - 2 - round];
  if (!link) throw new RangeError("all links of this chain were shown");
  return link;
}

/**
 * The key pair to which this party's share of the sealed result goes.
 * @param {CryptoKey} secret
 * @param {Attempt} attempt
 */
export async function shareKeyOf(secret, attempt) {
  return keyPairOf(await derived(secret, "bid-party-share/1", attempt));
}

/**
 * What tells two secrets apart and says nothing of either: 16 hex digits.
 * @param {CryptoKey} secret
 */
export async function codeOf(secret) {
  return toHex(await mac(secret, { v: "bid-party-code/1" })).slice(0, 16);
}

/**
 * @param {CryptoKey} secret
 * @param {string} purpose
 * @param {Attempt} attempt
 */
async function derived(secret, purpose, { case: case_, draw, attempt }) {
  return mac(secret, { attempt, case: case_, draw, v: purpose });
}

/**
 * @param {CryptoKey} secret
 * @param {{ [key: string]: string | number }} label
 * @returns {Promise<Bytes>}
 */
async function mac(secret, label) {
  return new Uint8Array(await crypto.subtle.sign("HMAC", secret, utf8(canonical(label))));
}
