// What browser code says: Chinese in the source, another language from the map that the page carries.

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/**
 * A sentence in the page's language, with `%(name)s` filled in.
 * @param {string} literal
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(literal, values = {}) {
  const text = words[literal] ?? literal;
  return text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ""));
}
