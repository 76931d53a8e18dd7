// A voice made lower, as it is spoken: two taps run behind the writing end of a ring and cross-fade, so that pitch and
// formants fall together. The ratio wanders, so that no fixed inverse brings the voice back. About 15 ms late.

const RING = 8192;
// Samples of one grain: 30 ms at 48 kHz.
const GRAIN = 1440;
const RATIO = 0.78;
const WANDER = 0.04;
// How long the ratio takes to a new place, and how close it keeps to it.
const TURN_SAMPLES = 16384;
const EASE = 1 / 4096;

class DisguisedVoice extends AudioWorkletProcessor {
  #ring = new Float32Array(RING);
  #at = 0;
  #phase = 0;
  #ratio = RATIO;
  #aim = RATIO;
  #turn = 0;

  /**
   * @param {Float32Array[][]} inputs  one input, its first channel is heard
   * @param {Float32Array[][]} outputs  one output of one channel
   * @returns {boolean} true: it goes on
   */
  process(inputs, outputs) {
    const heard = inputs[0]?.[0];
    const said = outputs[0]?.[0];
    if (!said) return true;
    for (let i = 0; i < said.length; i += 1) said[i] = this.#next(heard?.[i] ?? 0);
    return true;
  }

  /**
   * @param {number} sample
   * @returns {number}
   */
  #next(sample) {
    this.#ring[this.#at] = sample;
    this.#wander();
    this.#phase = (this.#phase + (1 - this.#ratio) / GRAIN) % 1;
    const weight = Math.sin(Math.PI * this.#phase) ** 2;
    const voice = weight * this.#tap(this.#phase) + (1 - weight) * this.#tap((this.#phase + 0.5) % 1);
    this.#at = (this.#at + 1) % RING;
    return voice;
  }

  /**
   * What was heard so many parts of a grain ago, between two samples by a straight line.
   * @param {number} phase  0 to 1
   * @returns {number}
   */
  #tap(phase) {
    const place = this.#at - phase * GRAIN + RING;
    const whole = Math.floor(place);
    const before = this.#ring[whole % RING] ?? 0;
    const after = this.#ring[(whole + 1) % RING] ?? 0;
    return before + (after - before) * (place - whole);
  }

  #wander() {
    if (this.#turn === 0) this.#aim = RATIO * (1 + WANDER * (2 * Math.random() - 1));
    this.#turn = (this.#turn + 1) % TURN_SAMPLES;
    this.#ratio += (this.#aim - this.#ratio) * EASE;
  }
}

registerProcessor("disguised-voice", DisguisedVoice);
