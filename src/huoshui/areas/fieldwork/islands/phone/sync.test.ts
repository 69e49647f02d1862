import { afterEach, describe, expect, it, vi } from "vitest";
import type { PhoneClock } from "./clock";
import type { Outbox } from "./outbox";
import { Sync } from "./sync";
import type { Day, Props, Receipt } from "./types";

afterEach(() => vi.unstubAllGlobals());

/** An outbox with these entries, and a server that refuses every request with one it cannot read. */
function phoneWith(names: string[], unreadable: string) {
  const receipts = new Map<string, Receipt>();
  const entries = names.map((id) => ({ id, payload: "{}", payload_hash: "" }));
  const outbox = {
    phone_id: "p",
    reload: async () => undefined,
    waiting: () => entries.filter((one) => !receipts.has(one.id)),
    photosWaiting: () => [],
    note: async (all: Receipt[]) => all.forEach((one) => receipts.set(one.id, one)),
  };
  vi.stubGlobal("navigator", { locks: { request: (_name: string, _how: object, go: (lock: object) => Promise<void>) => go({}) } });
  vi.stubGlobal("fetch", async (_url: string, { method, body }: { method: string; body: string }) => {
    if (method === "GET") return Response.json({ server_ms: 0, csrf_token: "t" });
    const ids = (JSON.parse(body) as { entries: { id: string }[] }).entries.map((one) => one.id);
    if (ids.includes(unreadable)) return Response.json({ code: "no", message: "Not read" }, { status: 422 });
    return Response.json({ receipts: ids.map((id) => ({ id, outcome: "taken", code: "" })) });
  });
  const clock = { look: () => 0, true_ms: () => 0, measure: () => undefined };
  const props = { day_url: "/day", entries_url: "/entries" };
  const on = { day: async (_day: Day) => undefined, changed: () => undefined };
  const sync = new Sync(props as Props, outbox as unknown as Outbox, clock as unknown as PhoneClock, on);
  return { sync, receipts };
}

describe("entries of which the server cannot read one", () => {
  it("go all the same, and that one says why it did not", async () => {
    const { sync, receipts } = phoneWith(["a", "b", "c"], "a");

    await sync.round();

    expect(["a", "b", "c"].map((id) => receipts.get(id)?.outcome)).toEqual(["refused", "taken", "taken"]);
    expect(receipts.get("a")).toMatchObject({ code: "no", message: "Not read", is_kept: false });
    expect(sync.line).toBe("reached");
  });
});
