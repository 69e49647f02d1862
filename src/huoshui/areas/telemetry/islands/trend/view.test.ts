import { describe, expect, it } from "vitest";
import { SPANS } from "./toolbar";
import { View } from "./view";

const NOW = 1_000 * SPANS.day;
const today = () => new View(NOW - SPANS.day, NOW, NOW);

describe("the view", () => {
  it("goes with new readings only while it reaches the present", () => {
    const view = today();
    view.reached(NOW + 60_000);
    expect([view.from_ms, view.until_ms]).toEqual([NOW + 60_000 - SPANS.day, NOW + 60_000]);
    view.move(-0.5);
    const until = view.until_ms;
    view.reached(NOW + 120_000);
    expect([view.until_ms, view.following, view.latest_ms]).toEqual([until, false, NOW + 120_000]);
    view.toNow();
    expect([view.until_ms, view.following]).toEqual([NOW + 120_000, true]);
  });

  it("zooms about its middle in the past, about its end in the present", () => {
    const present = today();
    present.zoom(0.5);
    expect([present.until_ms, present.span_ms]).toEqual([NOW, SPANS.day / 2]);
    const past = new View(NOW - 3 * SPANS.day, NOW - SPANS.day, NOW);
    past.zoom(0.5);
    expect([past.from_ms, past.until_ms]).toEqual([NOW - 2.5 * SPANS.day, NOW - 1.5 * SPANS.day]);
  });

  it("never becomes shorter than ten minutes or longer than three years", () => {
    const view = today();
    for (let i = 0; i < 30; i++) view.zoom(0.5);
    expect(view.span_ms).toBe(600_000);
    for (let i = 0; i < 40; i++) view.zoom(2);
    expect(view.span_ms).toBe(3 * SPANS.year);
  });

  it("knows its keys, and leaves others alone", () => {
    const view = today();
    view.deed("w")?.();
    expect(view.name()).toBe("week");
    expect(view.deed("q")).toBeNull();
  });
});
