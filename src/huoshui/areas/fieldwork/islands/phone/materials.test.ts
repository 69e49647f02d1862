import { expect, test } from "vitest";
import { aboard, lines } from "./materials";
import type { Day, Entry, Job } from "./types";

const part = (code: string, quantity: number, is_meter = false) => ({ code, label: code, unit: "pc", is_meter, quantity });
const day = { vehicle: { name: "Van", parts: [part("clamp", 3), part("meter", 2, true)] } } as unknown as Day;
const used = (amount: number, sent: boolean) =>
  ({ kind: "material", body: { code: "clamp", amount }, receipt: sent ? { outcome: "taken" } : null }) as unknown as Entry;

test("what was written down and is not booked yet is no longer in the vehicle", () => {
  expect(aboard(day, [used(1, false), used(1, true)]).get("clamp")).toBe(2);
  expect(aboard(day, [used(9, false)]).get("clamp")).toBe(0);
});

test("the kit comes first, and a meter that the exchange books is not offered twice", () => {
  const job = { kit: [part("wrap", 1), part("meter", 1, true)], exchanges_meter: true } as unknown as Job;
  expect(lines(day, job).map((one) => [one.code, one.quantity])).toEqual([["wrap", 1], ["clamp", 0]]);
  expect(lines(day, { ...job, exchanges_meter: false }).map((one) => one.code)).toEqual(["wrap", "meter", "clamp"]);
});
