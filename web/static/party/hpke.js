// Sealing a few bytes to one public key: HPKE base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
// Single shot, nothing beside the ciphertext: what a box is for stands in its `info`.

import { hmac, joined, utf8 } from "../bytes.js";

/** @typedef {import("../bytes.js").Bytes} Bytes */
/** @typedef {{ privateKey: CryptoKey, publicKey: Bytes }} KeyPair  the private half never leaves the browser's keeping */

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const VERSION = utf8("HPKE-v1");
const KEM = joined(utf8("KEM"), [0x00, 0x20]);
const SUITE = joined(utf8("HPKE"), [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]);
const BASE_MODE = [0x00];
const NOTHING = new Uint8Array(0);
// HMAC fills a short key with zeros: this is the empty salt, and no engine is asked to take an empty key.
const NO_SALT = new Uint8Array(KEY_BYTES);
// PKCS #8 around a bare X25519 key (RFC 8410 §7): WebCrypto takes private keys in no shorter form.
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20];
const BASE_POINT = joined([9], new Uint8Array(KEY_BYTES - 1));

/** The box does not open: another key, another purpose, or damaged on its way. */
export class NotForThis extends Error {
  code = "hpke.not_for_this";
}

/**
 * The key pair of 32 secret bytes; its public half is the secret times the base point.
 * @param {Bytes} secret
 * @returns {Promise<KeyPair>}
 */
export async function keyPairOf(secret) {
  const pkcs8 = joined(PKCS8, secret);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "X25519" }, false, ["deriveBits"]);
  return { privateKey, publicKey: await agreed(privateKey, BASE_POINT) };
}

/**
 * enc (32 bytes) ‖ ciphertext.
 * @param {Bytes} plain
 * @param {Bytes} recipient a raw public key
 * @param {Bytes} info
 * @returns {Promise<Bytes>}
 */
export async function seal(plain, recipient, info) {
  const own = await keyPairOf(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  const secret = await sharedSecret(await agreed(own.privateKey, recipient), own.publicKey, recipient);
  const { key, iv } = await schedule(secret, info, "encrypt");
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  return joined(own.publicKey, new Uint8Array(box));
}

/**
 * The bytes that were sealed for this key and purpose. Throws NotForThis.
 * @param {Bytes} box
 * @param {KeyPair} recipient
 * @param {Bytes} info
 * @returns {Promise<Bytes>}
 */
export async function unseal(box, recipient, info) {
  const enc = box.slice(0, KEY_BYTES);
  try {
    const secret = await sharedSecret(await agreed(recipient.privateKey, enc), enc, recipient.publicKey);
    const { key, iv } = await schedule(secret, info, "decrypt");
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, box.slice(KEY_BYTES)));
  } catch {
    throw new NotForThis();
  }
}

/**
 * @param {CryptoKey} privateKey
 * @param {Bytes} other
 * @returns {Promise<Bytes>}
 */
async function agreed(privateKey, other) {
  const their = await crypto.subtle.importKey("raw", other, { name: "X25519" }, false, []);
  const bits = await crypto.subtle.deriveBits({ name: "X25519", public: their }, privateKey, 8 * KEY_BYTES);
  const secret = new Uint8Array(bits);
  // A point of small order makes a secret that everybody knows (RFC 7748 §6.1).
  if (secret.every((byte) => byte === 0)) throw new NotForThis();
  return secret;
}

/**
 * @param {Bytes} agreement
 * @param {Bytes} enc
 * @param {Bytes} recipient
 */
async function sharedSecret(agreement, enc, recipient) {
  const prk = await extract(KEM, NO_SALT, "eae_prk", agreement);
  return expand(KEM, prk, "shared_secret", joined(enc, recipient), KEY_BYTES);
}

/**
 * @param {Bytes} secret
 * @param {Bytes} info
 * @param {"encrypt" | "decrypt"} use
 */
async function schedule(secret, info, use) {
  const noKeyId = await extract(SUITE, NO_SALT, "psk_id_hash", NOTHING);
  const context = joined(BASE_MODE, noKeyId, await extract(SUITE, NO_SALT, "info_hash", info));
  const prk = await extract(SUITE, secret, "secret", NOTHING);
  const raw = await expand(SUITE, prk, "key", context, KEY_BYTES);
  const iv = await expand(SUITE, prk, "base_nonce", context, NONCE_BYTES);
  return { key: await crypto.subtle.importKey("raw", raw, "AES-GCM", false, [use]), iv };
}

/**
 * LabeledExtract of RFC 9180 §4.
 * @param {Bytes} suite
 * @param {Bytes} salt
 * @param {string} label
 * @param {Bytes} material
 */
async function extract(suite, salt, label, material) {
  return hmac(salt, joined(VERSION, suite, utf8(label), material));
}

/**
 * LabeledExpand of RFC 9180 §4, for lengths of one block.
 * @param {Bytes} suite
 * @param {Bytes} prk
 * @param {string} label
 * @param {Bytes} info
 * @param {number} length at most 32
 */
async function expand(suite, prk, label, info, length) {
  const block = await hmac(prk, joined([0, length], VERSION, suite, utf8(label), info, [1]));
  return block.slice(0, length);
}
