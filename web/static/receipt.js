// A receipt, judged in this browser alone: its code, its place in the case's log, the signature of the log's key.
// Format: docs/log.md. Asks nobody; the key comes from the person who checks.

import { fromHex } from "./bytes.js";
import { shortCode } from "./short-code.js";
import { NotLogged, checkEntry, checkPlace, knowsEd25519, originOf, readLogKey } from "./party/log-proof.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{ code: string, entry: string, index: number, proof: string }} Receipt */
/**
 * What was found. `state`: `holds`; `unsigned`: it fits, but no signature was checked, for want of a key or of
 * Ed25519; otherwise why it does not hold.
 * @typedef {{ state: "holds" | "no-key" | "no-ed25519", case: string, index: number, size: number, code: string, log: string }} Judgement
 */

const ENTRY_BYTES = 32;

/** The receipt does not hold. `code` says what is wrong with it. */
export class ReceiptRefused extends Error {
  /** @param {"receipt-malformed" | "receipt-code" | "receipt-index" | "receipt-log" | "key-malformed" | NotLogged["code"]} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * Throws ReceiptRefused.
 * @param {string} text  the receipt as the server hands it out
 * @param {string} vkey  the published key of the centre's log (`log.vkey`), or nothing
 * @returns {Promise<Judgement>}
 */
export async function judge(text, vkey) {
  const { receipt, entry } = read(text);
  // (1) The code that people compare is that of this entry.
  if (shortCode(entry) !== receipt.code) throw new ReceiptRefused("receipt-code");
  try {
    const origin = originOf(receipt.proof);
    const cut = origin.lastIndexOf("/");
    const about = { case: origin.slice(cut + 1), log: origin.slice(0, cut), code: receipt.code };
    // (2) The entry lies in the tree of the checkpoint, at the place that the receipt says.
    const place = await checkPlace(entry, receipt.proof, origin);
    if (place.index !== receipt.index) throw new ReceiptRefused("receipt-index");
    if (!vkey.trim()) return { state: "no-key", ...about, ...place };
    // (3) The checkpoint is this log's, signed by its published key.
    const key = await keyIn(vkey.trim());
    if (key.name !== about.log) throw new ReceiptRefused("receipt-log");
    if (!(await knowsEd25519())) return { state: "no-ed25519", ...about, ...place };
    await checkEntry(entry, receipt.proof, { name: origin, key: key.key });
    return { state: "holds", ...about, ...place };
  } catch (fault) {
    if (fault instanceof NotLogged) throw new ReceiptRefused(fault.code);
    throw fault;
  }
}

/** @param {string} text */
function read(text) {
  try {
    /** @type {Receipt} */ const receipt = JSON.parse(text);
    const isWhole = typeof receipt.proof === "string" && typeof receipt.code === "string";
    if (isWhole && Number.isSafeInteger(receipt.index)) return { receipt, entry: fromHex(receipt.entry, ENTRY_BYTES) };
  } catch {
    // said below
  }
  throw new ReceiptRefused("receipt-malformed");
}

/** @param {string} vkey */
async function keyIn(vkey) {
  try {
    return await readLogKey(vkey);
  } catch {
    throw new ReceiptRefused("key-malformed");
  }
}
