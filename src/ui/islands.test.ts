import { afterEach, describe, expect, it, vi } from "vitest";
import { islandName, watchIslands } from "./islands";

const settle = () => new Promise((done) => setTimeout(done, 10));

describe("islands", () => {
  afterEach(() => document.body.replaceChildren());

  it("are named by their area and their file", () => {
    expect(islandName("../huoshui/areas/telemetry/islands/trend-chart.ts")).toBe("telemetry/trend-chart");
  });

  it("start once with the page's values and stop when they leave", async () => {
    const stop = vi.fn();
    const start = vi.fn(() => stop);
    document.body.innerHTML = `<div data-island="a/b" data-props='{"n": 1}' data-height="20px"></div>`;
    const unwatch = watchIslands(document.body, new Map([["a/b", async () => ({ start })]]));
    await vi.waitFor(() => expect(start).toHaveBeenCalledExactlyOnceWith(expect.any(HTMLElement), { n: 1 }));
    await settle();

    document.body.replaceChildren();
    await vi.waitFor(() => expect(stop).toHaveBeenCalledOnce());
    unwatch();
  });

  it("start when a fragment brings them", async () => {
    const start = vi.fn();
    const unwatch = watchIslands(document.body, new Map([["a/b", async () => ({ start })]]));
    document.body.innerHTML = `<section><div data-island="a/b"></div></section>`;
    await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
    unwatch();
  });

  it("say so when they cannot start, and leave the rest of the page alone", async () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => undefined);
    document.body.innerHTML = `<div data-island="a/none"></div>`;
    const unwatch = watchIslands(document.body, new Map());
    const el = document.querySelector<HTMLElement>("[data-island]");
    await vi.waitFor(() => expect(el?.dataset.islandState).toBe("failed"));
    unwatch();
    quiet.mockRestore();
  });
});
