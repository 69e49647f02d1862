/**
 * Requests to our own API: carry the token, turn refusals into errors with a code, and tell the
 * reader. An error that the caller wants to handle alone is asked for with `quiet`.
 */
import { t } from "./i18n";
import { csrfToken } from "./page";
import { toast } from "./toast";

export interface Options {
  signal?: AbortSignal;
  quiet?: boolean;
}

/** The server understood and will not, or cannot now. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly data: Record<string, unknown> = {},
    readonly nextStep = "",
  ) {
    super(message);
  }
}

async function refusalFrom(answer: Response): Promise<Refused> {
  try {
    const said = (await answer.json()) as Record<string, unknown>;
    const message = String(said.message ?? "");
    if (message) {
      const data = (said.data ?? {}) as Record<string, unknown>;
      return new Refused(answer.status, String(said.code), message, data, String(said.next_step ?? ""));
    }
  } catch {
    // Not ours: a proxy's page, or nothing at all.
  }
  return new Refused(answer.status, "broken", t("The server could not answer. Try again."));
}

async function request(url: string, init: RequestInit, options: Options): Promise<Response> {
  let problem: Error;
  try {
    const answer = await fetch(url, { credentials: "same-origin", ...init, signal: options.signal ?? null });
    if (answer.ok) return answer;
    problem = await refusalFrom(answer);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    problem = new Refused(0, "unreachable", t("The server cannot be reached."));
  }
  if (!options.quiet) toast(problem.message, "error", problem instanceof Refused ? problem.nextStep : "");
  throw problem;
}

/** Get JSON. */
export async function getJson<T>(url: string, options: Options = {}): Promise<T> {
  const answer = await request(url, { headers: { Accept: "application/json" } }, options);
  return (await answer.json()) as T;
}

/** Get bytes, such as columns of numbers. */
export async function getBytes(url: string, options: Options = {}): Promise<ArrayBuffer> {
  const answer = await request(url, {}, options);
  return await answer.arrayBuffer();
}

/** Change something: send JSON with the token, receive JSON. */
export async function sendJson<T>(
  url: string,
  body: unknown,
  options: Options & { method?: "POST" | "PUT" | "PATCH" | "DELETE" } = {},
): Promise<T> {
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-CSRFToken": csrfToken(),
  };
  const init = { method: options.method ?? "POST", headers, body: JSON.stringify(body) };
  const answer = await request(url, init, options);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
