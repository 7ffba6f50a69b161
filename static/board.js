/* The board: one card replaces the other without a page load, and focus stays where it belongs. */
"use strict";

(() => {
  const { find, board, editForm, state, announce, toast, tick } = window.pathbound;
  const SETTLE_MS = 250; // a bouncing key must not decide the next card unread
  let heldFocus = false;
  let settling = 0;

  function load(url, more = {}) {
    return htmx.ajax("GET", url, {
      target: "#board", select: "#board", swap: "outerMorph", selectOOB: "#queue-count,#attention-count,#banners", ...more,
    });
  }

  const shownItem = () => board()?.dataset.item ?? "";

  function move(step) {
    const rows = [...document.querySelectorAll("#rows .item")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    pick(row);
    state.wanted = row.id.slice(4);
    if (state.busy) return; // the end of the request under way sees to it
    if (state.wanted === shownItem()) state.wanted = "";
    else load(row.href, { replace: "true" });
  }

  function isSettled() {
    const row = find("#rows .item[aria-current]");
    const isShown = !row || row.id.slice(4) === shownItem();
    return isShown && !state.busy && (!board() || "settled" in board().dataset);
  }

  function pick(row) {
    for (const other of document.querySelectorAll("#rows .item")) {
      other.toggleAttribute("aria-current", false);
      other.tabIndex = -1;
    }
    row.setAttribute("aria-current", "true");
    row.tabIndex = 0;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function placeFocus() {
    const field = editForm() && find(":is(input, textarea):not([type=hidden])", editForm());
    const row = find("#rows .item[aria-current]");
    const target = field ?? (row?.offsetParent ? row : find(".action-title"));
    target?.focus({ preventScroll: Boolean(row) });
    row?.scrollIntoView({ block: "nearest" });
  }

  function afterBoard() {
    const url = new URL(location.href);
    if (url.searchParams.has("done") || url.searchParams.has("next")) {
      history.replaceState({ htmx: true }, "", board().dataset.url);
    }
    delete board().dataset.settled;
    clearTimeout(settling);
    settling = setTimeout(() => board() && (board().dataset.settled = ""), SETTLE_MS);
    const done = find("[data-announce]");
    const title = find(".action-title")?.textContent ?? "The list is empty";
    announce(done ? `${done.textContent}. Next: ${title}` : title);
    const shown = find("[data-toast]");
    if (shown) {
      const until = new Date(find("[data-until]", shown)?.dataset.until ?? 0) - Date.now();
      setTimeout(() => shown.remove(), Math.max(8000, until + 1000));
    }
    tick();
  }

  function post(kind, text, offer) {
    find("#changed")?.remove();
    const link = document.createElement("a");
    link.href = board().dataset.url;
    link.textContent = offer;
    const box = document.createElement("p");
    box.id = "changed";
    box.className = `notice ${kind}`;
    box.append(`${text} `, link);
    const place = find("#pane .sheet") ?? find("#pane");
    place.prepend(box);
    box.scrollIntoView({ block: "nearest" });
    announce(box.textContent);
  }

  function refuse(reason) {
    post("stop", `${reason ?? "The server could not do that"}.`, "Reload the page");
  }

  const isNews = (event) => event.detail.ctx.round !== undefined;
  document.addEventListener("htmx:before:request", (event) => {
    if (isNews(event)) return;
    state.busy = true;
    state.round += 1;
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { response, text } = event.detail.ctx;
    const isLogin = new URL(response.raw.url).pathname.startsWith("/login");
    const answer = new DOMParser().parseFromString(text ?? "", "text/html");
    if (!board() || isLogin || find("#board", answer)) return;
    event.preventDefault(); // a page of an error has no card to put here
    state.wanted = "";
    if (!isNews(event)) refuse(find("[data-say]", answer)?.dataset.say ?? find("h1", answer)?.textContent);
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { response } = event.detail.ctx;
    if (new URL(response.raw.url).pathname.startsWith("/login")) {
      event.preventDefault();
      location.reload(); // the session ended
    }
    if (isNews(event) && event.detail.ctx.round !== state.round) {
      event.preventDefault();
      state.stale = true;
    }
    heldFocus = Boolean(find("#board")?.contains(document.activeElement));
  });
  function isAstray(isNewsOnly) {
    if (editForm() && !isNewsOnly) return !editForm().contains(document.activeElement);
    const nowhere = document.activeElement === document.body || !document.activeElement;
    return nowhere && (heldFocus || !isNewsOnly);
  }
  document.addEventListener("htmx:after:swap", (event) => {
    if (isNews(event)) window.pathbound.compareCard();
    else if (board()) afterBoard();
    if (board() && isAstray(isNews(event))) placeFocus();
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (!isNews(event)) {
      state.busy = state.opening = state.leaving = false;
      const row = state.wanted && state.wanted !== shownItem() ? find(`#row-${state.wanted}`) : null;
      if (row) {
        pick(row);
        load(row.href, { replace: "true" });
        return;
      }
      state.wanted = "";
    }
    if (state.stale && !state.busy) window.pathbound.refresh();
  });
  document.addEventListener("htmx:error", () => {
    state.wanted = "";
    toast("No response from the server. Nothing was lost; try again.");
  });

  Object.assign(window.pathbound, { load, move, isSettled, post });
  if (board()) afterBoard();
  if (editForm()) placeFocus();
})();
