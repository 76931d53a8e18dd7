// Which tiles of a wall are looked at: on the screen or close to it, and not under an enlarged one. The plane sends no
// other picture. Knows places, nothing of who may be seen.

const CLOSE = "200px";
const SETTLE_MS = 300;

/** @typedef {import("./seat-video.js").SeatVideo} SeatVideo */

export class Shown {
  #watcher = new IntersectionObserver((entries) => this.#moved(entries), { rootMargin: CLOSE });
  /** @type {Set<SeatVideo>} */ #near = new Set();
  #isKnown = false;
  /** @type {number | undefined} */ #settling;
  #leaving = new AbortController();

  /**
   * @param {Iterable<SeatVideo>} tiles
   * @param {() => void} changed told a little after the last of many changes
   */
  constructor(tiles, changed) {
    this.tiles = [...tiles];
    this.changed = changed;
    for (const tile of this.tiles) this.#watcher.observe(tile);
    document.addEventListener("visibilitychange", () => this.look(), { signal: this.#leaving.signal });
  }

  /** The seats whose pictures are looked at; all of them before anything is known. */
  get seats() {
    if (!this.#isKnown) return this.tiles.map((tile) => tile.seat);
    if (document.visibilityState === "hidden") return [];
    const enlarged = this.tiles.filter((tile) => tile.hasAttribute("enlarged"));
    return (enlarged.length ? enlarged : this.tiles.filter((tile) => this.#near.has(tile))).map((tile) => tile.seat);
  }

  /** Something may have changed. */
  look() {
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(this.changed, SETTLE_MS);
  }

  close() {
    window.clearTimeout(this.#settling);
    this.#watcher.disconnect();
    this.#leaving.abort();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #moved(entries) {
    this.#isKnown = true;
    for (const { target, isIntersecting } of entries) {
      const tile = /** @type {SeatVideo} */ (target);
      if (isIntersecting) this.#near.add(tile);
      else this.#near.delete(tile);
    }
    this.look();
  }
}
