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
/** @typedef {import("./room-wall-link.js").Received} Received */

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
  /** @type {Code} */ #told = "good";
  #loss = 0;
  #frames = 0;
  #framedAt = -Infinity;
  /** @type {Set<string>} */ #mutes = new Set();
  isOwn = false;

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
    this.append(this.#frame, made("p", { class: "caption" }, this.#name, this.#badge), this.#note, this.#sound);
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
   * What the server says of the way from this seat to it; `loss` in hundredths of a percent.
   * @param {Code} code
   * @param {number} loss
   */
  judge(code, loss) {
    this.#toldAt = performance.now();
    this.#told = code;
    this.#loss = loss;
  }

  /**
   * @param {string} kind
   * @param {boolean} muted
   */
  mark(kind, muted) {
    if (muted) this.#mutes.add(kind);
    else this.#mutes.delete(kind);
    this.#note.textContent = [
      this.#mutes.has("mic") ? say("已静音") : "",
      this.#mutes.has("camera") ? say("画面已暂停") : "",
      this.#mutes.size ? say("仍在录制") : "",
    ]
      .filter(Boolean)
      .join(" · ");
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
    if (this.#badge.dataset["code"] !== code) this.#badge.dataset["code"] = code;
    const text = this.#words(code, now);
    if (this.#badge.textContent !== text) this.#badge.textContent = text;
  }

  /**
   * The worse of what the server says and what arrives here; without news for five seconds the seat counts as cut off.
   * @param {number} now
   * @returns {Code | "wait"}
   */
  #code(now) {
    if (now - this.#toldAt > NEWS_MS) return now - this.#bornAt > NEWS_MS ? "down" : "wait";
    const still = this.isOwn || this.#mutes.has("camera") ? 0 : now - Math.max(this.#framedAt, this.#bornAt);
    if (this.#told === "down" || still > LOST_MS) return "down";
    return this.#told === "poor" || still > HALTED_MS ? "poor" : "good";
  }

  /**
   * @param {Code | "wait"} code
   * @param {number} now
   */
  #words(code, now) {
    const loss = (this.#loss / 100).toFixed(1);
    if (code === "good") return say("良好 丢包 %(loss)s%", { loss });
    if (code === "poor") return say("较差 丢包 %(loss)s%", { loss });
    if (code === "wait") return say("正在连接");
    return say("中断 %(seconds)s 秒", { seconds: Math.round((now - this.#goodAt) / 1000) });
  }
}

customElements.define("seat-video", SeatVideo);
