// Counts the seconds in which a paper is seen and its reader is there, and tells the server every few of them.
// Owns no page. Seconds that could not be told are kept; the server holds all of them against its own clock.

const TICK_MS = 1000;
const TELL_EVERY_S = 15;
const MOST_S = 3600;
// A dense page is read for a while without a touch; after this a seat counts as left (presence.seat_locks_after_s).
const IDLE_MS = 180_000;
const SIGNS = ["keydown", "pointermove", "pointerdown", "wheel"];

export class ReadingClock {
  /** Untold seconds by paper. @type {Map<string, number>} */ #untold = new Map();
  #touched = performance.now();
  #sinceTold = 0;
  #last = "";
  /** While work is paused the server takes nothing; what is untold waits. */
  isHeld = false;
  #leaving = new AbortController();

  /**
   * @param {string} address where seconds are told
   * @param {string} csrf
   * @param {() => string} paper the digest of the paper that is on the screen, empty for none
   */
  constructor(address, csrf, paper) {
    this.address = address;
    this.csrf = csrf;
    this.paper = paper;
    const { signal } = this.#leaving;
    for (const name of SIGNS) {
      addEventListener(name, () => (this.#touched = performance.now()), { signal, passive: true, capture: true });
    }
    addEventListener("pagehide", () => void this.#tell(), { signal });
    // A seat that is left takes nothing more: what was read since the last word is not told.
    const leave = document.querySelector("form.leave");
    leave?.addEventListener("submit", () => (this.isHeld = true), { signal });
    this.timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop() {
    this.#leaving.abort();
    clearInterval(this.timer);
    void this.#tell();
  }

  #tick() {
    const paper = this.paper();
    const isThere = document.visibilityState === "visible" && performance.now() - this.#touched < IDLE_MS;
    if (paper && isThere) this.#untold.set(paper, Math.min(MOST_S, (this.#untold.get(paper) ?? 0) + 1));
    this.#sinceTold += 1;
    if (this.#sinceTold >= TELL_EVERY_S || paper !== this.#last) void this.#tell();
    this.#last = paper;
  }

  async #tell() {
    if (this.isHeld) return;
    this.#sinceTold = 0;
    const telling = [...this.#untold];
    this.#untold.clear();
    for (const [paper, seconds] of telling) {
      const isTaken = await this.#post(paper, seconds);
      if (!isTaken) this.#untold.set(paper, Math.min(MOST_S, seconds + (this.#untold.get(paper) ?? 0)));
    }
  }

  /**
   * Whether the server took it, or will never: only a network that is away is worth another try.
   * @param {string} paper
   * @param {number} seconds
   */
  async #post(paper, seconds) {
    try {
      await fetch(this.address, {
        method: "POST",
        keepalive: true,
        body: JSON.stringify({ paper, seconds }),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": this.csrf },
      });
      return true;
    } catch {
      return false;
    }
  }
}
