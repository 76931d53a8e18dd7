// Whether a statement stands in a case's log: the signed checkpoint (C2SP signed-note, Ed25519) and the way from the
// statement's leaf to its root (RFC 6962). Judges bytes; asks nobody. Format: docs/log.md.

import { fromBase64, isEqual, joined, sha256, toHex, utf8 } from "../bytes.js";

/** @typedef {import("../bytes.js").Bytes} Bytes */
/** @typedef {{ name: string, key: Bytes }} LogKey  the deployment's log: its name and its Ed25519 key */
/** @typedef {{ index: number, path: Bytes[], note: string }} Proof */

const KEY_BYTES = 32;
const ED25519 = [0x01];
const ID_BYTES = 4;
const VERSION = "c2sp.org/tlog-proof@v1";
const WHOLE = /^(0|[1-9]\d{0,15})$/;

/** The statement was not shown to stand in the log. `code` says what failed. */
export class NotLogged extends Error {
  /** @param {"note-malformed" | "note-not-signed" | "note-signature" | "merkle-inclusion"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * `<name>+<key id>+<base64(01 ‖ key)>`. Throws SyntaxError.
 * @param {string} vkey
 * @returns {Promise<LogKey>}
 */
export async function readLogKey(vkey) {
  // The base64 may hold a plus of its own.
  const [, name = "", id = "", encoded = ""] = /^([^+\s]+)\+([0-9a-f]{8})\+(.*)$/.exec(vkey) ?? [];
  const raw = fromBase64(encoded);
  const key = raw.slice(1);
  const isSound = raw[0] === ED25519[0] && key.length === KEY_BYTES && toHex(await keyId(name, key)) === id;
  if (!isSound) throw new SyntaxError("not the key of a log");
  return { name, key };
}

/**
 * Check that `statement` stands in the log of `case_`. Throws NotLogged.
 * @param {string} statement
 * @param {string} proof
 * @param {string} case_
 * @param {LogKey} log
 * @returns {Promise<{ index: number, size: number }>} its place, and how many entries the signed checkpoint covers
 */
export async function checkLogged(statement, proof, case_, log) {
  return checkEntry(await sha256(utf8(statement)), proof, { name: `${log.name}/${case_}`, key: log.key });
}

/**
 * The same for a statement of which only the SHA-256 is known. Throws NotLogged.
 * @param {Bytes} entry
 * @param {string} proof
 * @param {LogKey} log  the origin of the case's log, and its key
 * @returns {Promise<{ index: number, size: number }>}
 */
export async function checkEntry(entry, proof, log) {
  const { note } = readProof(proof);
  // (1) The checkpoint is signed by this log's key.
  await checkNote(note, log);
  return checkPlace(entry, proof, log.name);
}

/**
 * Without the signature, for browsers that cannot check it: only that entry and checkpoint fit. Throws NotLogged.
 * @param {Bytes} entry
 * @param {string} proof
 * @param {string} origin
 * @returns {Promise<{ index: number, size: number }>}
 */
export async function checkPlace(entry, proof, origin) {
  const { index, path, note } = readProof(proof);
  // (2) It is a checkpoint of this case's log and of no other.
  const { size, root } = readCheckpoint(textOf(note), origin);
  // (3) The statement's leaf leads to its root.
  const leaf = await sha256(joined([0x00], entry));
  const found = await rootOver(leaf, index, size, path);
  if (!found || !isEqual(found, root)) throw new NotLogged("merkle-inclusion");
  return { index, size };
}

/**
 * The origin that a proof's checkpoint names, unverified. Throws NotLogged.
 * @param {string} proof
 */
export function originOf(proof) {
  return textOf(readProof(proof).note).split("\n", 1)[0] ?? "";
}

/** Whether this browser knows Ed25519: Chromium from 137, Firefox from 130, Safari from 17. */
export async function knowsEd25519() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(KEY_BYTES), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch (fault) {
    // A browser that knows the algorithm may refuse the key, which is then another fault.
    return !(fault instanceof DOMException && fault.name === "NotSupportedError");
  }
}

/**
 * @param {string} text
 * @returns {Proof}
 */
function readProof(text) {
  const cut = text.indexOf("\n\n");
  const [version, at = "", ...path] = text.slice(0, cut).split("\n");
  const [word, index = "", ...more] = at.split(" ");
  if (cut < 0 || version !== VERSION || word !== "index" || more.length) throw new NotLogged("note-malformed");
  const hashes = path.map((line) => base64Of(line, KEY_BYTES));
  return { index: wholeOf(index), path: hashes, note: text.slice(cut + 2) };
}

/**
 * The signed text of a note. One line by this key must verify; lines of witnesses are left to others.
 * @param {string} note
 * @param {LogKey} signer
 * @returns {Promise<string>}
 */
async function checkNote(note, signer) {
  const text = textOf(note);
  const id = await keyId(signer.name, signer.key);
  let isSigned = false;
  for (const line of note.slice(text.length + 1, -1).split("\n")) {
    const [dash, name, encoded = "", ...more] = line.split(" ");
    if (dash !== "—" || !name || more.length) throw new NotLogged("note-malformed");
    const raw = base64Of(encoded);
    if (name !== signer.name || !isEqual(raw.slice(0, ID_BYTES), id)) continue;
    if (!(await isSignature(raw.slice(ID_BYTES), text, signer.key))) throw new NotLogged("note-signature");
    isSigned = true;
  }
  if (!isSigned) throw new NotLogged("note-not-signed");
  return text;
}

/**
 * What a note's lines are over. Throws NotLogged.
 * @param {string} note
 */
function textOf(note) {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n")) throw new NotLogged("note-malformed");
  return note.slice(0, cut + 1);
}

/**
 * @param {Bytes} signature
 * @param {string} text
 * @param {Bytes} key
 */
async function isSignature(signature, text, key) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, utf8(text));
}

/**
 * @param {string} text
 * @param {string} origin
 */
function readCheckpoint(text, origin) {
  const [name, size = "", root = "", ...rest] = text.split("\n");
  if (name !== origin || rest.length !== 1 || rest[0] !== "") throw new NotLogged("note-malformed");
  return { size: wholeOf(size), root: base64Of(root, KEY_BYTES) };
}

/**
 * The root to which a leaf leads (RFC 9162 §2.1.3.2), null where the path is of another length.
 * @param {Bytes} leaf
 * @param {number} index
 * @param {number} size
 * @param {Bytes[]} path
 */
async function rootOver(leaf, index, size, path) {
  if (index >= size) return null;
  let node = leaf;
  // Halved by division: bit operations stop at 32 bits.
  let [at, last] = [index, size - 1];
  const up = () => ([at, last] = [Math.floor(at / 2), Math.floor(last / 2)]);
  for (const sibling of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      node = await sha256(joined([0x01], sibling, node));
      while (at % 2 === 0 && at !== 0) up();
    } else {
      node = await sha256(joined([0x01], node, sibling));
    }
    up();
  }
  return last === 0 ? node : null;
}

/**
 * @param {string} name
 * @param {Bytes} key
 */
async function keyId(name, key) {
  return (await sha256(joined(utf8(`${name}\n`), ED25519, key))).slice(0, ID_BYTES);
}

/** @param {string} text */
function wholeOf(text) {
  const number = Number(text);
  if (!WHOLE.test(text) || !Number.isSafeInteger(number)) throw new NotLogged("note-malformed");
  return number;
}

/**
 * @param {string} text
 * @param {number} [length]
 */
function base64Of(text, length) {
  try {
    const raw = fromBase64(text);
    if (length === undefined || raw.length === length) return raw;
  } catch {
    // said below, as a wrong length is
  }
  throw new NotLogged("note-malformed");
}
