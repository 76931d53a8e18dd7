// The line to the server: what this party has to do, how the draws stand, and what it sends. Judges and keeps nothing.

/** @typedef {import("./context.js").Duty} Duty */
/**
 * How one party of a draw stands, in a code of web/draw_parties.py.
 * @typedef {{ id: string, legal_person: string, host: boolean, state: string, commit: string }} Standing
 */
/** @typedef {{ attempt: number, party: string, legal_person: string, reason: string }} Voided */
/**
 * @typedef {{ case: string, draw: string, attempt: number, at: string, silent_at: string, stage: string, short: boolean,
 *   parties: Standing[], voids: Voided[] }} DrawStanding
 */
/** @typedef {{ now: string, draws: DrawStanding[] }} Standings */

const ATTEMPT_MS = 15_000;
const SIGNED_OUT = 401;

/** The server said no, in words for a person; or nobody answered, and `code` is empty. */
export class Refused extends Error {
  /** @param {{ code?: string, what?: string, safe?: string, do?: string }} told @param {number} status */
  constructor(told, status) {
    super(told.code || "no answer");
    this.code = told.code ?? "";
    this.words = [told.what, told.safe, told.do].filter(Boolean).join(" ");
    this.isSignedOut = status === SIGNED_OUT;
  }
}

export class Line {
  /** @param {string} csrf */
  constructor(csrf) {
    this.csrf = csrf;
  }

  /** @returns {Promise<Duty[]>} */
  duties() {
    return this.#call("/draws");
  }

  /** @returns {Promise<Standings>} */
  standings() {
    return this.#call("/party");
  }

  /**
   * @param {Duty} duty
   * @param {"commit" | "reveal" | "share"} act
   * @param {Record<string, string | number>} body
   * @returns {Promise<{ accepted: boolean }>}
   */
  send(duty, act, body) {
    return this.#call(`/cases/${duty.case}/draws/${duty.draw}/${act}`, body);
  }

  /**
   * Throws Refused.
   * @param {string} path
   * @param {Record<string, string | number>} [body]
   */
  async #call(path, body) {
    /** @type {RequestInit} */
    const how = { headers: { Accept: "application/json", "X-CSRF-Token": this.csrf } };
    if (body) {
      how.method = "POST";
      how.headers = { ...how.headers, "Content-Type": "application/json" };
      how.body = JSON.stringify(body);
    }
    const answer = await fetch(path, { ...how, signal: AbortSignal.timeout(ATTEMPT_MS) }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (!answer?.ok || told === null) throw new Refused(told ?? {}, answer?.status ?? 0);
    return told;
  }
}
