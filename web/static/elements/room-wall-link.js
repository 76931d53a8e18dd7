// Keeps a seat in its room: watches the line and both connections, and makes anew only what does not come back by itself.

import { Line, Refused } from "./room-wall-line.js";
import { Publication, Subscription } from "./room-wall-peers.js";
import { isRelayed } from "./room-wall-relay.js";

const LOOK_MS = 500;
// After an outage the old connection has 1.5 s to show life; in quiet times a late report is no reason to cut a recording.
const QUIET_AFTER_RETURN_MS = 1500;
const QUIET_MS = 3000;
const RETURNED_MS = 6000;
// A browser finds out late that its connection died: who was away longer is not waited for, but received anew at once.
const FORGOTTEN_MS = 15000;
const TRY_AGAIN_MS = 1200;
const LIVE_MS = 5000;
const TELL_MUTES_MS = 5000;
// The plane takes no more tracks in one subscription.
const MOST_TRACKS = 24;

/**
 * What was received of a seat so far: frames of its picture, energy and present level of its sound.
 * @typedef {{ frames: number, energy: number, level: number }} Received
 */

/**
 * Events: `up`, `down`, `over`; `message` (what the server told, as `detail`); `track` ({seat, kind, track});
 * `received` (a Map from seat to Received, twice a second); `renegotiated` ("publish" or "subscribe"); `relayed`
 * (whether this seat's pictures go by the relay, when that changes); `refused` (why a connection is not made);
 * `sharing` (other seats share their screens than before); `shown` (other pictures are sent than before); `mutes`
 * (what this seat holds back, by kind).
 */
export class Link extends EventTarget {
  /** @type {number | undefined} */ #look;
  #isLooking = false;
  #isRelayed = false;
  #toldMutesAt = 0;
  #returnedAt = -Infinity;
  /** @type {Record<"publish" | "subscribe", number>} */ #tryAfter = { publish: 0, subscribe: 0 };
  /** @type {Map<string, number>} when each seat was last said to be there */ #live = new Map();
  /**
   * Kind → muted, as this window was told or was given by the server first: a seat that holds itself back does so in
   * whatever window it is opened. Told after each return, for the server may hold an earlier wish.
   * @type {Map<string, boolean>}
   */
  #mutes = new Map();
  /** @type {string[] | null} the pictures that are looked at, null while that is not known */ #shown = null;
  /** @type {Set<string>} the seats that share their screens, this one's too */ sharing = new Set();

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

  /**
   * Receive the pictures of these seats alone; their sound comes all the same.
   * @param {string[]} seats whose cameras are looked at
   * @param {string[]} screens whose shared screens are
   */
  show(seats, screens) {
    const pictures = this.kinds.filter((kind) => kind === "camera" || kind === "masked");
    const before = this.#shown?.join();
    this.#shown = [
      ...seats.flatMap((seat) => pictures.map((kind) => `${seat}/${kind}`)),
      ...screens.map((seat) => `${seat}/screen`),
    ];
    this.#tellShown();
    if (this.#shown.join() !== before) this.dispatchEvent(new Event("shown"));
  }

  #tellShown() {
    if (this.#shown) this.line.send({ t: "show", tracks: this.#shown });
  }

  #returned() {
    this.#returnedAt = performance.now();
    if (this.#returnedAt - this.line.downSince < FORGOTTEN_MS) {
      this.publication.forgive();
      this.subscription.forgive();
    } else {
      // What is published may have gone on where the line alone was away; it is made anew only if it was quiet, too.
      this.subscription.close();
    }
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
    if (message.t === "moved") this.#start();
    if (message.t === "state") {
      this.#share(new Set(message["screens"] ?? []));
      this.#goOn(message["muted"] ?? []);
    }
    if (message.t === "screen") {
      const others = [...this.sharing].filter((one) => one !== seat);
      this.#share(new Set(message["on"] ? [...others, seat] : others));
    }
    if (message.t === "quality") {
      if (message["code"] === "down") this.#live.delete(seat);
      else this.#live.set(seat, performance.now());
    }
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  /** @param {string[]} muted the tracks that seats hold back themselves */
  #goOn(muted) {
    for (const kind of this.own ? ["mic", "camera"] : [])
      if (!this.#mutes.has(kind)) this.#mutes.set(kind, muted.includes(`${this.own}/${kind}`));
    this.dispatchEvent(new CustomEvent("mutes", { detail: Object.fromEntries(this.#mutes) }));
  }

  /** @param {Set<string>} seats */
  #share(seats) {
    this.sharing = seats;
    if ([...this.#screens].some((screen) => !this.#isReceived(screen))) this.#tryAfter.subscribe = 0;
    this.dispatchEvent(new Event("sharing"));
  }

  /** The others' shared screens, as many as fit beside their cameras and microphones. */
  get #screens() {
    const most = Math.max(0, MOST_TRACKS - this.others.length * this.kinds.length);
    return this.others
      .filter((seat) => this.sharing.has(seat))
      .map((seat) => `${seat}/screen`)
      .slice(0, most);
  }

  /** @param {string} track */
  #isReceived(track) {
    return Object.values(this.subscription.mids).includes(track);
  }

  /** The room stands anew: neither connection will ever come back by itself. */
  #start() {
    this.publication.close();
    this.subscription.close();
    this.#tryAfter = { publish: 0, subscribe: 0 };
    this.#repeatMutes();
    void this.#watch();
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
    if (report) this.#tellWay(report);
    if (publication.isGone || (report && publication.quietMs(report) > this.#patience)) {
      await this.#again("publish", () => publication.open());
    }
  }

  async #keepSubscribed() {
    const { subscription } = this;
    if (subscription.isOpening || !this.others.length) return;
    const report = await subscription.peer?.getStats();
    if (report) this.dispatchEvent(new CustomEvent("received", { detail: this.#count(report) }));
    if (report && !this.own) this.#tellWay(report);
    const quiet = report && this.#isAnyoneLive() && subscription.quietMs(report) > this.#patience;
    const lacksSeat = [...this.#live.keys()].some((seat) => this.others.includes(seat) && !this.#isOffered(seat));
    const lacksScreen = this.#screens.some((screen) => !this.#isReceived(screen));
    if (subscription.isGone || quiet || lacksSeat || lacksScreen) {
      const wanted = this.others.flatMap((seat) => this.kinds.map((kind) => `${seat}/${kind}`));
      await this.#again("subscribe", () => subscription.open([...wanted, ...this.#screens]));
      this.#tellShown();
    }
  }

  /** @param {RTCStatsReport} report */
  #tellWay(report) {
    const relayed = isRelayed(report);
    if (relayed === this.#isRelayed) return;
    this.#isRelayed = relayed;
    this.dispatchEvent(new CustomEvent("relayed", { detail: relayed }));
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
      this.dispatchEvent(new CustomEvent("refused", { detail: fault.code }));
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
      const [seat = "", kind] = (this.subscription.mids[entry.mid] ?? "").split("/");
      if (kind === "screen") continue;
      const known = seats.get(seat) ?? { frames: 0, energy: 0, level: 0 };
      known.frames += entry.framesDecoded ?? 0;
      known.energy += entry.totalAudioEnergy ?? 0;
      known.level = Math.max(known.level, entry.audioLevel ?? 0);
      seats.set(seat, known);
    }
    return seats;
  }
}

/**
 * Take what an event carries.
 * @param {EventTarget} target
 * @param {string} name
 * @param {(detail: any) => void} take
 */
export function on(target, name, take) {
  target.addEventListener(name, (event) => take(/** @type {CustomEvent} */ (event).detail));
}
