// Keeps what the app has in localStorage (the session, what is known of the server, what the device remembers beside its
// accounts) in IndexedDB as well: localStorage reaches the disk some seconds late, and a browser that is killed before
// that would start signed out.

const KEYS = ["almanac.session", "almanac.server", "almanac.device"];
const DATABASE = "almanac-kept";
const STORE = "kept";

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** Nothing is made before there is something to keep. */
const exists = async () => (await indexedDB.databases()).some(({ name }) => name === DATABASE);

const open = () => {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return done(request);
};

/** Of a session when it ends, of the device's record the number of its changes. */
const age = (text) => {
  try {
    const { expires_at, n } = JSON.parse(text);
    return expires_at ?? n ?? 0;
  } catch {
    return 0;
  }
};

/**
 * A session that was forgotten leaves a mark with its age: else the old one, which localStorage may still have after a crash, would
 * count as signed in.
 */
const isMark = (copy) => copy?.startsWith('{"gone":true') ?? false;

/** Puts back what localStorage lost, and takes away what it should have lost. Of two sessions the one that lasts longer is the newer. */
async function putBack() {
  if (!(await exists())) return;
  const database = await open();
  const store = database.transaction(STORE).objectStore(STORE);
  const copies = await Promise.all(KEYS.map((key) => done(store.get(key))));
  KEYS.forEach((key, i) => {
    const [here, copy] = [localStorage.getItem(key), copies[i]];
    if (isMark(copy)) {
      if (here !== null && age(copy) >= age(here)) localStorage.removeItem(key);
    } else if (copy !== undefined && (here === null || age(copy) > age(here))) localStorage.setItem(key, copy);
  });
  database.close();
}

/**
 * Done when what localStorage lost is there again, which the app waits for. Begun as soon as this file is read, while the rest of the
 * page still loads. Without IndexedDB the app itself says so; here it only costs the second copy.
 */
export const restored = putBack().catch(() => {});

/** After each change (the app tells): copies all of it, on the disk before it counts as done. */
export async function keep() {
  const nothing = localStorage.getItem("almanac.session") === null && localStorage.getItem("almanac.device") === null;
  if (nothing && !(await exists())) return;
  const database = await open();
  const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
  const store = transaction.objectStore(STORE);
  for (const key of KEYS) {
    const value = localStorage.getItem(key);
    if (value !== null) {
      store.put(value, key);
      continue;
    }
    store.get(key).onsuccess = ({ target }) => {
      const copy = target.result;
      if (copy !== undefined && !isMark(copy)) store.put(JSON.stringify({ gone: true, expires_at: age(copy) }), key);
    };
  }
  await new Promise((resolve) => { transaction.oncomplete = transaction.onabort = resolve; });
  database.close();
}
