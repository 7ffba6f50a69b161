/* What every page's scripts share: finding, saying, and the state of the board. */
"use strict";

window.pathbound = (() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const board = () => find("#board[data-stream]");
  const editForm = () => find("form[data-edit]");

  const state = {
    busy: false, // a request that replaces the card is under way
    round: 0, // counts those requests: news older than one is dropped
    stale: false,
    wanted: "",
    leaving: false, // the edit under way is saved or cancelled
    opening: false, // an edit form is on its way: what is typed now is meant for it
  };

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

  return { find, board, editForm, state, announce, toast, tick };
})();
