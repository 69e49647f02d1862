import { describe, expect, it } from "vitest";
import { joined, standing, ticked } from "./state";
import type { Entry, Job, Receipt } from "./types";

const job = (number: string, state = "assigned") => ({ number, state }) as Job;
const entry = (kind: string, body = {}, outcome?: string, of = "J-1") =>
  ({ kind, job: of, body, receipt: outcome ? ({ outcome } as Receipt) : null }) as Entry;

describe("where a job stands", () => {
  it("is the furthest the crew has come", () => {
    expect(standing(job("J-1"), [])).toBe("new");
    expect(standing(job("J-1"), [entry("arrive"), entry("accept")])).toBe("here");
    expect(standing(job("J-1"), [entry("arrive"), entry("finish")])).toBe("finished");
    expect(standing(job("J-1", "done"), [])).toBe("reported");
  });

  it("counts what a colleague told from another phone", () => {
    expect(standing({ ...job("J-1"), come: "accepted" }, [])).toBe("accepted");
    expect(standing({ ...job("J-1"), come: "accepted" }, [entry("arrive")])).toBe("here");
    expect(standing({ ...job("J-1"), come: "arrived" }, [entry("accept")])).toBe("here");
    expect(standing({ ...job("J-1"), come: "arrived" }, [entry("finish")])).toBe("finished");
  });

  it("does not count what was refused", () => {
    expect(standing(job("J-1"), [entry("arrive"), entry("finish", {}, "refused")])).toBe("here");
  });

  it("ticks the steps by the last word on each", () => {
    const steps = [entry("step", { step: "a", done: true }), entry("step", { step: "b", done: true }), entry("step", { step: "a", done: false })];
    expect([...ticked(steps)]).toEqual(["b"]);
  });

  it("keeps a job that was taken away once something was written down", () => {
    const now = joined([job("J-2")], [job("J-1"), job("J-3")], [entry("note")]);
    expect(now.map((one) => [one.number, Boolean(one.gone)])).toEqual([["J-2", false], ["J-1", true]]);
  });
});
