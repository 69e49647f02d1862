import { describe, expect, it } from "vitest";
import { type Job, type Words, boardOf, dayOf, isLate, listed, merge, placeAt, otherWaits, share, shortTitle, titleOf, unpacker, whyWaiting } from "./board-model";

const WORDS: Words = { states: {}, kinds: { repair: "Repair" }, priorities: {}, reasons: {}, rules: { parts: "lacks parts", shift: "shift ends" }, types: { meter: "Exchange a meter" }, skills: {}, parts: { dn15: "Meter DN15" }, nobody: { off: "no crew is at work" } };
const NOON = Date.parse("2026-03-02T12:00:00Z");
const HOUR = 3600_000;

function job(number: string, more: Partial<Job> = {}): Job {
  return {
    number, title: "", kind: "repair", type: "", asset: "p2", zone: "A", state: "requested", priority: "normal", lon: null, lat: null,
    crew: "", order: 0, begin: null, drive_s: 0, minutes: 30, due: NOON + 3 * HOUR, from: null, until: null,
    begun: false, under_way: false, reason: "", broken: [], ...more,
  };
}

const said = (one: Job) => titleOf(one, WORDS, {});

describe("what is sent", () => {
  it("has its moments in milliseconds once it is unpacked, and what is missing stays so", () => {
    const row = unpacker(["number", "due", "begin", "minutes"])(["1", NOON / 1000, null, 30]);

    expect(row).toEqual({ number: "1", due: NOON, begin: null, minutes: 30 });
  });

  it("becomes a board with its crews", () => {
    const crew = { code: "c", name: "C", skills: [], people: [], shift: [NOON / 1000, NOON / 1000 + 60] as [number, number], lon: null, lat: null, placed: null, vehicle: "" };
    const board = boardOf({ at: NOON / 1000, from: 0, until: 1, cursor: 7, after: null, columns: [], jobs: [], waits: {}, crews: [crew], plan: null });

    expect([board.at, board.crews[0]?.shift]).toEqual([NOON, [NOON, NOON + 60_000]]);
  });
});

describe("why a job waits", () => {
  const wait = { crew: "Crew 7", faults: ["parts", "shift"], lacking: ["dn15"], since: 1, at: 2 };

  it("names the crew that comes nearest and everything that speaks against it", () => {
    expect(whyWaiting(wait, WORDS)).toBe("Nearest is Crew 7: lacks parts, shift ends (Meter DN15)");
    expect(whyWaiting(wait, WORDS, true)).toBe("lacks parts, shift ends (Meter DN15)");
  });

  it("says that a crew is able, and that there is none", () => {
    expect(whyWaiting({ ...wait, faults: [], lacking: [] }, WORDS)).toBe("Crew 7 could take it; not given yet");
    expect(whyWaiting({ ...wait, crew: "", faults: ["off"], lacking: [] }, WORDS)).toBe("no crew is at work");
  });

  it("is another one only when what is said differs", () => {
    const before = { same: wait, other: wait, gone: wait };
    const after = { same: { ...wait, at: 60 }, other: { ...wait, lacking: [] }, new: wait };

    expect(otherWaits(before, after).sort()).toEqual(["gone", "new", "other"]);
  });
});

describe("shortTitle", () => {
  it("leaves the number of a case out, and nothing else", () => {
    expect(shortTitle("BX2026-00281 No water · 3-1-401")).toBe("No water · 3-1-401");
    expect(shortTitle("FM-102 Turn and grease")).toBe("FM-102 Turn and grease");
    expect(shortTitle("BX2026-00281")).toBe("BX2026-00281");
  });
});

describe("titleOf", () => {
  it("says what somebody wrote, else the type or kind and the place", () => {
    expect(titleOf(job("1", { title: "Wet road" }), WORDS, {})).toBe("Wet road");
    expect(titleOf(job("1", { type: "meter" }), WORDS, {})).toBe("Exchange a meter: p2");
    expect(titleOf(job("1", { asset: "" }), WORDS, { A: "Old town" })).toBe("Repair: Old town");
  });
});

describe("listed", () => {
  const jobs = [job("1", { priority: "low" }), job("2", { priority: "urgent" }), job("3", { crew: "c" }), job("4", { due: NOON - HOUR })];

  it("puts what presses first, then what is due first", () => {
    expect(listed(jobs, "all", "", NOON, said).map((one) => one.number)).toEqual(["2", "4", "3", "1"]);
  });

  it("narrows to what waits, what is late, what is given, and to words", () => {
    expect(listed(jobs, "waiting", "", NOON, said).map((one) => one.number)).toEqual(["2", "4", "1"]);
    expect(listed(jobs, "late", "", NOON, said).map((one) => one.number)).toEqual(["4"]);
    expect(listed(jobs, "given", "", NOON, said).map((one) => one.number)).toEqual(["3"]);
    expect(listed(jobs, "all", "P2", NOON, said)).toHaveLength(4);
  });

  it("calls nothing late that is reported", () => {
    expect(isLate(job("1", { state: "done", due: NOON - 24 * HOUR }), NOON)).toBe(false);
  });
});

describe("a crew's day", () => {
  const day = [job("b", { crew: "c", order: 1, begin: NOON + 2 * HOUR }), job("a", { crew: "c", order: 0, begin: NOON + HOUR })];

  it("is in the crew's order", () => {
    expect(dayOf(day, "c").map((one) => one.number)).toEqual(["a", "b"]);
  });

  it("takes a dropped job between those that begin before and after", () => {
    expect(placeAt(dayOf(day, "c"), NOON + 1.5 * HOUR, "x")).toBe(1);
    expect(placeAt(dayOf(day, "c"), NOON + 3 * HOUR, "a")).toBe(1);
  });

  it("lies on the time line by its moment", () => {
    expect(share(NOON + HOUR, NOON, NOON + 4 * HOUR)).toBe(0.25);
  });
});

describe("merge", () => {
  it("takes changes over, drops what is done, and says whose day changed", () => {
    const jobs = new Map([["1", job("1", { crew: "c" })], ["2", job("2")]]);

    expect(merge(jobs, [job("2", { state: "done" })]).size).toBe(0);
    expect([...merge(jobs, [job("1", { crew: "d" })])]).toEqual(["c", "d"]);

    expect([...jobs.keys()]).toEqual(["1"]);
  });
});
