/**
 * The phone's own store: one database for each person, so that two who share a phone never mix.
 *
 * A deed counts as written down only when the disk has it (`durability: "strict"`); a phone that
 * dies a moment later still has it.
 */

export const STORES = ["meta", "entries", "photos", "tiles"] as const;
export type StoreName = (typeof STORES)[number];

/** The phone has no room left; nothing of what was being written is kept, everything before is. */
export class StorageFull extends Error {}

function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

export function databaseName(person: number): string {
  return `huoshui-phone-${person}`;
}

export function openBase(person: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(databaseName(person), 1);
    asked.onupgradeneeded = () => {
      const base = asked.result;
      base.createObjectStore("meta");
      base.createObjectStore("entries", { keyPath: "id" });
      base.createObjectStore("photos", { keyPath: "hash" });
      base.createObjectStore("tiles");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(isFull(asked.error) ? new StorageFull() : asked.error);
  });
}

/** Whose phone this was last; kept as safely as the rest, for a phone that dies right after. */
export async function lastPerson(): Promise<number> {
  const nobody = await openBase(0);
  const found = (await get<number>(nobody, "meta", "person")) ?? 0;
  nobody.close();
  return found;
}

export async function rememberPerson(person: number): Promise<void> {
  const nobody = await openBase(0);
  await write(nobody, ["meta"], (store) => store("meta").put(person, "person"));
  nobody.close();
}

function answerOf<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

export function get<T>(base: IDBDatabase, store: StoreName, key: IDBValidKey): Promise<T | undefined> {
  return answerOf(base.transaction(store).objectStore(store).get(key) as IDBRequest<T | undefined>);
}

export function all<T>(base: IDBDatabase, store: StoreName): Promise<T[]> {
  return answerOf(base.transaction(store).objectStore(store).getAll() as IDBRequest<T[]>);
}

export function keys(base: IDBDatabase, store: StoreName): Promise<IDBValidKey[]> {
  return answerOf(base.transaction(store).objectStore(store).getAllKeys());
}

/** Change several stores together: all of it is on the disk when this resolves, or none. */
export function write(
  base: IDBDatabase,
  stores: StoreName[],
  change: (store: (name: StoreName) => IDBObjectStore) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const step = base.transaction(stores, "readwrite", { durability: "strict" });
    let failed: unknown;
    step.oncomplete = () => resolve();
    step.onabort = () => {
      const problem = step.error ?? failed;
      reject(isFull(problem) ? new StorageFull() : (problem ?? new Error("the phone's store refused")));
    };
    try {
      change((name) => step.objectStore(name));
    } catch (error) {
      failed = error;
      step.abort();
    }
  });
}
