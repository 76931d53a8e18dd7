// What this browser keeps for a party, in IndexedDB: the secret as a key it cannot read back, its recovery file, the
// log key first seen, and for which context a link was shown. A browser may lose it all: hence the recovery file.

const NAME = "bid-party";
const VERSION = 1;
const STORES = /** @type {const} */ (["secrets", "logs", "shown"]);

/** @typedef {(typeof STORES)[number]} StoreName */
/** @typedef {{ key: CryptoKey, file: string, made: string }} Kept */
/** @typedef {import("./secret.js").Attempt} Attempt */

/**
 * @param {string} party
 * @returns {Promise<Kept | undefined>}
 */
export async function keptSecret(party) {
  return ask("secrets", "readonly", (store) => store.get(party));
}

/**
 * Keep a secret and ask the browser not to clear it away; it may refuse or never answer, and nothing depends on it.
 * @param {string} party
 * @param {Kept} kept
 */
export async function keepSecret(party, kept) {
  await ask("secrets", "readwrite", (store) => store.put(kept, party));
  void navigator.storage?.persist?.();
}

/**
 * The log's key of this deployment: the one first seen stays.
 * @param {string} seen
 * @returns {Promise<string>} the pinned one
 */
export async function pinnedLog(seen) {
  const pinned = await ask("logs", "readonly", (store) => store.get("log"));
  if (pinned === undefined) await ask("logs", "readwrite", (store) => store.put(seen, "log"));
  return pinned ?? seen;
}

/**
 * Pin the key that a recovery file brings: it was seen first, elsewhere.
 * @param {string} log
 */
export async function pinLog(log) {
  await ask("logs", "readwrite", (store) => store.put(log, "log"));
}

/**
 * The digest of the context that a link of this chain was shown for.
 * @param {string} party
 * @param {Attempt} attempt
 * @returns {Promise<string | undefined>}
 */
export async function shownFor(party, attempt) {
  return ask("shown", "readonly", (store) => store.get(placeOf(party, attempt)));
}

/**
 * Bind a chain to a context, before the link is sent: a call that fails must not free it for another.
 * Throws where another window has bound it meanwhile.
 * @param {string} party
 * @param {Attempt} attempt
 * @param {string} digest
 */
export async function bind(party, attempt, digest) {
  await ask("shown", "readwrite", (store) => store.add(digest, placeOf(party, attempt)));
}

/**
 * @param {string} party
 * @param {Attempt} attempt
 */
function placeOf(party, { case: case_, draw, attempt }) {
  return [party, case_, draw, attempt];
}

/**
 * @param {StoreName} name
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} call
 * @returns {Promise<any>} after the transaction is done: what is said to be kept is
 */
async function ask(name, mode, call) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode);
      const request = call(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
