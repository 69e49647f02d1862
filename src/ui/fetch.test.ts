import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { getJson, Refused, sendJson } from "./fetch";

function answers(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const answer = vi.fn(async () => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", answer);
  return answer;
}

describe("requests", () => {
  beforeEach(() => {
    document.body.setAttribute("hx-headers:inherited", '{"X-CSRFToken":"secret"}');
    document.body.innerHTML = '<div id="toasts"></div>';
  });
  afterEach(() => vi.unstubAllGlobals());

  it("carry the token when they change something", async () => {
    const answer = answers(200, { ok: true });
    await sendJson("/api/v1/x", { a: 1 });
    const init = answer.mock.calls[0]?.[1] as RequestInit;
    expect(init.headers).toMatchObject({ "X-CSRFToken": "secret" });
    expect(init.body).toBe('{"a":1}');
  });

  it("turn a refusal into an error with its code, and tell the reader once", async () => {
    answers(409, { code: "a.b", message: "No.", data: { n: 1 }, next_step: "Ask." });
    for (let i = 0; i < 2; i++) {
      const error = await getJson("/x").catch((problem: unknown) => problem);
      expect(error).toBeInstanceOf(Refused);
      expect(error).toMatchObject({ status: 409, code: "a.b", message: "No.", nextStep: "Ask." });
    }
    expect(document.querySelectorAll(".hs-toast")).toHaveLength(1);
    expect(document.querySelector(".hs-toast")?.textContent).toContain("Ask.");
  });

  it("stay quiet when the caller handles it", async () => {
    answers(500, "nonsense");
    await expect(getJson("/x", { quiet: true })).rejects.toMatchObject({ code: "broken" });
    expect(document.querySelector(".hs-toast")).toBeNull();
  });

  it("say when the server cannot be reached", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("down")));
    await expect(getJson("/x")).rejects.toMatchObject({ code: "unreachable" });
  });
});
