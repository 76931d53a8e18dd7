// What was typed and is not yet on the server: kept in memory only, sent cell by cell, sent again until it arrived.
// Owns no page: it says how many cells are unsaved and what the server refused, an element shows it.

import { say } from "../words.js";

// A fixed timer: one that began anew at each key would never fire while somebody types fast.
const COLLECT_MS = 300;
const ATTEMPT_MS = 5000;
const AGAIN_MS = [500, 1000, 2000, 3000];
const AT_ONCE = 6;

const STALE = 409;
const PAUSED = 423;
const TOO_MANY = 429;
const FAULT = 500;

/**
 * One cell on its way. `value` is the newest, `revision` the one it was typed over.
 * @typedef {{ value: Record<string, unknown>, revision: number, state: "waiting" | "sent" | "stale" | "refused", fresh: boolean }} Cell
 */

/** Nobody answered, or asked to wait: the queue stays and is sent again. */
class NotNow extends Error {
  /** @param {number} waitMs @param {string} words */
  constructor(waitMs, words) {
    super(words);
    this.waitMs = waitMs;
  }
}

/**
 * Events: `count` after every change; `saved` {key, revision}; `stale` {key, standing}; `refused` {key, words};
 * `trouble` {words}, empty words when it is over.
 */
export class Drafts extends EventTarget {
  /** @type {Map<string, Cell>} */ #cells = new Map();
  /** @type {number | undefined} */ #timer;
  #failures = 0;
  #isSending = false;

  /**
   * @param {string} address where a cell is posted
   * @param {string} csrf
   */
  constructor(address, csrf) {
    super();
    this.address = address;
    this.csrf = csrf;
    addEventListener("online", () => this.#soon(0));
    addEventListener("beforeunload", (event) => {
      if (this.unsaved) event.preventDefault();
    });
  }

  /** How many cells the server has not confirmed. */
  get unsaved() {
    return this.#cells.size;
  }

  /**
   * Take a newly typed value; the newest of a cell wins.
   * @param {string} key
   * @param {Record<string, unknown>} value
   * @param {number} revision the last revision this page knows of
   */
  put(key, value, revision) {
    const former = this.#cells.get(key);
    const isSent = former?.state === "sent";
    this.#cells.set(key, {
      value,
      revision: former?.revision ?? revision,
      state: isSent ? "sent" : "waiting",
      fresh: isSent,
    });
    this.#changed();
    this.#soon(COLLECT_MS);
  }

  /**
   * Settle a stale cell: keep what stands on the server (the cell leaves the queue) or send one's own over it.
   * @param {string} key
   * @param {number} revision of what stands there
   * @param {"standing" | "mine"} choice
   */
  settle(key, revision, choice) {
    const cell = this.#cells.get(key);
    if (!cell) return;
    if (choice === "standing") this.#cells.delete(key);
    else Object.assign(cell, { revision, state: "waiting" });
    this.#changed();
    this.#soon(0);
  }

  /** @param {number} ms */
  #soon(ms) {
    if (this.#timer !== undefined && ms > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#send();
    }, ms);
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    const waiting = [...this.#cells].filter(([, cell]) => cell.state === "waiting").slice(0, AT_ONCE);
    const answers = await Promise.allSettled(waiting.map(([key, cell]) => this.#sendOne(key, cell)));
    this.#isSending = false;
    const failed = answers.find((answer) => answer.status === "rejected");
    if (failed) this.#failed(/** @type {PromiseRejectedResult} */ (failed).reason);
    else if (waiting.length) this.#worked();
  }

  /** @param {string} key @param {Cell} cell */
  async #sendOne(key, cell) {
    cell.state = "sent";
    try {
      this.#take(key, cell, await this.#post({ ...cell.value, revision: cell.revision }));
    } catch (error) {
      const standing = this.#cells.get(key);
      if (standing) Object.assign(standing, { state: "waiting", fresh: false });
      throw error instanceof NotNow ? error : new NotNow(0, say("网络中断"));
    } finally {
      this.#changed();
    }
  }

  /** @param {Record<string, unknown>} body */
  async #post(body) {
    const answer = await fetch(this.address, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": this.csrf },
      signal: AbortSignal.timeout(ATTEMPT_MS),
    });
    if (answer.status === TOO_MANY)
      throw new NotNow(Number(answer.headers.get("Retry-After") ?? "1") * 1000, say("保存太频繁"));
    if (answer.status >= FAULT) throw new NotNow(0, say("服务器暂时没有应答"));
    const told = await answer.json();
    if (answer.status === PAUSED) throw new NotNow(0, told.what);
    return { status: answer.status, told };
  }

  /**
   * @param {string} key
   * @param {Cell} sent
   * @param {{ status: number, told: any }} answer
   */
  #take(key, sent, { status, told }) {
    const cell = this.#cells.get(key) ?? sent;
    if (status < 300) {
      this.#stored(key, cell, told.revision);
    } else if (status === STALE && told.code === "draft.stale") {
      Object.assign(cell, { state: "stale", fresh: false });
      this.dispatchEvent(new CustomEvent("stale", { detail: { key, standing: told.detail } }));
    } else {
      cell.state = "refused";
      this.dispatchEvent(new CustomEvent("refused", { detail: { key, words: told.what } }));
    }
  }

  /** @param {string} key @param {Cell} cell @param {number} revision */
  #stored(key, cell, revision) {
    if (cell.fresh) Object.assign(cell, { revision, state: "waiting", fresh: false });
    else this.#cells.delete(key);
    this.dispatchEvent(new CustomEvent("saved", { detail: { key, revision } }));
  }

  #worked() {
    if (this.#failures) this.dispatchEvent(new CustomEvent("trouble", { detail: { words: "" } }));
    this.#failures = 0;
    if ([...this.#cells.values()].some((cell) => cell.state === "waiting")) this.#soon(0);
  }

  /** @param {NotNow} reason */
  #failed(reason) {
    const wait = reason.waitMs || (AGAIN_MS[Math.min(this.#failures, AGAIN_MS.length - 1)] ?? 0);
    this.#failures += 1;
    this.dispatchEvent(new CustomEvent("trouble", { detail: { words: reason.message } }));
    this.#soon(wait);
  }

  #changed() {
    this.dispatchEvent(new Event("count"));
  }
}
