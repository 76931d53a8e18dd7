// Finds words in a document whatever its spacing: a line of Chinese often comes as many pieces with blanks between.

/** @typedef {import("./pdf-page-document.js").PdfDocument} PdfDocument */
/** @typedef {import("./pdf-page-document.js").TextItem} TextItem */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box  in the page's own units, from its lower left */
/** @typedef {{ item: number, at: number }} Place  which piece of the page's text, and which character of it */
/** @typedef {{ items: TextItem[], letters: string, places: Place[] }} PageText  `letters` without blanks, in one case */
/** @typedef {{ page: number, from: number, to: number }} Match  a span of `letters` */

export class TextSearch {
  /** @type {Map<number, Promise<PageText>>} */ #texts = new Map();
  /** @type {Match[]} */ #matches = [];
  #words = "";
  #present = -1;

  /** @param {PdfDocument} opened */
  constructor(opened) {
    this.opened = opened;
  }

  /**
   * The text of a page, for who hears it read out.
   * @param {number} page
   */
  async textOf(page) {
    const { items } = await this.#read(page);
    return items.map(({ str, hasEOL }) => (hasEOL ? `${str}\n` : str)).join("");
  }

  /**
   * The next place where these words stand: from the given page on, then round to the beginning.
   * @param {string} words
   * @param {number} from
   * @returns {Promise<{ page: number, place: number, all: number } | null>}
   */
  async next(words, from) {
    const wanted = plain(words);
    if (wanted !== this.#words) {
      const matches = await this.#all(wanted);
      this.#words = wanted;
      this.#matches = matches;
      this.#present = Math.max(
        0,
        matches.findIndex(({ page }) => page >= from),
      );
    } else {
      this.#present = (this.#present + 1) % Math.max(1, this.#matches.length);
    }
    const match = this.#matches[this.#present];
    return match ? { page: match.page, place: this.#present, all: this.#matches.length } : null;
  }

  /**
   * Where the words that were last looked for stand on a page that was read.
   * @param {number} page
   * @returns {{ boxes: Box[], isPresent: boolean }[]}
   */
  matchesOn(page) {
    return this.#matches.flatMap((match, place) => {
      const text = match.page === page ? this.#known.get(page) : undefined;
      return text ? [{ boxes: boxesOf(text, match), isPresent: place === this.#present }] : [];
    });
  }

  /** @type {Map<number, PageText>} */ #known = new Map();

  /** @param {string} wanted */
  async #all(wanted) {
    /** @type {Match[]} */ const matches = [];
    for (let page = 1; wanted && page <= this.opened.numPages; page++) {
      const { letters } = await this.#read(page);
      for (let at = letters.indexOf(wanted); at >= 0; at = letters.indexOf(wanted, at + wanted.length)) {
        matches.push({ page, from: at, to: at + wanted.length });
      }
    }
    return matches;
  }

  /** @param {number} page */
  #read(page) {
    const reading = this.#texts.get(page) ?? this.#readNow(page);
    this.#texts.set(page, reading);
    return reading;
  }

  /**
   * @param {number} page
   * @returns {Promise<PageText>}
   */
  async #readNow(page) {
    const sheet = await this.opened.getPage(page);
    const { items } = await sheet.getTextContent();
    let letters = "";
    /** @type {Place[]} */ const places = [];
    for (const [item, { str }] of items.entries()) {
      for (let at = 0; at < str.length; at++) {
        for (const letter of plain(str[at] ?? "")) {
          letters += letter;
          places.push(...Array(letter.length).fill({ item, at }));
        }
      }
    }
    const text = { items, letters, places };
    this.#known.set(page, text);
    return text;
  }
}

/**
 * Letters as they are compared: compatible forms made one, one case, no blanks.
 * @param {string} text
 */
function plain(text) {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, "");
}

const ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
ruler.font = "100px sans-serif";

/**
 * Which part of a text's width its first letters take, measured in another font of like proportions.
 * @param {string} text
 * @param {number} letters
 */
function share(text, letters) {
  const whole = ruler.measureText(text).width;
  return whole ? ruler.measureText(text.slice(0, letters)).width / whole : 0;
}

/**
 * One box for each piece of text that a match touches.
 * @param {PageText} text
 * @param {Match} match
 * @returns {Box[]}
 */
function boxesOf({ items, places }, { from, to }) {
  /** @type {Map<number, { first: number, last: number }>} */ const spans = new Map();
  for (const { item, at } of places.slice(from, to)) {
    const span = spans.get(item);
    if (span) span.last = at;
    else spans.set(item, { first: at, last: at });
  }
  return [...spans].flatMap(([number, { first, last }]) => {
    const item = items[number];
    if (!item) return [];
    const [, , c = 0, d = 0, x = 0, y = 0] = item.transform;
    const height = item.height || Math.hypot(c, d);
    const left = item.width * share(item.str, first);
    const width = item.width * share(item.str, last + 1) - left;
    // A little below the base line, so that the mark holds the whole letter.
    return [{ x: x + left, y: y - 0.2 * height, width, height: 1.2 * height }];
  });
}
