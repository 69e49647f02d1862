import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { REST_MS, draggable } from "./board-drag";

let card: HTMLElement;

/** What a pointer says at its own time, which a busy page hears later. */
function said(kind: string, at_ms: number, x: number, pointerType: string): PointerEvent {
  const event = new PointerEvent(kind, { pointerId: 1, pointerType, button: 0, isPrimary: true, clientX: x, clientY: 50, bubbles: true });
  Object.defineProperty(event, "timeStamp", { value: at_ms });
  return event;
}

const down = (pointerType = "touch") => card.dispatchEvent(said("pointerdown", 0, 50, pointerType));
const move = (at_ms: number, x: number, pointerType = "touch") => window.dispatchEvent(said("pointermove", at_ms, x, pointerType));
const lifted = () => document.querySelectorAll(".fw-ghost").length;

beforeEach(() => {
  vi.useFakeTimers();
  card = document.body.appendChild(document.createElement("div"));
  draggable(card, () => "job", { over: () => null, drop: () => undefined });
});

afterEach(() => {
  window.dispatchEvent(said("pointerup", 9000, 50, "touch"));
  card.remove();
  vi.useRealTimers();
});

test("a finger that rested lifts the card", () => {
  down();
  vi.advanceTimersByTime(REST_MS);
  expect(lifted()).toBe(1);
});

test("a finger that went on at once scrolls", () => {
  down();
  move(60, 90);
  vi.advanceTimersByTime(REST_MS);
  expect(lifted()).toBe(0);
});

test("a finger that rested drags though the page was too busy to notice", () => {
  down();
  move(REST_MS + 80, 90);
  vi.advanceTimersByTime(REST_MS);
  expect(lifted()).toBe(1);
});

test("a finger that went on at once scrolls though the page heard of it late", () => {
  down();
  vi.advanceTimersByTime(REST_MS);
  move(60, 90);
  expect(lifted()).toBe(0);
});

test("a mouse lifts the card once it has moved a little", () => {
  down("mouse");
  move(20, 53, "mouse");
  expect(lifted()).toBe(0);
  move(40, 60, "mouse");
  expect(lifted()).toBe(1);
});
