import { describe, expect, it } from "vitest";
import { PhoneClock } from "./clock";

describe("a phone's clock", () => {
  it("is measured against the middle of the way there and back", () => {
    const clock = new PhoneClock(() => 1000, () => 0);
    clock.measure(5000, 200);
    expect(clock.behind_ms).toBe(4100);
    expect(clock.true_ms()).toBe(5100);
  });

  it("set back while the app is open changes nothing", () => {
    let wall = 1_000_000;
    let steady = 0;
    const clock = new PhoneClock(() => wall, () => steady);
    clock.measure(1_000_000, 0);
    wall -= 3_600_000 - 5000;
    steady += 5000;
    expect(clock.true_ms()).toBe(1_005_000);
  });

  it("that went on while the phone slept is believed", () => {
    let wall = 1_000_000;
    const clock = new PhoneClock(() => wall, () => 0);
    clock.measure(1_000_000, 0);
    wall += 3_600_000;
    expect(clock.true_ms()).toBe(4_600_000);
  });
});
