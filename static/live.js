/* News: one stream a browser says that something changed, and the list is fetched anew. */
"use strict";

(() => {
  const { find, board, state, tick, load, post } = window.pathbound;
  const POLL_MS = 10000;

  function refresh() {
    if (!board()) return;
    state.stale = document.hidden || state.busy;
    if (state.stale) return;
    htmx.ajax("GET", `${board().dataset.url}&live=1`, {
      target: "#queue", select: "#queue", swap: "outerMorph", selectOOB: "#queue-count,#attention-count,#banners", round: state.round,
    });
  }

  function compareCard() {
    const now = find("#queue").dataset.stamp;
    const shown = find("#pane .action")?.dataset.stamp ?? "";
    if (now === shown || state.wanted) return;
    if (find("#pane :is(form[data-edit], .reject[open])")) tellOfChange();
    else load(`${board().dataset.url}&live=1`, { push: "false" });
  }

  function tellOfChange() {
    if (find("#changed")) return;
    post("warn", "This action changed while you were editing. Your text is kept until you leave.", "Show changes");
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

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && state.stale) refresh();
  });

  Object.assign(window.pathbound, { refresh, compareCard });
  goLive();
})();
