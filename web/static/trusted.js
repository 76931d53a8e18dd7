// The one Trusted Types policy, `bid`: scripts come from this site's own versioned files and from nowhere else.

/** @typedef {{ createScriptURL(address: string): string }} Policy  browsers without Trusted Types get a plain string */

const files = new URL(".", import.meta.url);

/**
 * @param {string} address
 * @returns {string}
 */
function ownFile(address) {
  const url = new URL(address, files);
  if (url.origin !== files.origin || !url.pathname.startsWith(files.pathname)) {
    throw new TypeError(`not a script of this site: ${url.href}`);
  }
  return url.href;
}

/** @type {Policy} */
const policy = /** @type {{ trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }} */ (
  globalThis
).trustedTypes?.createPolicy("bid", { createScriptURL: ownFile }) ?? { createScriptURL: ownFile };

/**
 * A worker of this site's own code; `path` is relative to web/static. Throws TypeError for any other address.
 * @param {string} path
 * @returns {Worker}
 */
export function openWorker(path) {
  return new Worker(policy.createScriptURL(new URL(path, files).href), { type: "module" });
}
