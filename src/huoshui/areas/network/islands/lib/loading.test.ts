import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadingSign } from "./loading";

function fakeMap() {
  const heard: Record<string, () => void> = {};
  const state = { has: false, loaded: false };
  const map = {
    on: (name: string, listener: () => void) => { heard[name] = listener; },
    getSource: () => (state.has ? {} : undefined),
    isSourceLoaded: () => state.loaded,
  };
  return { map: map as unknown as Parameters<typeof loadingSign>[0], state, render: () => heard.render?.() };
}

describe("the sign of loading", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("is there until the network is, and comes back only when it takes a while", () => {
    const { map, state, render } = fakeMap();
    const sign = loadingSign(map, document.createElement("div"));
    render();
    expect(sign.hidden).toBe(false);
    Object.assign(state, { has: true, loaded: true });
    render();
    expect(sign.hidden).toBe(true);
    state.loaded = false;
    render();
    expect(sign.hidden).toBe(true);
    vi.advanceTimersByTime(400);
    expect(sign.hidden).toBe(false);
    state.loaded = true;
    render();
    expect(sign.hidden).toBe(true);
  });
});
