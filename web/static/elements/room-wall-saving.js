// 节省流量 at the page: measures every two seconds, tells the server, says in one sentence what is reduced and why, and
// takes it back. What to give up is decided in room-wall-thrift.js.

import { button, icon, made } from "../icons.js";
import { say } from "../words.js";
import { counted, felt } from "./room-wall-felt.js";
import {
  AT_FIRST,
  FULL,
  HALF_CAMERA,
  NO_PICTURES,
  NO_SCREEN,
  SAMPLE_MS,
  cameraAt,
  choose,
  next,
  returned,
} from "./room-wall-thrift.js";

// A picture that was withheld, because nobody looked at it or the way was too narrow, counts as frozen when it goes on.
const UNFELT_SAMPLES = 2;
// The server takes no more.
const MOST_MS = 600_000;
const MOST_FREEZES = 1000;

/** @typedef {import("./room-wall-link.js").Link} Link */

export class Saving {
  element = made("p", { class: "saving", role: "status", hidden: "" });
  button = button("signal", say("节省流量"), () => this.#choose(!this.#mode.least));
  /** @type {import("./room-wall-thrift.js").Mode} */ #mode = AT_FIRST;
  #before = counted([], {});
  #unfelt = 0;
  #isResting = false;
  #sampling = window.setInterval(() => void this.#sample(), SAMPLE_MS);

  /**
   * @param {Link} link
   * @param {() => void} changed told when other pictures are to be received than before
   */
  constructor(link, changed) {
    this.link = link;
    this.changed = changed;
    link.line.addEventListener("up", () => this.#returned());
    link.addEventListener("shown", () => (this.#unfelt = UNFELT_SAMPLES));
    this.#show();
  }

  /** Whether the others' pictures are received at all. */
  get hasPictures() {
    return this.#mode.step < NO_PICTURES;
  }

  get hasScreen() {
    return this.#mode.step < NO_SCREEN;
  }

  /** Why a picture that should be here is not, in a word for its tile. */
  get isResting() {
    return this.#isResting;
  }

  /** @param {boolean} isResting the server holds pictures back: this seat's way is too narrow for them */
  rest(isResting) {
    this.#isResting = isResting;
    this.#unfelt = UNFELT_SAMPLES;
    this.#show();
    this.changed();
  }

  /** That pictures no longer rest may have been said while nobody could hear it. */
  #returned() {
    this.#become(returned(this.#mode));
    if (this.#isResting) this.rest(false);
  }

  close() {
    window.clearInterval(this.#sampling);
  }

  async #sample() {
    const { publication, subscription, line, own } = this.link;
    if (!line.isUp) return;
    const reports = [await publication.peer?.getStats(), await subscription.peer?.getStats()];
    const now = counted(reports, subscription.mids);
    const sample = this.#sampled(felt(this.#before, now));
    this.#before = now;
    // The line is answered by the page itself, late where the page is busy; it is asked only while nothing else is known.
    const rttMs = sample.rttMs < 0 ? line.rttMs : sample.rttMs;
    const isJudged = !this.#mode.unjudged;
    const mode = next(this.#mode, { ...sample, rttMs });
    // Who only watches sends no camera that could be lowered.
    this.#become(own ? mode : { ...mode, step: Math.min(mode.step, NO_SCREEN) });
    const { loss, freezes, frozenMs } = sample;
    const told = { loss, rtt_ms: Math.min(rttMs, MOST_MS), freezes: Math.min(freezes, MOST_FREEZES) };
    const frozen_ms = Math.min(frozenMs, MOST_MS);
    if (own && isJudged) line.send({ t: "feels", ...told, frozen_ms, step: this.#mode.step });
  }

  /**
   * @param {import("./room-wall-thrift.js").Felt} sample
   * @returns {import("./room-wall-thrift.js").Felt}
   */
  #sampled(sample) {
    if (!this.#unfelt) return sample;
    this.#unfelt -= 1;
    return { ...sample, freezes: 0, frozenMs: 0 };
  }

  /** @param {boolean} isSaving */
  #choose(isSaving) {
    this.#become(choose(this.#mode, isSaving));
  }

  /** @param {import("./room-wall-thrift.js").Mode} mode */
  #become(mode) {
    const isOther = mode.step !== this.#mode.step || mode.least !== this.#mode.least;
    this.#mode = mode;
    void this.link.publication.limit(cameraAt(mode.step));
    if (!isOther) return;
    this.#show();
    this.changed();
  }

  #show() {
    const { step, least } = this.#mode;
    this.button.setAttribute("aria-pressed", String(least > FULL));
    this.element.hidden = step === FULL && !this.#isResting;
    this.element.replaceChildren(
      icon("signal"),
      this.#words(),
      " ",
      ...(step > FULL ? [button("refresh-cw", say("全部恢复"), () => this.#choose(false))] : []),
    );
  }

  #words() {
    const { step, least } = this.#mode;
    if (step === FULL) return say("网络较差，其他席位的画面暂停几秒，随后自动恢复；声音和录制不受影响。");
    if (step >= HALF_CAMERA)
      return say("网络较差，已暂停接收其他席位的画面，您的摄像头画面降低了清晰度，已通知主场和见证人；声音不受影响。");
    if (step <= least) return say("已按您的选择暂停接收其他席位的画面和共享屏幕；声音和录制不受影响。");
    if (step === NO_SCREEN) return say("网络较差，已暂停接收其他席位的画面和共享屏幕；声音和录制不受影响。");
    return say("网络较差，已暂停接收其他席位的画面；声音和录制不受影响。");
  }
}
