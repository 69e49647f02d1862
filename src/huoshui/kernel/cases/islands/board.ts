/**
 * The board of a kind of case: cards are drawn from column to column, and it follows what others do.
 *
 * Started on the board's own HTML: `<section data-island="cases/board" data-props='{"type": "..."}'>`
 * with columns `[data-state]` and cards `[data-moves]`. Every step is also a button of the card, so
 * keyboards and phones need no dragging.
 */
import { h } from "@ui/dom";
import { sendJson } from "@ui/fetch";
import { t } from "@ui/i18n";
import { subscribe } from "@ui/live";
import { toast } from "@ui/toast";
import "./cases.css";

export interface Move {
  code: string;
  label: string;
  to: string;
  /** The page with the step's form. */
  url: string;
  /** Whether the step asks for nothing, so that it can be taken at once. */
  direct: boolean;
}

interface Props {
  type: string;
  /** The API's address of a step, with NUMBER in the place of the case. */
  act_url: string;
}

/** The steps of a card that lead to a column. */
export function movesTo(moves: readonly Move[], state: string): Move[] {
  return moves.filter((one) => one.to === state);
}

function movesOf(card: HTMLElement): Move[] {
  return JSON.parse(card.dataset.moves ?? "[]") as Move[];
}

export function start(el: HTMLElement, given: unknown): () => void {
  const props = given as Props;
  let dragged: HTMLElement | null = null;
  let missed = false;

  const refresh = () => {
    // A card must not vanish under the hand that moves it.
    if (dragged || el.querySelector("details[open]")) missed = true;
    else el.dispatchEvent(new CustomEvent("cases:changed"));
  };
  const settle = () => {
    dragged = null;
    for (const column of el.querySelectorAll("[data-state]")) column.classList.remove("cs-takes", "cs-over");
    if (missed) {
      missed = false;
      refresh();
    }
  };
  const take = async (card: HTMLElement, move: Move) => {
    if (!move.direct) {
      window.location.assign(move.url);
      return;
    }
    const url = props.act_url.replace("NUMBER", encodeURIComponent(card.dataset.number ?? ""));
    try {
      await sendJson(url, { transition: move.code, revision: Number(card.dataset.revision) });
    } finally {
      refresh();
    }
  };
  const chooseAmong = (card: HTMLElement, moves: Move[]) => {
    const dialog = h("dialog", { class: "cs-choice" });
    for (const move of moves)
      dialog.append(h("button", { type: "button", class: "btn", click: () => { dialog.close(); void take(card, move); } }, move.label));
    dialog.append(h("button", { type: "button", class: "btn btn-ghost-secondary", click: () => dialog.close() }, t("Cancel")));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  const columnOf = (event: Event) => (event.target as Element).closest<HTMLElement>("[data-state]");
  const onStart = (event: DragEvent) => {
    dragged = (event.target as Element).closest<HTMLElement>("[data-moves]");
    if (!dragged) return;
    event.dataTransfer?.setData("text/plain", dragged.dataset.number ?? "");
    const reached = new Set(movesOf(dragged).map((one) => one.to));
    for (const column of el.querySelectorAll<HTMLElement>("[data-state]"))
      column.classList.toggle("cs-takes", reached.has(column.dataset.state ?? ""));
  };
  const onOver = (event: DragEvent) => {
    const column = columnOf(event);
    for (const one of el.querySelectorAll(".cs-over")) if (one !== column) one.classList.remove("cs-over");
    if (!column || !dragged) return;
    event.preventDefault();
    column.classList.add("cs-over");
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    const column = columnOf(event);
    const card = dragged;
    const from = card?.closest<HTMLElement>("[data-state]");
    settle();
    if (!card || !column || column === from) return;
    const moves = movesTo(movesOf(card), column.dataset.state ?? "");
    if (!moves.length) toast(t("No step of yours leads there from here."), "error");
    else if (moves.length === 1) void take(card, moves[0] as Move);
    else chooseAmong(card, moves);
  };
  el.addEventListener("dragstart", onStart);
  el.addEventListener("dragover", onOver);
  el.addEventListener("drop", onDrop);
  el.addEventListener("dragend", settle);
  el.addEventListener("toggle", settle, true);
  return subscribe("cases", [props.type], refresh);
}
