// The recovery file: a party's secret under a passphrase, as text to keep elsewhere. Format: docs/draw-protocol.md.
// Whoever has the file and the passphrase can act for the party.

import { canonical, fromHex, isEqual, toHex, utf8 } from "../bytes.js";
import { SECRET_BYTES } from "./secret.js";

/** @typedef {import("../bytes.js").Bytes} Bytes */
/** @typedef {{ party: string, log: string, made: string }} About  whose it is, the log key pinned with it, when it was made */

const VERSION = "bid-party-recovery/1";
// OWASP Password Storage Cheat Sheet: 600,000 rounds for PBKDF2 with HMAC-SHA-256.
const ROUNDS = 600_000;
const MOST_ROUNDS = 10_000_000;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const SHORTEST_PASSPHRASE = 12;

/** The file cannot be used. `code` says why. */
export class RecoveryRefused extends Error {
  /** @param {"recovery.no_file" | "recovery.passphrase" | "recovery.other_party"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * @param {Bytes} secret
 * @param {string} passphrase
 * @param {About} about
 * @returns {Promise<string>}
 */
export async function writeRecovery(secret, passphrase, about) {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const head = { ...about, iv: toHex(iv), rounds: ROUNDS, salt: toHex(salt), v: VERSION };
  const key = await keyFrom(passphrase, salt, ROUNDS, "encrypt");
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: said(head) }, key, secret);
  return `${canonical({ ...head, box: toHex(new Uint8Array(box)) })}\n`;
}

/**
 * The secret in a file. Throws RecoveryRefused.
 * @param {string} text
 * @param {string} passphrase
 * @param {string} party
 * @returns {Promise<{ secret: Bytes, about: About }>}
 */
export async function readRecovery(text, passphrase, party) {
  const { head, salt, iv, box } = readFile(text);
  if (head.party !== party) throw new RecoveryRefused("recovery.other_party");
  const key = await keyFrom(passphrase, salt, head.rounds, "decrypt");
  try {
    const secret = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: said(head) }, key, box);
    return { secret: new Uint8Array(secret), about: { party, log: head.log, made: head.made } };
  } catch {
    throw new RecoveryRefused("recovery.passphrase");
  }
}

/** @param {string} text */
function readFile(text) {
  try {
    const { box, ...head } = JSON.parse(text);
    const texts = [head.party, head.log, head.made];
    const isSound =
      head.v === VERSION &&
      texts.every((part) => typeof part === "string") &&
      Number.isSafeInteger(head.rounds) &&
      head.rounds > 0 &&
      head.rounds <= MOST_ROUNDS &&
      isEqual(utf8(`${canonical({ ...head, box })}\n`), utf8(text));
    if (isSound) {
      const [salt, iv] = [fromHex(head.salt, SALT_BYTES), fromHex(head.iv, NONCE_BYTES)];
      return { head, salt, iv, box: fromHex(box, SECRET_BYTES + TAG_BYTES) };
    }
  } catch {
    // said below, as another file is
  }
  throw new RecoveryRefused("recovery.no_file");
}

/** @param {import("../bytes.js").Json} head */
function said(head) {
  return utf8(canonical(head));
}

/**
 * @param {string} passphrase
 * @param {Bytes} salt
 * @param {number} iterations
 * @param {"encrypt" | "decrypt"} use
 */
async function keyFrom(passphrase, salt, iterations, use) {
  const typed = await crypto.subtle.importKey("raw", utf8(passphrase.normalize("NFKC")), "PBKDF2", false, [
    "deriveKey",
  ]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, [use]);
}
