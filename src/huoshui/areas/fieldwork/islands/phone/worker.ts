/**
 * The service worker: keeps the app's own files, so that it opens where there is no signal.
 *
 * The server puts the list of files before this text (`phone/web/pages.py`); whenever one of them
 * changes, this text changes, and the browser sets up the new worker beside the old one. It takes
 * over when the reader wants it. Data is never kept here: that is the app's own store.
 */
export {};

interface Given {
  version: string;
  shell: string;
  files: string[];
}

interface Waitable extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface Asked extends Waitable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Scope {
  HUOSHUI_PHONE: Given;
  location: Location;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: string, listen: (event: never) => void): void;
}

const scope = self as unknown as Scope;
const given = scope.HUOSHUI_PHONE;
const PREFIX = "huoshui-phone-";
const name = `${PREFIX}${given.version}`;

async function keepShell(): Promise<void> {
  const answer = await fetch(given.shell, { credentials: "same-origin", redirect: "manual", cache: "no-store" });
  // A redirect leads to the sign-in page, which must not take the app's place.
  if (!answer.ok || answer.type === "opaqueredirect") throw new Error("the app cannot be fetched now");
  await (await caches.open(name)).put(given.shell, answer);
}

async function setUp(): Promise<void> {
  const cache = await caches.open(name);
  await cache.addAll(given.files.map((file) => new Request(file, { cache: "no-cache" })));
  await keepShell();
}

async function takeOver(): Promise<void> {
  for (const old of await caches.keys()) if (old.startsWith(PREFIX) && old !== name) await caches.delete(old);
  await scope.clients.claim();
}

async function kept(request: Request | string): Promise<Response> {
  const cache = await caches.open(name);
  return (await cache.match(request, { ignoreVary: true })) ?? (await fetch(request));
}

const files = new Set(given.files.map((file) => new URL(file, scope.location.href).pathname));
const shell = new URL(given.shell, scope.location.href).pathname;

scope.addEventListener("install", (event: Waitable) => event.waitUntil(setUp()));
scope.addEventListener("activate", (event: Waitable) => event.waitUntil(takeOver()));
scope.addEventListener("message", (event: Waitable & { data: { do: string } }) => {
  if (event.data.do === "take over") event.waitUntil(scope.skipWaiting());
  if (event.data.do === "shell") event.waitUntil(keepShell());
});
scope.addEventListener("fetch", (event: Asked) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === shell) event.respondWith(kept(given.shell));
  else if (files.has(url.pathname)) event.respondWith(kept(event.request));
});
