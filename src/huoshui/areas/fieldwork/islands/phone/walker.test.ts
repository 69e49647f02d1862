import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { App } from "./app";
import type { Given, Round, Walk } from "./walkbase";
import { Walker } from "./walker";
import type { Fix } from "./walkmodel";

const disk: { walk: Walk | undefined; fixes: Fix[] } = { walk: undefined, fixes: [] };

vi.mock("./walkbase", () => ({
  WalkBase: {
    open: async () => ({
      close: () => undefined,
      given: async () => ({ rounds: [ROUND], limits: { accuracy_m: 40, jump_m: 120, jump_s: 90, speed_ms: 12 } }) as unknown as Given,
      checks: async () => undefined,
      walk: async () => disk.walk,
      keepWalk: async (walk: Walk) => void (disk.walk = walk),
      fixes: async () => [...disk.fixes],
      addFix: async (fix: Fix) => void disk.fixes.push(fix),
      forget: async () => void Object.assign(disk, { walk: undefined, fixes: [] }),
    }),
  },
}));

const ROUND = { code: "XJ-01", near_m: 10, pipes: [{ code: "p", line: [[0, 0], [0.01, 0]] }], things: [] } as unknown as Round;
const hear: ((found: GeolocationPosition) => void)[] = [];
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
let wall = 0;

/** One lock at a time, as browsers give them to the windows of one phone. */
function oneAtATime() {
  let turn: Promise<unknown> = Promise.resolve();
  return { request: (_name: string, go: () => Promise<void>) => (turn = turn.then(go)) };
}

function windowOfThePhone(): Walker {
  const clock = { true_ms: () => wall, look: () => wall };
  return new Walker({ day: { person_id: 1 }, clock, outbox: { entries: [] }, add: async () => true } as unknown as App);
}

function stand(lon: number): void {
  wall += 10_000;
  const coords = { longitude: lon, latitude: 0, accuracy: 5 } as GeolocationCoordinates;
  for (const one of hear) one({ coords } as GeolocationPosition);
}

beforeEach(() => {
  Object.assign(disk, { walk: undefined, fixes: [] });
  hear.length = 0;
  vi.stubGlobal("document", { addEventListener: () => undefined, visibilityState: "hidden" });
  vi.stubGlobal("navigator", {
    locks: oneAtATime(),
    geolocation: { watchPosition: (found: (at: GeolocationPosition) => void) => hear.push(found), clearWatch: (number: number) => void hear.splice(number - 1, 1) },
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("two windows of one phone", () => {
  it("write a walk once, and the second waits", async () => {
    const [first, second] = [windowOfThePhone(), windowOfThePhone()];
    await first.open();
    await first.begin(ROUND);
    await second.open();
    await settled();

    stand(0);
    await settled();

    expect(disk.fixes).toHaveLength(1);
    expect([first.trouble, second.trouble]).toEqual(["", "elsewhere"]);
  });

  it("begin one walk and not two", async () => {
    const [first, second] = [windowOfThePhone(), windowOfThePhone()];
    await second.open();
    await first.open();
    await first.begin(ROUND);
    await second.begin(ROUND);

    expect(second.walk?.id).toBe(first.walk?.id);
  });

  it("both know when it is over, whichever ended it", async () => {
    const [first, second] = [windowOfThePhone(), windowOfThePhone()];
    await first.open();
    await first.begin(ROUND);
    await second.open();
    await settled();
    stand(0);
    await settled();

    await second.end();
    stand(0.001);
    await settled();

    expect([first.walk, second.walk]).toEqual([null, null]);
    expect(disk.fixes).toEqual([]);
    await first.begin(ROUND);
    await settled();
    stand(0.002);
    await settled();
    expect(disk.fixes).toHaveLength(1);
  });
});
