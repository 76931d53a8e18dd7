// What a party does, each in one call: commit, verify and reveal, give its share back. Nothing is sent unverified.

import { canonical, fromHex, toHex, utf8 } from "../bytes.js";
import { checkContext } from "./context.js";
import { seal, unseal } from "./hpke.js";
import { bind, shownFor } from "./keeping.js";
import { chainOf, linkOf, shareKeyOf } from "./secret.js";

/** @typedef {import("../bytes.js").Bytes} Bytes */
/** @typedef {import("./context.js").Duty} Duty */
/** @typedef {import("./context.js").Verified} Verified */
/** @typedef {import("./line.js").Line} Line */
/** @typedef {{ party: string, secret: CryptoKey, log: import("./log-proof.js").LogKey }} Own */

const KEY_BYTES = 32;
const SHARE_BOX_BYTES = 81;

/** The share is asked for before the opening is due: with another's it would open the result too early. */
export class TooEarly extends Error {
  code = "party.too_early";
}

/**
 * Commit to a new chain and give the key for the share of the result.
 * @param {Line} line
 * @param {Own} own
 * @param {Duty} duty
 */
export async function commit(line, own, duty) {
  const chain = await chainOf(own.secret, duty);
  const { publicKey } = await shareKeyOf(own.secret, duty);
  await line.send(duty, "commit", { commit: commitmentOf(chain), share_key: toHex(publicKey) });
}

/**
 * Check all that a party checks before it reveals. Throws ContextRefused.
 * @param {Own} own
 * @param {Duty} duty
 * @returns {Promise<Verified>}
 */
export async function verify({ party, secret, log }, duty) {
  const commitment = commitmentOf(await chainOf(secret, duty));
  return checkContext(duty, { party, commitment, shownFor: await shownFor(party, duty), log });
}

/**
 * Verify once more, bind the chain to this context, and leave the link sealed to the draw process.
 * @param {Line} line
 * @param {Own} own
 * @param {Duty} duty
 * @returns {Promise<boolean>} false when the link was not the committed one: the attempt is void under this party's name
 */
export async function reveal(line, own, duty) {
  const { digest } = await verify(own, duty);
  if ((await shownFor(own.party, duty)) === undefined) await bind(own.party, duty, digest);
  const link = linkOf(await chainOf(own.secret, duty), duty.round);
  const { accepted } = await line.send(duty, "reveal", await boxFor(own, duty, link, digest, "bid-reveal/1"));
  return accepted;
}

/**
 * Open this party's share and give it back, sealed to the draw process. Throws TooEarly, NotForThis.
 * @param {Line} line
 * @param {Own} own
 * @param {Duty} duty
 * @param {Date} now
 */
export async function giveShare(line, own, duty, now) {
  if (now < new Date(duty.at)) throw new TooEarly();
  const { party, secret } = own;
  const purpose = infoOf({ h: duty.digest, party, round: duty.round, v: "bid-share/1" });
  const share = await unseal(fromHex(duty.share, SHARE_BOX_BYTES), await shareKeyOf(secret, duty), purpose);
  await line.send(duty, "share", await boxFor(own, duty, share, duty.digest, "bid-share-back/1"));
}

/**
 * @param {Own} own
 * @param {Duty} duty
 * @param {Bytes} plain
 * @param {string} digest
 * @param {string} purpose
 */
async function boxFor({ party }, { key, round }, plain, digest, purpose) {
  const info = infoOf({ h: digest, key, party, round, v: purpose });
  return { round, key, sealed: toHex(await seal(plain, fromHex(key, KEY_BYTES), info)) };
}

/** @param {{ [key: string]: string | number }} said */
function infoOf(said) {
  return utf8(canonical(said));
}

/** @param {Bytes[]} chain */
function commitmentOf(chain) {
  return toHex(/** @type {Bytes} */ (chain.at(-1)));
}
