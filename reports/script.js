"use strict";
// The page is complete without this file. It adds sorting, filters, the theme and keys; nothing is stored or sent.
(() => {
  const $ = (sel, root = document) => root.querySelector(sel);
  const $$ = (sel, root = document) => [...root.querySelectorAll(sel)];
  for (const el of $$(".js")) el.hidden = false;

  // --- Sorting: first click on numbers puts the greatest first ---
  function value(row, column) {
    const cell = row.cells[column];
    const text = cell.dataset.v ?? cell.textContent.trim();
    return text !== "" && !isNaN(text) ? Number(text) : text.toLowerCase();
  }

  // Numbers stand before words, so that an order exists where a column has both.
  function compare(a, b) {
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }

  function sort(table, head, column) {
    const before = head.getAttribute("aria-sort");
    const rows = $$("tbody tr", table).map((row, index) => ({ row, index, value: value(row, column) }));
    const numeric = rows.some((entry) => typeof entry.value === "number");
    const up = before ? before === "descending" : !(numeric && column > 0);
    $$("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows.sort((a, b) => (up ? 1 : -1) * compare(a.value, b.value) || a.index - b.index);
    table.tBodies[0].append(...rows.map((entry) => entry.row));
  }

  for (const table of $$("table.sortable")) {
    $$("thead th", table).forEach((head, column) => {
      if (!("sort" in head.dataset)) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
  }

  // --- Filters: every word must occur in the row ---
  function filter(form) {
    const rows = $$("tbody tr", document.getElementById(form.dataset.for));
    const words = $("input", form).value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    $("[role=status]", form).textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
  }

  for (const form of $$("form[data-for]")) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => filter(form));
    filter(form);
  }

  // --- Theme ---
  const themes = ["auto", "light", "dark"];
  function turn() {
    const root = document.documentElement;
    const next = themes[(themes.indexOf(root.dataset.theme ?? "auto") + 1) % themes.length];
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    $("#theme").textContent = `Theme: ${next}`;
  }
  $("#theme").addEventListener("click", turn);

  // --- Keys ---
  const help = $("#help");
  $("#keys").addEventListener("click", () => help.showModal());

  function focusFilter() {
    const inputs = $$("form[data-for] input");
    const middle = innerHeight / 2;
    const away = (el) => Math.abs(el.getBoundingClientRect().top - middle);
    inputs.sort((a, b) => away(a) - away(b))[0]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing) {
      event.target.value = "";
      filter(event.target.form);
      event.target.blur();
    } else if (typing) return;
    else if (event.key === "/") {
      event.preventDefault();
      focusFilter();
    } else if (event.key === "?") help.open ? help.close() : help.showModal();
    else if (event.key === "t") turn();
  });

  // --- Print: what is folded is opened, and folded again ---
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = $$("details:not([open])");
    opened.forEach((el) => (el.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((el) => (el.open = false)));

  // --- The rail marks the section in view ---
  const links = new Map($$(".rail > ol > li > a").map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-20% 0px -75% 0px" },
  );
  for (const id of links.keys()) {
    const part = document.getElementById(id);
    if (part) seen.observe(part);
  }
})();
