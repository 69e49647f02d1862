/** The service worker: set up once, looked for anew, and exchanged when the reader wants it. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import { language } from "@ui/page";
import type { Props } from "./types";

const LOOK_MS = 3_600_000;
const FOLLOWED = "huoshui-phone-language";
/** Until the worker has fetched the page again. */
export const FETCHED_MS = 600;

export function keepUpToDate(props: Props, el: HTMLElement): void {
  if (!("serviceWorker" in navigator)) return;
  let wanted = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => wanted && window.location.reload());
  const offer = (waiting: ServiceWorker) => {
    if (el.querySelector(".ph-update")) return;
    const take = () => {
      wanted = true;
      waiting.postMessage({ do: "take over" });
    };
    el.append(h("button", { type: "button", class: "ph-update", click: take }, t("A new version is ready: load it now")));
  };
  void navigator.serviceWorker
    .register(props.worker_url, { scope: props.scope, updateViaCache: "none" })
    .then((registration) => {
      const watch = (worker: ServiceWorker | null) => {
        worker?.addEventListener("statechange", () => {
          if (worker.state === "activated") el.dataset.offline = "ready";
          if (worker.state === "installed" && navigator.serviceWorker.controller) offer(worker);
        });
      };
      if (registration.active) el.dataset.offline = "ready";
      if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
      watch(registration.installing);
      registration.addEventListener("updatefound", () => watch(registration.installing));
      window.setInterval(() => void registration.update().catch(() => undefined), LOOK_MS);
    })
    .catch((error: unknown) => console.warn(error));
}

/** Let the kept page be fetched again, after the language was changed. */
export async function refreshShell(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  registration?.active?.postMessage({ do: "shell" });
}

/**
 * Come back in the language that the reader chose on another page. The list alone is loaded anew, where
 * nothing is being typed; and each language once, so that a worker without signal turns in no circles.
 */
export async function followLanguage(wanted: string): Promise<void> {
  if (!wanted || wanted === language() || !["", "#/jobs"].includes(window.location.hash)) return;
  if (sessionStorage.getItem(FOLLOWED) === wanted) return;
  sessionStorage.setItem(FOLLOWED, wanted);
  await refreshShell();
  window.setTimeout(() => window.location.reload(), FETCHED_MS);
}
