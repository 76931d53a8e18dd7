// A seat as the other members may see and hear it: a coarse mosaic for the picture, a lowered voice for the sound.
// Made here, before anything is sent. Fails closed: black until the first mosaic, silent until the sound thread runs.

import { made } from "../icons.js";
import { openWorker } from "../trusted.js";

// So few blocks that no feature of a face is left; the design allows 24 across.
const ACROSS = 16;
const DOWN = 9;
const SCALE = 20;

/** Camera and microphone disguised: `masked` and `voice` in the words of the media plane. */
export class Disguise {
  #tick = openWorker("elements/room-wall-tick.js");
  #eye = made("video", { playsinline: "", muted: "" });
  #blocks = brush(ACROSS, DOWN);
  #shown = brush(ACROSS * SCALE, DOWN * SCALE);
  #context = new AudioContext();
  #leaving = new AbortController();

  /** @param {MediaStream} stream camera and microphone as they are */
  constructor(stream) {
    this.#eye.muted = true;
    this.#eye.srcObject = new MediaStream(stream.getVideoTracks());
    this.#shown.imageSmoothingEnabled = false;
    this.#tick.onmessage = () => this.#paint();
    this.stream = stream;
  }

  /**
   * Both tracks, running. Rejects when the browser cannot make them.
   * @returns {Promise<{ masked: MediaStreamTrack, voice: MediaStreamTrack }>}
   */
  async open() {
    await this.#eye.play();
    const [masked] = this.#shown.canvas.captureStream().getVideoTracks();
    const voice = await this.#voice();
    if (!masked || !voice) throw new DOMException("no disguise", "NotSupportedError");
    return { masked, voice };
  }

  async #voice() {
    await this.#context.audioWorklet.addModule(new URL("room-wall-voice.js", import.meta.url));
    const node = new AudioWorkletNode(this.#context, "disguised-voice", { outputChannelCount: [1] });
    const end = this.#context.createMediaStreamDestination();
    this.#context.createMediaStreamSource(new MediaStream(this.stream.getAudioTracks())).connect(node).connect(end);
    this.#wake();
    return end.stream.getAudioTracks()[0];
  }

  /** Some browsers let sound run only after a gesture: whatever is touched first will do. */
  #wake() {
    for (const gesture of ["pointerdown", "keydown"])
      addEventListener(gesture, () => void this.#context.resume(), { signal: this.#leaving.signal });
    void this.#context.resume();
  }

  #paint() {
    if (this.#eye.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.#blocks.drawImage(this.#eye, 0, 0, ACROSS, DOWN);
    this.#shown.drawImage(this.#blocks.canvas, 0, 0, ACROSS * SCALE, DOWN * SCALE);
  }

  close() {
    this.#leaving.abort();
    this.#tick.terminate();
    this.#eye.srcObject = null;
    void this.#context.close();
  }
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D}
 */
function brush(width, height) {
  const context = made("canvas", { width: String(width), height: String(height) }).getContext("2d", { alpha: false });
  if (!context) throw new DOMException("no canvas", "NotSupportedError");
  return context;
}
