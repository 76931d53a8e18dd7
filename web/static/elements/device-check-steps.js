// The six steps of the check of a seat's equipment. Each gives words for the result, or fails with one sentence.

import { button, made } from "../icons.js";
import { say } from "../words.js";
import { Line, Refused } from "./room-wall-line.js";
import { Publication } from "./room-wall-peers.js";
import { isRelayed, relayedWords } from "./room-wall-relay.js";
import { SourceFault, named, openSource, waitingWords } from "./seat-video-source.js";

/** @typedef {{ case: string, own: string, stream: MediaStream | null }} Seat */
/** @typedef {Record<string, string>} Words  such as `{ camera: "good" }` */
/** @typedef {{ name(): string, check(seat: Seat, more: Element, leaving: AbortSignal): Promise<Words> }} Step */

const FRAMES = 10;
const PICTURE_MS = 6000;
const SOUND_MS = 10000;
const MEDIA_MS = 12000;
const AUDIBLE = 0.01;
const TONE_HZ = 660;
const TONE_S = 1;

/** A step found something wrong. `back` says how many steps earlier the next try begins. */
export class StepFault extends Error {
  /**
   * @param {string} words
   * @param {number} [back]
   */
  constructor(words, back = 0) {
    super(words);
    this.back = back;
  }
}

/** @type {Step[]} */
export const STEPS = [
  { name: () => say("浏览器"), check: checkBrowser },
  { name: () => say("摄像头和麦克风的许可"), check: checkPermission },
  { name: () => say("摄像头"), check: checkCamera },
  { name: () => say("麦克风"), check: checkMicrophone },
  { name: () => say("耳机或音箱"), check: checkSpeaker },
  { name: () => say("会场连接"), check: checkMedia },
];

/** @returns {Promise<Words>} */
async function checkBrowser() {
  const needed = [
    "RTCPeerConnection" in window,
    Boolean(navigator.mediaDevices?.getUserMedia),
    Boolean(crypto.subtle),
    "locks" in navigator,
    RTCRtpSender.getCapabilities?.("video")?.codecs.some(({ mimeType }) => /\/(vp8|h264)$/i.test(mimeType)),
  ];
  if (!needed.every(Boolean)) throw new StepFault(say("这个浏览器太旧，不能用于评标。请叫工作人员更换浏览器。"));
  return { browser: "good" };
}

/**
 * @param {Seat} seat
 * @param {Element} more
 * @returns {Promise<Words>}
 */
async function checkPermission(seat, more) {
  for (const track of seat.stream?.getTracks() ?? []) track.stop();
  try {
    seat.stream = await openSource((isWaiting) =>
      more.replaceChildren(...(isWaiting ? [made("p", {}, waitingWords())] : [])),
    );
  } catch (fault) {
    if (fault instanceof SourceFault) throw new StepFault(fault.words);
    throw fault;
  }
  return {};
}

/**
 * @param {Seat} seat
 * @param {Element} more
 * @param {AbortSignal} leaving
 * @returns {Promise<Words>}
 */
async function checkCamera(seat, more, leaving) {
  const picture = made("video", { playsinline: "", "aria-label": say("您的画面") });
  picture.muted = true;
  picture.srcObject = seat.stream;
  more.append(picture);
  await picture.play();
  const isMoving = () => picture.getVideoPlaybackQuality().totalVideoFrames >= FRAMES;
  if (!(await within(PICTURE_MS, isMoving, leaving))) {
    throw new StepFault(say("摄像头没有画面。请取下镜头盖、检查连线后再试。"), 1);
  }
  return { camera: "good" };
}

/**
 * @param {Seat} seat
 * @param {Element} more
 * @param {AbortSignal} leaving
 * @returns {Promise<Words>}
 */
async function checkMicrophone(seat, more, leaving) {
  const [track] = seat.stream?.getAudioTracks() ?? [];
  if (!track) throw new StepFault(say("没有找到麦克风。请检查连线后再试。"), 2);
  const meter = made("meter", { min: "0", max: "0.3", "aria-label": say("麦克风音量") });
  more.append(made("p", {}, say("请说一句话，例如“我在席位上”。")), meter);
  const context = new AudioContext();
  try {
    const ear = context.createAnalyser();
    context.createMediaStreamSource(new MediaStream([track])).connect(ear);
    const samples = new Float32Array(ear.fftSize);
    const isHeard = () => {
      ear.getFloatTimeDomainData(samples);
      const level = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      meter.value = level;
      return level > AUDIBLE;
    };
    if (!(await within(SOUND_MS, isHeard, leaving))) {
      throw new StepFault(say("没有听到您的声音。请打开麦克风开关，靠近一些再试。"));
    }
  } finally {
    await context.close();
  }
  return { microphone: "good" };
}

/**
 * @param {Seat} _seat
 * @param {Element} more
 * @returns {Promise<Words>}
 */
async function checkSpeaker(_seat, more) {
  more.append(made("p", {}, say("请点“放一声”，听到后点“听到了”。")));
  const heard = await new Promise((settle) => {
    const yes = button("check", say("听到了"), () => settle(true));
    const no = button("volume-2", say("没听到"), () => settle(false));
    yes.disabled = no.disabled = true;
    const play = button("volume-2", say("放一声"), () => {
      void tone();
      yes.disabled = no.disabled = false;
    });
    more.append(play, yes, no);
    play.focus();
  });
  more.replaceChildren();
  if (!heard) throw new StepFault(say("请插好耳机、调大音量后再试，仍听不到请叫工作人员。"));
  return { speaker: "good" };
}

async function tone() {
  const context = new AudioContext();
  const source = new OscillatorNode(context, { frequency: TONE_HZ });
  const volume = new GainNode(context, { gain: 0.3 });
  source.connect(volume).connect(context.destination);
  source.onended = () => void context.close();
  source.start();
  source.stop(context.currentTime + TONE_S);
}

/**
 * Publish to the server of the room and wait until it says how picture and sound of this seat arrive. The answers to
 * the connection's own checks come back the same way, so both directions have been walked.
 * @param {Seat} seat
 * @param {Element} more
 * @param {AbortSignal} leaving
 * @returns {Promise<Words>}
 */
async function checkMedia(seat, more, leaving) {
  const line = new Line(seat.case);
  const publication = new Publication(line);
  publication.tracks = named(seat.stream);
  /** @type {{ code: string, loss: number, bitrate_bps: number } | null} */ let arrived = null;
  line.addEventListener("message", (event) => {
    const message = /** @type {CustomEvent} */ (event).detail;
    if (message.t === "quality" && message.seat === seat.own && message.bitrate_bps > 0) arrived = message;
  });
  more.append(made("p", {}, say("正在把画面和声音送到会场服务器…")));
  try {
    line.open();
    if (!(await within(MEDIA_MS, () => line.isUp, leaving))) {
      throw new StepFault(say("连不上服务器。请检查网线后再试，仍不行请叫工作人员。"));
    }
    await publication.open();
    if (!(await within(MEDIA_MS, () => arrived !== null && arrived.code !== "down", leaving))) {
      throw new StepFault(say("画面和声音到不了会场服务器。请叫工作人员检查网络（UDP 端口可能被阻断）。"));
    }
    return await measured(publication, arrived ?? { code: "poor", loss: 0 }, more);
  } catch (fault) {
    if (fault instanceof Refused) throw new StepFault(say("会场还没有打开。请稍候再试。"));
    throw fault;
  } finally {
    publication.close();
    line.close();
  }
}

/**
 * @param {Publication} publication
 * @param {{ code: string, loss: number }} arrived
 * @param {Element} more
 * @returns {Promise<Words>}
 */
async function measured(publication, { code, loss }, more) {
  let seconds = 0;
  const report = await publication.peer?.getStats();
  for (const entry of report?.values() ?? []) {
    if (entry.type === "candidate-pair") seconds = Math.max(seconds, entry.currentRoundTripTime ?? 0);
  }
  const figures = { loss: (loss / 100).toFixed(1), rtt: Math.round(1000 * seconds) };
  more.replaceChildren(made("p", {}, say("画面和声音已到达服务器：丢包 %(loss)s%，往返 %(rtt)s 毫秒。", figures)));
  const relayed = report ? isRelayed(report) : false;
  if (relayed) more.append(made("p", { class: "relayed" }, relayedWords()));
  return { media: code, way: relayed ? "relay" : "direct" };
}

/**
 * Whether something becomes true in time; looked at ten times a second.
 * @param {number} ms
 * @param {() => boolean} isTrue
 * @param {AbortSignal} leaving
 * @returns {Promise<boolean>}
 */
function within(ms, isTrue, leaving) {
  const end = performance.now() + ms;
  return new Promise((settle, fail) => {
    const look = window.setInterval(() => {
      if (leaving.aborted) fail(new StepFault(""));
      else if (isTrue()) settle(true);
      else if (performance.now() > end) settle(false);
      else return;
      window.clearInterval(look);
    }, 100);
  });
}
