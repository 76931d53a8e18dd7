// What a party checks before it shows a link (docs/draw-protocol.md): its own commitment is meant, the context and the
// grounds of a supplementary draw stand in the log, and no link was shown for another context. Judges; sends nothing.

import { canonical, sha256, toHex, utf8 } from "../bytes.js";
import { NotLogged, checkLogged } from "./log-proof.js";

/** @typedef {{ index: number, statement: string, proof: string }} Logged */
/**
 * One thing this party has to do, as `GET /draws` tells it.
 * @typedef {{ case: string, draw: string, attempt: number, round: number, at: string, key: string, again: boolean,
 *   needs: "commit" | "reveal" | "share" | "wait", context: string, digest: string, grounds: Logged[], share: string } & Logged} Duty
 */
/** @typedef {import("./log-proof.js").LogKey} LogKey */
/** @typedef {{ kind: string, case: string, body: any }} Statement */
/**
 * What was verified, for the page to say.
 * @typedef {{ digest: string, index: number, size: number, parties: number, grounds: number }} Verified
 */

const VERSION = "bid-draw/1";

/** This browser does not show the link. `code` says what it did not find as it must be. */
export class ContextRefused extends Error {
  /** @param {"party.not_my_commitment" | "party.not_logged" | "party.another_context" | "party.no_grounds"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * Throws ContextRefused.
 * @param {Duty} duty
 * @param {{ party: string, commitment: string, shownFor: string | undefined, log: LogKey }} own
 *   the party, the commitment of its own chain, the digest it has shown a link of it for, the log's key it trusts
 * @returns {Promise<Verified>}
 */
export async function checkContext(duty, { party, commitment, shownFor, log }) {
  // (1) The context is the one named, of this algorithm and attempt, and holds this party's own commitment.
  const context = parsed(duty.context);
  const digest = toHex(await sha256(utf8(duty.context)));
  const isMine =
    canonical(context) === duty.context &&
    context.v === VERSION &&
    context.attempt === duty.attempt &&
    Object.hasOwn(context.commits, party) &&
    context.commits[party] === commitment &&
    digest === duty.digest;
  if (!isMine) throw new ContextRefused("party.not_my_commitment");
  // (2) It stands in this case's log, under a checkpoint that the log's key signed.
  const place = await logged(duty, duty.case, log, ({ kind, body }) => {
    const isIt = kind === "draw.context" && body.draw === duty.draw && body.attempt === duty.attempt;
    return isIt && body.digest === digest;
  });
  // (3) A supplementary draw was asked for by one and confirmed by another, in the log.
  if (duty.round > 0) await checkGrounds(duty, log);
  // (4) No link of this chain was shown for anything else.
  if (shownFor !== undefined && shownFor !== digest) throw new ContextRefused("party.another_context");
  return { digest, ...place, parties: Object.keys(context.commits).length, grounds: duty.grounds.length };
}

/**
 * @param {Duty} duty
 * @param {LogKey} log
 */
async function checkGrounds(duty, log) {
  /** @type {Map<string, string>} the kind of a ground → whose it is */
  const by = new Map();
  for (const ground of duty.grounds) {
    await logged(ground, duty.case, log, ({ kind, body }) => {
      by.set(kind, body.by.who);
      return body.draw === duty.draw && body.round === duty.round;
    });
  }
  const asked = by.get("replacement.requested");
  const confirmed = by.get("replacement.confirmed");
  if (!asked || !confirmed || asked === confirmed) throw new ContextRefused("party.no_grounds");
}

/**
 * Check that a statement of this case stands in the log and says what it should.
 * @param {Logged} entry
 * @param {string} case_
 * @param {LogKey} log
 * @param {(stated: Statement) => boolean} says
 */
async function logged(entry, case_, log, says) {
  const stated = parsed(entry.statement);
  if (stated.case !== case_ || !says(stated)) throw new ContextRefused("party.not_logged");
  try {
    const place = await checkLogged(entry.statement, entry.proof, case_, log);
    if (place.index === entry.index) return place;
  } catch (fault) {
    if (!(fault instanceof NotLogged)) throw fault;
  }
  throw new ContextRefused("party.not_logged");
}

/**
 * @param {string} text
 * @returns {any}
 */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // said below, as a bare value is
  }
  throw new ContextRefused("party.not_logged");
}
