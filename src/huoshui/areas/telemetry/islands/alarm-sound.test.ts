import { afterEach, expect, test } from "vitest";
import { callOf, isMuted, onAlarmKey } from "./alarm-sound";

afterEach(() => {
  document.body.innerHTML = "";
});

test("the most pressing alarm that waits gives the call", () => {
  const call = callOf([{ sounding: "low" }, { sounding: "critical" }], undefined);
  expect(call?.every_ms).toBe(1600);
});

test("nothing waiting is silence, and items that do not say change nothing", () => {
  const call = callOf([{ sounding: "high" }], undefined);
  expect(callOf([{}], call)).toBe(call);
  expect(callOf([{ sounding: "" }], call)).toBeUndefined();
});

test("a mute ends by itself", () => {
  expect(isMuted("1000", 999)).toBe(true);
  expect(isMuted("1000", 1000)).toBe(false);
  expect(isMuted(null, 0)).toBe(false);
});

test("a acknowledges the current row and nothing while somebody types", () => {
  document.body.innerHTML =
    '<input id="box"><table><tr class="hs-row-current"><td><form action="/alarms/3/acknowledge/"><button type="button"></button></form></td></tr></table>';
  let pressed = 0;
  document.querySelector("button")?.addEventListener("click", () => (pressed += 1));
  document.addEventListener("keydown", onAlarmKey);
  document.getElementById("box")?.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  document.removeEventListener("keydown", onAlarmKey);
  expect(pressed).toBe(1);
});
