// <replay-seat case="E-2026-0001" seat="V1-01 V2-01" events='[{"at":"2026-11-23T01:02:03.000Z","text":"…"},…]'>
//
// seat          labels of the seats, separated by blanks; none means all that were recorded
// src-segments  the list of segments as the log names them, /cases/{case}/segments unless said otherwise
// footage       the address below which the recordings lie, /cases/{case}/footage unless said otherwise
// events        optional: what happened when, each a button that leads there
// watermark     optional: who looks; it lies over every picture with the time of looking
// Takes `bid:seek` {at: an instant, UTC} from the page.
// All tracks follow one clock. Each segment is fetched by byte range, its digest is held against the log before it is
// shown, and the page says so in words; what does not match is never shown. Stretches without a recording are hatched.
// The page loads elements/replay-seat.js and elements/replay-seat.css.
// Sends `bid:replay` {time, isPlaying, right, wrong, frames: {track: count}, words: {track: text}} each half second.
// Keys, when the focus is not in a field: Space plays and pauses, arrows leap ten seconds.

import { button, icon, made } from "../icons.js";
import { announce } from "../shell.js";
import { say } from "../words.js";
import { NotAsLogged, gapsOf, readRecording } from "./replay-seat-segments.js";
import { View } from "./replay-seat-view.js";

const TICK_MS = 100;
const TELL_EVERY = 5;
const LEAP_S = 10;
const LEAST_GAP_S = 0.5;
const LISTED_GAPS = 200;
const MARKS = 24;
const LOOKED_AT = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "medium",
});
const BEIJING = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", timeStyle: "medium", hour12: false });

/** @typedef {import("./replay-seat-segments.js").Recording} Recording */

class ReplaySeat extends HTMLElement {
  /** @type {View[]} */ #views = [];
  /** @type {Map<View, { box: HTMLElement, words: HTMLElement }>} */ #boxes = new Map();
  /** @type {Recording} */ #recording = { epoch: 0, duration: 0, tracks: [] };
  #time = 0;
  #tickedAt = 0;
  #ticks = 0;
  #isPlaying = false;
  /** @type {number | undefined} */ #ticking;
  #play = button("play", say("播放"), () => this.#setPlaying(!this.#isPlaying));
  /** @type {HTMLInputElement} */ #slider = made("input", { type: "range", min: "0", step: "0.1", value: "0" });
  #shown = made("output", { class: "time" });
  /** @type {HTMLSelectElement} */ #rate = made("select", { "aria-label": say("速度") });
  /** @type {HTMLElement[]} */ #marks = [];

  connectedCallback() {
    void this.#open();
  }

  disconnectedCallback() {
    window.clearInterval(this.#ticking);
    for (const view of this.#views) view.close();
    this.#views = [];
    this.#boxes.clear();
  }

  async #open() {
    const seats = (this.getAttribute("seat") ?? "").split(/\s+/).filter(Boolean);
    try {
      this.#recording = await readRecording(this.#address("src-segments", "segments"), seats);
    } catch (fault) {
      if (!(fault instanceof NotAsLogged)) throw fault;
      this.replaceChildren(made("p", { class: "empty" }, say("录像目录打不开。请刷新页面重试。")));
      return;
    }
    const { tracks, duration } = this.#recording;
    if (!tracks.length) {
      this.replaceChildren(made("p", { class: "empty" }, say("这里没有录像。")));
      return;
    }
    const footage = this.#address("footage", "footage");
    this.#views = tracks.map((track) => new View(track, footage, duration));
    this.#build();
    await Promise.all(this.#views.map((view) => view.open()));
    this.#tickedAt = performance.now();
    this.#ticking = window.setInterval(() => this.#tick(performance.now()), TICK_MS);
  }

  /**
   * @param {string} attribute
   * @param {string} part of the case's own addresses
   */
  #address(attribute, part) {
    return this.getAttribute(attribute) ?? `/cases/${encodeURIComponent(this.getAttribute("case") ?? "")}/${part}`;
  }

  #build() {
    const { duration } = this.#recording;
    this.#slider.max = String(duration);
    this.#slider.setAttribute("aria-label", say("时间"));
    this.#slider.addEventListener("input", () => this.#seek(Number(this.#slider.value)));
    for (const rate of ["1", "1.5", "2"]) this.#rate.append(made("option", { value: rate }, `${rate}×`));
    const back = button("chevron-left", say("退 10 秒"), () => this.#seek(this.#time - LEAP_S));
    const forth = button("chevron-right", say("进 10 秒"), () => this.#seek(this.#time + LEAP_S));
    const bar = made("div", { class: "bar" }, this.#play, back, forth, this.#rate, this.#shown);
    const pictures = made("div", { class: "pictures" });
    for (const view of this.#views) pictures.append(this.#box(view));
    const lines = made(
      "div",
      { class: "lines", "aria-hidden": "true" },
      ...this.#views.map((view) => this.#line(view)),
    );
    this.replaceChildren(pictures, bar, this.#slider, lines, this.#events());
    this.addEventListener("keydown", (event) => this.#onKey(event));
    this.addEventListener("bid:seek", (event) => {
      const { at } = /** @type {CustomEvent} */ (event).detail;
      this.#seek((Date.parse(at) - this.#recording.epoch) / 1000);
    });
  }

  /** @param {View} view */
  #box(view) {
    const words = made("span", { class: "verdict" });
    const head = made("figcaption", {}, made("strong", {}, view.track.seat), " ", kindWords(view.track.kind), words);
    const box = made(
      "figure",
      view.isPicture ? {} : { class: "sound" },
      made("span", { class: "none" }, say("此刻无录像")),
    );
    box.append(view.element, head);
    if (view.isPicture && this.hasAttribute("watermark")) {
      const mark = made("span", { class: "watermark", "aria-hidden": "true" });
      this.#marks.push(mark);
      box.append(mark);
    }
    this.#boxes.set(view, { box, words });
    return box;
  }

  /**
   * The recorded and the missing stretches of a track, under the slider.
   * @param {View} view
   */
  #line(view) {
    const { duration } = this.#recording;
    const line = made("div", { class: "line" });
    for (const { start, end } of gapsOf(view.track, duration, LEAST_GAP_S)) {
      const gap = made("span", { class: "gap" });
      gap.style.left = `${(100 * start) / duration}%`;
      gap.style.width = `${(100 * (end - start)) / duration}%`;
      line.append(gap);
    }
    return line;
  }

  /** What happened when, and where something is missing: each a button that leads there. */
  #events() {
    const { epoch, duration } = this.#recording;
    /** @type {{ at: string, text: string }[]} */ const given = JSON.parse(this.getAttribute("events") ?? "[]");
    const events = given.map(({ at, text }) => ({ time: (Date.parse(at) - epoch) / 1000, text }));
    for (const { track } of this.#views) {
      for (const { start, end } of gapsOf(track, duration, LEAST_GAP_S)) {
        const words = { seat: track.seat, kind: kindWords(track.kind), seconds: (end - start).toFixed(1) };
        events.push({ time: start, text: say("%(seat)s %(kind)s无录像 %(seconds)s 秒", words) });
      }
    }
    events.sort((one, other) => one.time - other.time);
    const list = made("ol", { class: "events", "aria-label": say("事件") });
    for (const { time, text } of events.slice(0, LISTED_GAPS)) {
      const go = made(
        "button",
        { type: "button", class: "quiet" },
        made("span", { class: "code" }, this.#clock(time)),
        " ",
        text,
      );
      go.addEventListener("click", () => this.#seek(time));
      list.append(made("li", {}, go));
    }
    return list;
  }

  /** @param {number} time */
  #clock(time) {
    return BEIJING.format(new Date(this.#recording.epoch + 1000 * time));
  }

  /** @param {boolean} isPlaying */
  #setPlaying(isPlaying) {
    this.#isPlaying = isPlaying && this.#time < this.#recording.duration;
    const [picture, word] = this.#isPlaying ? ["pause", say("暂停")] : ["play", say("播放")];
    this.#play.replaceChildren(icon(picture ?? ""), made("span", {}, word ?? ""));
  }

  /** @param {number} time */
  #seek(time) {
    this.#time = Math.min(Math.max(time, 0), Math.max(0, this.#recording.duration - NEAR_END_S));
    for (const view of this.#views) {
      view.element.pause();
      view.interrupt();
      view.place(this.#time);
    }
    this.#tick(performance.now());
  }

  /** @param {number} now */
  #tick(now) {
    const { duration } = this.#recording;
    const isReady = this.#views.every((view) => view.isReady(this.#time));
    const rate = this.#isPlaying && isReady ? Number(this.#rate.value) : 0;
    this.#time = Math.min(duration, this.#time + (rate * (now - this.#tickedAt)) / 1000);
    this.#tickedAt = now;
    if (this.#isPlaying && this.#time >= duration) this.#setPlaying(false);
    for (const view of this.#views) {
      void view.need(this.#time);
      view.follow(this.#time, rate);
      if (rate === 0 && isReady && Math.abs(view.element.currentTime - this.#time) > TICK_MS / 1000)
        view.place(this.#time);
    }
    this.#ticks += 1;
    this.#show();
    if (this.#ticks % TELL_EVERY === 0) this.#tell();
  }

  /** Who looks, and when: on every picture, many times over. */
  #mark() {
    const line = `${this.getAttribute("watermark")} ${LOOKED_AT.format(new Date())}  `;
    for (const mark of this.#marks) if (!mark.dataset.line?.startsWith(line)) mark.dataset.line = line.repeat(MARKS);
  }

  #show() {
    this.#mark();
    this.#slider.value = String(this.#time);
    const clock = this.#clock(this.#time);
    if (this.#shown.value !== clock) {
      this.#shown.value = clock;
      this.#slider.setAttribute("aria-valuetext", clock);
    }
    for (const [view, { box, words }] of this.#boxes) {
      const verdict = view.verdictAt(this.#time);
      box.dataset["verdict"] = verdict ?? "none";
      const text = verdictWords(verdict);
      if (words.textContent === text) continue;
      words.textContent = text;
      words.dataset["verdict"] = verdict ?? "none";
      if (verdict === "wrong") announce(`${view.track.seat} ${text}`, "alert");
    }
  }

  #tell() {
    const name = (/** @type {View} */ { track }) => `${track.seat}/${track.kind}`;
    const frames = this.#views
      .filter(({ isPicture }) => isPicture)
      .map((view) => [
        name(view),
        /** @type {HTMLVideoElement} */ (view.element).getVideoPlaybackQuality().totalVideoFrames,
      ]);
    const detail = {
      time: this.#time,
      isPlaying: this.#isPlaying,
      right: this.#views.reduce((sum, { right }) => sum + right, 0),
      wrong: this.#views.reduce((sum, { wrong }) => sum + wrong.length, 0),
      frames: Object.fromEntries(frames),
      drift: Object.fromEntries(this.#views.map((view) => [name(view), view.element.currentTime - this.#time])),
      words: Object.fromEntries([...this.#boxes].map(([view, { words }]) => [name(view), words.textContent])),
    };
    this.dispatchEvent(new CustomEvent("bid:replay", { detail, bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target instanceof Element && event.target.closest("input, select, button")) return;
    if (event.key === " ") this.#setPlaying(!this.#isPlaying);
    else if (event.key === "ArrowLeft") this.#seek(this.#time - LEAP_S);
    else if (event.key === "ArrowRight") this.#seek(this.#time + LEAP_S);
    else return;
    event.preventDefault();
  }
}

const NEAR_END_S = 0.2;

/** @param {import("./replay-seat-view.js").Verdict | null} verdict */
function verdictWords(verdict) {
  if (verdict === "right") return say("此段已核验");
  if (verdict === "wrong") return say("校验不符，不予播放");
  if (verdict === "unplayable") return say("这个浏览器放不了此段录像");
  return verdict === "unread" ? say("正在核验") : say("无录像");
}

/** @param {string} kind */
function kindWords(kind) {
  return (
    { camera: say("摄像头"), mic: say("麦克风"), screen: say("屏幕"), masked: say("遮挡画面"), voice: say("变声") }[
      kind
    ] ?? kind
  );
}

customElements.define("replay-seat", ReplaySeat);
