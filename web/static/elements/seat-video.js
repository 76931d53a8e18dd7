// <seat-video seat="V1-01" alias="评委1" place="1">: one seat of a room. Made and fed by <room-wall>.
//
// seat   the label on the seat, also shown        alias  who sits there, empty for an empty seat (a grey box)
// place  its number on the wall: the key that enlarges it, 1 to 9
// Sends `bid:enlarge` when it is clicked. The picture is always muted; the sound has an element of its own.

import { icon, made } from "../icons.js";
import { say } from "../words.js";

const NEWS_MS = 5000;
const HALTED_MS = 1500;
const LOST_MS = 3500;
const SPEAKING = 0.03;

/** @typedef {"good" | "poor" | "down"} Code */
/**
 * How a seat fares, as the server says: loss in hundredths of a percent, round trip and frozen time in milliseconds.
 * @typedef {{ code: Code, why: "" | "loss" | "delay" | "freeze", loss: number, rtt_ms: number, frozen_ms: number,
 *   codec: string }} Fares
 */
/** @typedef {import("./room-wall-link.js").Received} Received */

/** @type {Fares} */
export const GONE = { code: "down", why: "", loss: 0, rtt_ms: -1, frozen_ms: 0, codec: "" };

export class SeatVideo extends HTMLElement {
  static observedAttributes = ["alias"];
  /** @type {HTMLVideoElement} */ #picture = made("video", { playsinline: "", disablepictureinpicture: "" });
  /** @type {HTMLAudioElement} */ #sound = made("audio");
  #blank = made("span", { class: "blank" });
  #name = made("span", { class: "who" });
  #badge = made("span", { class: "badge" });
  #note = made("span", { class: "note" });
  #frame = made("button", { type: "button", class: "frame" });
  #bornAt = performance.now();
  #toldAt = -Infinity;
  #goodAt = performance.now();
  /** @type {Fares} */ #told = { ...GONE, code: "good" };
  #frames = 0;
  #framedAt = -Infinity;
  /** @type {Set<string>} */ #mutes = new Set();
  #act = made("span", { class: "act" });
  isOwn = false;
  /** Whether its picture is sent here at all: what is not looked at is not. */
  isSent = true;

  get seat() {
    return this.getAttribute("seat") ?? "";
  }

  get isEmpty() {
    return !this.getAttribute("alias");
  }

  connectedCallback() {
    if (this.childElementCount) return;
    this.#picture.muted = true;
    this.#frame.append(this.#blank, this.#picture);
    this.#frame.setAttribute("aria-pressed", "false");
    this.#frame.addEventListener("click", () => this.dispatchEvent(new CustomEvent("bid:enlarge", { bubbles: true })));
    this.append(
      this.#frame,
      made("div", { class: "caption" }, this.#name, this.#badge, this.#act),
      this.#note,
      this.#sound,
    );
    this.#rename();
  }

  attributeChangedCallback() {
    this.#bornAt = this.#goodAt = performance.now();
    this.#rename();
  }

  #rename() {
    const who = this.getAttribute("alias") || say("空席");
    const place = made("kbd", {}, this.getAttribute("place") ?? "");
    this.#name.replaceChildren(place, made("strong", {}, who), " ", this.seat);
    this.#blank.replaceChildren(icon(this.isEmpty ? "video-off" : "video"));
    this.#frame.setAttribute("aria-label", say("放大 %(who)s %(seat)s", { who, seat: this.seat }));
    this.#frame.disabled = this.isEmpty;
  }

  /** @param {boolean} isEnlarged */
  enlarge(isEnlarged) {
    this.toggleAttribute("enlarged", isEnlarged);
    this.#frame.setAttribute("aria-pressed", String(isEnlarged));
  }

  /**
   * Show the picture, or play the sound, of a track. Rejects with NotAllowedError if sound needs a gesture first.
   * @param {MediaStreamTrack} track
   */
  async take(track) {
    const element = track.kind === "audio" ? this.#sound : this.#picture;
    element.srcObject = new MediaStream([track]);
    this.toggleAttribute("showing", this.#picture.srcObject !== null);
    await element.play();
  }

  /** Try again to play what waits for a gesture. */
  async play() {
    if (this.#sound.srcObject) await this.#sound.play();
  }

  /** @param {boolean} isOn */
  hear(isOn) {
    this.#sound.muted = !isOn;
  }

  /** Whether somebody at this page hears the seat. */
  get isAudible() {
    return this.#sound.srcObject !== null && !this.#sound.paused && !this.#sound.muted;
  }

  /**
   * What the server says of the way between this seat and it.
   * @param {Fares} fares
   */
  judge(fares) {
    this.#toldAt = performance.now();
    this.#told = fares;
  }

  /**
   * @param {string} kind  mic or camera (the seat's own wish), silenced (the leader's), hand, talk, saved (its picture is
   *   not received here), reduced (it sends less of it), screen (it shares its screen), unplayable (not in this browser)
   * @param {boolean} isSo
   */
  mark(kind, isSo) {
    if (isSo) this.#mutes.add(kind);
    else this.#mutes.delete(kind);
    this.toggleAttribute("saved", this.#mutes.has("saved"));
    this.#tellNote();
  }

  /** What is held back of the seat, and that it is recorded all the same where anything comes of it. */
  #tellNote() {
    const isHeldBack = ["mic", "camera", "silenced"].some((one) => this.#mutes.has(one));
    const isRecorded = isHeldBack && this.#badge.dataset["code"] !== "down" && !this.isEmpty;
    const note = [
      this.#mutes.has("hand") ? say("申请发言") : "",
      this.#mutes.has("talk") ? say("正在发言") : "",
      this.#mutes.has("mic") ? say("已静音") : "",
      this.#mutes.has("silenced") ? say("被静音") : "",
      this.#mutes.has("camera") ? say("画面已暂停") : "",
      this.#mutes.has("saved") ? say("为节省流量未接收画面") : "",
      this.#mutes.has("reduced") ? say("网络较差，录制画面清晰度降低") : "",
      this.#mutes.has("screen") ? say("正在共享屏幕") : "",
      this.#mutes.has("unplayable") ? say("这个浏览器放不了此席位的画面，请换用 Chrome/Edge") : "",
      isRecorded ? say("仍在录制") : "",
    ]
      .filter(Boolean)
      .join(" · ");
    if (this.#note.textContent !== note) this.#note.textContent = note;
  }

  /**
   * What the reader of this page may do to the seat, or nothing.
   * @param {HTMLButtonElement | null} act
   */
  offer(act) {
    const hadFocus = this.#act.contains(document.activeElement);
    this.#act.replaceChildren(...(act ? [act] : []));
    if (hadFocus) act?.focus();
  }

  /** @param {Received} received */
  count({ frames, level }) {
    if (frames !== this.#frames) this.#framedAt = performance.now();
    this.#frames = frames;
    this.toggleAttribute("speaking", level > SPEAKING);
  }

  /** Show how the seat fares; to be called about twice a second. */
  refresh() {
    if (this.isEmpty) return;
    const now = performance.now();
    const code = this.#code(now);
    if (code === "good" || code === "poor") this.#goodAt = now;
    if (this.#badge.dataset["code"] !== code) {
      this.#badge.dataset["code"] = code;
      this.#tellNote();
    }
    const text = words(code, this.#told, Math.round((now - this.#goodAt) / 1000));
    if (this.#badge.textContent !== text) this.#badge.replaceChildren(icon(PICTURES[code]), text);
  }

  /**
   * The worse of what the server says and what arrives here; without news for five seconds the seat counts as cut off.
   * @param {number} now
   * @returns {Code | "wait"}
   */
  #code(now) {
    if (now - this.#toldAt > NEWS_MS) return now - this.#bornAt > NEWS_MS ? "down" : "wait";
    const isStill = this.isOwn || !this.isSent || this.#mutes.has("camera") || this.#mutes.has("unplayable");
    if (isStill) this.#framedAt = now;
    const still = now - Math.max(this.#framedAt, this.#bornAt);
    if (this.#told.code === "down" || still > LOST_MS) return "down";
    return this.#told.code === "poor" || still > HALTED_MS ? "poor" : "good";
  }
}

/** @type {Record<Code | "wait", string>} */
const PICTURES = { good: "circle-check", poor: "triangle-alert", down: "circle-alert", wait: "clock" };

/**
 * A word and the figure that made it so.
 * @param {Code | "wait"} code
 * @param {Fares} told
 * @param {number} seconds since it was last well or poor
 * @returns {string}
 */
export function words(code, told, seconds) {
  const loss = (told.loss / 100).toFixed(1);
  if (code === "good") return say("良好 丢包 %(loss)s%", { loss });
  if (code === "wait") return say("正在连接");
  if (code === "down") return say("中断 %(seconds)s 秒", { seconds });
  if (told.why === "delay") return say("较差 延迟 %(ms)s 毫秒", { ms: told.rtt_ms });
  if (told.why === "freeze") return say("较差 卡顿 %(seconds)s 秒", { seconds: (told.frozen_ms / 1000).toFixed(1) });
  return say("较差 丢包 %(loss)s%", { loss });
}

customElements.define("seat-video", SeatVideo);
