/* Forms: an edit is not lost by mistake; filters, copying, menus and the demo's logins. */
"use strict";

(() => {
  const { find, board, editForm, state, toast } = window.pathbound;

  const isChanged = (field) =>
    field.value !== field.defaultValue || field.checked !== field.defaultChecked;

  function isEdited() {
    const fields = [...document.querySelectorAll("form[data-edit] :is(input, textarea)")];
    return Boolean(find("form[data-edit=refused]")) || fields.some(isChanged);
  }

  function keepEdit(event) {
    const isOurs = event.target.closest("form[data-edit], #changed");
    if (isOurs) state.leaving = true;
    if (isOurs || !isEdited()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast("Save or cancel the edit first.");
  }

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
    if (!state.leaving && isEdited()) event.preventDefault();
  });

  let typing = 0;
  document.addEventListener("input", (event) => {
    const form = event.target.closest(".filter");
    clearTimeout(typing);
    if (form) typing = setTimeout(() => form.requestSubmit(), 250);
  });

  window.addEventListener("pageshow", () => (state.opening = state.leaving = false));
  document.addEventListener("click", (event) => {
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (isPlain && event.target.closest("a[data-key=e]")) state.opening = true;
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
})();
