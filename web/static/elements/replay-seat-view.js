// One track being replayed: an element on a MediaSource that is fed with checked segments around the present moment.

import { fileTime, typeOf } from "./replay-seat-formats.js";
import { NotAsLogged, fetchChecked } from "./replay-seat-segments.js";

/** @typedef {import("./replay-seat-segments.js").Track} Track */
/** @typedef {import("./replay-seat-segments.js").Segment} Segment */
/** @typedef {"unread" | "right" | "wrong" | "unplayable"} Verdict */

const AHEAD_S = 12;
const KEPT_S = 50;
// Of one take all segments share an offset, so that they join without a seam; a drift beyond this starts a new one.
const DRIFT_S = 0.2;
const FAR_S = 1;
const NEAR_S = 0.02;
const NUDGE = 0.2;

/** This browser cannot play what the header announces. */
class NotPlayable extends Error {}

export class View {
  #source = new MediaSource();
  #isOpen = false;
  /** @type {SourceBuffer | null} */ #buffer = null;
  #type = "";
  /** @type {Set<Segment>} */ #appended = new Set();
  /** @type {Map<Segment, Verdict>} */ #verdicts = new Map();
  /** @type {import("./replay-seat-segments.js").Row | null} */ #header = null;
  #offset = NaN;
  #feeding = new AbortController();
  #isFeeding = false;
  /** The last change of the buffer that was asked for. @type {Promise<unknown>} */ #turn = Promise.resolve();

  /**
   * @param {Track} track
   * @param {string} footage
   * @param {number} duration
   */
  constructor(track, footage, duration) {
    this.track = track;
    this.footage = footage;
    this.duration = duration;
    this.isPicture = track.kind !== "mic" && track.kind !== "voice";
    this.element = document.createElement(this.isPicture ? "video" : "audio");
    this.element.muted = this.isPicture;
    this.element.preservesPitch = true;
  }

  async open() {
    this.element.src = URL.createObjectURL(this.#source);
    await new Promise((ready) => this.#source.addEventListener("sourceopen", ready, { once: true }));
    URL.revokeObjectURL(this.element.src);
    this.#source.duration = this.duration;
    this.#isOpen = true;
  }

  close() {
    this.#feeding.abort();
    this.element.removeAttribute("src");
    this.element.load();
  }

  /**
   * The segment that holds this moment.
   * @param {number} time
   */
  at(time) {
    return this.track.segments.find(({ start, end }) => start <= time && time < end);
  }

  /**
   * What became of the segment at this moment; null where nothing was recorded.
   * @param {number} time
   * @returns {Verdict | null}
   */
  verdictAt(time) {
    const segment = this.at(time);
    return segment ? (this.#verdicts.get(segment) ?? "unread") : null;
  }

  /** Segments whose bytes were not those of the log. */
  get wrong() {
    return [...this.#verdicts].filter(([, verdict]) => verdict === "wrong").map(([segment]) => segment);
  }

  /** How many segments were read and found right. */
  get right() {
    return [...this.#verdicts.values()].filter((verdict) => verdict === "right").length;
  }

  /**
   * Whether this moment can be shown, or there is nothing to show at it.
   * @param {number} time
   */
  isReady(time) {
    const segment = this.at(time);
    // Packets lost for good leave holes inside a segment; the clock walks over them.
    return !segment || this.#appended.has(segment) || this.#isLost(segment);
  }

  /** @param {Segment} segment */
  #isLost(segment) {
    return ["wrong", "unplayable"].includes(this.#verdicts.get(segment) ?? "unread");
  }

  /** Stop feeding for a moment that is no longer wanted. */
  interrupt() {
    this.#feeding.abort();
    this.#feeding = new AbortController();
    this.#isFeeding = false;
  }

  /**
   * Feed what is needed from this moment on; returns at once if that is being done.
   * @param {number} time
   */
  async need(time) {
    if (this.#isFeeding || !this.#isOpen) return;
    this.#isFeeding = true;
    const { signal } = this.#feeding;
    try {
      await this.#evict(time, signal);
      for (const segment of this.track.segments) {
        const isWanted = segment.end > time && segment.start < time + AHEAD_S;
        if (isWanted && !this.#appended.has(segment) && !this.#isLost(segment)) {
          await this.#append(segment, signal);
        }
        if (signal.aborted) return;
      }
    } catch (fault) {
      if (!signal.aborted) throw fault;
    } finally {
      if (!signal.aborted) this.#isFeeding = false;
    }
  }

  /**
   * @param {Segment} segment
   * @param {AbortSignal} signal
   */
  async #append(segment, signal) {
    let bytes;
    try {
      if (segment.header !== this.#header) await this.#begin(segment, signal);
      bytes = await fetchChecked(this.footage, segment.row, signal);
    } catch (fault) {
      if (!(fault instanceof NotAsLogged || fault instanceof NotPlayable)) throw fault;
      this.#verdicts.set(segment, fault instanceof NotAsLogged ? "wrong" : "unplayable");
      return;
    }
    const offset = segment.start - fileTime(bytes);
    const isFed = await this.#feed(bytes, signal, (buffer) => {
      if (!(Math.abs(offset - this.#offset) < DRIFT_S)) buffer.timestampOffset = this.#offset = offset;
    });
    if (!isFed) return;
    this.#appended.add(segment);
    this.#verdicts.set(segment, "right");
  }

  /**
   * A take has a header of its own: size and codec may be others than before.
   * @param {Segment} segment
   * @param {AbortSignal} signal
   */
  async #begin(segment, signal) {
    const header = await fetchChecked(this.footage, segment.header, signal);
    const type = typeOf(header, this.isPicture);
    if (!MediaSource.isTypeSupported(type)) throw new NotPlayable(type);
    if (signal.aborted) return;
    this.#buffer ??= this.#source.addSourceBuffer(type);
    await this.#feed(header, signal, (buffer) => {
      buffer.abort();
      if (this.#type && this.#type !== type) buffer.changeType(type);
      this.#type = type;
      this.#header = segment.header;
      this.#offset = NaN;
    });
  }

  /**
   * Append when those before have done, unless it is no longer wanted by then; says whether it was done.
   * @param {ArrayBuffer} bytes
   * @param {AbortSignal} signal
   * @param {(buffer: SourceBuffer) => void} prepare what must be set before
   */
  #feed(bytes, signal, prepare) {
    return this.#inTurn(signal, (buffer) => {
      prepare(buffer);
      buffer.appendBuffer(bytes);
    });
  }

  /**
   * @param {number} time
   * @param {AbortSignal} signal
   */
  async #evict(time, signal) {
    const end = time - KEPT_S;
    const isGone = await this.#inTurn(signal, (buffer) => {
      if (buffer.buffered.length && buffer.buffered.start(0) < end) buffer.remove(0, end);
    });
    if (!isGone) return;
    for (const segment of this.#appended) if (segment.start < end) this.#appended.delete(segment);
  }

  /**
   * Change the buffer alone: what an interrupted feed began may still be under way, and a buffer takes one change at a
   * time. Says whether it was done.
   * @param {AbortSignal} signal
   * @param {(buffer: SourceBuffer) => void} change
   */
  #inTurn(signal, change) {
    const turn = this.#turn.then(async () => {
      if (signal.aborted || !this.#buffer) return false;
      change(this.#buffer);
      await idle(this.#buffer);
      return true;
    });
    this.#turn = turn.catch(() => false);
    return turn;
  }

  /**
   * The stretch that can be shown and holds this moment.
   * @param {number} time
   */
  #range(time) {
    const { buffered } = this.element;
    for (let number = 0; number < buffered.length; number++) {
      if (buffered.start(number) - NEAR_S <= time && time < buffered.end(number)) return buffered.start(number);
    }
    return null;
  }

  /**
   * Put the element at this moment, ready to start.
   * @param {number} time
   */
  place(time) {
    const start = this.#range(time);
    if (start !== null) this.element.currentTime = Math.max(time, start);
  }

  /**
   * Follow the clock: small differences by speed, large ones and holes by a leap; where nothing is, stand still.
   * @param {number} time
   * @param {number} rate of the clock, 0 while it stands
   */
  follow(time, rate) {
    const { element } = this;
    const start = this.#range(time);
    if (start === null || rate === 0) {
      if (!element.paused) element.pause();
      return;
    }
    const ahead = element.currentTime - time;
    if (Math.abs(ahead) > FAR_S || element.currentTime < start) element.currentTime = Math.max(time, start);
    const correction = Math.abs(ahead) < NEAR_S ? 0 : Math.max(-NUDGE, Math.min(NUDGE, ahead));
    element.playbackRate = rate * (1 - correction);
    // A browser may refuse sound without a gesture; the button that starts the replay is one.
    if (element.paused) element.play().catch(() => undefined);
  }
}

/** @param {SourceBuffer} buffer */
async function idle(buffer) {
  while (buffer.updating) await new Promise((done) => buffer.addEventListener("updateend", done, { once: true }));
}
