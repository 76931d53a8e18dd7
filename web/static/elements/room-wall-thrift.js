// 节省流量: what is given up, in which order, when the way is too narrow, and when it comes back. Pure: measurements in, a
// mode out. First the others' pictures, then the shared screen, then this seat's own camera, half and then a quarter of
// it, never off; sound never. What is sent of the own camera is what is recorded, so that is never lowered in silence.

export const FULL = 0;
export const NO_PICTURES = 1;
export const NO_SCREEN = 2;
export const HALF_CAMERA = 3;
export const LEAST_CAMERA = 4;

export const SAMPLE_MS = 2000;
const HEAVY_LOSS = 1500;
const HEAVY_RTT_MS = 800;
const HEAVY_FROZEN_MS = 800;
export const EASY_LOSS = 300;
export const EASY_RTT_MS = 400;
// Samples: two bad ones in a row take a step, five good ones take it back, and after a relapse twice as many.
const BAD_IN_A_ROW = 2;
const CALM_AT_FIRST = 5;
const CALM_AT_MOST = 40;
// What a cut has cost is counted when it is over; it says nothing of the way as it is now.
const UNJUDGED_AFTER_A_CUT = 3;

/**
 * What was felt in two seconds: loss in hundredths of a percent of what was sent here or from here, the round trip (-1
 * unknown), how long pictures stood still.
 * @typedef {{ loss: number, rttMs: number, freezes: number, frozenMs: number }} Felt
 * `step` as above; `least` is the step that was asked for with the button; `bad` and `calm` count samples in a row,
 * `patience` is how many calm ones it takes, `unjudged` how many to come say nothing, `isJudged` whether one was judged
 * since the line came back.
 * @typedef {{ step: number, least: number, bad: number, calm: number, patience: number, unjudged: number,
 *   isJudged: boolean }} Mode
 */

/** @type {Mode} */
export const AT_FIRST = {
  step: FULL,
  least: FULL,
  bad: 0,
  calm: 0,
  patience: CALM_AT_FIRST,
  unjudged: 0,
  isJudged: true,
};

/**
 * The mode after another two seconds.
 * @param {Mode} mode
 * @param {Felt} felt
 * @returns {Mode}
 */
export function next(mode, felt) {
  return mode.unjudged ? { ...mode, unjudged: mode.unjudged - 1 } : judged({ ...mode, isJudged: true }, felt);
}

/**
 * @param {Mode} mode
 * @param {Felt} felt
 * @returns {Mode}
 */
function judged(mode, felt) {
  if (felt.loss >= HEAVY_LOSS || felt.rttMs >= HEAVY_RTT_MS || felt.frozenMs >= HEAVY_FROZEN_MS) return worse(mode);
  const isEasy = felt.loss < EASY_LOSS && felt.rttMs < EASY_RTT_MS && felt.frozenMs === 0;
  return isEasy ? better(mode) : { ...mode, bad: 0, calm: 0 };
}

/**
 * @param {Mode} mode
 * @returns {Mode}
 */
function worse(mode) {
  const bad = mode.bad + 1;
  if (bad < BAD_IN_A_ROW) return { ...mode, bad };
  // Tried again and too much again: the next try waits twice as long, until it has been well for long.
  const patience = mode.calm > CALM_AT_MOST ? CALM_AT_FIRST : mode.patience;
  return { ...mode, step: Math.min(mode.step + 1, LEAST_CAMERA), bad: 0, calm: 0, patience };
}

/**
 * @param {Mode} mode
 * @returns {Mode}
 */
function better(mode) {
  const calm = mode.calm + 1;
  if (mode.step <= mode.least || calm < mode.patience) return { ...mode, bad: 0, calm };
  const patience = Math.min(2 * mode.patience, CALM_AT_MOST);
  return { ...mode, step: mode.step - 1, bad: 0, calm: 0, patience };
}

/**
 * The line is back after a cut. One that goes and comes all the time is judged in between.
 * @param {Mode} mode
 * @returns {Mode}
 */
export function returned(mode) {
  return mode.isJudged ? { ...mode, isJudged: false, unjudged: UNJUDGED_AFTER_A_CUT } : mode;
}

/**
 * The button: save from now on, or take everything back; then the way is judged anew.
 * @param {Mode} mode
 * @param {boolean} isSaving
 * @returns {Mode}
 */
export function choose(mode, isSaving) {
  return isSaving ? { ...mode, least: NO_SCREEN, step: Math.max(mode.step, NO_SCREEN) } : AT_FIRST;
}

/**
 * How the own camera is sent at a step: the picture's sides divided by `by`, at most so many frames and bits a second.
 * @param {number} step
 * @returns {{ by: number, frames: number, bits: number } | null} null: as it is
 */
export function cameraAt(step) {
  if (step < HALF_CAMERA) return null;
  return step === HALF_CAMERA ? { by: 2, frames: 8, bits: 120_000 } : { by: 4, frames: 4, bits: 50_000 };
}
