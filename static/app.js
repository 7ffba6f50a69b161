/* Keys, focus and live news for pages that work without it. No framework, no inline handlers. */
"use strict";

(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const board = () => find("#board[data-stream]");
  const SETTLE_MS = 250; // a bouncing key must not decide the next card unread
  const POLL_MS = 10000;
  const SECOND_PRESS_MS = 3000; // a red card takes two presses of the key within this time
  let busy = false; // a request that replaces the card is under way
  let round = 0; // counts those requests: news older than one is dropped
  let stale = false;
  let wanted = "";
  let heldFocus = false;
  let settling = 0;
  let askedFor = "";
  let askedUntil = 0;
  let leaving = false; // the edit under way is saved or cancelled
  let opening = false; // an edit form is on its way: what is typed now is meant for it

  /* --- words --- */

  function announce(text) {
    const place = find("#announcer");
    if (place) place.textContent = text;
  }

  function toast(text) {
    find(".toast[data-said]")?.remove();
    const box = document.createElement("div");
    box.className = "toast";
    box.dataset.said = "";
    box.textContent = text;
    document.body.append(box);
    announce(text);
    setTimeout(() => box.remove(), 6000);
  }

  function tick() {
    for (const place of document.querySelectorAll("[data-until]")) {
      const left = Math.ceil((new Date(place.dataset.until) - Date.now()) / 1000);
      place.textContent = left > 0 ? `(${left} s)` : "";
      if (left <= 0) place.closest("form[data-undo]")?.remove();
    }
  }

  /* --- the board --- */

  function load(url, more = {}) {
    return htmx.ajax("GET", url, {
      target: "#board", select: "#board", swap: "outerMorph", selectOOB: "#queue-count", ...more,
    });
  }

  const shownItem = () => board()?.dataset.item ?? "";

  const isChanged = (field) =>
    field.value !== field.defaultValue || field.checked !== field.defaultChecked;

  function isEdited() {
    const fields = [...document.querySelectorAll("form[data-edit] :is(input, textarea)")];
    return Boolean(find("form[data-edit=refused]")) || fields.some(isChanged);
  }

  function keepEdit(event) {
    const isOurs = event.target.closest("form[data-edit], #changed");
    if (isOurs) leaving = true;
    if (isOurs || !isEdited()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast("Save or cancel the edit first.");
  }

  function move(step) {
    const rows = [...document.querySelectorAll("#rows .item")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    pick(row);
    wanted = row.id.slice(4);
    if (busy) return; // the end of the request under way sees to it
    if (wanted === shownItem()) wanted = "";
    else load(row.href, { replace: "true" });
  }

  function isSettled() {
    const row = find("#rows .item[aria-current]");
    const isShown = !row || row.id.slice(4) === shownItem();
    return isShown && !busy && (!board() || "settled" in board().dataset);
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

  const editForm = () => find("form[data-edit]");

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
    const title = find(".action-title")?.textContent ?? "Nothing is left here";
    announce(done ? `${done.textContent}. Next: ${title}` : title);
    const shown = find("[data-toast]");
    if (shown) {
      const until = new Date(find("[data-until]", shown)?.dataset.until ?? 0) - Date.now();
      setTimeout(() => shown.remove(), Math.max(8000, until + 1000));
    }
    tick();
  }

  /* --- live news --- */

  function refresh() {
    if (!board()) return;
    stale = document.hidden || busy;
    if (stale) return;
    htmx.ajax("GET", `${board().dataset.url}&live=1`, {
      target: "#queue", select: "#queue", swap: "outerMorph", selectOOB: "#queue-count", round,
    });
  }

  function compareCard() {
    const now = find("#queue").dataset.stamp;
    const shown = find("#pane .action")?.dataset.stamp ?? "";
    if (now === shown || wanted) return;
    if (find("#pane :is(form[data-edit], .reject[open])")) tellOfChange();
    else load(`${board().dataset.url}&live=1`, { push: "false" });
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

  function tellOfChange() {
    if (find("#changed")) return;
    post("warn", "This changed while you were writing. What you typed is kept until you leave.", "Show it");
  }

  function refuse(reason) {
    post("stop", `${reason ?? "The server could not do that"}.`, "Reload the page");
  }

  function listen(channel) {
    let timer = 0;
    const poll = (on) => {
      clearInterval(timer);
      timer = on ? setInterval(refresh, POLL_MS) : 0;
    };
    const open = () => {
      const source = new EventSource(board()?.dataset.stream ?? "/approvals/stream");
      source.addEventListener("open", () => poll(false));
      source.addEventListener("changed", () => {
        channel?.postMessage("changed");
        refresh();
      });
      source.addEventListener("error", () => {
        poll(true);
        if (source.readyState === EventSource.CLOSED) setTimeout(open, POLL_MS * 3);
      });
    };
    open();
    return new Promise(() => {});
  }

  function goLive() {
    if (!board()) return;
    const channel = "BroadcastChannel" in window ? new BroadcastChannel("queue") : null;
    if (channel) channel.onmessage = refresh;
    // One stream a browser: the tab with the lock listens and tells the others.
    if (navigator.locks && channel) navigator.locks.request("queue-live", () => listen(channel));
    else listen(null);
    setInterval(tick, 1000);
  }

  /* --- keys --- */

  const press = (selector) => find(selector)?.click();

  function openReject() {
    const sheet = find("#pane .reject, .single .reject");
    if (!sheet) return;
    sheet.open = true;
    find("select", sheet).focus();
  }

  function approve() {
    const form = find("#board form[data-key=a]");
    const isAsked = askedFor === form?.action && Date.now() < askedUntil;
    if (!form || !find("[data-red]", form) || isAsked) return press("#board form[data-key=a] button");
    askedFor = form.action;
    askedUntil = Date.now() + SECOND_PRESS_MS;
    toast("Red card: press a again to approve");
  }

  function undo() {
    const button = find("[data-undo] button") ?? find("#board form[data-key=u] button");
    if (button) button.click();
    else toast("There is nothing to undo here.");
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
    if (opening || editForm() || !find("#board") || find("dialog[open]")) return;
    const act = deciding[event.key];
    if (act && (event.repeat || !isSettled())) return;
    const run = act ?? (board() || event.key === "?" ? moving[event.key] : null);
    if (!run) return;
    event.preventDefault();
    run();
  }

  /* --- wiring --- */

  document.addEventListener("submit", keepEdit, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button;
    if (link && !isElsewhere && !link.matches(".skip")) keepEdit(event);
  }, true);
  document.addEventListener("htmx:before:history:restore", (event) => {
    if (!isEdited()) return;
    event.preventDefault();
    history.pushState({ htmx: true }, "", `${board().dataset.url}&edit=1`);
    toast("Save or cancel the edit first.");
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && isEdited()) event.preventDefault();
  });

  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && stale) refresh();
  });

  const isNews = (event) => event.detail.ctx.round !== undefined;
  document.addEventListener("htmx:before:request", (event) => {
    if (isNews(event)) return;
    busy = true;
    round += 1;
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { response, text } = event.detail.ctx;
    const isLogin = new URL(response.raw.url).pathname.startsWith("/login");
    const answer = new DOMParser().parseFromString(text ?? "", "text/html");
    if (!board() || isLogin || find("#board", answer)) return;
    event.preventDefault(); // a page of an error has no card to put here
    wanted = "";
    if (!isNews(event)) refuse(find("[data-say]", answer)?.dataset.say ?? find("h1", answer)?.textContent);
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { response } = event.detail.ctx;
    if (new URL(response.raw.url).pathname.startsWith("/login")) {
      event.preventDefault();
      location.reload(); // the session ended
    }
    if (isNews(event) && event.detail.ctx.round !== round) {
      event.preventDefault();
      stale = true;
    }
    heldFocus = Boolean(find("#board")?.contains(document.activeElement));
  });
  function isAstray(isNewsOnly) {
    if (editForm() && !isNewsOnly) return !editForm().contains(document.activeElement);
    const nowhere = document.activeElement === document.body || !document.activeElement;
    return nowhere && (heldFocus || !isNewsOnly);
  }
  document.addEventListener("htmx:after:swap", (event) => {
    if (isNews(event)) compareCard();
    else if (board()) afterBoard();
    if (board() && isAstray(isNews(event))) placeFocus();
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (!isNews(event)) {
      busy = opening = leaving = false;
      const row = wanted && wanted !== shownItem() ? find(`#row-${wanted}`) : null;
      if (row) {
        pick(row);
        load(row.href, { replace: "true" });
        return;
      }
      wanted = "";
    }
    if (stale && !busy) refresh();
  });
  document.addEventListener("htmx:error", () => {
    wanted = "";
    toast("No answer from the server. Nothing is lost; try again.");
  });

  let typing = 0;
  document.addEventListener("input", (event) => {
    const form = event.target.closest(".filter");
    clearTimeout(typing);
    if (form) typing = setTimeout(() => form.requestSubmit(), 250);
  });

  window.addEventListener("pageshow", () => (opening = leaving = false));
  document.addEventListener("click", (event) => {
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (isPlain && event.target.closest("a[data-key=e]")) opening = true;
    const login = event.target.closest("[data-email]");
    if (login) {
      event.preventDefault();
      find("#login [name=username]").value = login.dataset.email;
      find("#login [name=password]").value = login.dataset.password;
      find("#login").requestSubmit();
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const field = find(copy.dataset.copy);
      field.select();
      navigator.clipboard.writeText(field.value).then(() => toast("Copied."), () => {});
    }
    for (const open of document.querySelectorAll("details.menu[open], details.reject[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  if (board()) afterBoard();
  if (editForm()) placeFocus();
  goLive();
})();
