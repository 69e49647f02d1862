/** Fragments: parts of a page fetched by htmx, mainly lists while one types in their filter. */
import { t } from "./i18n";
import { toast } from "./toast";

interface Context {
  request: { method: string; body: FormData | null };
  response?: { status: number };
  text?: string;
}

/** Keep addresses short: what was not filled in is not part of them. */
export function dropEmpty(body: FormData): void {
  for (const name of new Set(body.keys())) {
    const values = body.getAll(name);
    if (values.every((value) => value === "")) body.delete(name);
  }
}

export function startFragments(): void {
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = (event as CustomEvent<{ ctx: Context }>).detail.ctx;
    if (request.method.toUpperCase() === "GET" && request.body instanceof FormData) dropEmpty(request.body);
  });
  document.addEventListener("htmx:error", () => toast(t("The server cannot be reached."), "error"));
  document.addEventListener("htmx:before:swap", (event) => {
    const status = (event as CustomEvent<{ ctx: Context }>).detail.ctx.response?.status ?? 200;
    // A whole error page must never land inside a list; the reader sees it as a page.
    if (status >= 400 && status !== 422) {
      event.preventDefault();
      if (status === 401 || status === 403) window.location.reload();
      else toast(t("The server could not answer. Try again."), "error");
    }
  });
}
