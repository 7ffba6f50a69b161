/* Keys: j and k move, a letter decides; nothing happens while somebody types. */
"use strict";

(() => {
  const { find, board, editForm, state, toast, move, isSettled } = window.pathbound;
  const SECOND_PRESS_MS = 3000; // a high-risk action takes two presses of the key within this time
  let askedFor = "";
  let askedUntil = 0;

  const press = (selector) => find(selector)?.click();

  function openReject() {
    const sheet = find("#pane .reject, .single .reject");
    if (!sheet) return;
    sheet.open = true;
    find("select", sheet).focus();
  }

  function approve() {
    const form = find("#board form[data-key=a]");
    const choice = form && find("[data-choice]", form);
    if (choice) {
      choice.focus();
      return toast("Other messages to this person: choose with Tab and Enter");
    }
    const isAsked = askedFor === form?.action && Date.now() < askedUntil;
    if (!form || !find("[data-red]", form) || isAsked) return press("#board form[data-key=a] button");
    askedFor = form.action;
    askedUntil = Date.now() + SECOND_PRESS_MS;
    toast("High risk: press a again to approve");
  }

  function undo() {
    const button = find("[data-undo] button") ?? find("#board form[data-key=u] button");
    if (button) button.click();
    else toast("Nothing to undo.");
  }

  const deciding = {
    a: approve,
    e: () => press("#board a[data-key=e]"),
    r: openReject,
    u: undo,
  };
  const moving = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => find("#filter")?.focus(),
    "?": () => find("#help")?.showModal(),
  };

  function leave(target) {
    const sheet = target.closest?.(".reject[open]");
    if (sheet) {
      sheet.open = false;
      find("summary", sheet).focus();
    } else if (target.matches?.("input, textarea, select")) {
      target.blur();
    }
  }

  function onKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return leave(event.target);
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]")) return;
    if (state.opening || editForm() || !find("#board") || find("dialog[open]")) return;
    const act = deciding[event.key];
    if (act && (event.repeat || !isSettled())) return;
    const run = act ?? (board() || event.key === "?" ? moving[event.key] : null);
    if (!run) return;
    event.preventDefault();
    run();
  }

  document.addEventListener("keydown", onKey);
})();
