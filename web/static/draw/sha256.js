// SHA-256 (FIPS 180-4) and HMAC under one key in plain JavaScript: a million calls of WebCrypto would take ten times as
// long, each being a promise. Digests are eight 32-bit words, so that a pool of a million lies in one array.

export const WORDS = 8;
const BLOCK = 64;

/** The fractions of the square and cube roots of primes, from which FIPS 180-4 takes its constants. */
const primes = firstPrimes(64);
const BEGIN = Int32Array.from(primes.slice(0, WORDS), (prime) => fraction(BigInt(prime), 2n));
const ROUND = Int32Array.from(primes, (prime) => fraction(BigInt(prime), 3n));

const schedule = new Int32Array(64);

/**
 * @param {number} count
 * @returns {number[]}
 */
function firstPrimes(count) {
  /** @type {number[]} */ const found = [];
  for (let number = 2; found.length < count; number += 1) {
    if (found.every((prime) => number % prime)) found.push(number);
  }
  return found;
}

/**
 * The first 32 bits after the point of a prime's root, found by halving.
 * @param {bigint} prime
 * @param {bigint} degree
 * @returns {number}
 */
function fraction(prime, degree) {
  const wanted = prime << (32n * degree);
  let [low, high] = [0n, prime << 32n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= wanted) low = middle;
    else high = middle;
  }
  return Number(BigInt.asIntN(32, low));
}

/**
 * An array whose places are known to be there: asking at each of a billion reads whether it is would double the time.
 * @typedef {{ readonly length: number, [place: number]: any }} Known
 */

/**
 * One block of sixteen words into a state of eight.
 * @param {Known} state
 * @param {Known} block
 */
export function compress(state, block) {
  /** @type {Known} */ const w = schedule;
  /** @type {Known} */ const constants = ROUND;
  for (let t = 0; t < 16; t += 1) w[t] = block[t];
  for (let t = 16; t < 64; t += 1) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let t = 0; t < 64; t += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = g ^ (e & (f ^ g));
    const first = (h + s1 + choice + constants[t] + w[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) ^ (c & (a ^ b));
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + s0 + majority) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/**
 * The state before the first block.
 * @param {Int32Array} state
 */
export function beginning(state) {
  state.set(BEGIN);
}

const running = new Int32Array(WORDS);
const block = new Int32Array(BLOCK / 4);
const tail = new Uint8Array(2 * BLOCK);

/**
 * The digest of bytes `from` up to `to`, written as eight words into `out` at `at`. For many short messages in one array.
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} to
 * @param {Int32Array} out
 * @param {number} at
 */
export function hashInto(bytes, from, to, out, at) {
  running.set(BEGIN);
  let place = from;
  for (; to - place >= BLOCK; place += BLOCK) absorb(bytes, place);
  const left = to - place;
  const length = left < 56 ? BLOCK : 2 * BLOCK;
  tail.fill(0, left, length);
  for (let index = 0; index < left; index += 1) tail[index] = bytes[place + index] ?? 0;
  tail[left] = 0x80;
  const octets = to - from;
  for (let index = 0; index < 4; index += 1) tail[length - 1 - index] = (octets << 3) >>> (8 * index);
  tail[length - 5] = octets / 2 ** 29;
  for (place = 0; place < length; place += BLOCK) absorb(tail, place);
  out.set(running, at);
}

/**
 * @param {Known} bytes
 * @param {number} place
 */
function absorb(bytes, place) {
  for (let word = 0; word < 16; word += 1) {
    const at = place + 4 * word;
    block[word] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  compress(running, block);
}

/**
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function sha256(bytes) {
  const words = new Int32Array(WORDS);
  hashInto(bytes, 0, bytes.length, words, 0);
  return toBytes(words, 0);
}

/**
 * The digest of rows of eight words in this order, one behind the other.
 * @param {Known} rows
 * @param {Uint32Array} order
 * @returns {Uint8Array}
 */
export function sha256OfRows(rows, order) {
  running.set(BEGIN);
  let filled = 0;
  for (let index = 0; index < order.length; index += 1) {
    const from = WORDS * (order[index] ?? 0);
    for (let word = 0; word < WORDS; word += 1) block[filled + word] = rows[from + word];
    if (filled) compress(running, block);
    filled = WORDS - filled;
  }
  const bits = 8 * 4 * WORDS * order.length;
  block.fill(0, filled);
  block[filled] = 0x80000000;
  block[14] = bits / 2 ** 32;
  block[15] = bits;
  compress(running, block);
  return toBytes(running, 0);
}

/**
 * Eight words at `at` as 32 bytes.
 * @param {Int32Array} words
 * @param {number} at
 * @returns {Uint8Array}
 */
export function toBytes(words, at) {
  const bytes = new Uint8Array(4 * WORDS);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < WORDS; word += 1) view.setInt32(4 * word, words[at + word] ?? 0);
  return bytes;
}

/**
 * HMAC-SHA-256 (RFC 2104) of one message.
 * @param {Uint8Array} key  at most 64 bytes
 * @param {Uint8Array} message
 * @returns {Uint8Array}
 */
export function hmac(key, message) {
  const inner = new Uint8Array(BLOCK + message.length);
  inner.set(padded(key, 0x36));
  inner.set(message, BLOCK);
  const outer = new Uint8Array(BLOCK + 4 * WORDS);
  outer.set(padded(key, 0x5c));
  outer.set(sha256(inner), BLOCK);
  return sha256(outer);
}

/**
 * @param {Uint8Array} key
 * @param {number} pad
 * @returns {Uint8Array}
 */
function padded(key, pad) {
  const whole = new Uint8Array(BLOCK).fill(pad);
  key.forEach((octet, index) => (whole[index] = octet ^ pad));
  return whole;
}

/**
 * HMAC under one key of messages of 32 bytes and one byte more, whose two key blocks are hashed once.
 * @param {Uint8Array} key
 * @returns {(words: Int32Array, at: number, last: number, out: Int32Array) => void}
 */
export function keyed(key) {
  const begun = stateAfter(padded(key, 0x36));
  const finishing = stateAfter(padded(key, 0x5c));
  const inner = new Int32Array(16);
  inner[15] = (BLOCK + 33) * 8;
  const outer = new Int32Array(16);
  outer[WORDS] = 0x80000000 | 0;
  outer[15] = (BLOCK + 32) * 8;
  const state = new Int32Array(WORDS);
  return (words, at, last, out) => {
    for (let word = 0; word < WORDS; word += 1) inner[word] = words[at + word] ?? 0;
    inner[WORDS] = (last << 24) | 0x800000;
    state.set(begun);
    compress(state, inner);
    for (let word = 0; word < WORDS; word += 1) outer[word] = state[word] ?? 0;
    out.set(finishing);
    compress(out, outer);
  };
}

/**
 * @param {Uint8Array} whole  one block
 * @returns {Int32Array}
 */
function stateAfter(whole) {
  running.set(BEGIN);
  absorb(whole, 0);
  return running.slice();
}
