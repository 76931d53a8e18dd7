// Why a lot is not drawn: the codes and places of `draw/refusal.py`.

/** `code` is the rule broken, `where` the field or party concerned, as in a transcript. */
export class DrawRefused extends Error {
  /**
   * @param {string} code
   * @param {string} where
   * @param {string} [detail]
   */
  constructor(code, where, detail = "") {
    super(`${code}: ${where} ${detail}`.trimEnd());
    this.code = code;
    this.where = where;
    this.detail = detail;
  }
}

/**
 * A value that is not written in its only form, or lies outside its range.
 * @param {string} where
 * @param {string} [detail]
 */
export function notOneSpelling(where, detail = "") {
  return new DrawRefused("draw.not_one_spelling", where, detail);
}
