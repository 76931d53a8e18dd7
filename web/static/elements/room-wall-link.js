// Keeps a seat in its room: watches the line and both connections, and makes anew only what does not come back by itself.

import { Line, Refused } from "./room-wall-line.js";
import { Publication, Subscription } from "./room-wall-peers.js";

const LOOK_MS = 500;
// After an outage the old connection has 1.5 s to show life; in quiet times a late report is no reason to cut a recording.
const QUIET_AFTER_RETURN_MS = 1500;
const QUIET_MS = 3000;
const RETURNED_MS = 6000;
const TRY_AGAIN_MS = 1200;
const LIVE_MS = 5000;
const TELL_MUTES_MS = 5000;

/**
 * What was received of a seat so far: frames of its picture, energy and present level of its sound.
 * @typedef {{ frames: number, energy: number, level: number }} Received
 */

/**
 * Events: `up`, `down`, `over`; `message` (what the server told, as `detail`); `track` ({seat, kind, track});
 * `received` (a Map from seat to Received, twice a second); `renegotiated` ("publish" or "subscribe").
 */
export class Link extends EventTarget {
  /** @type {number | undefined} */ #look;
  #isLooking = false;
  #toldMutesAt = 0;
  #returnedAt = -Infinity;
  /** @type {Record<"publish" | "subscribe", number>} */ #tryAfter = { publish: 0, subscribe: 0 };
  /** @type {Map<string, number>} when each seat was last said to be there */ #live = new Map();
  /** @type {Map<string, boolean>} kind → muted; told after each return, for the server may hold an earlier wish */
  #mutes = new Map();

  /**
   * @param {string} code of the case
   * @param {string} own this seat's label, empty for who only watches
   * @param {string[]} seats all seats
   * @param {readonly string[]} kinds what is received of each seat
   */
  constructor(code, own, seats, kinds) {
    super();
    this.own = own;
    this.kinds = kinds;
    if (own) for (const kind of ["mic", "camera"]) this.#mutes.set(kind, false);
    /** @type {string[]} */ this.others = [];
    this.expect(seats);
    this.line = new Line(code);
    this.publication = new Publication(this.line);
    this.subscription = new Subscription(this.line, (seat, kind, track) =>
      this.dispatchEvent(new CustomEvent("track", { detail: { seat, kind, track } })),
    );
    this.line.addEventListener("up", () => this.#returned());
    for (const name of ["down", "over"]) this.line.addEventListener(name, () => this.dispatchEvent(new Event(name)));
    this.line.addEventListener("message", (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
  }

  /**
   * The seats there are to see, by their labels.
   * @param {string[]} seats
   */
  expect(seats) {
    this.others = seats.filter((seat) => seat !== this.own);
  }

  open() {
    this.line.open();
    this.#look = window.setInterval(() => void this.#watch(), LOOK_MS);
  }

  close() {
    window.clearInterval(this.#look);
    this.publication.close();
    this.subscription.close();
    this.line.close();
  }

  /**
   * Publish these tracks from now on.
   * @param {Record<string, MediaStreamTrack>} tracks by their kinds
   */
  publish(tracks) {
    this.publication.tracks = tracks;
    this.#tryAfter.publish = 0;
    void this.#watch();
  }

  /**
   * Let the others no longer see or hear this seat, or again; it is recorded all the same.
   * @param {"camera" | "mic"} kind
   * @param {boolean} muted
   */
  mute(kind, muted) {
    this.#mutes.set(kind, muted);
    this.line.send({ t: "mute", kind, muted });
  }

  #returned() {
    this.#returnedAt = performance.now();
    this.publication.forgive();
    this.subscription.forgive();
    for (const [kind, muted] of this.#mutes) this.line.send({ t: "mute", kind, muted });
    this.dispatchEvent(new Event("up"));
    void this.#watch();
  }

  /** Who comes later must know too, and a server that was started anew. */
  #repeatMutes() {
    this.#toldMutesAt = performance.now();
    for (const [kind, muted] of this.#mutes) if (muted) this.line.send({ t: "mute", kind, muted });
  }

  /** @param {import("./room-wall-line.js").Message} message */
  #take(message) {
    const seat = message["seat"];
    if (message.t === "presence" && message["online"] && !this.#isOffered(seat)) this.#tryAfter.subscribe = 0;
    if (message.t === "quality") {
      if (message["code"] === "down") this.#live.delete(seat);
      else this.#live.set(seat, performance.now());
    }
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  /** @param {string} seat */
  #isOffered(seat) {
    return Object.values(this.subscription.mids).some((track) => track.startsWith(`${seat}/`));
  }

  async #watch() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    if (performance.now() - this.#toldMutesAt > TELL_MUTES_MS) this.#repeatMutes();
    try {
      await Promise.all([this.#keepPublished(), this.#keepSubscribed()]);
    } finally {
      this.#isLooking = false;
    }
  }

  get #patience() {
    return performance.now() - this.#returnedAt < RETURNED_MS ? QUIET_AFTER_RETURN_MS : QUIET_MS;
  }

  async #keepPublished() {
    const { publication } = this;
    if (publication.isOpening || !Object.keys(publication.tracks).length) return;
    const report = await publication.peer?.getStats();
    if (publication.isGone || (report && publication.quietMs(report) > this.#patience)) {
      await this.#again("publish", () => publication.open());
    }
  }

  async #keepSubscribed() {
    const { subscription } = this;
    if (subscription.isOpening || !this.others.length) return;
    const report = await subscription.peer?.getStats();
    if (report) this.dispatchEvent(new CustomEvent("received", { detail: this.#count(report) }));
    const quiet = report && this.#isAnyoneLive() && subscription.quietMs(report) > this.#patience;
    const lacksSeat = [...this.#live.keys()].some((seat) => this.others.includes(seat) && !this.#isOffered(seat));
    if (subscription.isGone || quiet || lacksSeat) {
      const wanted = this.others.flatMap((seat) => this.kinds.map((kind) => `${seat}/${kind}`));
      await this.#again("subscribe", () => subscription.open(wanted));
    }
  }

  #isAnyoneLive() {
    const now = performance.now();
    return this.others.some((seat) => now - (this.#live.get(seat) ?? -Infinity) < LIVE_MS);
  }

  /**
   * @param {"publish" | "subscribe"} what
   * @param {() => Promise<void>} open
   */
  async #again(what, open) {
    if (!this.line.isUp || performance.now() < this.#tryAfter[what]) return;
    this.#tryAfter[what] = performance.now() + TRY_AGAIN_MS + Math.random() * 300;
    try {
      await open();
    } catch (fault) {
      // The room is not open yet, or the line went down meanwhile: the next look tries again.
      if (!(fault instanceof Refused)) throw fault;
      return;
    }
    this.dispatchEvent(new CustomEvent("renegotiated", { detail: what }));
  }

  /**
   * @param {RTCStatsReport} report
   * @returns {Map<string, Received>}
   */
  #count(report) {
    /** @type {Map<string, Received>} */ const seats = new Map();
    for (const entry of report.values()) {
      if (entry.type !== "inbound-rtp") continue;
      const [seat = ""] = (this.subscription.mids[entry.mid] ?? "").split("/");
      const known = seats.get(seat) ?? { frames: 0, energy: 0, level: 0 };
      known.frames += entry.framesDecoded ?? 0;
      known.energy += entry.totalAudioEnergy ?? 0;
      known.level = Math.max(known.level, entry.audioLevel ?? 0);
      seats.set(seat, known);
    }
    return seats;
  }
}
