// Figures of the score grid: what is typed becomes an integer of millionths, and sums stay integers. No floats.

const TYPED = /^(\d{1,4})(?:\.(\d{1,6}))?$/;
const PLACES = 6;
const MILLION = 1_000_000;

/**
 * A typed score in millionths, null where it is no number. Full-width digits and Chinese points are read as they are meant.
 * @param {string} typed
 * @returns {number | null}
 */
export function millionths(typed) {
  const plain = typed
    .trim()
    .replace(/[\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10))
    .replace(/[\uff0e\u3002\uff61]/g, ".");
  const parts = TYPED.exec(plain);
  if (!parts) return null;
  return Number(parts[1]) * MILLION + Number((parts[2] ?? "").padEnd(PLACES, "0"));
}

/**
 * Millionths as a decimal with two places, more where they are needed.
 * @param {number} value
 * @returns {string}
 */
export function written(value) {
  const fraction = String(value % MILLION).padStart(PLACES, "0");
  const places = Math.max(2, fraction.replace(/0+$/, "").length);
  return `${Math.floor(value / MILLION)}.${fraction.slice(0, places)}`;
}

/**
 * What an item allows, as its row of the page states it; a limit for comments may be missing.
 * @typedef {{ min: string, max: string, step: string, below?: string | undefined, above?: string | undefined }} Limits
 */

/**
 * What is wrong with a cell: nothing, or the fault's name. The server judges by the same rules at the submission.
 * @param {string} typed
 * @param {string} comment
 * @param {Limits} limits
 * @returns {"" | "missing" | "no-number" | "out-of-range" | "off-step" | "comment"}
 */
export function faultOf(typed, comment, limits) {
  if (!typed.trim()) return "missing";
  const value = millionths(typed);
  if (value === null) return "no-number";
  const least = millionths(limits.min) ?? 0;
  if (value < least || value > (millionths(limits.max) ?? 0)) return "out-of-range";
  const step = millionths(limits.step);
  if (step && (value - least) % step) return "off-step";
  return needsComment(value, limits) && !comment.trim() ? "comment" : "";
}

/**
 * @param {number} value
 * @param {Limits} limits
 */
function needsComment(value, { below, above }) {
  const low = below === undefined ? null : millionths(below);
  const high = above === undefined ? null : millionths(above);
  return (low !== null && value < low) || (high !== null && value > high);
}
