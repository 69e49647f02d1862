import { afterEach, describe, expect, it, vi } from "vitest";
import { Draft, Strokes } from "./draft";

describe("strokes", () => {
  it("are undone as they were drawn, the latest first", () => {
    const strokes = new Strokes();
    strokes.add(3);
    strokes.add(1);
    expect([strokes.undo(), strokes.undo(), strokes.undo()]).toEqual([1, 3, 1]);
    expect([strokes.redo(), strokes.redo(), strokes.redo()]).toEqual([1, 3, 1]);
  });

  it("cannot be redone after a new one", () => {
    const strokes = new Strokes();
    strokes.add(2);
    strokes.undo();
    strokes.add(4);
    expect([strokes.redo(), strokes.undo()]).toEqual([1, 1]);
  });
});

describe("a draft", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("sends the steps of a stroke in order, and later strokes after them", async () => {
    const sent: string[] = [];
    vi.stubGlobal("fetch", async (url: string, init: { body?: string }) => {
      const deed = (JSON.parse(init.body ?? "{}") as { deed?: string }).deed ?? "";
      sent.push(`${url} ${deed}`.trim());
      return new Response(JSON.stringify({ id: 7, steps: [], problems: [], warnings: [], preview: [], can_undo: true, can_redo: false }));
    });
    const draft = new Draft("/changes/", () => undefined);
    await draft.begin("Renewal");
    const step = (deed: "split" | "create" | "retire") => ({ deed, asset_code: "p1", wanted: {} });
    await Promise.all([draft.stroke([step("split"), step("create")]), draft.stroke([step("retire")])]);
    await draft.undo();
    await draft.undo();

    expect(sent).toEqual([
      "/changes/", "/changes/7/steps split", "/changes/7/steps create", "/changes/7/steps retire",
      "/changes/7/undo", "/changes/7/undo", "/changes/7/undo",
    ]);
  });
});
